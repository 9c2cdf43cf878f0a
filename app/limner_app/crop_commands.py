"""What the actions about crops do."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from limner_engine.cropping import CropTrack

if TYPE_CHECKING:
    from limner_app.main_window import MainWindow


class CropCommands(QObject):
    """Handlers of the actions about crops.

    Args:
        window: On whose video they work.
    """

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window, self._document = window, window.document

    def handlers(self) -> dict[str, Callable[..., object]]:
        """What each action does, by its id in `limner_app.crop_actions.CROP_ACTIONS`."""
        return {
            "crop_dialog": self.ask,
            "crop_tool": self._window.use_crop_tool,
            "crop_key": self.key,
            "crop_unkey": self.take_back_key,
            "find_crops": lambda: self._window.detector.find_crops(),
            "whole_crop": self.whole,
        }

    def ask(self) -> None:
        """Ask how crops are found, and show what comes of it."""
        from limner_app.crop_dialog import CropDialog

        if self._document.video is not None:
            window = self._window
            CropDialog(self._document, window.client, window.flows, window).show()

    def key(self) -> None:
        """Give the frame on screen a box of its own, the one it has now, to be moved by hand."""
        document = self._document
        if document.video is None:
            return
        frame = document.frame_index
        before = document.crop_track or CropTrack.fixed(document.crop())
        document.set_crop_track(before.with_key(frame, document.crop()))
        self._window.use_crop_tool(True)
        self._window.status.say(
            self.tr(
                "Drag the box in as many frames as you like; between them it follows. Esc ends"
            ),
            0,
        )

    def take_back_key(self) -> None:
        """Take the frame's own box away; it goes between its neighbours' boxes again."""
        track = self._document.crop_track
        fewer = None if track is None else track.without_key(self._document.frame_index)
        if fewer is None:
            self._window.status.say(self.tr("This frame has no crop box to take back"))
        else:
            self._document.set_crop_track(fewer)

    def whole(self) -> None:
        """Let the network look at the whole frame."""
        reader = self._document.reader
        if reader is not None:
            self._document.set_crop_track(CropTrack.whole(reader.width, reader.height))
