from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from limner_engine.formats import LandmarkTable, TableReport, merge

NONE = {
    "frame": np.zeros(0, np.int64),
    "landmark": np.zeros(0, np.int64),
    "x": np.zeros(0),
    "y": np.zeros(0),
    "visible": np.zeros(0, np.bool_),
    "author": np.zeros(0, np.str_),
}


def test_a_persons_corrections_win_and_say_so(table: LandmarkTable) -> None:
    assert table.points[3, 0].tolist() == [0.333333, 0.666667]
    assert table.confidence[3, 0] == 1.0
    assert table.visible[3, 0] == 1.0
    assert table.source[3].tolist() == ["person:Ada", "person:Ada", "model:faces"]
    # One correction does not make the rest of the frame a person's.
    assert np.isnan(table.visible[3, 2])


def test_what_a_person_hides_has_no_place(table: LandmarkTable) -> None:
    assert np.isnan(table.points[3, 1]).all()
    assert np.isnan(table.confidence[3, 1])
    assert table.visible[3, 1] == 0.0


def test_there_is_one_row_for_every_shown_frame(table: LandmarkTable) -> None:
    assert table.frames.tolist() == list(range(50))
    assert np.isnan(table.points[17]).all()
    assert table.source[17].tolist() == ["", "", ""]


def test_a_person_may_place_landmarks_where_the_frame_was_unreadable(table: LandmarkTable) -> None:
    assert table.points[18, 2].tolist() == [7.25, 1e-05]
    assert table.source[18].tolist() == ["", "", "person:Bo, the second"]


def test_without_a_model_only_corrections_are_there() -> None:
    found = merge(None, NONE, video="v", subject="s", names=["a"], time_s=np.zeros(3))
    assert np.isnan(found.points).all()
    assert found.source.tolist() == [[""], [""], [""]]
    assert found.report() == TableReport(3, (), (0, 1, 2), 0)


def test_every_number_has_at_most_15_digits() -> None:
    random = np.random.default_rng(0)
    points = random.uniform(-1e5, 1e5, (1000, 2, 2)).astype(np.float32)
    found = merge(
        (points, np.ones((1000, 2))), NONE, video="", subject="", names="ab", time_s=np.arange(1e3)
    )
    for value in found.points.ravel().tolist():
        assert len(repr(value).replace("-", "").replace(".", "").lstrip("0")) <= 15
    assert np.abs(found.points - points).max() <= 0.51e-6


def test_the_report_tells_what_is_missing(table: LandmarkTable) -> None:
    report = table.report()
    assert report == TableReport(50, (0, 17, 18), (), 2)
    assert report.sentence() == (
        "50 frames, 2 with corrections. 3 frames could not be read and left empty: 0, 17 to 18."
    )
    empty = replace(table, unreadable=())
    assert empty.report().empty == (0, 17)
    assert "2 frames without landmarks: 0, 17." in empty.report().sentence()
    many = TableReport(100, tuple(range(0, 60, 2)), (1,), 0).sentence()
    assert "20, 22 and 18 more." in many
    assert "1 frame without landmarks: 1." in many


def test_shapes_that_do_not_fit_are_bugs(table: LandmarkTable) -> None:
    with pytest.raises(ValueError, match="confidence must be"):
        replace(table, confidence=table.confidence[1:])
    with pytest.raises(ValueError, match="predictions must be"):
        merge(
            (np.zeros((2, 1, 2)), np.zeros((2, 1))),
            NONE,
            video="v",
            subject="s",
            names=["a"],
            time_s=np.zeros(3),
        )
