"""The field's measures of landmarks, as the papers define them.

Points are ``(N, P, 2)``; a labelled point that is NaN is missing and counts nowhere. What the
papers call a mean squared error is a mean distance, not squared. No measure needs a network.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from limner_training.data.datasets.labelled import Doubles, Eyes

BBC_LIMIT_PX = 6.0
"""Of frames at half their released size, as BBC Pose's own evaluation has it."""

BODY_JOINTS: Mapping[str, int] = {"head": 1, "wrist": 2, "elbow": 2, "shoulder": 2}
"""How many points stand behind each column of BBC Pose and FLIC."""

PENN_JOINTS: Mapping[str, int] = {
    "head": 1,
    "shoulder": 2,
    "elbow": 2,
    "wrist": 2,
    "hip": 2,
    "knee": 2,
    "ankle": 2,
}
"""The same for Penn Action: 13 points."""


def labelled_points(points: Doubles) -> NDArray[np.bool_]:
    """Which points are there: ``(N, P)``."""
    return np.asarray(np.isfinite(points).all(axis=-1), np.bool_)


def distances(predicted: Doubles, labelled: Doubles) -> Doubles:
    """Distance of every point: ``(N, P)``, in the unit of the points."""
    apart: Doubles = np.linalg.norm(predicted - labelled, axis=-1)
    return apart


def eye_distance(labelled: Doubles, eyes: Eyes) -> Doubles:
    """Distance of the two eyes of each picture: ``(N,)``."""
    left, right = (labelled[:, list(side)].mean(axis=1) for side in (eyes.left, eyes.right))
    apart: Doubles = np.linalg.norm(left - right, axis=-1)
    return apart


def inter_ocular_error(predicted: Doubles, labelled: Doubles, eyes: Eyes) -> float:
    """Mean over points and pictures of distance over eye distance; 0.05 is read as 5 %."""
    unit = eye_distance(labelled, eyes)
    return float(np.nanmean(distances(predicted, labelled) / unit[:, None]))


def image_size_error(predicted_norm: Doubles, labelled_norm: Doubles) -> Doubles:
    """Mean distance in each picture as a share of its side: ``(N,)``.

    Args:
        predicted_norm: In -1..1 of the picture, so that a whole side is 2.
        labelled_norm: Likewise.
    """
    return picture_means(distances(predicted_norm, labelled_norm) / 2)


def picture_means(values: Doubles) -> Doubles:
    """Means over the known points of each picture: ``(N,)``; NaN where none is known."""
    known = np.isfinite(values)
    counts = known.sum(axis=1)
    sums = np.where(known, values, 0.0).sum(axis=1)
    return np.where(counts > 0, sums / np.maximum(counts, 1), np.nan)


def known_mean(values: Doubles) -> float:
    """Mean of what is known; NaN where nothing is."""
    known = values[np.isfinite(values)]
    return float(known.mean()) if len(known) else float("nan")


def macro_mean(values: Doubles, groups: Sequence[str]) -> tuple[float, dict[str, float]]:
    """Mean over groups of the mean within each, so that large groups count no more than small.

    Args:
        values: ``(N,)``.
        groups: ``(N,)`` names; empty for one group of all.

    Returns:
        The mean, and the mean of each group by name.
    """
    if not groups:
        return float(np.nanmean(values)), {}
    names = np.array(groups)
    parts = {str(name): float(np.nanmean(values[names == name])) for name in np.unique(names)}
    return float(np.mean(list(parts.values()))), parts


def pck(predicted: Doubles, labelled: Doubles, limit: float | Doubles) -> Doubles:
    """Share of pictures in which each point lies within a limit of its label: ``(P,)``.

    Args:
        predicted: ``(N, P, 2)``.
        labelled: ``(N, P, 2)``; only visible points, NaN elsewhere.
        limit: In the unit of the points, one for all or ``(N,)``; the limit itself is within.
            Pictures whose limit is NaN count nowhere.
    """
    apart = distances(predicted, labelled)
    within = apart <= np.reshape(limit, (-1, 1))
    known = np.isfinite(apart) & np.isfinite(np.reshape(limit, (-1, 1)))
    counts = known.sum(axis=0)
    shares = (within & known).sum(axis=0) / np.maximum(counts, 1)
    return np.where(counts > 0, shares, np.nan)


def pck_half_size(
    predicted_px: Doubles, labelled_px: Doubles, limit_px: float = BBC_LIMIT_PX
) -> Doubles:
    """BBC Pose: within ``limit_px`` after both are mapped to half the released size: ``(P,)``."""
    return pck(predicted_px / 2, labelled_px / 2, limit_px)


def pck_torso(
    predicted: Doubles, labelled: Doubles, shoulder: int, hip: int, share: float = 0.2
) -> Doubles:
    """FLIC: within 0.2 of the torso, from a shoulder to the hip across: ``(P,)``."""
    torso = np.linalg.norm(labelled[:, shoulder] - labelled[:, hip], axis=-1)
    return pck(predicted, labelled, share * torso)


def pck_box(predicted: Doubles, labelled: Doubles, boxes: Doubles, share: float = 0.2) -> Doubles:
    """Penn Action: within 0.2 of the longer side of the person's box: ``(P,)``.

    Args:
        predicted: ``(N, P, 2)``.
        labelled: ``(N, P, 2)``; NaN where not visible.
        boxes: ``(N, 2)`` width and height.
        share: Of the longer side.
    """
    return pck(predicted, labelled, share * boxes.max(axis=1))


def labelled_boxes(labelled: Doubles) -> Doubles:
    """Width and height of the box of the visible points of each picture: ``(N, 2)``.

    It stands for the person's box where no other is marked, as for Penn Action. NaN where fewer
    than two points are visible.
    """
    known = labelled_points(labelled)
    low = np.where(known[..., None], labelled, np.inf).min(axis=1)
    high = np.where(known[..., None], labelled, -np.inf).max(axis=1)
    enough = (known.sum(axis=1) > 1)[:, None]
    return np.where(enough, np.where(enough, high, 0) - np.where(enough, low, 0), np.nan)


def joint_average(columns: Mapping[str, float], counts: Mapping[str, int] = BODY_JOINTS) -> float:
    """The mean over single points from columns that hold one kind of point each.

    Args:
        columns: Value of each column.
        counts: How many points stand behind each.
    """
    return sum(counts[name] * columns[name] for name in counts) / sum(counts.values())
