"""The SQLite file under a project: how it is made, opened, locked, written and closed."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from limner_engine.errors import ProjectError
from limner_engine.project import migrations
from limner_engine.project.lock import ProjectLock

_MAGIC = b"SQLite format 3\0"
_DAMAGED_MEND = "Open a backup copy of the project instead."


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
        self._connection = _connect(path)
        try:
            migrations.refuse_newer(migrations.version(self._connection), path.name)
            self.journal_mode, self.notes = _prepare(self._connection, path)
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
            beside.unlink(missing_ok=True)
            try:
                with contextlib.closing(_connect(beside)) as connection:
                    connection.execute(f"PRAGMA application_id = {migrations.APPLICATION_ID}")
                    migrations.migrate(connection)
                beside.replace(path)
            except (sqlite3.OperationalError, OSError) as error:
                raise ProjectError(
                    f"{path} cannot be written: {error}.", "Choose another folder."
                ) from error
            finally:
                beside.unlink(missing_ok=True)
            _sync_folder(path.parent)
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
                raise _translated(error, path) from error
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
                if isinstance(error, sqlite3.Error) and _is_of_the_file(error):
                    raise _translated(error, self.path) from error
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
                if _is_of_the_file(error):
                    raise _translated(error, self.path) from error
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

    def columns(self, table: str) -> tuple[str, ...]:
        """Names of a table's columns, in order."""
        return tuple(row[1] for row in self.rows(f'PRAGMA table_info("{table}")'))

    def copy_to(self, path: Path) -> sqlite3.Connection:
        """A whole copy in a file of its own, made while this one is in use; to be closed."""
        target = _connect(path)
        with self._mutex:
            self._connection.backup(target)
        target.execute("PRAGMA journal_mode = DELETE")
        return target

    def close(self) -> None:
        """Put everything into the one file and let another window have it."""
        with self._mutex:
            self._connection.close()
            self._lock.release()


def refuse_foreign(path: Path) -> None:
    """Refuse what is not a whole Limner project, by reading and without SQLite.

    SQLite may write to a file that it opens (to roll back, to fold a log in), so what is not ours
    must not come that far.

    Raises:
        ProjectError: with a sentence that says what the file is instead.
    """
    if not path.exists():
        raise ProjectError(f"There is no file {path}.", "It may have been moved or renamed.")
    if not path.is_file():
        raise ProjectError(f"{path} is a folder, not a project.", "Choose a .limner file.")
    try:
        with path.open("rb") as file:
            header = file.read(100)
        size = path.stat().st_size
    except OSError as error:
        raise ProjectError(
            f"{path} cannot be read: {error.strerror}.", "Check that you may read it."
        ) from error
    if not header.startswith(_MAGIC):
        # A torn-off beginning of a project cannot be told from any other file.
        raise ProjectError(f"{path.name} is not a Limner project.", "Choose a .limner file.")
    if len(header) < 100:
        raise ProjectError(f"{path.name} is damaged: it ends too early.", _DAMAGED_MEND)
    if int.from_bytes(header[68:72], "big") != migrations.APPLICATION_ID:
        raise ProjectError(
            f"{path.name} is a database of another program, not a Limner project.",
            "Choose a .limner file.",
        )
    migrations.refuse_newer(int.from_bytes(header[60:64], "big"), path.name)
    page = int.from_bytes(header[16:18], "big")
    pages = int.from_bytes(header[28:32], "big")
    known = header[24:28] == header[92:96]  # else the count was not kept by an old SQLite
    # A log beside it may hold the missing pages, so only a file that stands alone is measured.
    alone = not any(path.with_name(path.name + end).exists() for end in ("-wal", "-journal"))
    if alone and known and size < (65536 if page == 1 else page) * pages:
        raise ProjectError(f"{path.name} is damaged: its end is missing.", _DAMAGED_MEND)


def _connect(path: Path) -> sqlite3.Connection:
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


def _prepare(connection: sqlite3.Connection, path: Path) -> tuple[str, tuple[str, ...]]:
    if _ask_for_wal(connection) == "wal":
        connection.execute("PRAGMA synchronous = FULL")
        return "wal", ()
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


def _is_of_the_file(error: sqlite3.Error) -> bool:
    """Whether the file or the disk is at fault, not the program."""
    return isinstance(error, sqlite3.OperationalError) or type(error) is sqlite3.DatabaseError


def _translated(error: sqlite3.Error, path: Path) -> ProjectError:
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
    return ProjectError(f"{path.name} is damaged ({text}).", _DAMAGED_MEND)


def _sync_folder(folder: Path) -> None:
    """Make a new name in a folder outlast a power cut, where the system can."""
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
