"""Names beside the dots of a drawn skeleton, kept off each other."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter

from limner_app import theme

WIDEST_PX = 130
"""Longer names are shortened in the middle, unless a person points at them."""
_GAP_PX = 10.0
_PAD_PX = 4.0
_DOT_PX = 8.0
_STEP_PX = 4.0
_LINE_COST = 6.0
"""Of each point of a line under a label; a little overlap with a dot is as bad."""


def draw_labels(
    painter: QPainter,
    places: Sequence[QPointF | None],
    words: Mapping[int, str],
    *,
    bounds: QRectF,
    edges: Sequence[tuple[int, int]],
    strong: Collection[int | None],
    over_picture: bool,
) -> None:
    """Write names on the side where there is room, outwards if there is a choice.

    Args:
        painter: On which.
        places: Centre of each dot, pixels of the widget.
        words: What to write, by landmark.
        bounds: The widget.
        edges: Lines that words should not cross.
        strong: Landmarks whose words are not dimmed.
        over_picture: Whether a ground is needed under the words.
    """
    there = [at for at in places if at is not None]
    if not there:
        return
    dots = [QRectF(at.x() - _DOT_PX, at.y() - _DOT_PX, 2 * _DOT_PX, 2 * _DOT_PX) for at in there]
    centre = sum(at.x() for at in there) / len(there)
    lines = _along(places, edges)
    taken: list[QRectF] = []
    metrics = painter.fontMetrics()
    high = metrics.height() + 2.0
    # Those a person points at come first: they get the better places.
    for landmark in sorted(words, key=lambda i: (i not in strong, i)):
        at = places[landmark]
        if at is None:
            continue
        whole, middle_cut = words[landmark], Qt.TextElideMode.ElideMiddle
        word = whole if landmark in strong else metrics.elidedText(whole, middle_cut, WIDEST_PX)
        wide = metrics.horizontalAdvance(word) + 2 * _PAD_PX
        middle = 0.06 * bounds.width()
        spots = _spots(at, wide, high, rightwards=at.x() >= centre - middle)
        costs = [
            _cost(spot, bounds, [*dots, *taken], lines) + 4 * rank
            for rank, spot in enumerate(spots)
        ]
        box = spots[costs.index(min(costs))]
        taken.append(box)
        if over_picture:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(20, 21, 24, 205))
            painter.drawRoundedRect(box, 4, 4)
            painter.setPen(QColor("#f0f0f0"))
        else:
            painter.setPen(theme.colour("text" if landmark in strong else "dim"))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, word)


def _spots(at: QPointF, wide: float, high: float, *, rightwards: bool) -> list[QRectF]:
    """Places beside a dot, the best first."""
    x, y = at.x(), at.y()
    right, left = x + _GAP_PX, x - _GAP_PX - wide
    sides = (right, left) if rightwards else (left, right)
    return [
        *(QRectF(side, y - high / 2, wide, high) for side in sides),
        QRectF(x - wide / 2, y - _GAP_PX - high, wide, high),
        QRectF(x - wide / 2, y + _GAP_PX, wide, high),
        *(QRectF(side, y + dy, wide, high) for side in sides for dy in (-high, 0.0)),
    ]


def _along(
    places: Sequence[QPointF | None], edges: Sequence[tuple[int, int]]
) -> NDArray[np.float64]:
    """Points every few pixels along the lines, ``(N, 2)``."""
    made = [np.zeros((0, 2))]
    for first, second in edges:
        a, b = places[first], places[second]
        if a is not None and b is not None:
            count = int((b - a).manhattanLength() / _STEP_PX) + 2
            made.append(np.linspace((a.x(), a.y()), (b.x(), b.y()), count))
    return np.concatenate(made)


def _cost(
    spot: QRectF, bounds: QRectF, others: Sequence[QRectF], lines: NDArray[np.float64]
) -> float:
    """How much of a label would be hidden or hide something, square pixels."""
    seen = spot.intersected(bounds.adjusted(4, 4, -4, -4))
    lost = 3 * (spot.width() * spot.height() - seen.width() * seen.height())
    for other in others:
        both = spot.intersected(other)
        lost += both.width() * both.height()
    x, y = lines[:, 0], lines[:, 1]
    across = (x > spot.left()) & (x < spot.right()) & (y > spot.top()) & (y < spot.bottom())
    return lost + _LINE_COST * int(across.sum())
