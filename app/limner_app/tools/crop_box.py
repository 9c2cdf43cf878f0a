"""The square that the network looks at, as it is drawn."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF

from limner_app import theme
from limner_app.views.frame_view import FrameView
from limner_engine.coordinates import crop_to_frame
from limner_engine.types import Crop

HANDLE_PX = 9.0


def corners(view: FrameView, crop: Crop) -> list[QPointF]:
    """The four corners on the screen, from the top left clockwise as the crop sees it."""
    square = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]], np.float32)
    return [view.to_screen(float(x), float(y)) for x, y in crop_to_frame(square, crop)]


def draw_crop_box(painter: QPainter, view: FrameView, crop: Crop, handles: bool) -> None:
    """The outline of a crop, with handles where it can be taken.

    Args:
        painter: On which, with antialiasing.
        view: Gives the zoom.
        crop: What is drawn.
        handles: Whether a tool is at work on it.
    """
    places = corners(view, crop)
    outline = QPolygonF(places)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(QColor(0, 0, 0, 140), 3.0))
    painter.drawPolygon(outline)
    pen = QPen(theme.colour("accent") if handles else QColor(255, 255, 255, 210), 1.4)
    if not handles:
        pen.setStyle(Qt.PenStyle.DashLine)
    painter.setPen(pen)
    painter.drawPolygon(outline)
    if handles:
        painter.setPen(QPen(QColor(0, 0, 0, 160), 1.0))
        painter.setBrush(QColor("#ffffff"))
        half = HANDLE_PX / 2
        for at in places:
            painter.drawRect(QRectF(at.x() - half, at.y() - half, HANDLE_PX, HANDLE_PX))
