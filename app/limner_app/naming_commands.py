"""What the actions about named landmarks do, and when they can be used."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject

from limner_app.naming import Namer
from limner_app.naming_memory import base_of
from limner_app.second_layer import LEAST_LABELS


class NamingCommands(QObject):
    """Handlers of the rows in `limner_app.naming_actions`.

    Args:
        namer: Names the landmarks.
    """

    def __init__(self, namer: Namer) -> None:
        super().__init__(namer)
        self._namer = namer

    def handlers(self) -> dict[str, Callable[..., object]]:
        """What each action does, by its id."""
        return {
            "name_landmarks": self._namer.switch,
            "use_names": self._namer.show,
            "use_base": self.use_base,
            "train_names": self._namer.train_now,
        }

    def use_base(self) -> None:
        """Show the landmarks that the network discovered, which it can also redraw."""
        base = self._base()
        if base is not None:
            self._namer.document.set_model(base)

    def _base(self) -> Path | None:
        project = self._namer.document.project
        return None if project is None else base_of(project)

    def conditions(self) -> set[str]:
        """Which of the conditions hold now."""
        namer, holds = self._namer, set()
        if namer.nameable:
            holds.add("nameable")
            if namer.info is not None and not namer.shown:
                holds.add("named")
            if namer.shown and self._base() is not None:
                holds.add("based")
            if namer.on and namer.labels >= LEAST_LABELS and not namer.second.process.active:
                holds.add("trainable")
        return holds
