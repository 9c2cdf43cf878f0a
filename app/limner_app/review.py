"""What a person decides of predictions, one by one or many at once, and of subjects."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QInputDialog

from limner_engine.project.review import OpenPredictions

if TYPE_CHECKING:
    from limner_app.main_window import MainWindow
    from limner_app.views.review_dialog import ReviewDialog


class Review(QObject):
    """Handlers of the actions that accept, reject and switch between subjects.

    Args:
        window: On whose document they work.
    """

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window, self.document = window, window.document
        self._dialog: ReviewDialog | None = None
        self._offered = ""
        self.document.subjects_changed.connect(self._offer_box)

    def handlers(self) -> dict[str, Callable[..., object]]:
        """What each action does, by its id in `limner_app.review_actions`."""
        return {
            "accept": self.accept,
            "accept_landmark": self.accept_landmark,
            "accept_range": self.accept_range,
            "reject": self.reject,
            "reject_landmark": self.reject_landmark,
            "reject_range": self.reject_range,
            "review": self.by_confidence,
            "next_subject": lambda: self.document.step_subject(1),
            "previous_subject": lambda: self.document.step_subject(-1),
            "add_subject": self.add_subject,
            "rename_subject": self.rename_subject,
            "remove_subject": self.remove_subject,
        }

    def conditions(self) -> set[str]:
        """Which conditions of those actions hold now."""
        document, holds = self.document, set()
        if document.video is not None:
            if document.model_id is not None:
                holds.add("predicted")
            if document.model_id is not None and self._window.timeline.selection is not None:
                holds.add("stretch")
        if len(document.subjects()) > 1:
            holds.add("subjects")
        return holds

    def _say(self, text: str) -> None:
        self._window.status.say(text)

    # --- accept --------------------------------------------------------------------------

    def accept(self) -> None:
        """Make the predictions of this frame annotations."""
        self._tell_accepted(self.document.accept())

    def accept_landmark(self) -> None:
        """Make the selected landmark's prediction an annotation."""
        self._tell_accepted(self.document.accept(self._of_selected()))

    def accept_range(self) -> None:
        """Make all predictions of the selected range annotations."""
        self._tell_accepted(self.document.accept(self._of_range()))

    def _tell_accepted(self, count: int) -> None:
        words = (
            self.tr("{n} predictions accepted") if count > 1 else self.tr("Prediction accepted")
        )
        self._say(words.format(n=count) if count else self.tr("No predictions here to accept"))

    # --- reject --------------------------------------------------------------------------

    def reject(self) -> None:
        """Reject the predictions of this frame; where none is left, take that back."""
        frame = self.document.frame_index
        self._reject(self.document.open_predictions(), frame, frame + 1)

    def reject_landmark(self) -> None:
        """Reject the selected landmark's prediction, or an accepted one; or take that back."""
        document, landmark = self.document, self.document.selected
        if landmark is None:
            return
        if landmark in document.landmarks().accepted:
            document.reject_accepted(landmark)
            self._tell_rejected(1)
            return
        frame = document.frame_index
        self._reject(self._of_selected(), frame, frame + 1, landmark)

    def reject_range(self) -> None:
        """Reject all predictions of the selected range; where none is left, take that back."""
        chosen = self._window.timeline.selection
        if chosen is not None:
            self._reject(self._of_range(), *chosen)

    def _reject(
        self, found: OpenPredictions | None, start: int, stop: int, landmark: int | None = None
    ) -> None:
        if found is not None and len(found):
            self._tell_rejected(self.document.reject(found))
            return
        back = self.document.take_back_rejections(start, stop, landmark)
        words = self.tr("{n} predictions restored") if back > 1 else self.tr("Prediction restored")
        self._say(words.format(n=back) if back else self.tr("No predictions here to reject"))

    def _tell_rejected(self, count: int) -> None:
        words = (
            self.tr("{n} predictions rejected") if count > 1 else self.tr("Prediction rejected")
        )
        self._say(words.format(n=count))

    def _of_selected(self) -> OpenPredictions | None:
        found, landmark = self.document.open_predictions(), self.document.selected
        return None if found is None or landmark is None else found.of_landmark(landmark)

    def _of_range(self) -> OpenPredictions | None:
        chosen = self._window.timeline.selection
        return None if chosen is None else self.document.open_predictions(*chosen)

    def by_confidence(self) -> None:
        """Ask from which confidence on predictions are accepted, and below which rejected."""
        from limner_app.views.review_dialog import ReviewDialog

        if self._dialog is None:
            self._dialog = ReviewDialog(self.document, self._say, self._window)
        self._dialog.take(self._window.timeline.selection)
        self._dialog.show()
        self._dialog.raise_()
        self._dialog.activateWindow()

    # --- subjects ------------------------------------------------------------------------

    def _offer_box(self) -> None:
        """The network looks at one subject at a time, so it has to know where each is."""
        document, bar = self.document, self._window.error_bar
        if self._offered and bar.text.text() == self._offered:
            bar.clear()
        self._offered = ""
        if document.video is None or document.model_path is None or len(document.subjects()) < 2:
            return
        if document.crop_track is None:
            name = next(one.name for one in document.subjects() if one.id == document.subject)
            bar.tell(
                "info",
                self.tr("The network does not know yet where “{name}” is.").format(name=name),
                button=self.tr("Draw its crop box"),
                action=self._window.actions_by_id["crop_tool"].trigger,
            )
            self._offered = bar.text.text()

    def add_subject(self) -> None:
        """Ask how another subject is called and work on it."""
        count = len(self.document.subjects()) + 1
        taken = {one.name for one in self.document.subjects()}
        proposed = self.tr("subject {n}")
        while proposed.format(n=count) in taken:
            count += 1
        name = self._asked(self.tr("Add subject"), proposed.format(n=count))
        if name:
            self.document.add_subject(name)

    def rename_subject(self) -> None:
        """Ask how the subject that is worked on is called."""
        document = self.document
        former = next(one.name for one in document.subjects() if one.id == document.subject)
        name = self._asked(self.tr("Rename subject"), former)
        if name:
            document.rename_subject(document.subject, name)

    def remove_subject(self) -> None:
        """Remove the subject that is worked on; undo brings it back."""
        document = self.document
        former = next(one.name for one in document.subjects() if one.id == document.subject)
        document.remove_subject(document.subject)
        self._say(self.tr("{name} removed; undo brings it back").format(name=former))

    def _asked(self, title: str, proposed: str) -> str:
        label, kept = self.tr("Name"), proposed
        while True:
            name, good = QInputDialog.getText(self._window, title, label, text=proposed)
            name = name.strip()
            if not good or not name:
                return ""
            taken = {one.name for one in self.document.subjects()}
            if name not in taken or name == kept:
                return name
            label = self.tr("Another subject is called “{name}”. Name").format(name=name)
            proposed = name
