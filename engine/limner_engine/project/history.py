"""Undo and redo that survive a restart.

Each edit is one row: its text, and every row that it touched before and after, as JSON. Undoing
puts the former rows back exactly, redoing the latter; each is one transaction. Predictions, models
and settings are not part of it. What no person did is woven into the past, see `automatic`.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

from limner_engine.project.automatic import weave
from limner_engine.project.changes import (
    KEYS,
    Change,
    Row,
    apply,
    changes_from_json,
    changes_to_json,
    reverted,
)
from limner_engine.project.database import Database
from limner_engine.project.records import HistoryEntry
from limner_engine.types import FrameKey

KEPT = 10_000
"""How many edits are remembered; older ones can no longer be undone."""


def now() -> str:
    """This moment, ISO 8601 in UTC to the millisecond."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")


class Edit:
    """Writes rows and remembers how they were; given by `History.edit`."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.changes: list[Change] = []

    def put(self, table: str, row: Row) -> None:
        """Insert a row, or replace the one with the same key; equal rows are left alone."""
        before = self._stored(table, row)
        after = {**(before or {}), **row}
        if before == after:
            return
        apply(self._database, [(table, before, after)])
        self.changes.append((table, before, self._stored(table, row)))

    def add(self, table: str, rows: Sequence[Row]) -> None:
        """Insert rows, of which none is there yet; much quicker than one after another.

        Args:
            table: One of `KEYS`.
            rows: With all columns of the table each, and values as SQLite stores them.

        Raises:
            ValueError: a row lacks a column.
        """
        columns = set(self._database.columns(table))
        if any(set(row) != columns for row in rows):
            raise ValueError(f"a row of {table} needs the columns {sorted(columns)}")
        made: list[Change] = [(table, None, row) for row in rows]
        apply(self._database, made)
        self.changes += made

    def delete(self, table: str, condition: str = "1", values: Sequence[Any] = ()) -> int:
        """Delete the rows for which an SQL condition holds; gives how many there were."""
        columns = self._database.columns(table)
        found = self._database.rows(f"SELECT * FROM {table} WHERE {condition}", values)
        gone: list[Change] = [
            (table, dict(zip(columns, cells, strict=True)), None) for cells in found
        ]
        apply(self._database, gone)
        self.changes += gone
        return len(found)

    def _stored(self, table: str, row: Row) -> Row | None:
        keys = KEYS[table]
        where = " AND ".join(f"{key} = ?" for key in keys)
        cells = self._database.first(
            f"SELECT * FROM {table} WHERE {where}", [row[key] for key in keys]
        )
        if cells is None:
            return None
        return dict(zip(self._database.columns(table), cells, strict=True))


class History:
    """The edits of a project, done and undone."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._open: Edit | None = None

    @contextlib.contextmanager
    def edit(
        self, text: str, place: FrameKey | None = None, video_id: int | None = None
    ) -> Iterator[Edit]:
        """One undoable edit in one transaction; inside another edit it joins that one.

        An exception must not be caught between an inner edit and the outer one: it undoes both.

        Args:
            text: What is done, in words: ``"Move left eye in frame 812"``.
            place: The frame it is about.
            video_id: The video it is about, where it is not about one frame.
        """
        with self._database.transaction():
            if self._open is not None:
                yield self._open
                return
            self._open = Edit(self._database)
            try:
                yield self._open
                changes = self._open.changes
            finally:
                self._open = None
            if changes:
                self._remember(text, place, video_id, changes)

    @contextlib.contextmanager
    def automatic(self) -> Iterator[Edit]:
        """Edits inside are no undo step; inside an edit they join that one.

        An exception must not be caught between an inner edit and this: it undoes both.
        """
        with self._database.transaction():
            if self._open is not None:
                yield self._open
                return
            self._open = Edit(self._database)
            try:
                yield self._open
                changes = self._open.changes
            finally:
                self._open = None
            if changes:
                weave(self._database, changes)
                self._count()

    def _remember(
        self,
        text: str,
        place: FrameKey | None,
        video_id: int | None,
        changes: list[Change],
    ) -> None:
        write = self._database.write
        write("DELETE FROM history WHERE undone = 1")
        number = write(
            "INSERT INTO history (text, created, video_id, frame_index, subject, changes)"
            " VALUES (?, ?, ?, ?, ?, ?)",
            (
                text,
                now(),
                place.video_id if place else video_id,
                place.frame_index if place else None,
                place.subject if place else None,
                changes_to_json(changes),
            ),
        )
        write("DELETE FROM history WHERE id <= ?", (number - KEPT,))
        self._count()

    def _count(self) -> None:
        self._database.write("UPDATE state SET revision = revision + 1")

    def undo(self) -> HistoryEntry | None:
        """Take the newest edit back; None where there is nothing to undo."""
        return self._step(undoing=True)

    def redo(self) -> HistoryEntry | None:
        """Do the edit again that was undone last; None where there is none."""
        return self._step(undoing=False)

    def _step(self, *, undoing: bool) -> HistoryEntry | None:
        with self._database.transaction():
            entry = self.next_undo() if undoing else self.next_redo()
            if entry is None:
                return None
            (text,) = self._database.first("SELECT changes FROM history WHERE id = ?", (entry.id,))
            changes = changes_from_json(text)
            apply(self._database, reverted(changes) if undoing else changes)
            self._database.write(
                "UPDATE history SET undone = ? WHERE id = ?", (int(undoing), entry.id)
            )
            self._count()
            return entry

    def next_undo(self) -> HistoryEntry | None:
        """The edit that `undo` would take back."""
        return self._first("WHERE undone = 0 ORDER BY id DESC")

    def next_redo(self) -> HistoryEntry | None:
        """The edit that `redo` would do again."""
        return self._first("WHERE undone = 1 ORDER BY id")

    def entries(self, limit: int = 200) -> list[HistoryEntry]:
        """The newest edits, newest first, done and undone."""
        return self._select("ORDER BY id DESC LIMIT ?", (limit,))

    @property
    def revision(self) -> int:
        """How many edits, undos and redos there have been."""
        return int(self._database.first("SELECT revision FROM state")[0])

    def _first(self, tail: str) -> HistoryEntry | None:
        found = self._select(f"{tail} LIMIT 1", ())
        return found[0] if found else None

    def _select(self, tail: str, values: Sequence[Any]) -> list[HistoryEntry]:
        rows = self._database.rows(
            "SELECT id, text, created, undone, video_id, frame_index, subject"
            f" FROM history {tail}",
            values,
        )
        return [
            HistoryEntry(
                number,
                text,
                created,
                bool(undone),
                FrameKey(video_id, frame_index, subject) if frame_index is not None else None,
            )
            for number, text, created, undone, video_id, frame_index, subject in rows
        ]
