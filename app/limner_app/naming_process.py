"""The process in which the second layer of named landmarks learns."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QObject

from limner_app.training_client import TrainingClient
from limner_training.run_folder import RunFolder


def naming_command() -> list[str]:
    """The command line of the process, without its folder."""
    return [sys.executable, "-m", "limner_training", "name", "--folder"]


class NamingProcess(TrainingClient):
    """One process at a time, steered as a learning run is; its folder is written before.

    Args:
        parent: Qt's owner.
        program: What to start instead of Limner's own process; the folder's path is appended.
    """

    def __init__(
        self, parent: QObject | None = None, *, program: Sequence[str] | None = None
    ) -> None:
        super().__init__(parent, program=naming_command() if program is None else program)

    def begin(self, folder: Path) -> None:
        """Learn in a folder, or go on there.

        Raises:
            TrainingError: another run is going on, or the process cannot be started.
        """
        self._refuse_second()
        self._launch(RunFolder(folder))
