from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from limner_engine.errors import FormatError
from limner_engine.formats import LandmarkTable, read_tidy, write_tidy
from limner_engine.formats.tidy import COLUMNS

HEAD = ",".join(COLUMNS) + "\n"
ROW = "v.mp4,0,0.0,s,nose,1.0,2.0,0.5,,model:m\n"


def same(first: LandmarkTable, second: LandmarkTable) -> None:
    assert (first.video, first.subject, first.names) == (
        second.video,
        second.subject,
        second.names,
    )
    for name in ("frames", "time_s", "points", "confidence", "visible"):
        np.testing.assert_array_equal(getattr(first, name), getattr(second, name))
    assert first.source.tolist() == second.source.tolist()


def test_tables_come_back_as_they_were(
    tmp_path: Path, table: LandmarkTable, raw_table: LandmarkTable
) -> None:
    path = tmp_path / "t.csv"
    second = replace(table, subject="other")
    reports = write_tidy(path, [table, second, raw_table])
    assert [report.rows for report in reports] == [50, 50, 400]
    found = read_tidy(path)
    assert len(found) == 3
    for before, after in zip((table, second, raw_table), found, strict=True):
        same(before, after)


def test_pandas_reads_the_same_numbers(tmp_path: Path, table: LandmarkTable) -> None:
    path = tmp_path / "t.csv"
    write_tidy(path, iter([table]))
    frame = pd.read_csv(path)
    assert tuple(frame.columns) == COLUMNS
    assert len(frame) == 50 * 3
    np.testing.assert_array_equal(frame[["x", "y"]].to_numpy(), table.points.reshape(-1, 2))
    np.testing.assert_array_equal(frame["confidence"].to_numpy(), table.confidence.ravel())
    np.testing.assert_array_equal(frame["time_s"].to_numpy(), np.repeat(table.time_s, 3))
    np.testing.assert_array_equal(frame["frame"].to_numpy(), np.repeat(table.frames, 3))
    visible = frame["visible"].map({True: 1.0, False: 0.0}).astype(float).to_numpy()
    np.testing.assert_array_equal(visible, table.visible.ravel())
    assert frame["source"].fillna("").tolist() == table.source.ravel().tolist()
    row = frame[(frame["frame"] == 3) & (frame["landmark"] == "nose, tip")].iloc[0]
    assert (row["visible"], row["source"]) == (False, "person:Ada")


def test_pandas_reads_numbers_of_any_length(tmp_path: Path, raw_table: LandmarkTable) -> None:
    path = tmp_path / "t.csv"
    write_tidy(path, [raw_table])
    frame = pd.read_csv(path)
    np.testing.assert_array_equal(frame[["x", "y"]].to_numpy(), raw_table.points.reshape(-1, 2))


def test_rows_may_be_sorted_in_any_way_and_be_missing(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text(
        HEAD
        + "v,7,0.7,s,nose,1,2,,TRUE,person:a\n"
        + "v,2,,s,tail,3,4,0.5,,\n"
        + "\n"
        + "w,2,0.2,s,nose,5,6,1,false,\n"
    )
    first, second = read_tidy(path)
    assert first.names == ("nose", "tail")
    assert first.frames.tolist() == [2, 7]
    np.testing.assert_array_equal(first.time_s, [np.nan, 0.7])
    np.testing.assert_array_equal(first.points[:, 0], [[np.nan, np.nan], [1, 2]])
    np.testing.assert_array_equal(first.visible, [[np.nan, np.nan], [1, np.nan]])
    assert (second.video, second.visible.tolist()) == ("w", [[0.0]])


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "row 1: the columns should be video, frame"),
        (HEAD.replace("video,frame", "frame,video"), "row 1: the columns should be"),
        (HEAD, "has a header but no rows"),
        (HEAD + "v,0,0\n", "row 2: it has 3 cells, not 10"),
        (HEAD + ROW.replace(",0,", ",-1,", 1), "row 2: “-1” is not the number of a frame"),
        (HEAD + ROW.replace("nose", ""), "row 2: the landmark has no name"),
        (HEAD + ROW.replace(",,", ",maybe,"), "row 2: visible is “maybe”"),
        (HEAD + ROW.replace("1.0", "one"), "row 2: x is “one”"),
        (HEAD + ROW.replace("1.0", ""), "row 2: nose has one of x and y"),
        (HEAD + ROW.replace("0.5", "7"), "row 2: the confidence is 7.0"),
        (HEAD + ROW + ROW, "row 3: nose in frame 0 is there twice"),
        (HEAD + ROW + ROW.replace("nose", "tail").replace("0.0", "0.1"), "row 3: frame 0 has the"),
    ],
)
def test_what_is_wrong_is_told_by_file_row_and_mend(
    tmp_path: Path, text: str, sentence: str
) -> None:
    path = tmp_path / "t.csv"
    path.write_text(text)
    with pytest.raises(FormatError, match=sentence) as refusal:
        read_tidy(path)
    assert refusal.value.message.startswith("t.csv")
    assert refusal.value.mend
