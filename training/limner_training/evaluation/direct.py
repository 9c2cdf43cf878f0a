"""Landmarks that mean something already, measured as they are: no label is used to learn them.

The landmarks of a pose prior have names. They are taken for the points of a set by these names, or
one by one in their order where the set does not name its points.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from limner_engine.model_file import KEYPOINTGAN
from limner_engine.priors.joint_names import taken_apart
from limner_engine.priors.prior import PosePrior
from limner_engine.types import Floats, ModelInfo, Skeleton
from limner_training.data.datasets.labelled import Doubles, Indices, LabelledSet
from limner_training.evaluation.protocol import (
    BEST_SIDES,
    DIRECT,
    PRIOR_MEAN,
    UNCORRECTED,
    Row,
    measure,
)
from limner_training.evaluation.sides import sides_right, swapped_order

SIDES = "% of pictures whose sides are right"


@dataclass(frozen=True, slots=True, eq=False)
class Meaning:
    """Which landmark is which point of a set.

    Attributes:
        landmarks: ``(P,)``: the landmark of each point, -1 where there is none.
        by_name: Whether names say it, and not their order.
    """

    landmarks: Indices
    by_name: bool

    def points(self, landmarks: Floats | Doubles) -> Doubles:
        """Landmarks ``(N, K, 2)`` as points ``(N, P, 2)``; NaN where there is none."""
        points = landmarks[:, self.landmarks].astype(np.float64)
        points[:, self.landmarks < 0] = np.nan
        return points


def meaning(info: ModelInfo, labelled: LabelledSet) -> Meaning | None:
    """How a model's landmarks stand for the points of a set, or None where they mean nothing.

    Args:
        info: What the model's file says.
        labelled: The set. Where it names its points, names decide, and a point that no landmark is
            named after is not measured; there must be two. Where it does not, there must be as
            many points as landmarks.
    """
    if info.kind != KEYPOINTGAN:
        return None
    names = info.skeleton.names
    if len(labelled.joints) == labelled.point_count > 0:
        known = {taken_apart(name): number for number, name in enumerate(names)}
        found = np.array(
            [known.get(taken_apart(joint), -1) for joint in labelled.joints], np.int64
        )
        return Meaning(found, True) if (found >= 0).sum() >= 2 else None
    if len(names) == labelled.point_count:
        return Meaning(np.arange(len(names)), False)
    return None


def direct_rows(
    labelled: LabelledSet,
    test: Indices,
    skeleton: Skeleton,
    known: Meaning,
    found: Floats,
    uncorrected: Floats | None = None,
    prior: PosePrior | None = None,
) -> list[Row]:
    """All measures of a set, of landmarks as they are.

    Args:
        labelled: The set.
        test: Numbers of the pictures that are tested on.
        skeleton: Of the landmarks.
        known: Which landmark is which point.
        found: ``(N, K, 2)`` landmarks of all pictures in -1..1 of the views.
        uncorrected: The same before sides were corrected; None for models that do not.
        prior: To measure its mean pose by; it has the landmarks of the model.

    Returns:
        Rows of no labelled pictures, in the order of `protocol.DIRECT_FORMS`.
    """
    rows: list[Row] = []
    sides: list[Row] = []
    truth = labelled.points_norm()[test]
    order = swapped_order(len(skeleton.names), skeleton.symmetries)

    def add(form: str, points: Doubles) -> None:
        for key, value in measure(labelled, points, test).items():
            name, _, part = key.partition("/")
            rows.append(_row(name, part, form, value))

    for form, landmarks in ((DIRECT, found), (UNCORRECTED, uncorrected)):
        if landmarks is None:
            continue
        points = known.points(landmarks[test])
        add(form, points)
        if skeleton.symmetries:
            right = sides_right(points, known.points(landmarks[test][:, order]), truth)
            sides.append(_row(SIDES, "", form, 100 * float(right.mean())))
    if skeleton.symmetries:
        points, other = known.points(found[test]), known.points(found[test][:, order])
        right = sides_right(points, other, truth)
        add(BEST_SIDES, np.where(right[:, None, None], points, other))
    if prior is not None:
        mean = prior.poses.mean(axis=0, keepdims=True)
        add(PRIOR_MEAN, known.points(mean).repeat(len(test), axis=0))
    return rows + sides


def _row(name: str, part: str, form: str, value: float) -> Row:
    return Row(name, part, form, 0, False, 1, value, 0.0)
