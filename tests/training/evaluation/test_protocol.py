"""Splits by people, draws, and rows."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from drawn_sets import drawn_set
from limner_engine.errors import FormatError
from limner_training.data.datasets.labelled import LabelledSet
from limner_training.evaluation.protocol import ALL, Row, draw, evaluate, measure, split_people


def _linear(labelled: LabelledSet) -> np.ndarray:
    """Landmarks of which the points are a linear map with a constant."""
    points = labelled.points_norm()
    mixed = np.einsum("npc,pk->nkc", points, np.random.default_rng(0).normal(size=(3, 6)))
    return np.asarray(mixed + 0.3, np.float32)


def _one(rows: list[Row], **wanted: object) -> Row:
    found = [r for r in rows if all(getattr(r, name) == v for name, v in wanted.items())]
    assert len(found) == 1, found
    return found[0]


def test_people_are_never_in_both_parts() -> None:
    labelled = drawn_set()
    part = labelled.part.copy()
    part[0] = "test"  # a published split that shares a person
    shared = dataclasses.replace(labelled, part=part)
    people = np.array(shared.people)
    split = split_people(shared)
    assert not set(people[split.train]) & set(people[split.test])
    assert split.left_out == 4
    assert split.apart is True
    kept = split_people(shared, published=True)
    assert kept.left_out == 0
    assert kept.apart is False
    assert len(kept.train) == 39
    assert split_people(dataclasses.replace(shared, people=())).apart is None


def test_few_shots_never_mix_people() -> None:
    labelled = drawn_set()
    split = split_people(labelled)
    people = np.array(labelled.people)
    tested = set(people[split.test])
    for shots in (1, 5, 10, 40):
        for number in range(20):
            drawn = draw(split.train, shots, 0, number)
            assert len(set(drawn.tolist())) == shots
            assert not set(people[drawn]) & tested


def test_draws_hang_on_seed_and_number_alone() -> None:
    members = np.arange(100, 200)
    first = draw(members, 10, 3, 4)
    np.testing.assert_array_equal(first, draw(members, 10, 3, 4))
    for other in (draw(members, 10, 3, 5), draw(members, 10, 2, 4)):
        assert not np.array_equal(first, other)


def test_missing_points_are_fitted_and_judged_where_they_are_known() -> None:
    labelled = drawn_set()
    labelled.points_px[[0, 59], 2] = np.nan
    labelled.points_px[[1, 58]] = np.nan
    split = split_people(labelled)
    assert 0 in split.train
    assert 59 in split.test
    assert not {1, 58} & {*split.train, *split.test}  # nobody marked anything there
    rows = evaluate(labelled, _linear(drawn_set()), split, shots=(5, ALL), matched=True)
    assert all(np.isfinite(row.mean) for row in rows)
    # All other pictures show the third point, so that its map is found all the same.
    exact = _one(rows, measure="px", form="bias", every=True)
    assert exact.mean == pytest.approx(0, abs=1e-3)


def test_shares_within_pixels_box_and_torso() -> None:
    labelled = dataclasses.replace(
        drawn_set(), measures=("pixels", "pck", "box", "torso"), torso=(0, 1), eyes=()
    )
    labelled.points_px[:] = [[2.0, 2.0], [2.0, 8.0], [14.0, 2.0]]
    members = labelled.members("test")
    off = labelled.points_norm()[members]
    off[:, 0] += [0.2, 0.0]  # 2 px of 20
    off[:, 2] += [0.1, 0.0]  # 1 px
    figures = measure(labelled, off, members, (1.5, 2))
    # Limits are a fifth of the box, 12 x 6, and of the torso, 6.
    assert figures["% within 1.5 px"] == pytest.approx(200 / 3)
    assert figures["% within 2 px"] == 100.0
    assert figures["% within 0.2 of the box"] == 100.0
    assert figures["% within 0.2 of the torso"] == pytest.approx(200 / 3)
    assert {name for name in measure(labelled, off, members) if name.endswith(" px")} == {
        "% within 5 px",
        "% within 10 px",
        "% within 20 px",
    }
    labelled.points_px[:, 0] = np.nan  # no picture has a torso, and none is made up
    assert "% within 0.2 of the torso" not in measure(labelled, off, members)


def test_visibility_is_told_where_the_set_says_it() -> None:
    labelled = drawn_set()
    rng = np.random.default_rng(1)
    seen = rng.random((60, 3)) < 0.5
    confidence = (0.2 + 0.6 * seen + rng.normal(0, 0.05, (60, 3))).astype(np.float32)
    found = rng.normal(size=(60, 3, 2)).astype(np.float32)
    labelled = dataclasses.replace(
        labelled, visible=seen.astype(np.float64), joints=("nose", "tail", "paw")
    )
    split = split_people(labelled)
    rows = evaluate(labelled, found, split, shots=(ALL,), confidence=confidence)
    whole = _one(rows, measure="visibility, AUC", part="")
    assert whole.mean > 95
    assert (whole.form, whole.shots, whole.every) == ("logistic", len(split.train), True)
    parts = [row for row in rows if row.measure == "visibility, AUC" and row.part]
    assert [row.part for row in parts] == ["nose", "tail", "paw"]
    assert whole.mean == pytest.approx(np.mean([row.mean for row in parts]))
    assert not [r for r in evaluate(labelled, found, split, shots=(ALL,)) if "AUC" in r.measure]


def test_one_part_alone_is_no_set() -> None:
    labelled = drawn_set()
    with pytest.raises(FormatError, match="0 pictures with points to fit on"):
        split_people(dataclasses.replace(labelled, part=np.full(60, "test")))


def test_what_is_linear_is_found() -> None:
    labelled = drawn_set()
    split = split_people(labelled)
    found = _linear(labelled)
    told: list[float] = []

    def progress(share: float) -> bool:
        told.append(share)
        return True

    rows = evaluate(labelled, found, split, shots=(1, 10, 500, ALL), draws=10, progress=progress)
    eyes = "% of eye distance, pupils"
    whole = _one(rows, measure=eyes, form="bias", every=True)
    assert whole.mean == pytest.approx(0, abs=1e-3)
    assert (whole.shots, whole.draws, whole.deviation) == (40, 1, 0.0)
    few = _one(rows, measure=eyes, form="corner", shots=1)
    assert few.draws == 10
    assert few.deviation > 0
    assert not [row for row in rows if row.shots == 500]  # there are not so many
    assert told[-1] == 1.0
    assert told == sorted(told)
    mean = _one(rows, measure="px", form="mean points")
    assert mean.mean > 1


def test_same_seed_same_figures() -> None:
    labelled = drawn_set()
    split, found = split_people(labelled), _linear(drawn_set())
    first = evaluate(labelled, found, split, shots=(5,), seed=1)
    assert first == evaluate(labelled, found, split, shots=(5,), seed=1)
    assert first != evaluate(labelled, found, split, shots=(5,), seed=2)


def test_raw_landmarks_are_matched() -> None:
    labelled = drawn_set()
    found = labelled.points_norm()[:, [2, 0, 1]].astype(np.float32)
    rows = evaluate(labelled, found, split_people(labelled), shots=(), matched=True)
    assert _one(rows, measure="px", form="matched").mean == pytest.approx(0, abs=1e-5)


def test_pixels_and_shares_are_of_the_picture_as_released() -> None:
    labelled = drawn_set()
    members = labelled.members("test")
    # The picture is 20 px wide: a tenth of the side is 2 px, and -1..1 has two of them.
    off = labelled.points_norm()[members] + [0.2, 0.0]
    figures = measure(labelled, off, members)
    assert figures["px"] == pytest.approx(2.0)
    assert figures["% of image size"] == pytest.approx(10.0)


def test_activities_are_reported_one_by_one() -> None:
    labelled = drawn_set(groups=True)
    members = labelled.members("test")
    off = labelled.points_norm()[members]
    off[::2, :, 0] += 0.2  # every other picture, so one activity
    figures = measure(labelled, off, members)
    names = {key for key in figures if key.startswith("px")}
    assert names == {"px", "px/a", "px/b"}
    assert sorted([figures["px/a"], figures["px/b"]]) == pytest.approx([0.0, 2.0])
    assert figures["px"] == pytest.approx(1.0)


def test_body_joints_are_reported_by_kind() -> None:
    joints = (
        "head",
        "right wrist",
        "left wrist",
        "right elbow",
        "left elbow",
        "right shoulder",
        "left shoulder",
    )
    labelled = dataclasses.replace(
        drawn_set(points=7), joints=joints, measures=("pck 6 px",), eyes=()
    )
    members = labelled.members("test")
    off = labelled.points_norm()[members]
    off[:, 1] += [1.3, 0.0]  # 13 px of 20: the right wrist is wrong everywhere
    figures = measure(labelled, off, members)
    near = "% within 6 px at half size"
    assert figures[f"{near}/wrist"] == pytest.approx(50.0)
    assert figures[f"{near}/head"] == 100.0
    assert figures[near] == pytest.approx(600 / 7)


def test_more_pictures_than_there_are_cannot_be_fitted_on() -> None:
    labelled = drawn_set()
    split = split_people(labelled)
    with pytest.raises(FormatError, match=f"only {len(split.train)} pictures"):
        evaluate(labelled, _linear(labelled), split, shots=(500, 5000))
