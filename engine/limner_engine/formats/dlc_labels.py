"""Labels made in DeepLabCut: the tables ``CollectedData_<scorer>.csv`` of labelled pictures.

Three header rows (scorer, bodyparts, coords), or four with ``individuals`` behind the scorer for
several animals. Then a row for each picture: its path, in one cell or, since version 2.2, in three
(``labeled-data``, the video's name, the picture's), and x and y of each landmark. A blank means
that the landmark cannot be seen. Pictures are called after the number of their frame: the picture
``labeled-data/trial 3/img0123.png`` was frame 123 of the video ``trial 3``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import numpy as np

from limner_engine.errors import FormatError
from limner_engine.formats.labels import (
    LARGEST_TEXT_BYTES,
    MOST_ROWS,
    LabelledPlace,
    LabelTable,
    Rows,
    checked_names,
    checked_size,
)
from limner_engine.formats.whole_file import csv_rows, number, refuse
from limner_engine.types import Skeleton

_FOLDER = "labeled-data"


@dataclass(frozen=True)
class _Columns:
    """What the header says.

    Attributes:
        lead: Cells before the first coordinate.
        names: Of the landmarks, all animals together.
        animals: Names of the animals; one empty name in a table of one animal.
        at: For each pair of columns its animal and landmark.
        rows: How many rows the header has.
    """

    lead: int
    names: tuple[str, ...]
    animals: tuple[str, ...]
    at: tuple[tuple[int, int], ...]
    rows: int


def read_dlc_labels(path: Path) -> LabelTable:
    """Read the labels of one or several animals.

    Raises:
        FormatError: it is not such a table; names the row and the mend.
    """
    checked_size(path, LARGEST_TEXT_BYTES)
    with csv_rows(path) as lines:
        columns = _header(path, lines)
        rows = Rows(len(columns.names))
        blank, seen = 0, set()
        for position, line in enumerate(lines, columns.rows + 1):
            if not line:
                continue
            place = _place(path, position, line[: columns.lead])
            if place in seen:
                raise refuse(
                    path, position, f"{place.picture} is there twice", "Remove one of the rows."
                )
            seen.add(place)
            blank += not _take(path, position, line, columns, place, rows)
            if len(rows.cells) > MOST_ROWS:
                raise refuse(path, position, "there is no end to it", "Export it again.")
    if not seen:
        raise FormatError(f"{path.name} has a header but no pictures.", "Export it again.")
    notes: tuple[str, ...] = ()
    if blank:
        what = "1 picture has" if blank == 1 else f"{blank} pictures have"
        notes = (f"{what} no label in the table.",)
    return rows.table("dlc", Skeleton(columns.names), columns.animals, notes=notes)


def _header(path: Path, lines: Iterator[list[str]]) -> _Columns:
    head: dict[str, list[str]] = {}
    wanted = ("scorer", "individuals", "bodyparts", "coords")
    for position, line in zip(range(1, 5), lines, strict=False):
        word = line[0].strip().lower() if line else ""
        if word not in wanted or word in head:
            mend = "Choose a table CollectedData….csv from the folder labeled-data."
            if ";" in ",".join(line):
                mend = "Save it with commas between the cells, not semicolons."
            raise refuse(path, position, "it is no header of DeepLabCut's labels", mend)
        head[word] = line
        if word == "coords":
            break
    if not {"scorer", "bodyparts", "coords"} <= set(head):
        raise refuse(
            path,
            len(head) + 1,
            "its header ends too soon",
            "Choose a table CollectedData….csv from the folder labeled-data.",
        )
    lead = next((i for i, text in enumerate(head["coords"]) if i and text.strip()), 0)
    width = len(head["coords"])
    if not lead or any(len(line) != width for line in head.values()):
        raise refuse(path, len(head), "the header rows differ in length", "Export it again.")
    coords = tuple(text.strip().lower() for text in head["coords"][lead:])
    if "likelihood" in coords:
        raise refuse(
            path,
            len(head),
            "it has likelihoods, so it holds predictions and no labels",
            "Choose a table CollectedData….csv from the folder labeled-data.",
        )
    if coords != ("x", "y") * (len(coords) // 2):
        raise refuse(
            path, len(head), "every landmark should have the columns x, y", "Export it again."
        )
    parts = [text.strip() for text in head["bodyparts"][lead:]]
    owners = [text.strip() for text in head.get("individuals", [""] * width)[lead:]]
    if parts[::2] != parts[1::2] or owners[::2] != owners[1::2]:
        raise refuse(path, len(head), "x and y of a landmark differ in name", "Export it again.")
    names, animals = tuple(dict.fromkeys(parts)), tuple(dict.fromkeys(owners))
    checked_names(path, names)
    at = tuple(
        (animals.index(owner), names.index(part))
        for owner, part in zip(owners[::2], parts[::2], strict=True)
    )
    if len(set(at)) != len(at):
        raise refuse(path, len(head), "a landmark is there twice", "Rename one of them.")
    return _Columns(lead, names, animals, at, len(head))


def _place(path: Path, position: int, cells: list[str]) -> LabelledPlace:
    name = PurePosixPath("/".join(cell.strip() for cell in cells).replace("\\", "/"))
    if not name.name:
        raise refuse(path, position, "it does not name a picture", "Export it again.")
    folder = name.parent.name
    video = "" if folder in ("", _FOLDER) else folder
    digits = re.search(r"(\d+)$", name.stem)
    frame = int(digits[1]) if video and digits and len(digits[1]) <= 9 else -1
    return LabelledPlace(video, frame, str(name))


def _take(
    path: Path,
    position: int,
    line: list[str],
    columns: _Columns,
    place: LabelledPlace,
    rows: Rows,
) -> bool:
    """Note what one row says; False where it says nothing."""
    if len(line) != columns.lead + 2 * len(columns.at):
        raise refuse(
            path,
            position,
            f"it has {len(line)} cells, not {columns.lead + 2 * len(columns.at)}",
            "The file may have been cut off; export it again.",
        )
    count = len(columns.names)
    points = np.full((len(columns.animals), count, 2), np.nan)
    visible = np.full((len(columns.animals), count), np.nan)
    for pair, (animal, landmark) in enumerate(columns.at):
        cells = line[columns.lead + 2 * pair :][:2]
        name = columns.names[landmark]
        x, y = (
            number(path, position, f"{axis} of {name}", text)
            for axis, text in zip("xy", cells, strict=True)
        )
        if (x != x) != (y != y):
            raise refuse(
                path, position, f"{name} has one of x and y", "Fill in both, or empty both."
            )
        points[animal, landmark] = x, y
        visible[animal, landmark] = float(x == x)
    there = np.isfinite(points).all(axis=2).any(axis=1)
    for animal in np.flatnonzero(there).tolist():
        rows.add(place, animal, points[animal], visible[animal])
    return bool(there.any())
