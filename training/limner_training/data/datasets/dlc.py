"""Pictures labelled in DeepLabCut: tables ``CollectedData*.csv`` beside their pictures.

Three header rows (scorer, bodyparts, coords) stand above one row a picture: its path, in one cell
or, as newer versions write it, in three, then x and y of each point in pixels. A blank is a point
that is not visible; rows of nothing but blanks are left out, as nobody may have come to them. The
path counts from the table's folder or from the project's, two above it.

What may be named: the table; a folder that holds one; or a DeepLabCut project, whose tables stand
in ``labeled-data/VIDEO/``. Pictures in one folder count as one video, in the order of their names.
Crops are found in the pictures alone, as for any video.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from limner_engine.errors import FormatError
from limner_engine.formats.whole_file import csv_rows, number, refuse
from limner_engine.types import Crop, Image
from limner_training.data.datasets.labelled import (
    Doubles,
    LabelledSet,
    Progress,
    read_picture,
)
from limner_training.data.datasets.own_sets import OWN_MEASURES, split_own, torso_of
from limner_training.data.datasets.still_crops import still_squares

NAME = "dlc"
EXPECTS = (
    "CollectedData.csv (or CollectedData_NAME.csv) beside its pictures, or labeled-data/VIDEO/ "
    "with such tables"
)


def load(folder: Path, progress: Progress | None = None, crop: str = "") -> LabelledSet:
    """Read tables and find crops; pictures are read again when they are looked at.

    Args:
        folder: A table, or the folder of one or more.
        progress: Told the share of videos done.
        crop: ``auto``, ``face``, ``motion`` or ``whole``; empty for ``auto``.

    Raises:
        FormatError: A table or picture is missing or not in its layout, or has no such crop.
    """
    tables = _tables(folder)
    names: tuple[str, ...] = ()
    rows: list[tuple[Path, Doubles]] = []
    for table in tables:
        own, labelled = _read(table)
        if names and own != names:
            raise FormatError(
                f"{table} names other points than {tables[0]}.",
                "Name one table, or label the same points everywhere.",
            )
        names = own
        rows += labelled
    rows.sort(key=lambda row: (_natural(str(row[0].parent)), _natural(row[0].name)))
    paths = [path for path, _ in rows]
    if not paths:
        raise FormatError(f"Nothing is labelled in {tables[0].name}.", "Label some pictures.")
    homes = list(dict.fromkeys(path.parent for path in paths))
    squares: list[Crop] = []
    for done, home in enumerate(homes):
        members = [path for path in paths if path.parent == home]
        pictures = [read_picture(path) for path in members]
        sizes = [(picture.shape[1], picture.shape[0]) for picture in pictures]
        squares += still_squares(pictures, sizes, crop or "auto", home.name)
        if progress is not None:
            progress((done + 1) / len(homes))
    split = split_own([str(path.parent) for path in paths])
    points = np.stack([marked for _, marked in rows])
    torso = torso_of(names)

    def picture(number: int) -> Image:
        return read_picture(paths[number])

    return LabelledSet(
        layout=NAME,
        picture=picture,
        views=np.array(
            [
                [
                    s.centre_x_px - s.side_px / 2,
                    s.centre_y_px - s.side_px / 2,
                    s.side_px,
                    s.side_px,
                ]
                for s in squares
            ]
        ),
        points_px=points,
        part=split.part,
        people=split.people,
        measures=tuple(name for name in OWN_MEASURES if name != "torso" or torso),
        joints=names,
        visible=np.asarray(np.isfinite(points).all(axis=2), np.float64),
        torso=torso,
        angles_rad=np.zeros(len(points)),
        split=split.text,
        sources=tuple((path, 0) for path in paths),
    )


def _tables(folder: Path) -> list[Path]:
    if folder.is_file():
        return [folder]
    pattern = "CollectedData*.csv"
    found = sorted(folder.glob(pattern)) or sorted(folder.glob(f"labeled-data/*/{pattern}"))
    if not found:
        raise FormatError(
            f"{folder} holds no CollectedData.csv.", f"Name the folder that holds {EXPECTS}."
        )
    homes = [table.parent for table in found]
    twice = next((home for home in homes if homes.count(home) > 1), None)
    if twice is not None:
        raise FormatError(f"{twice} holds several tables.", "Name the table itself.")
    return found


def _read(table: Path) -> tuple[tuple[str, ...], list[tuple[Path, Doubles]]]:
    """Names of the points, and each picture with its ``(P, 2)``."""
    labelled: list[tuple[Path, Doubles]] = []
    with csv_rows(table) as rows:
        names, lead = _header(table, rows)
        for position, row in enumerate(rows, 4):
            if not row:
                continue
            if len(row) != lead + 2 * len(names):
                what = f"it has {len(row)} cells, not {lead + 2 * len(names)}"
                raise refuse(table, position, what, "The file may have been cut off; copy it.")
            values = [
                number(table, position, f"{'xy'[i % 2]} of {names[i // 2]}", text)
                for i, text in enumerate(row[lead:])
            ]
            points = np.array(values).reshape(-1, 2)
            points[~np.isfinite(points).all(axis=1)] = np.nan
            if np.isfinite(points).any():
                labelled.append((_picture(table, position, row[:lead]), points))
    return names, labelled


def _header(table: Path, rows: Iterator[list[str]]) -> tuple[tuple[str, ...], int]:
    """Names of the points, and in how many cells the path stands."""
    mend = "Name the table of labelled pictures that DeepLabCut writes."
    head = [row for _, row in zip(range(3), rows, strict=False)]
    first = [row[0].strip().lower() if row else "" for row in head]
    if "individuals" in first:
        what = "it is a table of several animals, which is not read here"
        raise refuse(table, first.index("individuals") + 1, what, "Label one animal.")
    for position, wanted in enumerate(("scorer", "bodyparts", "coords")):
        if position >= len(first) or first[position] != wanted:
            raise refuse(table, position + 1, f"it should begin with “{wanted}”", mend)
    lead = 3 if head[2][1:3] == ["", ""] else 1
    parts, coords = head[1][lead:], head[2][lead:]
    if not coords or coords != ["x", "y"] * (len(coords) // 2) or len(parts) != len(coords):
        what = "every point should have the columns x, y"
        if "likelihood" in coords:
            what = "it has likelihoods, so a network found these points and nobody labelled them"
        raise refuse(table, 3, what, mend)
    names = tuple(parts[::2])
    if parts != [name for name in names for _ in "xy"] or len(set(names)) != len(names):
        raise refuse(table, 2, "every point should be named in two columns, side by side", mend)
    return names, lead


def _picture(table: Path, position: int, cells: list[str]) -> Path:
    # Tables written on Windows have backslashes, which elsewhere stand for nothing.
    written = Path(*re.split(r"[\\/]", "/".join(cells)))
    homes = [table.parent, *table.parent.parents[1:2]]
    candidates = [*(home / written for home in homes), table.parent / written.name]
    found = next((path for path in candidates if path.is_file()), None)
    if found is None:
        what = f"there is no picture {written.as_posix()}"
        raise refuse(table, position, what, "Keep the table where DeepLabCut wrote it.")
    return found


def _natural(text: str) -> list[tuple[int, int, str]]:
    """For sorting: ``img9`` before ``img10``."""
    return [
        (0, int(word), "") if word.isdigit() else (1, 0, word)
        for word in re.findall(r"\d+|\D+", text)
    ]
