"""Labels of other programs, as their files tell them."""

from __future__ import annotations

import json
from pathlib import Path

import h5py
import numpy as np
import pytest

from limner_engine.errors import FormatError
from limner_engine.formats.coco import read_coco
from limner_engine.formats.dlc_labels import read_dlc_labels
from limner_engine.formats.labels import LabelledPlace
from limner_engine.formats.slp import read_slp
from made_labels import EDGE, PAIR, coco_file, dlc_table, slp_file

NAMES = ("nose", "left ear", "tail")


def test_a_table_of_one_animal(tmp_path: Path) -> None:
    rows = {
        "labeled-data/trial 1/img0123.png": [(1.5, 2), None, (5, 6)],
        "labeled-data\\trial 2\\img7.png": [(0, 0), (3, 4), (5, 6)],
        "labeled-data/img01.png": [(0, 0), (3, 4), (5, 6)],
        "labeled-data/trial 1/img0200.png": [None, None, None],
    }
    table = read_dlc_labels(dlc_table(tmp_path / "CollectedData_Ada.csv", NAMES, rows))
    assert table.skeleton.names == NAMES
    assert table.places == (
        LabelledPlace("trial 1", 123, "labeled-data/trial 1/img0123.png"),
        LabelledPlace("trial 2", 7, "labeled-data/trial 2/img7.png"),
        LabelledPlace("", -1, "labeled-data/img01.png"),
    )
    assert table.points[0, 0].tolist() == [1.5, 2]
    # A blank beside others says that the landmark cannot be seen.
    assert table.visible[0].tolist() == [1, 0, 1]
    assert np.isnan(table.points[0, 1]).all()
    assert table.notes == ("1 picture has no label in the table.",)


def test_paths_in_three_cells_and_several_animals(tmp_path: Path) -> None:
    rows = {"labeled-data/v/img3.png": [(1, 1), (2, 2), None, None, (5, 5), (6, 6)]}
    path = dlc_table(tmp_path / "c.csv", NAMES[:2], rows, ("a", "b", "c"), cells=3)
    table = read_dlc_labels(path)
    assert table.subjects == ("a", "b", "c")
    assert table.subject.tolist() == [0, 2]
    assert table.points[1].tolist() == [[5, 5], [6, 6]]
    assert table.places == (LabelledPlace("v", 3, "labeled-data/v/img3.png"),)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "row 1: its header ends too soon"),
        ("a,b\n", "row 1: it is no header"),
        ("scorer;s\n", "not semicolons"),
        ("scorer,s,s,s\nbodyparts,n,n,n\ncoords,x,y,likelihood\n", "holds predictions"),
        ("scorer,s,s\nbodyparts,n,n\ncoords,y,x\n", "columns x, y"),
        ("scorer,s,s\nbodyparts,n,m\ncoords,x,y\n", "differ in name"),
        ("scorer,s,s\nbodyparts,n,n\ncoords,x,y\n", "no pictures"),
        ("scorer,s,s\nbodyparts,n,n\ncoords,x,y\na.png,1\n", "row 4: it has 2 cells, not 3"),
        ("scorer,s,s\nbodyparts,n,n\ncoords,x,y\na.png,1,\n", "row 4: n has one of x and y"),
        ("scorer,s,s\nbodyparts,n,n\ncoords,x,y\na.png,1,inf\n", "row 4: y of n"),
        ("scorer,s,s\nbodyparts,n,n\ncoords,x,y\n,1,2\n", "does not name a picture"),
        ("scorer,s,s\nbodyparts,n,n\ncoords,x,y\na.png,1,2\na.png,1,2\n", "there twice"),
        ("scorer,s,s,s,s\nbodyparts,n,n,N,N\ncoords,x,y,x,y\n", "alike"),
    ],
)
def test_what_is_no_table_of_labels_is_told(tmp_path: Path, text: str, sentence: str) -> None:
    path = tmp_path / "t.csv"
    path.write_text(text)
    with pytest.raises(FormatError, match=sentence) as refusal:
        read_dlc_labels(path)
    assert refusal.value.mend


def test_coco_keypoints(tmp_path: Path) -> None:
    path = coco_file(
        tmp_path / "k.json",
        NAMES,
        {
            "trial 1/000123.png": [[1, 2, 2, 3, 4, 1, 0, 0, 0]],
            "plain.jpg": [{"keypoints": [1, 1, 2] * 3, "score": 0.5}],
        },
        edges=[(1, 2), (2, 3), (3, 9)],
    )
    table = read_coco(path)
    assert table.skeleton.edges == ((0, 1), (1, 2))
    assert table.places[0] == LabelledPlace("", 123, "trial 1/000123.png")
    assert table.visible[0, :2].tolist() == [1, 0]
    assert np.isnan(table.visible[0, 2])
    assert table.points[0, 1].tolist() == [3, 4]
    assert table.predicted.tolist() == [False, True]
    assert table.confidence[1].tolist() == [0.5] * 3
    assert table.sizes["plain.jpg"] == (160, 128)


def test_several_in_a_picture_are_told_apart_by_track_or_order(tmp_path: Path) -> None:
    here = [1, 1, 2] * 3
    pictures = {"a1.png": [here, here], "a2.png": [here]}
    table = read_coco(coco_file(tmp_path / "k.json", NAMES, pictures))
    assert table.subjects == ("", "")
    assert table.subject.tolist() == [0, 1, 0]
    tracked = {
        "a1.png": [{"keypoints": here, "track_id": 7}, {"keypoints": here, "track_id": 3}],
        "a2.png": [{"keypoints": here, "track_id": 3}],
    }
    table = read_coco(coco_file(tmp_path / "k.json", NAMES, tracked))
    assert table.subjects == ("track 7", "track 3")
    assert table.subject.tolist() == [0, 1, 1]


@pytest.mark.parametrize(
    "text",
    [
        "{",
        "[]",
        "{}",
        '{"annotations": []}',
        '{"annotations": [{"keypoints": [1, 2, 2], "image_id": 1}], "categories": []}',
        "[" * 100_000,
    ],
)
def test_what_is_no_coco_is_told(tmp_path: Path, text: str) -> None:
    path = tmp_path / "k.json"
    path.write_text(text)
    with pytest.raises(FormatError, match=r"k\.json"):
        read_coco(path)
    with pytest.raises(FormatError, match="could not be read"):
        read_coco(tmp_path / "none.json")


LINKS = [(0, 1, EDGE), (1, 2, {"py/id": 1}), (1, 0, PAIR), (0, 1, {"py/id": 2})]


def test_sleap_labels(tmp_path: Path) -> None:
    said = [
        {"frame": 5, "points": [(1, 2), None, (5, 6)], "hidden": [2], "corrects": 1, "track": 1},
        {"frame": 5, "points": [(9, 9)] * 3, "predicted": True, "track": 1},
        {"frame": 8, "points": [(7, 7)] * 3, "predicted": True, "track": 0},
    ]
    path = slp_file(tmp_path / "a.slp", NAMES, said, tracks=("one", "two"), links=LINKS)
    table = read_slp(path)
    assert table.skeleton.names == NAMES
    assert table.skeleton.edges == ((0, 1), (1, 2))
    assert table.skeleton.symmetries == ((1, 0),)
    assert table.places == (LabelledPlace("/home/ada/trials/clip.mp4", 5, ""),)
    assert table.visible[0].tolist() == [1, 0, 0]
    assert table.points[0, 2].tolist() == [5, 6]
    assert table.subjects == ("two",)
    assert table.notes == ("2 instances that a network found were not asked for.",)
    table = read_slp(path, predicted=True)
    # What was corrected is not taken a second time.
    assert table.predicted.tolist() == [False, True]
    assert table.confidence[1].tolist() == [0.75] * 3
    assert [place.frame for place in table.places] == [5, 8]
    assert table.subjects == ("two", "one")


@pytest.mark.parametrize(("version", "x"), [(1.0, 9.5), (1.1, 10.0), (1.4, 10.0), (2.8, 10.0)])
def test_pixels_had_their_origin_at_the_corner_once(
    tmp_path: Path, version: float, x: float
) -> None:
    said = [{"frame": 0, "points": [(10.0, 10.0)] * 3}]
    table = read_slp(slp_file(tmp_path / "a.slp", NAMES, said, version=version))
    assert table.points[0, 0].tolist() == [x, x]


def test_a_newer_sleap_and_damage_are_told(tmp_path: Path) -> None:
    said = [{"frame": 0, "points": [(1, 1)] * 3}]
    path = slp_file(tmp_path / "a.slp", NAMES, said, version=3.0)
    with pytest.raises(FormatError, match="format 3"):
        read_slp(path)
    path = slp_file(tmp_path / "b.slp", NAMES, said)
    with h5py.File(path, "r+") as file:
        del file["points"]
    with pytest.raises(FormatError, match=r"b\.slp is no SLEAP file"):
        read_slp(path)
    (tmp_path / "c.slp").write_text(json.dumps({}))
    with pytest.raises(FormatError, match=r"c\.slp is no SLEAP file"):
        read_slp(tmp_path / "c.slp")


def test_the_flies_agree_with_sleaps_own_reader(data_dir: Path) -> None:
    sleap_io = pytest.importorskip("sleap_io")
    path = data_dir / "animals" / "sleap_centered_pair" / "centered_pair_predictions.slp"
    table = read_slp(path, predicted=True)
    theirs = sleap_io.load_slp(str(path))
    assert table.skeleton.names == tuple(theirs.skeleton.node_names)
    assert sorted(table.skeleton.edges) == sorted(map(tuple, theirs.skeleton.edge_inds))
    for number in (0, 500, 1099):
        ours = table.points[table.place == number]
        wanted = np.array([one.numpy() for one in theirs[number].instances])
        np.testing.assert_array_equal(ours, wanted)
