"""Placing, moving and hiding landmarks with the mouse."""

from __future__ import annotations

import math

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QMouseEvent, QPainter

from limner_app.tools.crop_box import draw_crop_box
from limner_app.tools.tool import Tool
from limner_app.views.frame_view import FrameView

_SLACK_PX = 3.0
"""A press that moves less than this is a click: it selects and changes nothing."""


class LabelTool(Tool):
    """Click places the next missing landmark, drag moves one, right-click hides one.

    A landmark of a subject that is not worked on makes it the one that is.

    Nothing is written between press and release.
    """

    def __init__(self, view: FrameView) -> None:
        super().__init__(view)
        self._taken: int | None = None
        self._pressed = QPointF()
        self._grip = QPointF()

    def press(self, event: QMouseEvent) -> None:
        """Take the landmark under the mouse, or place one."""
        view, document = self.view, self.view.document
        under = view.nearest(event.position())
        other = view.nearest_other(event.position()) if under is None else None
        if other is not None:
            view.hovered_other = None
            document.set_subject(other[0])
            under = other[1]
        if event.button() == Qt.MouseButton.RightButton:
            if under is not None:
                document.select(under)
                document.hide(under, bool(document.landmarks().visible[under]))
            return
        if event.button() != Qt.MouseButton.LeftButton:
            return
        if under is not None:
            document.select(under)
            self._taken, self._pressed = under, event.position()
            place = view.places()[under]
            # Taken off-centre, it must not jump to the mouse.
            self._grip = (place or event.position()) - event.position()
            return
        self._place(event.position())

    def _place(self, at: QPointF) -> None:
        document = self.view.document
        x, y = self.view.to_video(at)
        missing = document.landmarks().missing()
        if not missing or not self.view.inside(x, y):
            document.select(None)
            return
        wanted = document.selected if document.selected in missing else missing[0]
        if wanted is None:
            return
        document.place(wanted, x, y)
        later = [i for i in missing if i != wanted]
        # The next click places the next one, so that a frame is labelled without the keyboard.
        following = next((i for i in later if i > wanted), later[0] if later else None)
        document.select(following if following is not None else wanted)

    def move(self, event: QMouseEvent) -> None:
        """Carry the taken landmark along."""
        view = self.view
        if self._taken is None:
            under = view.nearest(event.position())
            other = view.nearest_other(event.position()) if under is None else None
            if (under, other) != (view.hovered, view.hovered_other):
                view.hovered, view.hovered_other = under, other
                view.update()
            return
        if view.dragged is None:
            way = event.position() - self._pressed
            if math.hypot(way.x(), way.y()) < _SLACK_PX:
                return
        x, y = view.to_video(event.position() + self._grip)
        view.dragged = (self._taken, x, y)
        view.update()

    def release(self, _event: QMouseEvent) -> None:
        """Write the move as one edit."""
        view = self.view
        dragged, self._taken = view.dragged, None
        view.dragged = None
        if dragged is not None:
            view.document.move(*dragged)

    def frame_left(self) -> None:
        """Let go of the landmark."""
        self._taken = None

    def paint(self, painter: QPainter) -> None:
        """The crop box, where it is wished for."""
        if self.view.shown["crop"]:
            draw_crop_box(painter, self.view, self.view.document.crop(), handles=False)
