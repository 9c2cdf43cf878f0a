"""The tidy table: a row for each landmark in each frame.

Columns: video, frame, time_s, subject, landmark, x, y, confidence, visible, source. Empty cells
are missing values; ``visible`` is true, false, or empty where nobody said.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

import numpy as np

from limner_engine.errors import FormatError
from limner_engine.formats.table import LandmarkTable, TableReport
from limner_engine.formats.whole_file import cell, csv_rows, number, refuse, replacing

COLUMNS = (
    "video",
    "frame",
    "time_s",
    "subject",
    "landmark",
    "x",
    "y",
    "confidence",
    "visible",
    "source",
)

_VISIBLE = {"true": 1.0, "false": 0.0, "": float("nan")}


def write_tidy(path: Path, tables: Iterable[LandmarkTable]) -> list[TableReport]:
    """Write tables of any number of videos and subjects into one file.

    Args:
        path: The file, ``.csv``; an older one is replaced.
        tables: Written in order; may be made one by one.

    Returns:
        Which frames are empty, and why, for each table.

    Raises:
        FormatError: the file cannot be written.
    """
    reports = []
    with replacing(path) as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        for table in tables:
            reports.append(table.report())
            for i, (frame, time_s) in enumerate(
                zip(table.frames.tolist(), table.time_s.tolist(), strict=True)
            ):
                for k, name in enumerate(table.names):
                    x, y = table.points[i, k].tolist()
                    seen = table.visible[i, k]
                    writer.writerow(
                        (
                            table.video,
                            frame,
                            cell(time_s),
                            table.subject,
                            name,
                            cell(x),
                            cell(y),
                            cell(table.confidence[i, k]),
                            "" if np.isnan(seen) else "true" if seen else "false",
                            table.source[i, k],
                        )
                    )
    return reports


class _Cell(NamedTuple):
    x: float
    y: float
    confidence: float
    visible: float
    source: str


class _Group:
    """The rows of one video and subject, as they come."""

    def __init__(self) -> None:
        self.names: dict[str, int] = {}
        self.times: dict[int, float] = {}
        self.cells: dict[tuple[int, int], _Cell] = {}


def read_tidy(path: Path) -> list[LandmarkTable]:
    """Read a tidy table: one `LandmarkTable` for each video and subject, in order of appearance.

    Rows may be sorted in any way. A landmark that has no row in a frame is missing there.

    Raises:
        FormatError: it is not such a table; names the row and the mend.
    """
    groups: dict[tuple[str, str], _Group] = {}
    with csv_rows(path) as rows:
        header = next(rows, [])
        if tuple(header) != COLUMNS:
            raise refuse(
                path,
                1,
                f"the columns should be {', '.join(COLUMNS)}",
                "Export the table again, or put its columns in this order.",
            )
        for position, row in enumerate(rows, 2):
            if row:
                _take(path, position, row, groups)
    if not groups:
        raise FormatError(f"{path.name} has a header but no rows.", "Export it again.")
    return [_table(video, subject, group) for (video, subject), group in groups.items()]


def _take(
    path: Path, position: int, row: list[str], groups: dict[tuple[str, str], _Group]
) -> None:
    if len(row) != len(COLUMNS):
        raise refuse(
            path,
            position,
            f"it has {len(row)} cells, not {len(COLUMNS)}",
            "The file may have been cut off; export it again.",
        )
    video, frame, time_s, subject, landmark, x, y, confidence, visible, source = row
    if not (frame.isascii() and frame.isdigit()):
        raise refuse(
            path, position, f"“{frame[:40]}” is not the number of a frame", "Count frames from 0."
        )
    if not landmark:
        raise refuse(path, position, "the landmark has no name", "Write its name.")
    if visible.lower() not in _VISIBLE:
        raise refuse(
            path,
            position,
            f"visible is “{visible[:40]}”",
            "Write true or false, or leave the cell empty.",
        )
    values = _Cell(
        number(path, position, "x", x),
        number(path, position, "y", y),
        number(path, position, "confidence", confidence),
        _VISIBLE[visible.lower()],
        source,
    )
    if np.isnan(values.x) != np.isnan(values.y):
        raise refuse(
            path, position, f"{landmark} has one of x and y", "Fill in both, or empty both."
        )
    if not np.isnan(values.confidence) and not 0.0 <= values.confidence <= 1.0:
        raise refuse(
            path,
            position,
            f"the confidence is {values.confidence}, not within 0 to 1",
            "Check that the columns are in order.",
        )
    group = groups.setdefault((video, subject), _Group())
    index = int(frame)
    seconds = number(path, position, "time_s", time_s)
    known = group.times.setdefault(index, seconds)
    if known != seconds and not (np.isnan(known) and np.isnan(seconds)):
        raise refuse(
            path,
            position,
            f"frame {index} has the times {known} and {seconds}",
            "A frame has one time; correct one of them.",
        )
    key = (index, group.names.setdefault(landmark, len(group.names)))
    if key in group.cells:
        raise refuse(
            path,
            position,
            f"{landmark} in frame {index} is there twice",
            "Remove one of the rows.",
        )
    group.cells[key] = values


def _table(video: str, subject: str, group: _Group) -> LandmarkTable:
    frames = sorted(group.times)
    place = {frame: i for i, frame in enumerate(frames)}
    numbers = np.full((len(frames), len(group.names), 4), np.nan)
    source = np.full((len(frames), len(group.names)), "", dtype=object)
    for (frame, landmark), found in group.cells.items():
        numbers[place[frame], landmark] = found[:4]
        source[place[frame], landmark] = found.source
    return LandmarkTable(
        video,
        subject,
        tuple(group.names),
        np.array(frames, np.int64),
        np.array([group.times[frame] for frame in frames]),
        numbers[..., :2],
        numbers[..., 2],
        numbers[..., 3],
        source,
    )
