"""Files that appear whole or not at all, and texts that are read with a sentence on failure."""

from __future__ import annotations

import contextlib
import csv
import os
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any, TextIO

from limner_engine.errors import FormatError


@contextlib.contextmanager
def replacing(path: Path) -> Iterator[TextIO]:
    """Write a UTF-8 text beside its place; it gets its name once it is whole and on the disk.

    Args:
        path: The file; an older one is replaced.

    Raises:
        FormatError: it cannot be written.
    """
    # newline="" so that every system gets the same bytes.
    with _beside(path) as beside, beside.open("w", encoding="utf-8", newline="") as file:
        yield file
        _to_the_disk(file)


def write_whole(path: Path, data: bytes) -> None:
    """Write a file of bytes beside its place; it gets its name once it is on the disk.

    Args:
        path: The file; an older one is replaced.
        data: All of it.

    Raises:
        FormatError: it cannot be written.
    """
    with _beside(path) as beside, beside.open("wb") as file:
        file.write(data)
        _to_the_disk(file)


@contextlib.contextmanager
def _beside(path: Path) -> Iterator[Path]:
    """A place to write to, which gets the name ``path`` unless anything goes wrong."""
    beside = path.with_name(f".{path.name}.part")
    try:
        try:
            yield beside
            beside.replace(path)
        finally:
            beside.unlink(missing_ok=True)
    except OSError as error:
        raise FormatError(
            f"{path} could not be written: {error.strerror or error}.",
            "Choose another folder, or free some space.",
        ) from error


def _to_the_disk(file: IO[Any]) -> None:
    file.flush()
    os.fsync(file.fileno())


@contextlib.contextmanager
def csv_rows(path: Path) -> Iterator[Iterator[list[str]]]:
    """The rows of a CSV file, one by one.

    Raises:
        FormatError: there is no such file, or it is not UTF-8 text in commas and quotes.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            yield csv.reader(file, strict=True)
    except OSError as error:
        raise FormatError(
            f"{path} could not be read: {error.strerror or error}.", "Check its name and place."
        ) from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise FormatError(
            f"{path.name} is not a table: {error}.", "Save it as CSV in UTF-8, with commas."
        ) from error


def refuse(path: Path, row: int, what: str, mend: str) -> FormatError:
    """The error of one row of a file.

    Args:
        path: The file.
        row: Counted from 1, as text editors and spreadsheets do.
        what: What is wrong there, to follow the place.
        mend: What to do about it.
    """
    return FormatError(f"{path.name}, row {row}: {what}.", mend)


def number(path: Path, row: int, column: str, text: str) -> float:
    """A cell as float64; NaN where it is empty.

    Raises:
        FormatError: it is not a finite number.
    """
    text = text.strip()
    if not text or text.lower() == "nan":
        return float("nan")
    try:
        # float() would also take 1_000 and inf, which no table means.
        value = float(text) if "_" not in text else float("inf")
    except ValueError:
        value = float("inf")
    if value in (float("inf"), float("-inf")) or value != value:
        raise refuse(
            path,
            row,
            f"{column} is “{text[:40]}”, not a number",
            "Write a number with a decimal point, or leave the cell empty.",
        )
    return value


def cell(value: float) -> str:
    """A float64 as the shortest text that reads back to it; empty for NaN."""
    return "" if value != value else repr(float(value))
