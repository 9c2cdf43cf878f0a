"""How the window looks: light or dark, and what is drawn over the frame; both are remembered."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QApplication

from limner_app import theme
from limner_app.settings import settings

if TYPE_CHECKING:
    from limner_app.main_window import MainWindow

OVERLAYS = ("skeleton", "confidence", "names", "crop")
"""What can be drawn over the frame; the action of each is ``show_<name>``."""
_SHOWN_AT_FIRST = frozenset({"skeleton"})


class Appearance(QObject):
    """Switches looks and overlays, and keeps their actions checked as they are.

    Args:
        window: Whose.

    Attributes:
        mode: ``light``, ``dark`` or ``system``.
    """

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self.mode = "system"
        application = QApplication.instance()
        if isinstance(application, QApplication):
            application.styleHints().colorSchemeChanged.connect(
                lambda _scheme: self.set_theme(self.mode)
            )

    def restore(self) -> None:
        """Put everything back as it was remembered."""
        kept = settings()
        for name in OVERLAYS:
            first = "true" if name in _SHOWN_AT_FIRST else "false"
            self.show_overlay(name, str(kept.value(f"show/{name}", first)) == "true")
        self.mode = str(kept.value("theme", "system"))
        self._mark()

    def save(self) -> None:
        """Remember which overlays are shown; the look is remembered when it is chosen."""
        for name, on in self._window.frame_view.shown.items():
            settings().setValue(f"show/{name}", "true" if on else "false")

    def show_overlay(self, name: str, on: bool) -> None:
        """Show or hide one of `OVERLAYS` over the frame."""
        self._window.frame_view.shown[name] = on
        self._window.frame_view.update()
        self._window.actions_by_id[f"show_{name}"].setChecked(on)

    def set_theme(self, mode: str) -> None:
        """``light``, ``dark`` or ``system``."""
        self.mode = mode
        application = QApplication.instance()
        if isinstance(application, QApplication):
            theme.apply(application, mode)
        settings().setValue("theme", mode)
        self._mark()

    def _mark(self) -> None:
        for mode in ("system", "light", "dark"):
            self._window.actions_by_id[f"theme_{mode}"].setChecked(mode == self.mode)
