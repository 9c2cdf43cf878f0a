"""From noisy boxes in some frames to a calm track of crops."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Doubles = NDArray[np.float64]

OUTLIER_SPREADS = 4.0
"""How many robust standard deviations a box may lie from its neighbours' median."""


def without_outliers(boxes: Doubles, reach: int = 4) -> Doubles:
    """Set boxes that jump away from their neighbours to NaN.

    Args:
        boxes: ``(N, 3)``: centre x, centre y, side; NaN where nothing was found.
        reach: How many boxes on each side are compared.

    Returns:
        A copy of ``boxes``.
    """
    found = np.flatnonzero(np.isfinite(boxes).all(axis=1))
    kept = boxes.copy()
    for place, index in enumerate(found):
        # At the ends the window moves inwards, so that each box meets as many neighbours.
        first = int(np.clip(place - reach, 0, max(0, len(found) - 2 * reach - 1)))
        near = boxes[found[first : first + 2 * reach + 1]]
        middle = np.median(near, axis=0)
        spread = 1.4826 * np.median(np.abs(near - middle), axis=0)
        # A box that stands still has no spread at all; a tenth of its side is never a jump.
        allowed = np.maximum(OUTLIER_SPREADS * spread, 0.1 * middle[2])
        if (np.abs(boxes[index] - middle) > allowed).any():
            kept[index] = np.nan
    return kept


def smooth(times: Doubles, values: Doubles, sigma: float) -> Doubles:
    """A Gaussian-weighted line fit around each moment.

    A local line, unlike a local mean, does not pull the ends of the track towards its middle.

    Args:
        times: ``(N,)`` rising.
        values: ``(N,)`` without NaN.
        sigma: Width of the Gaussian, in the unit of ``times``.

    Returns:
        ``(N,)``.
    """
    if len(times) < 3:
        return values.copy()
    smoothed = np.empty_like(values)
    # Five widths away the weight is 4e-6, and tracks may have thousands of places.
    first = np.searchsorted(times, times - 5 * sigma)
    last = np.searchsorted(times, times + 5 * sigma, side="right")
    for index, now in enumerate(times):
        part = slice(int(first[index]), int(last[index]))
        near, offset = values[part], times[part] - now
        weight = np.exp(-0.5 * (offset / sigma) ** 2)
        total = weight.sum()
        mean_t = (weight * offset).sum() / total
        mean_v = (weight * near).sum() / total
        variance = (weight * (offset - mean_t) ** 2).sum()
        # Where the neighbours weigh nothing a slope has no meaning; the small number keeps it 0.
        slope = (weight * (offset - mean_t) * (near - mean_v)).sum() / (
            variance + 1e-3 * sigma**2 * total
        )
        smoothed[index] = mean_v - slope * mean_t
    return smoothed


def median_of_neighbours(values: Doubles, reach: int = 2) -> Doubles:
    """``(N,)``: the median of each value and ``reach`` on either side of it."""
    padded = np.pad(values, reach, mode="edge")
    windows = np.lib.stride_tricks.sliding_window_view(padded, 2 * reach + 1)
    return np.asarray(np.median(windows, axis=1), np.float64)


def thinned(places: Doubles, tolerance: Doubles) -> NDArray[np.int64]:
    """Which places of a path tell all of it, with lines between them.

    Douglas and Peucker's way: the place farthest from the line between two ends is kept, and the
    same is done on either side of it.

    Args:
        places: ``(N, 1 + D)``: rising moments and the values there.
        tolerance: ``(D,)``: how far each value may be off.

    Returns:
        Rising places, the first and the last among them.
    """
    keep = np.zeros(len(places), np.bool_)
    keep[[0, -1]] = True
    open_parts = [(0, len(places) - 1)]
    while open_parts:
        first, last = open_parts.pop()
        if last - first < 2:
            continue
        ends = places[[first, last]]
        inner = places[first + 1 : last]
        share = ((inner[:, 0] - ends[0, 0]) / (ends[1, 0] - ends[0, 0]))[:, None]
        line = ends[0, 1:] + share * (ends[1, 1:] - ends[0, 1:])
        off = (abs(inner[:, 1:] - line) / tolerance).max(axis=1)
        farthest = int(np.argmax(off))
        if off[farthest] > 1:
            middle = first + 1 + farthest
            keep[middle] = True
            open_parts += [(first, middle), (middle, last)]
    return np.flatnonzero(keep)
