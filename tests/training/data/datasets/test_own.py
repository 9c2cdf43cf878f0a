"""Sets that people label for themselves: projects of Limner and of DeepLabCut."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import drawn_layouts
from limner_engine.coordinates import cut, frame_to_crop
from limner_engine.errors import FormatError, ProjectLockedError, VideoError
from limner_engine.project import Project
from limner_engine.project.origins import accepted_origin
from limner_engine.types import Crop, FrameKey
from limner_engine.video.reader import VideoReader
from limner_training.data.datasets import dlc, project
from limner_training.data.datasets.layouts import open_set
from limner_training.data.datasets.own_sets import split_own, torso_of
from limner_training.data.datasets.still_crops import still_squares


def test_corrections_of_a_project_are_its_labels(tmp_path: Path) -> None:
    path = drawn_layouts.project(tmp_path / "body.limner")
    body = project.load(path)
    assert body.points_px.shape == (12, 3, 2)
    np.testing.assert_array_equal(body.points_px[2], [[22, 25], [30, 20], [40, 46]])
    assert np.isnan(body.points_px[1, 0]).all()  # hidden, though the person said where
    assert body.visible is not None
    assert body.visible[:2].tolist() == [[1, 1, 1], [0, 1, 1]]
    assert body.part.tolist() == ["train"] * 6 + ["test"] * 6
    assert len(set(body.people)) == 2
    assert body.joints == drawn_layouts.BODY
    assert body.torso == (1, 2)
    assert "torso" in body.measures
    # The network sees what it sees in the window: the kept crop, turned as it is.
    crop = Crop(40.0, 30.0, 50.0, 0.3)
    expected = frame_to_crop(body.points_px[2], crop)
    np.testing.assert_allclose(body.points_norm()[2], expected, atol=1e-6)
    there = np.array([2])
    back = body.to_pixels(body.points_norm()[there], there)
    np.testing.assert_allclose(back, body.points_px[there])
    with VideoReader(tmp_path / "clip0.mp4") as reader:
        np.testing.assert_array_equal(body.cut(2, 64), cut(reader[4], crop, 64))
    # The only project of a folder is found, and other crops are when they are asked for.
    whole = open_set("project", tmp_path, crop="whole")
    np.testing.assert_array_equal(whole.views[0], [-0.5, -16.5, 96, 96])


def test_what_nobody_said_is_neither_visible_nor_hidden(tmp_path: Path) -> None:
    path = drawn_layouts.project(tmp_path / "body.limner")
    with Project.open(path) as opened:
        (first, _) = opened.videos()
        opened.delete_annotations(FrameKey(first.id, 4), [1])
    body = project.load(path)
    assert body.visible is not None
    assert np.isnan(body.visible[2, 1])
    assert np.isnan(body.points_px[2, 1]).all()


def test_accepted_predictions_are_no_labels(tmp_path: Path) -> None:
    path = drawn_layouts.project(tmp_path / "body.limner")
    with Project.open(path) as opened:
        (first, _) = opened.videos()
        said = {0: (1.0, 2.0, True)}
        key = FrameKey(first.id, 1)
        opened.annotate(key, said, author="anna", origin=accepted_origin("faces", 0.9))
    assert len(project.load(path)) == 12


def test_one_video_is_split_by_time(tmp_path: Path) -> None:
    body = project.load(drawn_layouts.project(tmp_path / "body.limner", videos=1))
    assert body.part.tolist() == ["train"] * 5 + ["test"]
    assert body.people == ()
    assert "by time" in body.split


def test_a_project_says_what_is_missing(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match="no project"):
        project.load(tmp_path)
    path = drawn_layouts.project(tmp_path / "body.limner")
    with pytest.raises(VideoError, match="No face"):
        project.load(path, crop="face")
    with Project.open(path), pytest.raises(ProjectLockedError):
        project.load(path)
    (tmp_path / "clip1.mp4").rename(tmp_path / "moved.mp4")
    with pytest.raises(FormatError, match=r"clip1\.mp4.*missing"):
        project.load(path)
    empty = drawn_layouts.project(tmp_path / "empty.limner", frames=0)
    with pytest.raises(FormatError, match="no corrected frames"):
        project.load(empty)
    with pytest.raises(FormatError, match="several projects"):
        project.load(tmp_path)


def test_tables_of_deeplabcut(tmp_path: Path) -> None:
    folder = drawn_layouts.dlc(tmp_path, videos=3)
    mice = dlc.load(folder)
    # img99 of each video has nothing but blanks.
    assert mice.points_px.shape == (36, 3, 2)
    assert mice.part.tolist() == ["train"] * 24 + ["test"] * 12
    np.testing.assert_array_equal(mice.points_px[10], [[20, 20.5], [30, 10], [40, 30]])
    assert mice.picture(10)[0, 0, 2] == 200  # the tenth, not img10 after img1
    assert mice.visible is not None
    np.testing.assert_array_equal(mice.visible[:4, 0], [0, 1, 1, 0])
    assert mice.torso == (1, 2)
    # Nothing moves in the drawn pictures, so that all of them is seen, as a square.
    np.testing.assert_array_equal(mice.views[0], [-0.5, -10.5, 60, 60])
    home = folder / "labeled-data" / "video0"
    for named in (home, home / "CollectedData_anna.csv"):
        one = dlc.load(named)
        assert one.part.tolist() == ["train"] * 10 + ["test"] * 2
        assert one.people == ()


def test_paths_in_one_cell_and_of_windows(tmp_path: Path) -> None:
    folder = drawn_layouts.dlc(tmp_path, videos=1)
    table = folder / "labeled-data" / "video0" / "CollectedData_anna.csv"
    lines = table.read_text().replace("labeled-data,video0,", "labeled-data\\video0\\")
    root = folder / "CollectedData.csv"
    root.write_text(lines.replace(",,,anna", ",anna").replace(",,,head", ",head"))
    root.write_text(root.read_text().replace("coords,,,", "coords,"))
    assert len(dlc.load(folder)) == 12


@pytest.mark.parametrize(
    ("former", "latter", "wanted"),
    [
        ("coords,,,x,y", "coords,,,x,likelihood", "likelihoods"),
        ("scorer", "individuals", "several animals"),
        ("bodyparts", "parts", "row 2.*bodyparts"),
        ("img3.png", "img33.png", r"row 7.*no picture.*img33\.png"),
        (",30,10,33,30", ",30,10,33", "row 7.*8 cells, not 9"),
        (",30,10,33,30", ",30,10,x,30", "row 7.*x of hip_R"),
        ("shoulder_L,shoulder_L", "shoulder_L,hip_R", "side by side"),
    ],
)
def test_a_table_says_what_is_wrong(tmp_path: Path, former: str, latter: str, wanted: str) -> None:
    folder = drawn_layouts.dlc(tmp_path, videos=1)
    table = folder / "labeled-data" / "video0" / "CollectedData_anna.csv"
    text = table.read_text()
    assert former in text
    table.write_text(text.replace(former, latter))
    with pytest.raises(FormatError, match=wanted):
        dlc.load(folder)


def test_tables_have_to_fit_together(tmp_path: Path) -> None:
    folder = drawn_layouts.dlc(tmp_path)
    table = folder / "labeled-data" / "video1" / "CollectedData_anna.csv"
    text = table.read_text()
    table.write_text(text.replace("head", "nose"))
    with pytest.raises(FormatError, match="other points"):
        dlc.load(folder)
    table.write_text(text)
    table.with_name("CollectedData_ben.csv").write_text(text)
    with pytest.raises(FormatError, match="several tables"):
        dlc.load(folder)


def test_crops_are_asked_for_where_they_can_be_found(tmp_path: Path) -> None:
    folder = drawn_layouts.dlc(tmp_path / "dlc")
    for mode in ("face", "motion"):
        with pytest.raises(FormatError, match="video0"):
            dlc.load(folder, crop=mode)
    with pytest.raises(FormatError, match="no crop nose"):
        dlc.load(folder, crop="nose")
    aflw = drawn_layouts.aflw(tmp_path / "aflw")
    with pytest.raises(FormatError, match="matter of that set"):
        open_set("aflw", aflw, crop="whole")


def test_who_moves_on_the_spot_is_looked_at() -> None:
    pictures = []
    for number in range(20):
        picture = np.full((120, 200, 3), 40, np.uint8)
        x = 90 + 25 * (number % 2)
        picture[40:90, x : x + 20] = 230
        pictures.append(picture)
    sizes = [(200, 120)] * 20
    squares = still_squares(pictures, sizes, "auto", "clip")
    assert len(set(squares)) == 1
    assert squares[0].side_px < 200
    assert abs(squares[0].centre_x_px - 112) < 12
    assert still_squares(pictures, sizes, "whole", "clip") == [Crop.whole(200, 120)] * 20
    mixed = [*sizes[:-1], (100, 120)]
    assert still_squares(pictures, mixed, "auto", "clip")[-1] == Crop.whole(100, 120)
    with pytest.raises(FormatError, match="differ in size"):
        still_squares(pictures, mixed, "motion", "clip")


def test_the_last_fifth_of_the_videos_is_tested_on() -> None:
    split = split_own([f"v{number // 2}" for number in range(20)])
    assert split.part.tolist() == ["train"] * 16 + ["test"] * 4
    with pytest.raises(FormatError, match="only one"):
        split_own(["a"])


@pytest.mark.parametrize(
    ("names", "found"),
    [
        (("left shoulder", "right shoulder", "left hip", "right hip"), (0, 3)),
        (("hip_r", "shoulder.L"), (1, 0)),
        (("lHip", "rShoulder"), (1, 0)),
        (("LeftShoulder", "RightHip"), (0, 1)),
        (("shoulder", "hip"), (0, 1)),
        (("left shoulder", "left hip"), None),  # not across
        (("hipster", "shoulder"), None),
        (("point 1", "point 2"), None),
    ],
)
def test_a_torso_is_known_by_name(names: tuple[str, ...], found: tuple[int, int] | None) -> None:
    assert torso_of(names) == found
