from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from movement.io import load_dataset, load_poses

from limner_engine.errors import FormatError
from limner_engine.formats import LandmarkTable, read_dlc, write_dlc

HEAD = "scorer,s,s,s\nbodyparts,nose,nose,nose\ncoords,x,y,likelihood\n"


def test_the_layout_is_that_of_deeplabcut(tmp_path: Path, table: LandmarkTable) -> None:
    path = tmp_path / "t.csv"
    report = write_dlc(path, table, "Limner faces")
    lines = path.read_bytes().decode().split("\n")
    assert lines[0] == "scorer" + ",Limner faces" * 9
    assert lines[1].startswith('bodyparts,left eye,left eye,left eye,"nose, tip",')
    assert lines[2] == "coords" + ",x,y,likelihood" * 3
    assert lines[6].startswith("3,0.333333,0.666667,1.0,,,,")
    assert lines[20] == "17,,,,,,,,,"
    assert len(lines) == 3 + 50 + 1
    assert lines[-1] == ""
    assert report.unreadable == (0, 17, 18)


def test_pandas_reads_the_same_numbers(tmp_path: Path, table: LandmarkTable) -> None:
    path = tmp_path / "t.csv"
    write_dlc(path, table, "Limner")
    frame = pd.read_csv(path, header=[0, 1, 2], index_col=0)
    # The first frame is empty; written with empty cells alone, pandas would lose it.
    assert frame.index.tolist() == list(range(50))
    assert frame.columns.names == ["scorer", "bodyparts", "coords"]
    for number, name in enumerate(table.names):
        part = frame["Limner"][name]
        np.testing.assert_array_equal(part[["x", "y"]].to_numpy(), table.points[:, number])
        np.testing.assert_array_equal(part["likelihood"].to_numpy(), table.confidence[:, number])


def test_a_table_without_any_landmark_keeps_its_rows(tmp_path: Path, table: LandmarkTable) -> None:
    path = tmp_path / "t.csv"
    nothing = np.full_like(table.points, np.nan)
    empty = replace(table, points=nothing, confidence=nothing[..., 0])
    write_dlc(path, empty, "Limner")
    frame = pd.read_csv(path, header=[0, 1, 2], index_col=0)
    assert frame.shape == (50, 9)
    assert frame.isna().all(axis=None)
    assert len(load_poses.from_dlc_file(path).time) == 50
    assert len(read_dlc(path).frames) == 50


def test_movement_reads_the_same_numbers(tmp_path: Path, table: LandmarkTable) -> None:
    path = tmp_path / "t.csv"
    write_dlc(path, table, "Limner")
    for dataset in (
        load_poses.from_dlc_file(path, fps=30),
        load_dataset(path, source_software="DeepLabCut", fps=30),
    ):
        assert dict(dataset.sizes) == {"time": 50, "space": 2, "keypoints": 3, "individuals": 1}
        assert dataset.coords["keypoints"].values.tolist() == list(table.names)
        one = dataset.isel(individuals=0)
        position = one.position.transpose("time", "keypoints", "space")
        np.testing.assert_array_equal(position.values, table.points)
        confidence = one.confidence.transpose("time", "keypoints")
        np.testing.assert_array_equal(confidence.values, table.confidence)


def test_every_float64_reads_back_to_itself(tmp_path: Path, raw_table: LandmarkTable) -> None:
    path = tmp_path / "t.csv"
    write_dlc(path, raw_table, "s")
    found = read_dlc(path)
    np.testing.assert_array_equal(found.points, raw_table.points)
    np.testing.assert_array_equal(found.confidence, raw_table.confidence)
    np.testing.assert_array_equal(found.frames, raw_table.frames)
    exact = pd.read_csv(path, header=[0, 1, 2], index_col=0)
    np.testing.assert_array_equal(exact["s"]["b"][["x", "y"]].to_numpy(), raw_table.points[:, 1])


def test_our_own_table_comes_back(tmp_path: Path, table: LandmarkTable) -> None:
    path = tmp_path / "clip.csv"
    write_dlc(path, table, "Limner")
    found = read_dlc(path)
    assert (found.video, found.subject, found.names) == ("clip", "subject 1", table.names)
    np.testing.assert_array_equal(found.points, table.points)
    np.testing.assert_array_equal(found.confidence, table.confidence)
    assert found.source[3].tolist() == ["dlc:Limner", "", "dlc:Limner"]
    assert np.isnan(found.time_s).all()
    write_dlc(tmp_path / "again.csv", found, "Limner")
    assert (tmp_path / "again.csv").read_bytes() == path.read_bytes()


def test_tables_that_pandas_wrote_are_read(tmp_path: Path) -> None:
    columns = pd.MultiIndex.from_product(
        [["DLC_resnet"], ["nose", "tail"], ["x", "y", "likelihood"]],
        names=["scorer", "bodyparts", "coords"],
    )
    values = np.random.default_rng(0).uniform(0, 1, (20, 6))
    values[4, :3] = np.nan
    path = tmp_path / "t.csv"
    pd.DataFrame(values, columns=columns).to_csv(path)
    found = read_dlc(path)
    assert found.names == ("nose", "tail")
    np.testing.assert_array_equal(found.points[:, 1], values[:, 3:5])
    np.testing.assert_array_equal(found.confidence[:, 0], values[:, 2])


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "row 1: it should begin with “scorer”"),
        ("a;b\n", "row 1: it should begin with “scorer”.*not semicolons|row 1"),
        ("scorer;s\nx\ny\n", "not semicolons"),
        ("scorer,s,s,s\n", "row 2: it should begin with “bodyparts”"),
        (
            "scorer,s\nindividuals,a\nbodyparts,n\ncoords,x\n0,1\n",
            "row 2: it is a table of several animals",
        ),
        ("scorer,s,s\nbodyparts,n,n\ncoords,x,y\n0,1,2\n", "row 3: .* x, y, likelihood"),
        ("scorer\nbodyparts\ncoords\n", "row 3: the three header rows differ"),
        (HEAD.replace("s,s,s", "s,s,t"), "row 1: it names more than one scorer"),
        (HEAD.replace("nose,nose,nose", "nose,nose,tail"), "row 2: a landmark's three columns"),
        (
            "scorer,s,s,s,s,s,s\nbodyparts,a,a,a,a,a,a\ncoords,x,y,likelihood,x,y,likelihood\n",
            "row 2: two landmarks have the same name",
        ),
        (HEAD, "has a header but no frames"),
        (HEAD + "0,1,2,0.5\n1,1,2\n", "row 5: it has 3 cells, not 4"),
        (HEAD + "img01.png,1,2,0.5\n", "row 4: “img01.png” is not the number of a frame"),
        (HEAD + "0,1,2,0.5\n0,1,2,0.5\n", "row 5: frame 0 comes after 0"),
        (HEAD + "0,1,two,0.5\n", "row 4: y of nose is “two”, not a number"),
        (HEAD + "0,1_0,2,0.5\n", "row 4: x of nose is “1_0”"),
        (HEAD + "0,inf,2,0.5\n", "row 4: x of nose is “inf”"),
        (HEAD + "0,1,,0.5\n", "row 4: nose has one of x and y"),
        (HEAD + "0,1,2,1.5\n", "row 4: the likelihood of nose is 1.5"),
        (HEAD + '0,"1,2,0.5\n', "is not a table"),
    ],
)
def test_what_is_wrong_is_told_by_file_row_and_mend(
    tmp_path: Path, text: str, sentence: str
) -> None:
    path = tmp_path / "t.csv"
    path.write_text(text)
    with pytest.raises(FormatError, match=sentence) as refusal:
        read_dlc(path)
    assert refusal.value.message.startswith("t.csv")
    assert refusal.value.mend


def test_files_that_are_no_text_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes(b"\xff\xfe\x00\x01")
    with pytest.raises(FormatError, match=r"t\.csv is not a table"):
        read_dlc(path)
    with pytest.raises(FormatError, match="could not be read"):
        read_dlc(tmp_path / "none.csv")


def test_a_byte_order_mark_and_windows_line_ends_are_fine(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes(b"\xef\xbb\xbf" + (HEAD + "0,1,2,0.5\n\n").replace("\n", "\r\n").encode())
    assert read_dlc(path).points.tolist() == [[[1.0, 2.0]]]


def test_a_blank_scorer_is_a_bug(tmp_path: Path, table: LandmarkTable) -> None:
    with pytest.raises(ValueError, match="scorer"):
        write_dlc(tmp_path / "t.csv", table, " ")


def test_an_older_table_stays_until_the_new_one_is_whole(
    tmp_path: Path, table: LandmarkTable, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "t.csv"
    write_dlc(path, table, "old")
    before = path.read_bytes()

    def fails(value: float) -> str:
        raise MemoryError

    monkeypatch.setattr("limner_engine.formats.dlc.cell", fails)
    with pytest.raises(MemoryError):
        write_dlc(path, table, "new")
    assert path.read_bytes() == before
    assert [entry.name for entry in tmp_path.iterdir()] == ["t.csv"]


@pytest.mark.skipif(sys.platform == "win32", reason="a folder opens otherwise there")
def test_a_place_that_cannot_be_written_is_told(tmp_path: Path, table: LandmarkTable) -> None:
    with pytest.raises(FormatError, match="could not be written"):
        write_dlc(tmp_path / "no" / "t.csv", table, "s")
    (tmp_path / "folder.csv").mkdir()
    with pytest.raises(FormatError, match="could not be written"):
        write_dlc(tmp_path / "folder.csv", table, "s")
