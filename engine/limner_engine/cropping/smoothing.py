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
    for index, now in enumerate(times):
        offset = times - now
        weight = np.exp(-0.5 * (offset / sigma) ** 2)
        total = weight.sum()
        mean_t = (weight * offset).sum() / total
        mean_v = (weight * values).sum() / total
        variance = (weight * (offset - mean_t) ** 2).sum()
        # Where the neighbours weigh nothing a slope has no meaning; the small number keeps it 0.
        slope = (weight * (offset - mean_t) * (values - mean_v)).sum() / (
            variance + 1e-3 * sigma**2 * total
        )
        smoothed[index] = mean_v - slope * mean_t
    return smoothed
