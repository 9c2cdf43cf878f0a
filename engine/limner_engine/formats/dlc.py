"""The table as DeepLabCut writes it for one animal.

Three header rows (scorer, bodyparts, coords), then a row for each frame: its index, and x, y and
likelihood of each landmark. pandas reads it with ``header=[0, 1, 2], index_col=0``.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from limner_engine.errors import FormatError
from limner_engine.formats.table import LandmarkTable, TableReport
from limner_engine.formats.whole_file import cell, csv_rows, number, refuse, replacing

_COORDS = ("x", "y", "likelihood")


def write_dlc(path: Path, table: LandmarkTable, scorer: str) -> TableReport:
    """Write a table; landmarks that are missing or hidden are empty.

    Args:
        path: The file, ``.csv``; an older one is replaced.
        table: What to write. Its visibility and sources have no place in this layout.
        scorer: Who or what found the landmarks; not blank.

    Returns:
        Which frames are empty, and why.

    Raises:
        FormatError: the file cannot be written.
    """
    if not scorer.strip():
        raise ValueError("a DeepLabCut table needs the name of a scorer")
    cells = np.concatenate([table.points, table.confidence[..., None]], axis=2)
    with replacing(path) as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["scorer", *[scorer] * (3 * len(table.names))])
        writer.writerow(["bodyparts", *[name for name in table.names for _ in _COORDS]])
        writer.writerow(["coords", *_COORDS * len(table.names)])
        for position, (frame, row) in enumerate(zip(table.frames, cells, strict=True)):
            texts = [cell(value) for value in row.ravel().tolist()]
            if position == 0:
                # pandas takes a first row of nothing but empty cells for the name of the index
                # and loses it, so there NaN is written out.
                texts = [text or "NaN" for text in texts]
            file.write(f"{frame},{','.join(texts)}\n")
    return table.report()


def read_dlc(path: Path) -> LandmarkTable:
    """Read a table of one animal.

    The layout knows no times, visibility or subjects: ``time_s`` and ``visible`` are NaN, the
    subject is ``"subject 1"``, the video is named as the file, and the source is
    ``"dlc:<scorer>"``.

    Raises:
        FormatError: it is not such a table; names the row and the mend.
    """
    with csv_rows(path) as rows:
        scorer, names = _header(path, rows)
        frames: list[int] = []
        values: list[list[float]] = []
        for position, row in enumerate(rows, 4):
            if not row:
                continue
            values.append(_values(path, position, row, names))
            frames.append(_frame(path, position, row[0], frames[-1] if frames else -1))
    if not frames:
        raise FormatError(f"{path.name} has a header but no frames.", "Export it again.")
    cells = np.array(values).reshape(len(frames), len(names), 3)
    present = np.isfinite(cells[..., :2]).all(axis=2)
    source = np.full(present.shape, "", dtype=object)
    source[present] = f"dlc:{scorer}"
    return LandmarkTable(
        path.stem,
        "subject 1",
        names,
        np.array(frames, np.int64),
        np.full(len(frames), np.nan),
        cells[..., :2],
        cells[..., 2],
        np.full(present.shape, np.nan),
        source,
    )


def _header(path: Path, rows: Iterator[list[str]]) -> tuple[str, tuple[str, ...]]:
    head = [row for _, row in zip(range(3), rows, strict=False)]
    first = [row[0].strip().lower() if row else "" for row in head]
    if "individuals" in first:
        raise refuse(
            path,
            first.index("individuals") + 1,
            "it is a table of several animals, which is not read here",
            "Export each animal on its own from DeepLabCut.",
        )
    for position, wanted in enumerate(("scorer", "bodyparts", "coords")):
        if position >= len(head) or first[position] != wanted:
            mend = "Export it from DeepLabCut as CSV."
            if position < len(head) and ";" in ",".join(head[position]):
                mend = "Save it with commas between the cells, not semicolons."
            raise refuse(path, position + 1, f"it should begin with “{wanted}”", mend)
    scorers, bodyparts, coords = (row[1:] for row in head)
    if not coords or not len(scorers) == len(bodyparts) == len(coords):
        raise refuse(path, 3, "the three header rows differ in length", "Export it again.")
    if len(set(scorers)) != 1:
        raise refuse(path, 1, "it names more than one scorer", "Keep the columns of one scorer.")
    if tuple(coords) != _COORDS * (len(coords) // 3):
        raise refuse(
            path,
            3,
            "every landmark should have the columns x, y, likelihood",
            "Export predictions; tables of hand-labelled pictures have no likelihood.",
        )
    names = tuple(bodyparts[::3])
    if any(bodyparts[i] != names[i // 3] for i in range(len(bodyparts))):
        raise refuse(path, 2, "a landmark's three columns differ in name", "Export it again.")
    if len(set(names)) != len(names):
        raise refuse(path, 2, "two landmarks have the same name", "Rename one of them.")
    return scorers[0], names


def _frame(path: Path, position: int, text: str, former: int) -> int:
    if not (text.isascii() and text.isdigit()):
        raise refuse(
            path,
            position,
            f"“{text[:40]}” is not the number of a frame",
            "Tables of hand-labelled pictures cannot be read; export predictions of a video.",
        )
    if int(text) <= former:
        raise refuse(path, position, f"frame {text} comes after {former}", "Sort by frame.")
    return int(text)


def _values(path: Path, position: int, row: list[str], names: tuple[str, ...]) -> list[float]:
    if len(row) != 3 * len(names) + 1:
        raise refuse(
            path,
            position,
            f"it has {len(row)} cells, not {3 * len(names) + 1}",
            "The file may have been cut off; export it again.",
        )
    values = [
        number(path, position, f"{_COORDS[i % 3]} of {names[i // 3]}", text)
        for i, text in enumerate(row[1:])
    ]
    for name, x, y, likelihood in zip(names, values[::3], values[1::3], values[2::3], strict=True):
        if (x != x) != (y != y):
            raise refuse(
                path, position, f"{name} has one of x and y", "Fill in both, or empty both."
            )
        if likelihood == likelihood and not 0.0 <= likelihood <= 1.0:
            raise refuse(
                path,
                position,
                f"the likelihood of {name} is {likelihood}, not within 0 to 1",
                "Check that the columns are in the order x, y, likelihood.",
            )
    return values
