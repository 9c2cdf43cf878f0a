"""What the actions do that go somewhere in the video."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject

from limner_app.marks import neighbour

if TYPE_CHECKING:
    from limner_app.main_window import MainWindow


class Going(QObject):
    """Handlers of the rows in `limner_app.go_actions`.

    Args:
        window: On whose parts they work.
    """

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window, self._document = window, window.document

    def handlers(self) -> dict[str, Callable[..., object]]:
        """What each action does, by its id."""
        window, document = self._window, self._document
        return {
            "play": window.player.toggle,
            "next_frame": lambda: self._step(1),
            "previous_frame": lambda: self._step(-1),
            "forward_10": lambda: self._step(10),
            "back_10": lambda: self._step(-10),
            "first_frame": lambda: self._go(0),
            "last_frame": lambda: self._go(document.frame_count - 1),
            "go_to_frame": window.focus_frame_number,
            "next_marked": lambda: self.go_marked(True),
            "previous_marked": lambda: self.go_marked(False),
            "next_to_label": self.go_to_label,
        }

    def _go(self, frame_index: int) -> None:
        self._window.player.stop()
        self._document.show(frame_index)
        self._window.timeline.update()

    def _step(self, count: int) -> None:
        self._go(self._document.wanted_index + count)

    def marked_frames(self) -> NDArray[np.int64]:
        """Annotated and suggested frames, ascending."""
        annotated = self._document.frame_marks().labelled  # thousands may be accepted
        return np.union1d(annotated, self._window.queue.frames_here()).astype(np.int64)

    def go_marked(self, forward: bool) -> None:
        """To the next or previous annotated or suggested frame."""
        there = neighbour(self.marked_frames(), self._document.wanted_index, forward)
        if there is None:
            self._window.status.say(
                self.tr("No annotated or suggested frame after this one")
                if forward
                else self.tr("No annotated or suggested frame before this one")
            )
        else:
            self._go(there)

    def go_to_label(self) -> None:
        """To the frame that is most worth labelling, whichever video it is of."""
        self._window.player.stop()
        if not self._window.queue.go_next():
            self._window.status.say(self.tr("No frame is suggested yet"))
