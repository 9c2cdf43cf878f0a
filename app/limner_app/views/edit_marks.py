"""Draws the landmarks of an edited frame: where they were found and where they should be."""

from __future__ import annotations

from typing import NamedTuple

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QTransform

from limner_app import theme
from limner_engine.types import Floats, Skeleton

_DOT_PX = 4.5


class Marks(NamedTuple):
    """What is drawn.

    Attributes:
        found: ``(K, 2)`` pixels of the video where the model found the landmarks.
        points: ``(K, 2)`` pixels of the video where they should be.
        moved: Those that a person moved.
        skeleton: Names and colours.
    """

    found: Floats
    points: Floats
    moved: frozenset[int]
    skeleton: Skeleton


def paint_marks(
    painter: QPainter,
    place: QTransform,
    marks: Marks,
    chosen: int | None,
    near: int | None,
    width_px: int,
) -> None:
    """Paint all landmarks: filled where the model put them, a ring where a person did.

    Args:
        painter: Paints in pixels of the widget.
        place: From pixels of the video to pixels of the widget.
        marks: What is drawn.
        chosen: The selected landmark.
        near: The landmark under the mouse, whose name is shown.
        width_px: Width of the widget; names stay inside.
    """
    for landmark, (x, y) in enumerate(marks.points.tolist()):
        if x != x:
            continue
        tint = theme.landmark_colour(landmark, marks.skeleton)
        at = place.map(QPointF(x, y))
        moved = landmark in marks.moved
        if moved:
            start = place.map(QPointF(*marks.found[landmark].tolist()))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(QColor(0, 0, 0, 100), 3.0))
            painter.drawLine(start, at)
            painter.setPen(QPen(tint, 1.4))
            painter.drawLine(start, at)
            painter.setBrush(tint)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.drawEllipse(start, 2.2, 2.2)
        size = _DOT_PX + (1.0 if landmark in (chosen, near) else 0.0)
        # A dark rim first: the dot has to show on a white wall and on black hair.
        painter.setPen(QPen(QColor(0, 0, 0, 150), 4.2 if moved else 1.4))
        painter.setBrush(QColor(0, 0, 0, 40) if moved else tint)
        painter.drawEllipse(at, size, size)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        if moved:
            painter.setPen(QPen(tint, 2.2))
            painter.drawEllipse(at, size, size)
        if landmark == chosen:
            painter.setPen(QPen(QColor(255, 255, 255, 230), 1.2))
            painter.drawEllipse(at, size + 3.0, size + 3.0)
        if landmark == near and landmark < len(marks.skeleton.names):
            _paint_name(painter, at, marks.skeleton.names[landmark], width_px)


def _paint_name(painter: QPainter, at: QPointF, name: str, width_px: int) -> None:
    room = painter.fontMetrics().horizontalAdvance(name)
    box = QRectF(at.x() + 12, at.y() - 10, room + 12, 20)
    if box.right() > width_px:
        box.moveRight(at.x() - 12)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(0, 0, 0, 170))
    painter.drawRoundedRect(box, 4, 4)
    painter.setPen(QColor(255, 255, 255))
    painter.drawText(box, Qt.AlignmentFlag.AlignCenter, name)
