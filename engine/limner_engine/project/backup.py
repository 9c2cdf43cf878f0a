"""A second file that holds the whole project."""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path

from limner_engine.errors import ProjectError
from limner_engine.project.connection import refuse_remains, remove_with_sidecars
from limner_engine.project.database import Database
from limner_engine.project.lock import ProjectLock
from limner_engine.project.media import located_path, stored_path


def backup(database: Database, target: Path) -> None:
    """Copy a project that is in use; paths in the copy lead from its own folder.

    Args:
        database: The project.
        target: The copy; an older one is replaced once the new one is whole.

    Raises:
        ProjectError: it would overwrite the project itself, or cannot be written.
        ProjectLockedError: the older copy is open in a window.
    """
    target = target.resolve()
    if target == database.path:
        raise ProjectError(
            f"{target.name} is the project itself.", "Choose another name for the copy."
        )
    if not target.parent.is_dir():
        raise ProjectError(
            f"There is no folder {target.parent}.", "Make it first, or choose another."
        )
    lock = ProjectLock(target)
    beside = target.with_name(f".{target.name}.new")
    try:
        refuse_remains(target)
        remove_with_sidecars(beside)
        with contextlib.closing(database.copy_to(beside)) as copy:
            _relocate(copy, database.path.parent, target.parent)
        beside.replace(target)
    except (sqlite3.Error, OSError) as error:
        raise ProjectError(
            f"The copy {target} could not be written: {error}.", "Choose another folder."
        ) from error
    finally:
        remove_with_sidecars(beside)
        lock.release()


def _relocate(copy: sqlite3.Connection, former: Path, folder: Path) -> None:
    if former == folder:
        return
    copy.execute("BEGIN")
    for table in ("video", "model"):
        rows = copy.execute(f"SELECT id, relative_path, absolute_path FROM {table}").fetchall()
        for number, relative, absolute in rows:
            paths = stored_path(located_path(relative, absolute, former), folder)
            copy.execute(
                f"UPDATE {table} SET relative_path = ?, absolute_path = ? WHERE id = ?",
                (*paths, number),
            )
    copy.execute("COMMIT")
