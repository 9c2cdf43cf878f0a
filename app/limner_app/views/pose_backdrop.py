"""What lies behind a drawn pose: the empty crop, or a dim picture to trace."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPen

from limner_app import theme
from limner_app.views.shown_picture import ShownPicture
from limner_engine.types import Image


class PoseBackdrop:
    """Paints the square that stands for the crop.

    Attributes:
        strength: How much of a picture is seen, 0 to 1.
    """

    def __init__(self) -> None:
        self.strength = 0.6
        self._picture = ShownPicture()

    @property
    def has_picture(self) -> bool:
        """Whether a picture lies behind."""
        return self._picture.image is not None

    def set_picture(self, image: Image | None) -> None:
        """Show a picture, ``(S, S, 3)`` uint8, or none."""
        self._picture.set_image(image)

    def paint(self, painter: QPainter, square: QRectF, ratio: float) -> None:
        """Paint it.

        Args:
            painter: On which, without antialiasing.
            square: The crop, whole pixels of the widget.
            ratio: Pixels of the screen for each of the widget.
        """
        painter.fillRect(square, theme.colour("canvas"))
        line = QPen(theme.colour("line"), 1.0)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(line)
        if self.has_picture:
            painter.fillRect(square, Qt.GlobalColor.black)
            painter.setOpacity(self.strength)
            self._picture.paint(painter, square, square, ratio)
            painter.setOpacity(1.0)
        else:
            middle = square.center().toPoint()
            painter.drawLine(middle.x(), int(square.top()), middle.x(), int(square.bottom()))
            painter.drawLine(int(square.left()), middle.y(), int(square.right()), middle.y())
        painter.drawRect(square)
