"""What the actions of Warp do."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

if TYPE_CHECKING:
    from limner_app.main_window import MainWindow
    from limner_app.views.warp_view import WarpView


class WarpCommands(QObject):
    """Handlers for Warp; the place is made when it is first needed.

    Args:
        window: On whose place they work.
    """

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window

    def handlers(self) -> dict[str, Callable[..., object]]:
        """What each action does, by its id in `limner_app.actions.ACTIONS`."""
        return {
            "warp_source": lambda: self.view().bar.source.ask(),
            "warp_from_here": lambda: self.view().take_source_from_here(),
            "warp_swap": lambda: self.view().swap(),
            "flow_arrows": lambda on: self.view().choices.set_arrows(on),
            "warp_heat": lambda on: self.view().choices.set_heat(on),
            "level_finer": lambda: self.view().bar.level.step(1),
            "level_coarser": lambda: self.view().bar.level.step(-1),
            "learn_warps": self.learn,
        }

    def view(self) -> WarpView:
        """Go to Warp."""
        from limner_app.views.warp_view import WarpView

        self._window.show_place("warp")
        view = self._window.stack.view("warp")
        assert isinstance(view, WarpView)
        return view

    def learn(self) -> None:
        """Set the form of Learn to class embeddings, with a fresh network."""
        from limner_app.views.training_panel import TrainingPanel

        self._window.show_place("learn")
        panel = self._window.stack.view("learn")
        assert isinstance(panel, TrainingPanel)
        panel.form.set_value("method", "class_embedding")
        panel.learn_anew()
