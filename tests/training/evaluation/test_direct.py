"""Landmarks that have names already, taken for labelled points."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from drawn_sets import drawn_set
from limner_engine.model_file import IMM_KIND, KEYPOINTGAN
from limner_engine.priors.prior import PosePrior
from limner_engine.types import ModelInfo, Skeleton
from limner_training.evaluation.direct import SIDES, direct_rows, meaning
from limner_training.evaluation.protocol import Row

SKELETON = Skeleton(("nose", "left wrist", "right wrist"), ((0, 1), (0, 2)), ((1, 2),))
INFO = ModelInfo(KEYPOINTGAN, "poses", {}, SKELETON)


def _figure(rows: list[Row], form: str, measure: str = "% of image size") -> float:
    (row,) = [r for r in rows if (r.measure, r.form, r.part) == (measure, form, "")]
    assert (row.shots, row.every, row.draws) == (0, False, 1)
    return row.mean


def test_names_decide_where_points_have_them() -> None:
    labelled = drawn_set()
    known = meaning(INFO, labelled)
    assert known is not None
    assert (known.landmarks.tolist(), known.by_name) == ([0, 1, 2], False)
    named = dataclasses.replace(labelled, joints=("Wrist_R", "tail", "lWrist"))
    known = meaning(INFO, named)
    assert known is not None
    assert (known.landmarks.tolist(), known.by_name) == ([2, -1, 1], True)
    points = known.points(np.arange(6, dtype=np.float32).reshape(1, 3, 2))
    np.testing.assert_array_equal(points, [[[4, 5], [np.nan, np.nan], [2, 3]]])


def test_no_meaning_is_made_up() -> None:
    assert meaning(dataclasses.replace(INFO, kind=IMM_KIND), drawn_set()) is None
    assert meaning(INFO, drawn_set(points=4)) is None
    foreign = dataclasses.replace(drawn_set(), joints=("ear", "tail", "nose"))
    assert meaning(INFO, foreign) is None


def test_errors_and_sides_without_any_label() -> None:
    labelled = drawn_set()
    known = meaning(INFO, labelled)
    assert known is not None
    test = labelled.members("test")
    truth = labelled.points_norm().astype(np.float32)
    swapped = truth.copy()
    wrong = test[: len(test) // 4]
    swapped[wrong] = swapped[wrong][:, [0, 2, 1]]
    off = truth + np.float32(0.06)  # 3 % of the side either way
    prior = PosePrior("poses", SKELETON, truth[:5])
    rows = direct_rows(labelled, test, SKELETON, known, swapped, off, prior)
    assert _figure(rows, "direct") > 1
    assert _figure(rows, "uncorrected") == pytest.approx(3 * np.sqrt(2), rel=1e-4)
    assert _figure(rows, "best sides") == pytest.approx(0, abs=1e-4)
    mean = np.linalg.norm(truth[:5].mean(0) - truth[test], axis=-1).mean() * 50
    assert _figure(rows, "prior mean") == pytest.approx(mean, rel=1e-4)
    assert _figure(rows, "direct", SIDES) == 75.0
    assert {row.measure for row in rows} > {"px", "% of eye distance, pupils"}


def test_without_pairs_there_are_no_sides() -> None:
    labelled = drawn_set()
    plain = Skeleton(SKELETON.names)
    known = meaning(dataclasses.replace(INFO, skeleton=plain), labelled)
    assert known is not None
    truth = labelled.points_norm().astype(np.float32)
    rows = direct_rows(labelled, labelled.members("test"), plain, known, truth)
    assert {row.form for row in rows} == {"direct"}
