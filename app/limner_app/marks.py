"""Marks along a timeline: the least of many frames, the next of some. Arrays only."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from limner_engine.types import Floats


def column_minimum(values: Floats, columns: int) -> Floats:
    """The lowest value in each of evenly wide columns, NaN where a column has none.

    Args:
        values: ``(n,)``, one for each frame.
        columns: How many columns, such as pixels of a strip.

    Returns:
        ``(columns,)``. With fewer frames than columns each frame fills several.
    """
    count = len(values)
    if not count or columns < 1:
        return np.full(max(columns, 0), np.nan, np.float32)
    filled = np.where(np.isfinite(values), values, np.inf).astype(np.float32)
    if count <= columns:
        lowest = filled[np.arange(columns) * count // columns]
    else:
        lowest = np.minimum.reduceat(filled, np.arange(columns) * count // columns)
    return np.where(np.isfinite(lowest), lowest, np.nan).astype(np.float32)


def neighbour(frames: NDArray[np.int64], frame_index: int, forward: bool) -> int | None:
    """The next of ascending frames after or before a frame; None if there is none."""
    if forward:
        place = int(np.searchsorted(frames, frame_index, side="right"))
        return int(frames[place]) if place < len(frames) else None
    place = int(np.searchsorted(frames, frame_index, side="left")) - 1
    return int(frames[place]) if place >= 0 else None
