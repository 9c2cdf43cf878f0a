"""The pose editor, opened once at a time, and what comes of it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QWidget

from limner_app.views.pose_editor import SOURCE, PoseEditor
from limner_app.views.skeleton_layout import Places
from limner_engine.priors.prior import PosePrior
from limner_engine.types import Image, Skeleton


class PoseDrawing(QObject):
    """Poses drawn by hand.

    Args:
        parent: Over which the editor opens; the window can be used meanwhile.

    Signals:
        drawn: A person has saved poses, a `PosePrior`.
    """

    drawn = Signal(object)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._parent = parent
        self.editor: PoseEditor | None = None

    def open(
        self,
        skeleton: Skeleton,
        layout: Places | None,
        former: PosePrior | None,
        backdrops: Sequence[tuple[str, Image]],
    ) -> None:
        """Open the editor, or bring it to the front.

        Args:
            skeleton: Of the poses.
            layout: ``(K, 2)`` first pose, 0..1; None for a template's.
            former: Gone on with, if it was drawn by hand.
            backdrops: Pictures to draw on, each with a title.
        """
        if self.editor is None:
            drawn = former if former is not None and former.sources == (SOURCE,) else None
            editor = PoseEditor(
                skeleton if drawn is None else drawn.skeleton,
                layout if drawn is None else None,
                None if drawn is None else drawn.poses,
                backdrops,
                "" if drawn is None else drawn.name,
                parent=self._parent.window(),
            )
            editor.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            editor.accepted.connect(lambda: self.drawn.emit(editor.prior()))
            editor.destroyed.connect(self._gone)
            self.editor = editor
            editor.show()
        self.editor.raise_()
        self.editor.activateWindow()

    def close(self) -> bool:
        """Close the editor; False while it asks whether poses may be lost."""
        if self.editor is None or self.editor.close():
            return True
        self.editor.raise_()
        self.editor.activateWindow()
        return False

    def _gone(self) -> None:
        self.editor = None
