"""The project: one file, in which every edit is committed when it is made."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from limner_engine.project.annotations import AnnotationPart
from limner_engine.project.backup import backup
from limner_engine.project.database import Database
from limner_engine.project.predictions import PredictionPart
from limner_engine.project.priors import PriorPart
from limner_engine.project.records import HistoryEntry
from limner_engine.project.rejections import RejectionPart
from limner_engine.project.skeleton import SkeletonPart
from limner_engine.project.videos import VideoPart
from limner_engine.types import FrameKey

SUFFIX = ".limner"
"""How the name of a project file ends."""


class Project(VideoPart, SkeletonPart, AnnotationPart, PredictionPart, RejectionPart, PriorPart):
    """An open project. Made by `create` or `open`; one window at a time.

    There is nothing to save: when an edit returns, it is on the disk. Several threads may call it,
    and take turns.
    """

    @classmethod
    def create(cls, path: Path) -> Self:
        """Make a new project and open it.

        Raises:
            ProjectError: there is a file already, or the folder cannot be written.
            ProjectLockedError: another window is making it.
        """
        return cls(Database.create(Path(path)))

    @classmethod
    def open(cls, path: Path) -> Self:
        """Open a project; where it is refused nothing changes on disk.

        Raises:
            ProjectError: it is not a project, is damaged, or is newer than this program.
            ProjectLockedError: it is open in another window.
        """
        project = cls(Database.open(Path(path)))
        try:
            project.sweep()
            project.sweep_priors()
        except BaseException:
            project.close()
            raise
        return project

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let another window have it; calling it again does nothing."""
        self._database.close()

    @property
    def notes(self) -> tuple[str, ...]:
        """Sentences about the project's folder that a person should know; mostly none."""
        return self._database.notes

    @contextlib.contextmanager
    def grouped(self, text: str, place: FrameKey | None = None) -> Iterator[None]:
        """Make all edits inside one edit: one line in the history, one undo.

        Nothing is stored until the group ends; an exception that leaves it takes all of it back,
        and must leave it.

        Args:
            text: What is done, in words.
            place: The frame it is about.
        """
        with self._history.edit(text, place):
            yield

    @contextlib.contextmanager
    def automatic(self) -> Iterator[None]:
        """Make edits inside without an undo step: for what the program does and no person.

        Earlier edits can still be undone and redone, and lead to what was before and after them;
        what was written here stays through it, unless an edit that is undone has touched the same
        thing or what it stands on (`limner_engine.project.automatic` says how). Inside a group it
        belongs to the group. Nothing is stored where an exception leaves it.

        Raises:
            RuntimeError: an annotation, a rejection, a subject or a prior was written; only
                persons do.
        """
        with self._history.automatic():
            yield

    def undo(self) -> str | None:
        """Take the newest edit back; gives its text, or None where there is nothing to undo."""
        entry = self._history.undo()
        return None if entry is None else entry.text

    def redo(self) -> str | None:
        """Do the edit again that was undone last; gives its text, or None."""
        entry = self._history.redo()
        return None if entry is None else entry.text

    @property
    def undo_text(self) -> str | None:
        """What `undo` would take back, in words."""
        entry = self._history.next_undo()
        return None if entry is None else entry.text

    @property
    def redo_text(self) -> str | None:
        """What `redo` would do again, in words."""
        entry = self._history.next_redo()
        return None if entry is None else entry.text

    @property
    def undo_place(self) -> FrameKey | None:
        """The frame that `undo` would change, to show it."""
        entry = self._history.next_undo()
        return None if entry is None else entry.place

    @property
    def redo_place(self) -> FrameKey | None:
        """The frame that `redo` would change, to show it."""
        entry = self._history.next_redo()
        return None if entry is None else entry.place

    def history(self, limit: int = 200) -> list[HistoryEntry]:
        """The newest edits, newest first, done and undone."""
        return self._history.entries(limit)

    @property
    def revision(self) -> int:
        """Counts edits, undos, redos and automatic writes; survives a restart."""
        return self._history.revision

    def setting(self, name: str, default: Any = None) -> Any:
        """A remembered value, such as the last frame that was shown."""
        row = self._database.first("SELECT value FROM setting WHERE name = ?", (f"user.{name}",))
        return default if row is None else json.loads(row[0])

    def set_setting(self, name: str, value: Any) -> None:
        """Remember a JSON value; not undoable."""
        with self._database.transaction():
            self._database.write(
                "INSERT OR REPLACE INTO setting (name, value) VALUES (?, ?)",
                (f"user.{name}", json.dumps(value, allow_nan=False)),
            )

    def backup(self, to: Path) -> None:
        """Write a whole copy; it replaces an older one only once it is whole.

        Raises:
            ProjectError: it would overwrite the project itself, or cannot be written.
        """
        backup(self._database, Path(to))

    def check(self) -> list[str]:
        """Look through the whole file; gives what is wrong, nothing when it is sound.

        Takes seconds for a large project.
        """
        found = [row[0] for row in self._database.rows("PRAGMA integrity_check")]
        if found == ["ok"]:
            found = []
        broken = self._database.rows("PRAGMA foreign_key_check")
        return found + [f"a row of {table} refers to a missing {to}" for table, _, to, _ in broken]
