"""What every tool can be asked."""

from __future__ import annotations

from PySide6.QtGui import QMouseEvent, QPainter

from limner_app.views.frame_view import FrameView


class Tool:
    """What the left and right buttons do in a frame view; nothing, unless a tool says more.

    Args:
        view: The view it works in.
    """

    def __init__(self, view: FrameView) -> None:
        self.view = view

    def press(self, event: QMouseEvent) -> None:
        """A button went down."""

    def move(self, event: QMouseEvent) -> None:
        """The mouse moved, whether a button is down or not."""

    def release(self, _event: QMouseEvent) -> None:
        """A button went up."""

    def frame_left(self) -> None:
        """Another frame is on screen: a half-done drag is dropped."""

    def paint(self, painter: QPainter) -> None:
        """Draw over the picture and under the landmarks."""
