"""The edit of the frame on screen: kept in the project, with steps that can be taken back."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from limner_app.document import Document
from limner_app.views.frame_edits import EditHistory, FrameEdit, Step
from limner_engine.types import FrameKey


class PictureEdits(QObject):
    """Edits of pictures, frame by frame.

    Signals:
        edited: The edit of the frame on screen is another one.
        history_changed: What can be taken back or done again is another thing.
    """

    edited = Signal()
    history_changed = Signal()

    def __init__(self, document: Document, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._document = document
        self._history = EditHistory()
        self._project = document.project
        self.edit = FrameEdit()

    @property
    def undo_text(self) -> str | None:
        """What `undo` would take back; None for nothing."""
        return self._history.undo_text

    @property
    def redo_text(self) -> str | None:
        """What `redo` would do again; None for nothing."""
        return self._history.redo_text

    def load(self) -> FrameEdit:
        """Take up the stored edit of the frame on screen."""
        document = self._document
        if document.project is not self._project:
            self._project = document.project
            self._history.clear()
            self.history_changed.emit()
        data = None
        if document.project is not None and document.video is not None:
            data = document.project.setting(self._setting(document.key()), None)
        self.edit = FrameEdit() if data is None else FrameEdit.from_json(data)
        return self.edit

    def commit(self, text: str, after: FrameEdit) -> None:
        """Make one step that can be taken back, stored at once.

        Args:
            text: What was done.
            after: The new edit of the frame on screen.
        """
        if after != self.edit:
            key = self._document.key()
            self._history.push(Step(key, text, self.edit, after))
            self._store(key, after)
            self.edit = after
            self.history_changed.emit()
        self.edited.emit()

    def undo(self) -> str | None:
        """Take back the newest step, going to its frame; what it was, None for nothing."""
        step = self._history.undo()
        return None if step is None else self._step(step, step.before)

    def redo(self) -> str | None:
        """Do again what was taken back, going to its frame; what it was, None for nothing."""
        step = self._history.redo()
        return None if step is None else self._step(step, step.after)

    def _step(self, step: Step, edit: FrameEdit) -> str:
        self._store(step.key, edit)
        document = self._document
        if document.video is None or document.video.id != step.key.video_id:
            document.show_video(step.key.video_id)
        if document.key() == step.key:
            self.edit = edit
            self.edited.emit()
        else:
            document.show(step.key.frame_index)
        self.history_changed.emit()
        return step.text

    @staticmethod
    def _setting(key: FrameKey) -> str:
        return f"picture_edit/{key.video_id}/{key.frame_index}/{key.subject}"

    def _store(self, key: FrameKey, edit: FrameEdit) -> None:
        if self._document.project is not None:
            data = None if edit.empty else edit.to_json()
            self._document.project.set_setting(self._setting(key), data)
