"""How the landmarks of subjects that are not worked on are drawn: there, but in the background."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

RADIUS_PX = 3.2
_HALO = QColor(0, 0, 0, 120)


def draw_subject(
    painter: QPainter,
    places: Sequence[QPointF | None],
    edges: Sequence[tuple[int, int]],
    colour: QColor,
    hovered: int | None = None,
) -> None:
    """One subject, faint and all in its own colour.

    Args:
        painter: On which, with antialiasing.
        places: Screen position of each landmark, None where it is missing.
        edges: Lines of the skeleton; empty for none.
        colour: Of the subject.
        hovered: The landmark under the mouse, drawn larger; a click takes it.
    """
    line, dot = QColor(colour), QColor(colour)
    line.setAlpha(120)
    dot.setAlpha(190)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(line, 1.4))
    for a, b in edges:
        first = places[a] if a < len(places) else None
        second = places[b] if b < len(places) else None
        if first is not None and second is not None:
            painter.drawLine(first, second)
    for i, at in enumerate(places):
        if at is not None:
            radius = RADIUS_PX * (1.5 if i == hovered else 1.0)
            painter.setPen(QPen(_HALO, 1.2))
            painter.setBrush(dot)
            painter.drawEllipse(at, radius, radius)
