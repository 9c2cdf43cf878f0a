"""What the window tells: errors with their mend, hints, and how the engine is."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from limner_engine.errors import EngineError, LimnerError, VideoError

if TYPE_CHECKING:
    from limner_app.engine_client import EngineState
    from limner_app.main_window import MainWindow

_log = logging.getLogger(__name__)


class Messages(QObject):
    """Turns what happened into a sentence and a button.

    Args:
        window: In whose bars it is shown.
    """

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._offered: set[tuple[int, int | None]] = set()
        self._restarting = self._lacking = self._offering = ""

    def tell(self, level: str, text: str, mend: str) -> None:
        """Show a message of the document."""
        self._window.error_bar.tell(level, text, mend)

    def report(self, error: BaseException) -> None:
        """Show an error; one that is nobody's mistake with its details."""
        bar = self._window.error_bar
        if isinstance(error, LimnerError):
            button, action = self._mend(error)
            notes = "\n".join(getattr(error, "__notes__", []))
            bar.tell("error", error.message, error.mend, button, action, notes)
            return
        details = "".join(traceback.format_exception(error))
        _log.error("%s", details)
        bar.tell(
            "error",
            self.tr("Something in Limner itself went wrong; your work is saved."),
            self.tr("You can go on. The details help to mend it."),
            details=details,
        )

    def _mend(self, error: LimnerError) -> tuple[str, Callable[[], object] | None]:
        window = self._window
        project = window.document.project
        if (
            isinstance(error, VideoError)
            and project is not None
            and any(video.missing for video in project.videos())
        ):
            return self.tr("Find the file…"), window.commands.ask_moved
        if isinstance(error, EngineError):
            return self.tr("Try again"), window.detector.detect_frame
        return "", None

    def offer_detection(self) -> None:
        """After the first frame of a video: the rest of it is one click away."""
        window, document = self._window, self._window.document
        video = document.video
        if video is None or document.frame_count < 2:
            return
        if window.namer.shown and window.namer.on:
            return  # named landmarks go to all frames by themselves
        offer = (video.id, document.model_id)
        if offer in self._offered:
            return
        known = int((document.confidence_summary() >= 0).sum())
        if known > document.frame_count // 2:
            self._offered.add(offer)
            return
        window.error_bar.tell(
            "info",
            self.tr("These are the landmarks of this frame."),
            button=self.tr("Detect on all {n} frames").format(n=document.frame_count),
            action=window.actions_by_id["detect_all"].trigger,
            again=self.offer_detection,
        )
        if window.error_bar.level == "info":
            self._offered.add(offer)
            self._offering = window.error_bar.text.text()

    def crop_changed(self) -> None:
        """What was found with another box is gone, so the offer stands again."""
        video = self._window.document.video
        if video is not None:
            self._offered = {offer for offer in self._offered if offer[0] != video.id}

    def no_model(self) -> None:
        """No model fits the video on screen."""
        window, document = self._window, self._window.document
        if document.video is None or not self._lacks_model():
            return  # so it was when the hint had to wait
        words = self.tr(
            "No model fits this video yet. One can learn from it, without labels; or name "
            "landmarks and label a few frames."
        )
        if document.imported:
            words = self.tr(
                "{title}: there is nothing for this video. Choose a model at the top right, or "
                "let one learn from it."
            ).format(title=document.model_title)
        window.error_bar.tell(
            "info",
            words,
            button=self.tr("Learn from this video"),
            action=window.actions_by_id["learn"].trigger,
            again=self.no_model,
        )
        self._lacking = window.error_bar.text.text()

    def _lacks_model(self) -> bool:
        document = self._window.document
        return document.model_path is None and not document.predicted_here()

    def models_changed(self) -> None:
        """What was said of a model that is missing, or not the one shown, goes with a change."""
        bar, namer = self._window.error_bar, self._window.namer
        if self._offering and bar.text.text() == self._offering and namer.shown and namer.on:
            bar.clear()
            self._offering = ""
        if self._lacking and bar.text.text() == self._lacking and not self._lacks_model():
            bar.clear()
            self._lacking = ""

    def range_done(self, count: int) -> None:
        """A range has been detected, to its end or not."""
        self._window.status.say(self.tr("{n} frames detected").format(n=count))

    def engine_state(self, state: EngineState) -> None:
        """The engine started, failed or came back."""
        window = self._window
        window.top.set_engine(
            state.kind, window.client.label, window.client.last_ms, state.message
        )
        if state.kind == "restarting":
            window.error_bar.tell("warning", state.message)
            self._restarting = window.error_bar.text.text()
        elif state.kind == "ready" and self._restarting:
            # What else there is to warn of, such as damage of the video, stays.
            if window.error_bar.text.text() == self._restarting:
                window.error_bar.clear()
            self._restarting = ""
