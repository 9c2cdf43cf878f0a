"""The SQLite file under a project: how it is made, opened, locked, written and closed."""

from __future__ import annotations

import contextlib
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from limner_engine.errors import ProjectError
from limner_engine.project import migrations
from limner_engine.project.connection import (
    connect,
    is_of_the_file,
    prepare,
    refuse_remains,
    remove_with_sidecars,
    sync_folder,
    translated,
)
from limner_engine.project.header import refuse_foreign
from limner_engine.project.lock import ProjectLock


class Database:
    """One connection, used by one thread at a time, that holds the project's lock.

    Attributes:
        path: The file, resolved.
        journal_mode: ``"wal"``, or ``"delete"`` where the folder forbids write-ahead logging.
        notes: Sentences about the folder that a person should know.
        rollbacks: How many transactions were taken back, so that caches know.
    """

    def __init__(self, path: Path, lock: ProjectLock) -> None:
        """Connect to an existing file; `create` and `open` are the ways in."""
        self.path = path
        self._lock = lock
        self._mutex = threading.RLock()
        self.rollbacks = 0
        self._connection = connect(path)
        try:
            self.journal_mode, self.notes = prepare(self._connection, path)
            migrations.refuse_newer(migrations.version(self._connection), path.name)
            if migrations.migrate(self._connection) and self.journal_mode == "wal":
                # The version in the file's own header is what is looked at before it is opened.
                self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            self._connection.execute("SELECT revision FROM state").fetchone()
        except BaseException:
            self._connection.close()
            raise

    @classmethod
    def create(cls, path: Path) -> Database:
        """Make a new, empty project.

        Raises:
            ProjectError: there is a file already, or the folder cannot be written.
            ProjectLockedError: another window is making it.
        """
        path = path.absolute()
        if not path.parent.is_dir():
            raise ProjectError(
                f"There is no folder {path.parent}.", "Make it first, or choose another."
            )
        path = path.parent.resolve() / path.name
        lock = ProjectLock(path)
        try:
            if path.exists() or path.is_symlink():
                raise ProjectError(
                    f"There is already a file {path}.", "Open it, or choose another name."
                )
            # Whole or not at all: a project that is killed while it is made leaves no half file.
            beside = path.with_name(f".{path.name}.new")
            refuse_remains(path)
            remove_with_sidecars(beside)
            try:
                with contextlib.closing(connect(beside)) as connection:
                    connection.execute(f"PRAGMA application_id = {migrations.APPLICATION_ID}")
                    migrations.migrate(connection)
                beside.replace(path)
            except (sqlite3.OperationalError, OSError) as error:
                raise ProjectError(
                    f"{path} cannot be written: {error}.", "Choose another folder."
                ) from error
            finally:
                remove_with_sidecars(beside)
            sync_folder(path.parent)
            return cls(path, lock)
        except BaseException:
            lock.release()
            raise

    @classmethod
    def open(cls, path: Path) -> Database:
        """Open a project; nothing on disk changes where it is refused.

        Raises:
            ProjectError: it is not a project, is damaged, or is newer than this program.
            ProjectLockedError: it is open in another window.
        """
        path = path.resolve()
        refuse_foreign(path)
        lock = ProjectLock(path)
        try:
            try:
                return cls(path, lock)
            except (sqlite3.OperationalError, sqlite3.DatabaseError) as error:
                raise translated(error, path) from error
        except BaseException:
            lock.release()
            raise

    @contextlib.contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing; inside another transaction it belongs to that one.

        Raises:
            ProjectError: the disk is full, or the file is damaged.
        """
        with self._mutex:
            if self._connection.in_transaction:
                yield
                return
            try:
                self._connection.execute("BEGIN IMMEDIATE")
                yield
                self._connection.execute("COMMIT")
            except BaseException as error:
                self.rollbacks += 1
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                if isinstance(error, sqlite3.Error) and is_of_the_file(error):
                    raise translated(error, self.path) from error
                raise

    def rows(self, sql: str, values: Sequence[Any] = ()) -> list[Any]:
        """All rows that a statement answers, as tuples.

        Raises:
            ProjectError: the file is damaged or cannot be read.
        """
        with self._mutex:
            try:
                return self._connection.execute(sql, values).fetchall()
            except sqlite3.Error as error:
                if is_of_the_file(error):
                    raise translated(error, self.path) from error
                raise

    def first(self, sql: str, values: Sequence[Any] = ()) -> Any:
        """The first row that a statement answers, or None."""
        found = self.rows(sql, values)
        return found[0] if found else None

    def write(self, sql: str, values: Sequence[Any] = ()) -> int:
        """Run one writing statement inside `transaction`; gives the last inserted row's number."""
        if not self._connection.in_transaction:
            raise RuntimeError("written outside a transaction")
        return int(self._connection.execute(sql, values).lastrowid or 0)

    def write_rows(self, sql: str, rows: Sequence[Sequence[Any]]) -> None:
        """Run one writing statement for each of many rows, inside `transaction`."""
        if not self._connection.in_transaction:
            raise RuntimeError("written outside a transaction")
        self._connection.executemany(sql, rows)

    def columns(self, table: str) -> tuple[str, ...]:
        """Names of a table's columns, in order."""
        return tuple(row[1] for row in self.rows(f'PRAGMA table_info("{table}")'))

    def copy_to(self, path: Path) -> sqlite3.Connection:
        """A whole copy in a file of its own, made while this one is in use; to be closed."""
        target = connect(path)
        with self._mutex:
            self._connection.backup(target)
        target.execute("PRAGMA journal_mode = DELETE")
        return target

    def close(self) -> None:
        """Put everything into the one file and let another window have it."""
        with self._mutex:
            self._connection.close()
            self._lock.release()
