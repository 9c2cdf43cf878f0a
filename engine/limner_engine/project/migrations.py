"""Numbered SQL files that bring a project to the newest layout."""

from __future__ import annotations

import re
import sqlite3
from functools import cache
from importlib.resources import files

from limner_engine.errors import ProjectError

APPLICATION_ID = 0x4C494D4E  # "LIMN", at byte 68 of the file: says that it is a Limner project


@cache
def scripts() -> tuple[str, ...]:
    """The SQL files in order; the first brings version 0 (empty) to version 1."""
    folder = files("limner_engine.project") / "schema"
    found = {
        int(match[1]): entry.read_text(encoding="utf-8")
        for entry in folder.iterdir()
        if (match := re.fullmatch(r"(\d{3})_\w+\.sql", entry.name))
    }
    if sorted(found) != list(range(1, len(found) + 1)):
        raise RuntimeError(f"the numbers of the schema files have gaps: {sorted(found)}")
    return tuple(found[number] for number in sorted(found))


def version(connection: sqlite3.Connection) -> int:
    """The layout of an opened project."""
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def refuse_newer(found: int, name: str) -> None:
    """Refuse a project that a newer program wrote.

    Raises:
        ProjectError: the layout is newer than this program knows.
    """
    if found > len(scripts()):
        raise ProjectError(
            f"{name} was written by a newer Limner (layout {found}; this one knows up to "
            f"{len(scripts())}).",
            "Update Limner to open it.",
        )


def migrate(connection: sqlite3.Connection) -> int:
    """Apply what is missing, each file in one transaction.

    Args:
        connection: In autocommit mode, outside a transaction.

    Returns:
        How many files were applied.
    """
    start = version(connection)
    for number, script in enumerate(scripts()[start:], start + 1):
        try:
            connection.executescript(
                f"BEGIN IMMEDIATE;\n{script}\nPRAGMA user_version = {number};\nCOMMIT;"
            )
        except sqlite3.Error:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise
    return len(scripts()) - start
