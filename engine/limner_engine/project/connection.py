"""Connections to SQLite files: how edits last, and what goes wrong, in words."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

from limner_engine.errors import ProjectError
from limner_engine.project.header import DAMAGED_MEND

_SIDECARS = ("-wal", "-shm", "-journal")


def connect(path: Path) -> sqlite3.Connection:
    """Open or make an SQLite file; it is read only when the first statement asks for it."""
    # The mutex of `Database` lets threads take turns; isolation None leaves transactions to us.
    connection = sqlite3.connect(path, timeout=5, isolation_level=None, check_same_thread=False)
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA trusted_schema = OFF")  # a project may come from a stranger
    connection.execute("PRAGMA cell_size_check = ON")
    return connection


def _ask_for_wal(connection: sqlite3.Connection) -> str:
    """Ask for write-ahead logging; gives the mode that the folder really allows."""
    try:
        return str(connection.execute("PRAGMA journal_mode = WAL").fetchone()[0])
    except sqlite3.OperationalError as error:
        # What network folders answer that have no shared memory or no locks for it.
        return f"refused: {error}"


def prepare(connection: sqlite3.Connection, path: Path) -> tuple[str, tuple[str, ...]]:
    """Choose how edits are made to last: a write-ahead log, or a journal where that is forbidden.

    Args:
        connection: Before any other statement.
        path: The file.

    Returns:
        The journal mode, and what a person should know of it.

    Raises:
        ProjectError: the folder allows neither.
    """
    if _ask_for_wal(connection) == "wal":
        connection.execute("PRAGMA synchronous = FULL")
        return "wal", ()
    # A file that was in write-ahead mode on another disk can here only be opened by one alone.
    connection.execute("PRAGMA locking_mode = EXCLUSIVE")
    mode = str(connection.execute("PRAGMA journal_mode = DELETE").fetchone()[0])
    if mode != "delete":
        raise ProjectError(
            f"The folder {path.parent} allows no safe way to write a project.",
            "Copy the project to a folder on this computer's own disk.",
        )
    # EXTRA also makes the removal of the journal last: until it does, an edit is not finished.
    connection.execute("PRAGMA synchronous = EXTRA")
    note = (
        f"The folder {path.parent} does not allow write-ahead logging, so edits are written more "
        "slowly. They are as safe."
    )
    return mode, (note,)


def is_of_the_file(error: sqlite3.Error) -> bool:
    """Whether the file or the disk is at fault, not the program."""
    return isinstance(error, sqlite3.OperationalError) or type(error) is sqlite3.DatabaseError


def translated(error: sqlite3.Error, path: Path) -> ProjectError:
    """What SQLite says of a file, as a sentence and its mend."""
    text = str(error)
    if "full" in text:
        return ProjectError(
            f"The disk that holds {path.name} is full, so the last edit was not stored.",
            "Free some space and repeat it.",
        )
    if "locked" in text:
        return ProjectError(
            f"Another program holds {path.name}.", "Close that program and try again."
        )
    if "readonly" in text or "unable to open" in text:
        return ProjectError(
            f"{path} cannot be written.", "Check that you may write to it and to its folder."
        )
    if "I/O" in text:
        return ProjectError(
            f"The disk that holds {path.name} could not be read or written.",
            "Check that it is still connected, then open the project again.",
        )
    return ProjectError(f"{path.name} is damaged ({text}).", DAMAGED_MEND)


def sync_folder(folder: Path) -> None:
    """Make a new name in a folder outlast a power cut, where the system can."""
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def remove_with_sidecars(path: Path) -> None:
    """Remove an unfinished file of our own, and what SQLite left beside it."""
    for end in ("", *_SIDECARS):
        path.with_name(path.name + end).unlink(missing_ok=True)


def refuse_remains(path: Path) -> None:
    """Refuse to put a new file where SQLite would find the log of an older one beside it.

    It would take the older one's pages for the new one's.

    Raises:
        ProjectError: there is such a log.
    """
    for end in ("-wal", "-journal"):
        remains = path.with_name(path.name + end)
        if remains.exists() and remains.stat().st_size:
            raise ProjectError(
                f"{remains.name} holds edits of an older {path.name} that was not closed.",
                f"Open and close that one, remove {remains.name}, or choose another name.",
            )
