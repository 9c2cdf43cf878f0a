"""Labels in whatever layout, told by looking."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import drawn_layouts
from engine_fixtures import drawn_video
from limner_engine.errors import FormatError
from limner_engine.formats import write_tidy
from limner_engine.formats.table import LandmarkTable
from limner_engine.video.reader import VideoReader
from limner_training.data.datasets.kept_set import keep_set, kept_set
from limner_training.data.datasets.label_tables import layout_of, open_labels


def _table(video: str, *, model: bool = False) -> LandmarkTable:
    """Three frames of two landmarks: a person's, a hidden one, and a model's."""
    points = np.array(
        [[[10, 12], [30, 20]], [[11, 13], [np.nan] * 2], [[50, 50], [60, 40]]], float
    )
    source = np.full((3, 2), "model:m" if model else "person:ada", object)
    source[2] = "model:m"
    visible = np.array([[1, 1], [1, 0], [np.nan, np.nan]])
    blank = np.full((3, 2), np.nan)
    frames = np.array([0, 2, 3])
    return LandmarkTable(
        video, "subject 1", ("nose", "tail"), frames, frames / 30, points, blank, visible, source
    )


def test_a_tidy_table_gives_what_a_person_said(tmp_path: Path) -> None:
    for name in ("a.mp4", "b.mp4"):
        drawn_video(tmp_path / name, 6, 96, 64)
    path = tmp_path / "labels.csv"
    write_tidy(path, [_table("a.mp4"), _table("b.mp4")])
    labels = open_labels(path, crop="whole")
    assert labels.layout == "tidy"
    assert labels.joints == ("nose", "tail")
    assert labels.sources == tuple(
        (tmp_path / name, frame) for name in ("a.mp4", "b.mp4") for frame in (0, 2)
    )
    np.testing.assert_array_equal(labels.points_px[0], [[10, 12], [30, 20]])
    assert np.isnan(labels.points_px[1, 1]).all()
    assert labels.visible is not None
    assert labels.visible.tolist() == [[1, 1], [1, 0]] * 2
    assert len(set(labels.people)) == 2
    with VideoReader(tmp_path / "b.mp4") as reader:
        np.testing.assert_array_equal(labels.picture(3), reader[2])


def test_a_table_without_persons_is_taken_whole(tmp_path: Path) -> None:
    drawn_video(tmp_path / "a.mp4", 6, 96, 64)
    path = tmp_path / "labels.csv"
    write_tidy(path, [_table("a.mp4", model=True)])
    labels = open_labels(path, crop="whole")
    assert [frame for _, frame in labels.sources] == [0, 2, 3]
    np.testing.assert_array_equal(labels.points_px[2], [[50, 50], [60, 40]])


def test_sources_are_where_the_pictures_are(tmp_path: Path) -> None:
    for labels in (
        open_labels(drawn_layouts.dlc(tmp_path / "mice"), crop="whole"),
        open_labels(drawn_layouts.project(tmp_path / "body" / "body.limner")),
    ):
        for number in (0, len(labels) - 1):
            video, frame = labels.sources[number]
            with VideoReader(video) as reader:
                np.testing.assert_array_equal(reader[frame], labels.picture(number))


def test_a_kept_set_is_the_same(tmp_path: Path) -> None:
    made = [
        open_labels(drawn_layouts.dlc(tmp_path / "mice"), crop="whole"),
        open_labels(drawn_layouts.project(tmp_path / "body" / "body.limner")),
    ]
    for labels in made:
        path = tmp_path / "kept" / "labels.json"
        keep_set(path, labels)
        again = kept_set(path)
        for name in ("points_px", "views", "angles_rad", "visible", "part"):
            np.testing.assert_array_equal(getattr(again, name), getattr(labels, name))
        for name in ("layout", "sources", "people", "joints", "measures", "torso", "split"):
            assert getattr(again, name) == getattr(labels, name)
        np.testing.assert_array_equal(again.picture(3), labels.picture(3))
    path.write_text('{"sources": []}')
    with pytest.raises(FormatError, match="damaged"):
        kept_set(path)


def test_layouts_are_told_by_looking(tmp_path: Path) -> None:
    mice = drawn_layouts.dlc(tmp_path / "mice")
    assert layout_of(mice) == "dlc"
    assert layout_of(next(mice.glob("labeled-data/video0/*.csv"))) == "dlc"
    project = drawn_layouts.project(tmp_path / "body" / "body.limner")
    assert layout_of(project) == layout_of(project.parent) == "project"
    faces = tmp_path / "faces"
    (faces / "images").mkdir(parents=True)
    (faces / "landmarks.csv").write_text("file,identity,video\n")
    assert layout_of(faces) == layout_of(faces / "landmarks.csv") == "ytf68"


def test_what_is_no_label_is_told_with_its_mend(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match="nothing at"):
        layout_of(tmp_path / "gone.csv")
    with pytest.raises(FormatError, match="no labels that are known"):
        layout_of(tmp_path)
    (tmp_path / "flies.slp").write_bytes(b"")
    with pytest.raises(FormatError, match="limner import"):
        layout_of(tmp_path / "flies.slp")
    (tmp_path / "other.csv").write_text("a,b\n1,2\n")
    with pytest.raises(FormatError, match="no layout that is known"):
        layout_of(tmp_path / "other.csv")
    path = tmp_path / "labels.csv"
    write_tidy(path, [_table("gone.mp4")])
    with pytest.raises(FormatError, match=r"gone\.mp4"):
        open_labels(path)
