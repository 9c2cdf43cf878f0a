"""Which frames deserve a mark: annotated, uncertain, suggested for labelling. Arrays only."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from limner_engine.types import Floats

SUGGESTIONS = 8


def suggest_frames(
    confidence: Floats, annotated: NDArray[np.int64], count: int = SUGGESTIONS
) -> NDArray[np.int64]:
    """The least certain frames, spread over the video so that each teaches something new.

    Args:
        confidence: ``(n,)`` lowest confidence of each frame, NaN where nothing is detected.
        annotated: Frames that are done already.
        count: Most suggestions.

    Returns:
        Frame indices, ascending.
    """
    open_frames = np.isfinite(confidence)
    if np.count_nonzero(open_frames) < 2 * count:
        return np.zeros(0, np.int64)  # one look at a few frames says nothing of a video
    gap = max(5, len(confidence) // (3 * count))
    left = np.where(open_frames, confidence, np.inf)
    for frame in annotated:
        left[max(0, frame - gap) : frame + gap + 1] = np.inf
    chosen: list[int] = []
    while len(chosen) < count:
        least = int(np.argmin(left))
        if not np.isfinite(left[least]):
            break
        chosen.append(least)
        left[max(0, least - gap) : least + gap + 1] = np.inf
    return np.array(sorted(chosen), np.int64)


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
