"""Short gaps in a landmark's path, closed by a straight line; for tables that are written out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from limner_engine.formats.table import DECIMALS, LandmarkTable

FILLED = "filled"
"""What stands in ``source`` for a place between two others that nobody found."""


def fill_gaps(table: LandmarkTable, longest: int) -> LandmarkTable:
    """Put landmarks that are missing for a few frames on the line between their neighbours.

    The line is walked at a steady pace by the stream's own times, or by the numbers of the frames
    where the times are not known. Gaps at the start and the end stay, and so do those in which a
    person called the landmark hidden. A filled place has no confidence: nobody looked.

    Args:
        table: What to fill; it is left as it is.
        longest: Frames of the longest gap that is filled, 0 or more; longer ones stay whole.

    Returns:
        A table with ``"filled"`` as the source of what was added.
    """
    if longest < 0:
        raise ValueError(f"a gap cannot be {longest} frames long")
    points, source = table.points.copy(), table.source.copy()
    clock = clock_of(table)
    for landmark in range(len(table.names)):
        present = np.asarray(np.isfinite(points[:, landmark]).all(axis=1))
        told = ~present & (table.visible[:, landmark] == 0)
        for start, stop in _gaps(present):
            # Frames that a table leaves out are missing too, so they count by their numbers.
            length = int(table.frames[stop] - table.frames[start - 1]) - 1
            if length > longest or told[start:stop].any():
                continue
            share = (clock[start:stop] - clock[start - 1]) / (clock[stop] - clock[start - 1])
            first, last = points[start - 1, landmark], points[stop, landmark]
            points[start:stop, landmark] = (first + share[:, None] * (last - first)).round(
                DECIMALS
            )
            source[start:stop, landmark] = FILLED
    return replace(table, points=points, source=source)


def clock_of(table: LandmarkTable) -> NDArray[np.float64]:
    """``(n,)`` rising: seconds where every frame has its own time, else the frames' numbers."""
    times = table.time_s
    if np.isfinite(times).all() and (np.diff(times) > 0).all():
        return times
    return table.frames.astype(np.float64)


def _gaps(present: NDArray[np.bool_]) -> Iterator[tuple[int, int]]:
    """Runs of missing rows between two present ones, as start and stop."""
    known = np.flatnonzero(present)
    for before, after in zip(known[:-1].tolist(), known[1:].tolist(), strict=True):
        if after > before + 1:
            yield before + 1, after
