"""Where the six pictures of a warp stand: two large ones, and four small ones that follow."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF

from limner_app import theme

LARGE = ("source", "target")
SMALL = ("redrawn", "difference", "flow", "confidence")
PANES = (*LARGE, *SMALL)
LABEL_PX = 24.0
"""Room for the words above a picture."""


def panes(room: QRectF) -> dict[str, QRectF]:
    """The squares of the pictures, without the words above them.

    The small ones stand in a block beside the large ones, or in a row below them: whichever makes
    the pictures larger.

    Args:
        room: What there is, pixels.
    """
    gap = float(theme.MARGIN)
    # Beside: two sides, a gap each, and a block of two halves.
    beside = min(room.height() - LABEL_PX, (room.width() - 2 * gap) / 3)
    # Below: two sides over four halves.
    below = min((room.width() - gap) / 2, (room.height() - 2 * LABEL_PX - gap / 2) / 1.5)
    if beside >= below:
        return _beside(room, max(8.0, beside), gap)
    return _below(room, max(8.0, below), gap)


def _beside(room: QRectF, side: float, gap: float) -> dict[str, QRectF]:
    small = (side - LABEL_PX) / 2
    left = room.center().x() - (2 * side + 2 * gap + 2 * small + gap / 2) / 2
    top = room.center().y() - (side - LABEL_PX) / 2
    made = {
        name: QRectF(left + column * (side + gap), top, side, side)
        for column, name in enumerate(LARGE)
    }
    first = left + 2 * (side + gap)
    for number, name in enumerate(SMALL):
        row, column = divmod(number, 2)
        made[name] = QRectF(
            first + column * (small + gap / 2), top + row * (small + LABEL_PX), small, small
        )
    return made


def _below(room: QRectF, side: float, gap: float) -> dict[str, QRectF]:
    small = (2 * side + gap - 3 * gap) / 4
    left = room.center().x() - side - gap / 2
    top = room.center().y() - (side + small + 2 * LABEL_PX) / 2 + LABEL_PX
    made = {
        name: QRectF(left + column * (side + gap), top, side, side)
        for column, name in enumerate(LARGE)
    }
    for column, name in enumerate(SMALL):
        made[name] = QRectF(left + column * (small + gap), top + side + LABEL_PX, small, small)
    return made


def at(places: dict[str, QRectF], position: QPointF) -> tuple[str, tuple[float, float]] | None:
    """The picture under a position and where in it, both 0..1 from its top left; None for none."""
    for name, place in places.items():
        if place.contains(position):
            apart = position - place.topLeft()
            return name, (apart.x() / place.width(), apart.y() / place.height())
    return None
