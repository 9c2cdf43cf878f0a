"""What a labelled set says of poses: lines from each landmark to others.

Points may be missing. All lengths are those of the points given, commonly -1..1 of the crop.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from limner_engine.types import Floats

FINEST = 0.03
"""No landmark is known better than this from another, -1..1: labels and pictures are no finer."""

LEAST_PAIRS = 3
"""Frames in which both landmarks must be labelled before one tells of the other."""

LEAST_GAIN = 0.8
"""How much a neighbour must narrow a landmark down: logarithm of deviations, both axes."""

_MOST_FRAMES = 400
"""Labelled frames that lines are fitted to; more tell nothing new, and memory goes with them."""


@dataclass(frozen=True, slots=True, eq=False)
class Lines:
    """For each of P landmarks, the T others that tell most of where it is.

    Attributes:
        neighbour: ``(P, T)`` int64: which; the landmark itself where there is none.
        slope: ``(P, T, 2)`` float32: ``x_here = slope x_there + offset``, along x and along y.
        offset: ``(P, T, 2)`` float32.
        spread: ``(P, T, 2)`` float32: standard deviation about the line, of frames left out; 0
            where there is no neighbour.
    """

    neighbour: NDArray[np.int64]
    slope: Floats
    offset: Floats
    spread: Floats


def fit_lines(points: NDArray[np.floating], neighbours: int) -> Lines:
    """Fit lines between all pairs of landmarks, and keep the most telling.

    Along each axis ``x_i = a x_j + b`` is a ridge regression with a free constant, its strength
    `FINEST` squared for each frame. Deviations are those of leave-one-out predictions, which ridge
    gives in closed form: the residual over ``1 - h``, ``h`` the leverage (Allen's PRESS).

    Args:
        points: ``(N, P, 2)``, NaN where missing.
        neighbours: ``T``.
    """
    points = np.asarray(points, np.float64)
    points = points[:: max(1, -(-len(points) // _MOST_FRAMES))]
    count = points.shape[1]
    there = np.isfinite(points).all(-1)
    slope, offset = np.zeros((count, count, 2)), np.zeros((count, count, 2))
    spread, gain = np.full((count, count, 2), np.inf), np.full((count, count), -np.inf)
    for here in range(count):
        both = there & there[:, [here]]  # (N, P)
        pairs = both.sum(0)
        known = pairs >= LEAST_PAIRS
        known[here] = False
        if not known.any():
            continue
        weight = both[:, known, None].astype(np.float64)
        total = weight.sum(0)
        x = np.where(weight > 0, points[:, known], 0.0)
        y = np.where(weight > 0, points[:, [here]], 0.0)
        middle_x, middle_y = x.sum(0) / total, y.sum(0) / total
        x, y = weight * (x - middle_x), weight * (y - middle_y)
        square = (x**2).sum(0) + total * FINEST**2
        slope[here, known] = (x * y).sum(0) / square
        offset[here, known] = middle_y - slope[here, known] * middle_x
        leverage = weight / total + x**2 / square
        left_out = weight * (y - slope[here, known] * x) / np.maximum(1 - leverage, 1e-3)
        spread[here, known] = np.sqrt((left_out**2).sum(0) / total + FINEST**2)
        usual = np.maximum(np.sqrt((y**2).sum(0) / total), FINEST)
        gain[here, known] = np.maximum(np.log(usual / spread[here, known]), 0).sum(-1)
    return _most_telling(slope, offset, spread, gain, neighbours)


def _most_telling(
    slope: NDArray[np.float64],
    offset: NDArray[np.float64],
    spread: NDArray[np.float64],
    gain: NDArray[np.float64],
    neighbours: int,
) -> Lines:
    count = len(gain)
    kept = Lines(
        np.repeat(np.arange(count)[:, None], neighbours, 1),
        *(np.zeros((count, neighbours, 2), np.float32) for _ in range(3)),
    )
    for here in range(count):
        order = np.argsort(-gain[here], kind="stable")[:neighbours]
        for place, there in enumerate(order[gain[here, order] >= LEAST_GAIN]):
            kept.neighbour[here, place] = there
            kept.slope[here, place] = slope[here, there]
            kept.offset[here, place] = offset[here, there]
            kept.spread[here, place] = spread[here, there]
    return kept
