"""What labelled poses make of points found one by one: the likeliest pose, where that helps.

Heat maps read each landmark by itself. On a face, where 68 points move together, the errors of
single ones average out when the found points are weighed against how labelled poses vary. With
labels ``N(m, C)`` and found points that err by ``d`` each, the likeliest pose is

    x = m + C (C + d^2 I)^-1 (found - m)

which is Wiener's filter. Limbs that move freely are only pulled to their mean by it, and so
held-back points decide how strong it is, and whether it is used at all.

Lengths are in -1..1 of the crop.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from limner_engine.types import Floats

Doubles = NDArray[np.float64]

DOUBTS = (0.01, 0.02, 0.03, 0.05)
"""Deviations ``d`` of found points that are tried."""

FREE = 2.0
"""Deviation of where a pose is, how large and how turned: these are free, labels tell little."""

OWN = 0.01
"""Deviation of each coordinate by itself, of labels and of what no label showed yet."""

LEAST_GAIN = 0.02
"""Share by which held-back errors must shrink, in the mean, for points to be changed at all."""

LEAST_POSES = 5
"""Complete labelled poses without which nothing is said of how they vary."""


@dataclass(frozen=True, slots=True, eq=False)
class PoseFilter:
    """A linear map of found points, ``matrix found + offset``.

    Attributes:
        matrix: ``(2 P, 2 P)`` float32; coordinates are ``x0, y0, x1, ...``.
        offset: ``(2 P,)`` float32.
        doubt: ``d``; 0 where points stay as they are.
    """

    matrix: Floats
    offset: Floats
    doubt: float

    @classmethod
    def none(cls, landmarks: int) -> PoseFilter:
        """Points stay as they are."""
        size = 2 * landmarks
        return cls(np.eye(size, dtype=np.float32), np.zeros(size, np.float32), 0.0)

    def apply(self, points: NDArray[np.floating]) -> Floats:
        """Filter.

        Args:
            points: ``(N, P, 2)``; a pose with a missing point stays as it is.

        Returns:
            ``(N, P, 2)`` float32.
        """
        rows = np.asarray(points, np.float32).reshape(len(points), -1)
        moved = rows @ self.matrix.T + self.offset
        complete = np.isfinite(rows).all(1, keepdims=True)
        return np.where(complete, moved, rows).reshape(points.shape)


def fit_pose_filter(
    labelled: NDArray[np.floating],
    held_back: NDArray[np.floating],
    folds: Sequence[NDArray[np.int64]],
    swap: NDArray[np.int64] | None = None,
) -> PoseFilter:
    """Choose the filter by points that networks found without having seen their labels.

    For each fold the poses of all others are the labelled ones, so that no pose vouches for
    itself. Of `DOUBTS` the one with the least mean error is taken, if it gains `LEAST_GAIN` and
    the median does not grow: a mean alone would let a few gross errors shrink while all others
    are pulled away.

    Args:
        labelled: ``(N, P, 2)``, NaN where missing.
        held_back: ``(N, P, 2)``, found in the same pictures; NaN where nothing was.
        folds: Rows that were held back together.
        swap: ``(P,)``: which landmark each is in a mirrored picture; then mirrored poses count as
            well. The crop's middle is where pictures are mirrored.
    """
    truth, found = np.asarray(labelled, np.float64), np.asarray(held_back, np.float64)
    plain = _distances(found, truth)
    known = np.isfinite(plain)
    usable = known.any() and all(
        len(_complete(np.delete(truth, fold, axis=0))) >= LEAST_POSES for fold in folds
    )
    if not usable or not len(folds):
        return PoseFilter.none(truth.shape[1])
    most, middle = plain[known].mean() * (1 - LEAST_GAIN), np.median(plain[known])
    best = 0.0
    for doubt in DOUBTS:
        moved = left_out(truth, found, folds, doubt, swap)
        errors = _distances(moved, truth)[known]
        if errors.mean() < most and np.median(errors) <= middle:
            best, most = doubt, errors.mean()
    return likeliest(truth, best, swap) if best else PoseFilter.none(truth.shape[1])


def left_out(
    labelled: NDArray[np.floating],
    held_back: NDArray[np.floating],
    folds: Sequence[NDArray[np.int64]],
    doubt: float,
    swap: NDArray[np.int64] | None = None,
) -> Doubles:
    """Held-back points, each filtered by the poses of all other folds.

    Args:
        labelled: As for `fit_pose_filter`.
        held_back: Likewise.
        folds: Likewise.
        doubt: As for `likeliest`.
        swap: As for `fit_pose_filter`.

    Returns:
        ``(N, P, 2)``.
    """
    moved = np.array(held_back, np.float64)
    for fold in folds:
        rest = np.delete(np.asarray(labelled, np.float64), fold, axis=0)
        moved[fold] = likeliest(rest, doubt, swap).apply(moved[fold])
    return moved


def likeliest(
    labelled: NDArray[np.floating], doubt: float, swap: NDArray[np.int64] | None = None
) -> PoseFilter:
    """The filter of a labelled set for points that err by ``doubt`` each.

    The covariance is that of the poses, with `FREE` along the four directions in which the mean
    pose is shifted, scaled and turned, and `OWN` along every coordinate.

    Args:
        labelled: ``(N, P, 2)``; poses with missing points do not count.
        doubt: ``d``.
        swap: As for `fit_pose_filter`.
    """
    poses = _complete(np.asarray(labelled, np.float64))
    if swap is not None:
        poses = np.concatenate([poses, poses[:, swap] * (-1.0, 1.0)])
    rows = poses.reshape(len(poses), -1)
    mean = rows.mean(0)
    away = rows - mean
    covariance = away.T @ away / max(len(rows) - 1, 1) + OWN**2 * np.eye(rows.shape[1])
    free = _similarities(mean)
    covariance += FREE**2 * free.T @ free
    noisy = covariance + doubt**2 * np.eye(len(mean))
    matrix = np.linalg.solve(noisy, covariance).T
    return PoseFilter(
        matrix.astype(np.float32), (mean - matrix @ mean).astype(np.float32), float(doubt)
    )


def _similarities(mean: Doubles) -> Doubles:
    """Directions of shifting, scaling and turning a pose, of length one: ``(4, 2 P)``."""
    x, y = (mean.reshape(-1, 2) - mean.reshape(-1, 2).mean(0)).T
    one, zero = np.ones(len(x)), np.zeros(len(x))
    ways = np.stack(
        [np.stack(way, 1).ravel() for way in ((one, zero), (zero, one), (x, y), (-y, x))]
    )
    lengths = np.linalg.norm(ways, axis=1, keepdims=True)
    return np.asarray(ways / np.maximum(lengths, 1e-9), np.float64)


def _complete(poses: Doubles) -> Doubles:
    return np.asarray(poses[np.isfinite(poses).all((1, 2))], np.float64)


def _distances(found: Doubles, truth: Doubles) -> Doubles:
    return np.asarray(np.linalg.norm(found - truth, axis=-1), np.float64)
