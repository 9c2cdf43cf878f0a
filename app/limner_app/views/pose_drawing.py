"""A pose drawn as dots and lines, its left and right told apart by colour and by shape."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence

from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from limner_app import theme
from limner_engine.priors.pose_edits import Pose, side_numbers
from limner_engine.types import Skeleton

LEFT, MIDDLE, RIGHT = -1, 0, 1
_REACH_PX = 11.0
_HALO = QColor(0, 0, 0, 150)


def side_colour(side: int, *, over_picture: bool = False) -> QColor:
    """The colour of a side: `LEFT`, `RIGHT`, or `MIDDLE` for what has none.

    Two blues and two oranges of Okabe and Ito's set, which colour-blind people tell apart, and of
    each the one that shows on the ground.
    """
    if theme.is_dark() or over_picture:
        shades = {LEFT: QColor(86, 180, 233), RIGHT: QColor(240, 160, 40)}
        return shades.get(side, QColor("#e6e6e6"))
    shades = {LEFT: QColor(0, 114, 178), RIGHT: QColor(201, 86, 0)}
    return shades.get(side, theme.colour("dim"))


def places_in(pose: Pose, square: QRectF) -> list[QPointF]:
    """Where joints lie in the square that stands for the crop, pixels."""
    half, middle = square.width() / 2, square.center()
    return [middle + QPointF(x * half, y * half) for x, y in pose.tolist()]


def joint_at(places: Sequence[QPointF], at: QPointF) -> int | None:
    """The joint within reach of the mouse; the nearest if there are several."""
    gaps = [math.hypot(place.x() - at.x(), place.y() - at.y()) for place in places]
    joint = min(range(len(gaps)), key=gaps.__getitem__)
    return joint if gaps[joint] <= _REACH_PX else None


class PoseDrawing:
    """Draws the poses of one skeleton.

    Args:
        skeleton: Names, edges and pairs.
    """

    def __init__(self, skeleton: Skeleton) -> None:
        self.sides = side_numbers(skeleton)
        # A line across the body is of no side.
        self._lines = [
            (first, second, _both(self.sides[first], self.sides[second]))
            for first, second in skeleton.edges
        ]

    @property
    def has_lines(self) -> bool:
        """Whether the skeleton has edges at all."""
        return bool(self._lines)

    def lines(
        self,
        painter: QPainter,
        places: Sequence[QPointF],
        width_px: float,
        *,
        over_picture: bool = False,
    ) -> None:
        """The edges.

        Args:
            painter: On which, with antialiasing.
            places: Of the joints, pixels.
            width_px: Of the lines.
            over_picture: Whether they need a dark rim to show.
        """
        cap = Qt.PenCapStyle.RoundCap
        by_side = {
            side: [QLineF(places[a], places[b]) for a, b, of in self._lines if of == side]
            for side in (MIDDLE, LEFT, RIGHT)
        }
        if over_picture:
            painter.setPen(QPen(QColor(0, 0, 0, 110), width_px + 2.0, c=cap))
            painter.drawLines([line for lines in by_side.values() for line in lines])
        for side, lines in by_side.items():
            painter.setPen(QPen(side_colour(side, over_picture=over_picture), width_px, c=cap))
            painter.drawLines(lines)

    def dots(
        self,
        painter: QPainter,
        places: Sequence[QPointF],
        radius_px: float,
        *,
        over_picture: bool = False,
        strong: Collection[int | None] = (),
    ) -> None:
        """The joints, round on the left and in the middle, square on the right.

        Args:
            painter: On which, with antialiasing.
            places: Of the joints, pixels.
            radius_px: Of a dot.
            over_picture: Whether they need a dark rim to show.
            strong: Those that are drawn a little larger.
        """
        rim = _HALO if over_picture else theme.colour("canvas")
        for joint, at in enumerate(places):
            radius = radius_px * (1.3 if joint in strong else 1.0)
            side = self.sides[joint]
            painter.setPen(QPen(rim, 1.5))
            painter.setBrush(side_colour(side, over_picture=over_picture))
            mark(painter, at, radius, side)


def mark(painter: QPainter, at: QPointF, radius_px: float, side: int) -> None:
    """The shape of one joint in the painter's colours."""
    if side == RIGHT:
        half = radius_px * 0.9
        painter.drawRoundedRect(QRectF(at.x() - half, at.y() - half, 2 * half, 2 * half), 1.5, 1.5)
    else:
        painter.drawEllipse(at, radius_px, radius_px)


def ring(painter: QPainter, at: QPointF, radius_px: float, *, over_picture: bool) -> None:
    """Around the joint that is at hand."""
    dark = QColor(0, 0, 0, 170)
    inks = (dark, QColor("white")) if over_picture else (theme.colour("canvas"), None)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for ink, wide in zip(inks, (3.6, 1.8), strict=True):
        painter.setPen(QPen(ink or theme.colour("text"), wide))
        painter.drawEllipse(at, radius_px, radius_px)


def _both(first: int, second: int) -> int:
    return first + second if first * second == 0 else first if first == second else MIDDLE
