"""What every part of a project stands on."""

from __future__ import annotations

from pathlib import Path

from limner_engine.project.database import Database
from limner_engine.project.history import History


class ProjectPart:
    """Gives a part its database and history.

    `Project` is put together from parts, one for each kind of thing it keeps.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._history = History(database)

    @property
    def path(self) -> Path:
        """The project's file."""
        return self._database.path

    @property
    def folder(self) -> Path:
        """The folder that relative paths start from."""
        return self._database.path.parent
