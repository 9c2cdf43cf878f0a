"""What stands in the centre of the window, and whose history undo means there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, cast

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QStackedWidget, QWidget

from limner_app.places import PLACES, Place

if TYPE_CHECKING:
    from limner_app.main_window import MainWindow


class History(Protocol):
    """A view with steps of its own that can be taken back."""

    @property
    def undo_text(self) -> str | None:
        """What `undo` would take back."""
        ...

    @property
    def redo_text(self) -> str | None:
        """What `redo` would do again."""
        ...

    def undo(self) -> str | None:
        """Take the newest step back."""
        ...

    def redo(self) -> str | None:
        """Do it again."""
        ...

    def handles_undo(self) -> bool:
        """Whether it has anything to take back or do again."""
        ...


class PlaceStack(QStackedWidget):
    """The welcome page and the places; a place is made when it is first visited.

    Signals:
        history_changed: A place's own history has changed, or another one is meant now.
        engine_used: A place has had an answer of the engine.
        abilities_changed: Other actions of a place can be used now.
    """

    history_changed = Signal()
    engine_used = Signal()
    abilities_changed = Signal()

    def __init__(self, window: MainWindow) -> None:
        super().__init__()
        self._window = window
        self._views: dict[str, QWidget] = {}
        self.current = ""

    def visit(self, place_id: str) -> Place:
        """Show a place."""
        place = next(item for item in PLACES if item.id == place_id)
        if place_id not in self._views:
            view = place.make(self._window)
            self._views[place_id] = view
            self.addWidget(view)
            changed = getattr(view, "history_changed", None)
            if changed is not None:
                changed.connect(self.history_changed)
            redrawn = getattr(view, "redrawn", None)
            if redrawn is not None:
                redrawn.connect(self.engine_used)
            able = getattr(view, "abilities_changed", None)
            if able is not None:
                able.connect(self.abilities_changed)
        self.current = place_id
        self.setCurrentWidget(self._views[place_id])
        self._views[place_id].setFocus()  # its own keys work at once
        self.history_changed.emit()
        return place

    def leave(self, page: QWidget) -> None:
        """Show a page that is no place."""
        self.current = ""
        self.setCurrentWidget(page)

    def view(self, place_id: str) -> QWidget | None:
        """What stands in a place; None before it was visited."""
        return self._views.get(place_id)

    def abilities(self) -> frozenset[str]:
        """The conditions of the table of actions that hold because of the place on screen."""
        view = self._views.get(self.current)
        return frozenset(getattr(view, "abilities", ()))

    def history(self) -> History | None:
        """The view on screen, where it keeps a history of its own and has something in it."""
        view = self._views.get(self.current)
        if view is None or not hasattr(view, "handles_undo"):
            return None
        history = cast(History, view)
        return history if history.handles_undo() else None
