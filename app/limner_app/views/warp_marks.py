"""What is drawn over the pictures of a warp: crosshair, likely places, arrows and legends."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QCoreApplication, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QLinearGradient, QPainter, QPainterPath, QPen

from limner_app import theme
from limner_app.views.warp_pictures import hot, sure, wheel
from limner_engine.types import Floats

_ARROW_PX = 15.0
"""Distance between two arrows."""
_HEAD_PX = 3.5
_REST_PX = 1.5
"""Below this an arrow is a dot."""
_WHEEL_PX = 40
_RAMP_PX = 24.0
_HOLE_PX = 7.0
"""The crosshair leaves this free, so that what is looked at can be seen."""
_RINGS_PX = (9.0, 7.0, 5.5)
_LIGHT, _DARK = QColor(255, 255, 255, 235), QColor(0, 0, 0, 150)


def paint_crosshair(
    painter: QPainter, place: QRectF, at: tuple[float, float], *, held: bool
) -> None:
    """Lines through a place.

    Args:
        painter: Paints.
        place: Where the picture stands.
        at: Where in it, 0..1 from its top left.
        held: Whether it stays when the mouse goes.
    """
    x, y = _inside(place, at)
    lines = (
        (QPointF(place.left(), y), QPointF(x - _HOLE_PX, y)),
        (QPointF(x + _HOLE_PX, y), QPointF(place.right(), y)),
        (QPointF(x, place.top()), QPointF(x, y - _HOLE_PX)),
        (QPointF(x, y + _HOLE_PX), QPointF(x, place.bottom())),
    )
    painter.save()
    painter.setClipRect(place, Qt.ClipOperation.IntersectClip)
    for ink, width in ((_DARK, 2.5), (QColor(255, 255, 255, 190), 1.0)):
        painter.setPen(QPen(ink, width))
        for start, end in lines:
            painter.drawLine(start, end)
    if held:
        painter.setBrush(theme.colour("accent"))
        painter.setPen(QPen(_LIGHT, 1.0))
        painter.drawEllipse(QPointF(x, y), 3.0, 3.0)
    painter.restore()


def paint_places(
    painter: QPainter, place: QRectF, likely: Sequence[tuple[float, float, float]]
) -> None:
    """Rings with their shares, the likeliest one largest and in the accent.

    Args:
        painter: Paints.
        place: Where the picture of the source stands.
        likely: ``(x, y, share)``, 0..1 each, the likeliest first.
    """
    painter.save()
    font = QFont(theme.tabular(painter.font()))
    font.setPointSizeF(font.pointSizeF() * 0.9)
    font.setWeight(QFont.Weight.DemiBold)
    painter.setFont(font)
    rings = []
    for (x, y, share), radius in zip(likely, _RINGS_PX, strict=False):
        middle = QPointF(place.left() + x * place.width(), place.top() + y * place.height())
        if place.contains(middle):
            rings.append((middle, radius, share))
    for rank, (middle, radius, _share) in enumerate(rings):
        ink = theme.colour("accent") if rank == 0 else _LIGHT
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for colour, width in ((_DARK, 4.5), (_LIGHT if rank == 0 else ink, 3.0), (ink, 1.6)):
            painter.setPen(QPen(colour, width))
            painter.drawEllipse(middle, radius, radius)
    reach = QPointF(1, 1)
    taken = [
        QRectF(middle - reach * radius, middle + reach * radius) for middle, radius, _ in rings
    ]
    for middle, radius, share in rings:
        _paint_share(painter, place, middle, radius, share, taken)
    painter.restore()


def _paint_share(
    painter: QPainter,
    place: QRectF,
    middle: QPointF,
    radius: float,
    share: float,
    taken: list[QRectF],
) -> None:
    """The share of a ring beside it, on the first side where it covers no other one."""
    text = QCoreApplication.translate("WarpView", "{0:.0f} %").format(100 * share)
    metrics = painter.fontMetrics()
    width, height = metrics.horizontalAdvance(text) + 6.0, metrics.height() + 0.0
    away = radius + 4
    boxes = (
        QRectF(middle.x() + away, middle.y() - height / 2, width, height),
        QRectF(middle.x() - away - width, middle.y() - height / 2, width, height),
        QRectF(middle.x() - width / 2, middle.y() - away - height, width, height),
        QRectF(middle.x() - width / 2, middle.y() + away, width, height),
        QRectF(middle.x() + radius, middle.y() - radius - height, width, height),
        QRectF(middle.x() - radius - width, middle.y() + radius, width, height),
        QRectF(middle.x() + radius, middle.y() + radius, width, height),
        QRectF(middle.x() - radius - width, middle.y() - radius - height, width, height),
    )
    free = [
        box
        for box in boxes
        if place.contains(box) and not any(box.intersects(other) for other in taken)
    ]
    if not free:
        return
    taken.append(free[0])
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(0, 0, 0, 165))
    painter.drawRoundedRect(free[0], 3, 3)
    painter.setPen(_LIGHT)
    painter.drawText(free[0], Qt.AlignmentFlag.AlignCenter, text)


def paint_arrows(
    painter: QPainter, place: QRectF, moved: Floats, strength: NDArray[np.float32]
) -> None:
    """Arrows from places of the target to where they come from, as long as that is far.

    Args:
        painter: Paints.
        place: Where the picture stands.
        moved: ``(W, W, 2)`` in sides of the crop.
        strength: ``(W, W)`` in 0..1; what is unlikely is drawn faintly.
    """
    count, side = max(4, int(place.width() / _ARROW_PX)), moved.shape[0]
    painter.save()
    painter.setClipRect(place, Qt.ClipOperation.IntersectClip)
    for row in range(count):
        for column in range(count):
            x, y = (column + 0.5) / count, (row + 0.5) / count
            cell = min(side - 1, int(y * side)), min(side - 1, int(x * side))
            start = QPointF(place.left() + x * place.width(), place.top() + y * place.height())
            along = QPointF(*(moved[cell] * place.width()).tolist())
            ink = QColor(255, 255, 255, round(70 + 185 * float(min(1.0, strength[cell]))))
            _paint_arrow(painter, start, along, ink)
    painter.restore()


def _paint_arrow(painter: QPainter, start: QPointF, along: QPointF, ink: QColor) -> None:
    far = math.hypot(along.x(), along.y())
    if far < _REST_PX:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(ink)
        painter.drawEllipse(start, 1.0, 1.0)
        return
    end, turn = start + along, math.atan2(along.y(), along.x())
    head = min(_HEAD_PX, far / 2)
    path = QPainterPath(start)
    path.lineTo(end)
    for side in (2.6, -2.6):
        path.moveTo(end)
        path.lineTo(end + QPointF(math.cos(turn + side), math.sin(turn + side)) * head)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(ink, 1.2))
    painter.drawPath(path)


def paint_wheel(painter: QPainter, place: QRectF) -> None:
    """The legend of a flow's colours in a corner of its picture.

    Args:
        painter: Paints.
        place: Where the flow's picture stands.
    """
    side = min(float(_WHEEL_PX), place.width() / 3)
    box = QRectF(place.right() - side - 4, place.bottom() - side - 4, side, side)
    round_ = QPainterPath()
    round_.addEllipse(box)
    painter.save()
    painter.setClipPath(round_, Qt.ClipOperation.IntersectClip)
    painter.drawImage(box, wheel(_WHEEL_PX * 2))
    painter.restore()
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(QColor(0, 0, 0, 120), 1))
    painter.drawEllipse(box)


def paint_ramp(painter: QPainter, row: QRectF, kind: str, ends: tuple[str, str]) -> None:
    """The legend of a picture of numbers, at the right end of the row above it.

    Args:
        painter: Paints.
        row: Where there is room, right of the picture's name.
        kind: ``difference`` or ``confidence``.
        ends: Words for nothing and for much; left out where they find no room.
    """
    metrics = painter.fontMetrics()
    before, after = (float(metrics.horizontalAdvance(text)) for text in ends)
    whole = before + after + _RAMP_PX + 2 * theme.GRID
    if whole > row.width():
        before = after = 0.0
        whole = _RAMP_PX
    if whole > row.width():
        return
    left = row.right() - whole
    where = Qt.AlignmentFlag.AlignVCenter
    if before:
        painter.drawText(row, where | Qt.AlignmentFlag.AlignRight, ends[1])
        painter.drawText(QRectF(left, row.top(), before, row.height()), where, ends[0])
        left += before + theme.GRID
    bar = QRectF(left, row.center().y() - 3, _RAMP_PX, 6)
    colours = (sure if kind == "confidence" else hot)(np.linspace(0, 1, 9, dtype=np.float32))
    gradient = QLinearGradient(bar.topLeft(), bar.topRight())
    for number, colour in enumerate(colours.tolist()):
        gradient.setColorAt(number / (len(colours) - 1), QColor(*colour))
    painter.fillRect(bar, gradient)


def _inside(place: QRectF, at: tuple[float, float]) -> tuple[float, float]:
    """A place of a picture on the screen, never beyond its edges."""
    x, y = (min(1.0, max(0.0, value)) for value in at)
    return place.left() + x * place.width(), place.top() + y * place.height()
