"""Draws the landmarks of an edited frame: where they were found and where they should be."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QTransform

from limner_app import theme
from limner_app.views.landmark_marks import draw_edges
from limner_engine.types import Floats, Skeleton

_DOT_PX = 4.5


class Marks(NamedTuple):
    """What is drawn.

    Attributes:
        found: ``(K, 2)`` pixels of the video where the model found the landmarks.
        points: ``(K, 2)`` pixels of the video where they should be.
        moved: Those that a person moved.
        skeleton: Names, colours and edges.
    """

    found: Floats
    points: Floats
    moved: frozenset[int]
    skeleton: Skeleton


def skeleton_of_edit(shown: Skeleton, found: Skeleton) -> Skeleton:
    """Names, pairs and edges of a model's landmarks, in its order.

    Args:
        shown: The project's.
        found: The model's.
    """
    known = set(found.names) <= set(shown.names)
    if found.names == shown.names or (len(found.names) == len(shown.names) and not known):
        # A person may have renamed landmarks, and not joined them.
        return replace(shown, edges=shown.edges or found.edges)
    return found


def paint_marks(
    painter: QPainter,
    place: QTransform,
    marks: Marks,
    chosen: int | None,
    near: int | None,
    width_px: int,
) -> None:
    """Paint all landmarks and what joins them: filled where the model put them, else a ring.

    Args:
        painter: Paints in pixels of the widget.
        place: From pixels of the video to pixels of the widget.
        marks: What is drawn.
        chosen: The selected landmark.
        near: The landmark under the mouse, whose name is shown.
        width_px: Width of the widget; names stay inside.
    """
    wanted: list[tuple[float, float]] = marks.points.tolist()
    joined = [place.map(QPointF(x, y)) if x == x else None for x, y in wanted]
    draw_edges(painter, joined, marks.skeleton.edges)
    for landmark, (x, y) in enumerate(wanted):
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
