"""How landmarks are drawn over a picture; sizes are screen pixels, whatever the zoom."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from limner_app import theme
from limner_app.frame_landmarks import FrameLandmarks

RADIUS_PX = 5.0
_HALO = QColor(0, 0, 0, 170)


def draw_mark(
    painter: QPainter,
    at: QPointF,
    colour: QColor,
    origin: str | None,
    visible: bool,
    scale: float,
    halo: QColor = _HALO,
    low: bool = False,
) -> None:
    """One landmark: a disc for a model's, a ring for a person's, a thin dotted one if hidden.

    An accepted one is both, a thin ring around a dot. A disc of which the model is unsure is half
    empty, so that the eye finds it without colours.

    Args:
        painter: On which, with antialiasing.
        at: Centre, screen pixels.
        colour: Of the landmark.
        origin: ``"person"``, ``"accepted"``, ``"model"`` or None.
        visible: False where a person hid it.
        scale: 1 for the usual size.
        halo: Around it, so that it shows on every picture.
        low: Whether the model is unsure of it.
    """
    radius = RADIUS_PX * scale
    painter.setBrush(Qt.BrushStyle.NoBrush)
    if not visible:
        painter.setPen(QPen(halo, 2.6))
        painter.drawEllipse(at, radius, radius)
        pen = QPen(colour, 1.3, Qt.PenStyle.CustomDashLine)
        pen.setDashPattern([2.0, 2.0])
        painter.setPen(pen)
        painter.drawEllipse(at, radius, radius)
    elif origin == "person":
        painter.setPen(QPen(halo, 4.4))
        painter.drawEllipse(at, radius, radius)
        painter.setPen(QPen(colour, 2.4))
        painter.drawEllipse(at, radius, radius)
    elif origin == "accepted":
        painter.setPen(QPen(halo, 3.4))
        painter.drawEllipse(at, radius, radius)
        painter.setPen(QPen(colour, 1.5))
        painter.drawEllipse(at, radius, radius)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        painter.drawEllipse(at, radius * 0.45, radius * 0.45)
    elif low:
        painter.setPen(QPen(halo, 3.4))
        # The empty half shows what a label's ground is on a picture, and nothing in a light list.
        painter.setBrush(QColor(20, 21, 24, 215 if halo.alpha() > 100 else 0))
        painter.drawEllipse(at, radius, radius)
        painter.setPen(QPen(colour, 1.5))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawEllipse(at, radius, radius)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        box = QRectF(at.x() - radius, at.y() - radius, 2 * radius, 2 * radius)
        painter.drawPie(box, 90 * 16, 180 * 16)
    else:
        painter.setPen(QPen(halo, 1.4))
        painter.setBrush(colour)
        painter.drawEllipse(at, radius, radius)


def kind_of(known: FrameLandmarks, landmark: int) -> str | None:
    """How a landmark is drawn: ``"person"``, ``"accepted"``, ``"model"``, or None for nobody's."""
    return "accepted" if landmark in known.accepted else known.origin[landmark]


def is_low(origin: str | None, confidence: float) -> bool:
    """Whether a model is unsure of a landmark it found."""
    return origin == "model" and confidence < theme.LOW_CONFIDENCE


def draw_landmarks(
    painter: QPainter,
    places: Sequence[QPointF | None],
    known: FrameLandmarks,
    colours: Sequence[QColor],
    *,
    selected: int | None,
    hovered: int | None,
    with_confidence: bool,
) -> None:
    """All landmarks of a frame.

    Args:
        painter: On which, with antialiasing.
        places: Screen position of each, None where it is missing.
        known: Whose they are and how sure.
        colours: One for each.
        selected: Gets a second ring.
        hovered: Drawn a little larger.
        with_confidence: Whether uncertain ones fade.
    """
    size = 1.0 if len(places) <= 24 else 0.66
    for i, at in enumerate(places):
        if at is None:
            continue
        colour = QColor(colours[i])
        sure = float(known.confidence[i])
        painter.setOpacity(
            max(0.25, min(1.0, sure)) if with_confidence and np.isfinite(sure) else 1.0
        )
        draw_mark(
            painter,
            at,
            colour,
            kind_of(known, i),
            bool(known.visible[i]),
            size * (1.25 if i == hovered else 1.0),
            low=is_low(known.origin[i], sure),
        )
        painter.setOpacity(1.0)
        if i == selected:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            ring = RADIUS_PX * size + 4.5
            painter.setPen(QPen(_HALO, 3.4))
            painter.drawEllipse(at, ring, ring)
            painter.setPen(QPen(QColor("#ffffff"), 1.5))
            painter.drawEllipse(at, ring, ring)


def draw_edges(
    painter: QPainter, places: Sequence[QPointF | None], edges: Sequence[tuple[int, int]]
) -> None:
    """The lines of the skeleton between landmarks that are there."""
    lines = [
        (places[a], places[b])
        for a, b in edges
        if a < len(places) and b < len(places) and places[a] and places[b]
    ]
    for pen in (QPen(QColor(0, 0, 0, 85), 3.2), QPen(QColor(255, 255, 255, 215), 1.6)):
        painter.setPen(pen)
        for first, second in lines:
            if first is not None and second is not None:
                painter.drawLine(first, second)


def draw_chip(
    painter: QPainter, at: QPointF, text: str, bounds: QRectF, taken: list[QRectF] | None = None
) -> None:
    """A small label beside a point, kept inside the view and off the labels that are there.

    Args:
        painter: On which, with antialiasing.
        at: The point, screen pixels.
        text: What it says.
        bounds: The view.
        taken: Where labels stand already; this one's place is added.
    """
    others = [] if taken is None else taken
    metrics = painter.fontMetrics()
    width = metrics.horizontalAdvance(text) + 2 * theme.GAP - 4
    height = metrics.height() + 4
    x, y = at.x(), at.y()
    right, left, middle = x + 12, x - 12 - width, y - height / 2
    places = [
        QRectF(a, b, width, height)
        for a, b in (
            (right, middle),
            (left, middle),
            (x - width / 2, y - 12 - height),
            (x - width / 2, y + 12),
            (right, y + 4),
            (left, y + 4),
            (right, y - height - 4),
            (left, y - height - 4),
        )
    ]
    box = min(places, key=lambda place: _crowding(place, bounds, others))
    top = min(max(box.top(), bounds.top() + 4), bounds.bottom() - 4 - height)
    box.moveTop(top)
    others.append(box)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(20, 21, 24, 205))
    painter.drawRoundedRect(box, 4, 4)
    painter.setPen(QColor("#f0f0f0"))
    painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)


def _crowding(place: QRectF, bounds: QRectF, others: Sequence[QRectF]) -> float:
    """How much of a label would be hidden: by others, or by the edges left and right."""
    seen = place.intersected(bounds.adjusted(4, -place.height(), -4, place.height()))
    lost = place.width() * place.height() - seen.width() * seen.height()
    for other in others:
        both = place.intersected(other)
        lost += both.width() * both.height()
    return lost
