"""How the timeline and its legend draw what persons decided: filled, hollow and hatched."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPen, QPolygonF

from limner_app import theme

HALF_PX = 4.5
"""Half the width of a triangle."""
HEIGHT_PX = 8
_HATCH_PX = 4.0


def draw_triangle(painter: QPainter, x: float, top: float, *, up: bool, hollow: bool) -> None:
    """A small triangle in the painter's brush, or its outline in the text's colour.

    Args:
        painter: On which, with antialiasing.
        x: Its middle.
        top: Its upper end.
        up: Whether its tip is there.
        hollow: Whether it is an outline.
    """
    grown = 0.6 if hollow else 0.0  # the pen stands half outside
    tip, foot = (top, top + HEIGHT_PX) if up else (top + HEIGHT_PX, top)
    left, right = x - HALF_PX + grown, x + HALF_PX - grown
    foot -= grown if up else -grown
    shape = QPolygonF([QPointF(x, tip + grown), QPointF(left, foot), QPointF(right, foot)])
    _dress(painter, hollow)
    painter.drawPolygon(shape)


def draw_stretch(painter: QPainter, left: float, right: float, top: float) -> None:
    """A hollow bar as wide as frames that lie too close for triangles."""
    _dress(painter, hollow=True)
    height = HEIGHT_PX - 2
    area = QRectF(left - HALF_PX + 0.6, top + 1.6, right - left + 2 * HALF_PX - 1.2, height - 1.2)
    painter.drawRoundedRect(area, 2, 2)


def _dress(painter: QPainter, hollow: bool) -> None:
    if hollow:
        painter.setPen(QPen(theme.colour("text"), 1.2))
        painter.setBrush(theme.colour("panel"))
    else:
        painter.setPen(Qt.PenStyle.NoPen)


def draw_hatch(painter: QPainter, area: QRectF) -> None:
    """Slanted lines over what was rejected.

    Args:
        painter: On which, with antialiasing.
        area: Where; the lines of neighbouring areas go on in each other.
    """
    painter.save()
    painter.setClipRect(area)
    painter.fillRect(area, theme.colour("canvas"))
    painter.setPen(QPen(theme.colour("dim"), 1.2))
    first = np.floor((area.left() - area.height()) / _HATCH_PX) * _HATCH_PX
    for x in np.arange(first, area.right() + _HATCH_PX, _HATCH_PX).tolist():
        painter.drawLine(QPointF(x, area.bottom()), QPointF(x + area.height(), area.top()))
    painter.restore()


def stretches(columns: NDArray[np.int64], gap: float) -> Sequence[tuple[int, int]]:
    """Columns that lie no further apart than a gap, as (first, last).

    Args:
        columns: ``(n,)``, ascending.
        gap: Screen pixels.
    """
    if not len(columns):
        return []
    cuts = np.flatnonzero(np.diff(columns) > gap)
    starts = columns[np.concatenate([[0], cuts + 1])]
    stops = columns[np.concatenate([cuts, [len(columns) - 1]])]
    return list(zip(starts.tolist(), stops.tolist(), strict=True))
