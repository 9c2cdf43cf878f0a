"""The frame around a pose, and the handles that stretch and turn it."""

from __future__ import annotations

import math
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from limner_app import theme
from limner_engine.priors import pose_edits
from limner_engine.priors.pose_edits import Pose

TURN = "turn"
_PAD_PX = 18.0
_KNOB_PX = 24.0
_HALF_PX = 4.0
_REACH_PX = 9.0
_SNAP_RAD = math.radians(15)
_SIDES = {
    "nw": (-1, -1),
    "n": (0, -1),
    "ne": (1, -1),
    "e": (1, 0),
    "se": (1, 1),
    "s": (0, 1),
    "sw": (-1, 1),
    "w": (-1, 0),
}
_CURSORS = {
    "nw": Qt.CursorShape.SizeFDiagCursor,
    "se": Qt.CursorShape.SizeFDiagCursor,
    "ne": Qt.CursorShape.SizeBDiagCursor,
    "sw": Qt.CursorShape.SizeBDiagCursor,
    "n": Qt.CursorShape.SizeVerCursor,
    "s": Qt.CursorShape.SizeVerCursor,
    "w": Qt.CursorShape.SizeHorCursor,
    "e": Qt.CursorShape.SizeHorCursor,
    TURN: Qt.CursorShape.CrossCursor,
}


@dataclass(frozen=True, slots=True)
class PoseFrame:
    """A box around a pose, a little wider than the pose itself so that no handle hides a joint.

    Attributes:
        pose: The pose.
        square: The square that stands for the crop, pixels of the widget.
    """

    pose: Pose
    square: QRectF

    @property
    def box(self) -> QRectF:
        """The frame, pixels of the widget."""
        low, high = pose_edits.box_of(self.pose)
        half, middle = self.square.width() / 2, self.square.center()
        corners = [middle + QPointF(float(x), float(y)) * half for x, y in (low, high)]
        return QRectF(*corners).adjusted(-_PAD_PX, -_PAD_PX, _PAD_PX, _PAD_PX)

    def handles(self) -> dict[str, QPointF]:
        """Centres of the handles by name, pixels of the widget."""
        box = self.box
        centre, wide, high = box.center(), box.width() / 2, box.height() / 2
        made = {
            name: centre + QPointF(across * wide, down * high)
            for name, (across, down) in _SIDES.items()
        }
        # Where there is no room above, the knob is inside.
        knob = made["n"] - QPointF(0, _KNOB_PX)
        made[TURN] = knob if knob.y() > _HALF_PX else made["n"] + QPointF(0, _KNOB_PX)
        return made

    def at(self, place: QPointF) -> str | None:
        """The handle under the mouse."""
        gaps = {
            name: math.hypot(centre.x() - place.x(), centre.y() - place.y())
            for name, centre in self.handles().items()
        }
        name = min(gaps, key=lambda known: gaps[known])
        return name if gaps[name] <= _REACH_PX else None

    @staticmethod
    def cursor(handle: str) -> Qt.CursorShape:
        """What the mouse looks like over a handle."""
        return _CURSORS[handle]

    def pulled(self, handle: str, begin: QPointF, now: QPointF, *, snap: bool = False) -> Pose:
        """The pose after a handle went from one place to another.

        A corner keeps proportions, a side stretches; the opposite one stays. The knob turns about
        the middle.

        Args:
            handle: Its name.
            begin: Where the mouse took it.
            now: Where the mouse is.
            snap: Whether turns go in steps of 15 degrees.
        """
        centre = self.box.center()
        if handle == TURN:
            first, second = begin - centre, now - centre
            angle = math.atan2(second.y(), second.x()) - math.atan2(first.y(), first.x())
            angle = round(angle / _SNAP_RAD) * _SNAP_RAD if snap else angle
            return pose_edits.turned(self.pose, angle)
        across, down = _SIDES[handle]
        low, high = (side.tolist() for side in pose_edits.box_of(self.pose))
        about = (
            (low[0] + high[0]) / 2 if not across else low[0] if across > 0 else high[0],
            (low[1] + high[1]) / 2 if not down else low[1] if down > 0 else high[1],
        )
        half = self.square.width() / 2
        wide, tall = (high[0] - low[0]) * half, (high[1] - low[1]) * half
        went = now - begin
        grown_x, grown_y = across * went.x(), down * went.y()
        if across and down:
            # Along the diagonal, so that both ways of pulling count.
            size = math.hypot(wide, tall)
            by = 1 + (grown_x * wide + grown_y * tall) / size**2 if size > 0 else 1.0
            return pose_edits.scaled(self.pose, by, about)
        factors = (
            1 + grown_x / wide if across and wide > 0 else 1.0,
            1 + grown_y / tall if down and tall > 0 else 1.0,
        )
        return pose_edits.scaled(self.pose, factors, about)

    def paint(self, painter: QPainter, hovered: str | None, *, over_picture: bool) -> None:
        """The frame and its handles, quiet enough to draw in.

        Args:
            painter: On which, with antialiasing.
            hovered: The handle under the mouse.
            over_picture: Whether a picture lies behind.
        """
        handles = self.handles()
        ink = QColor("white") if over_picture else theme.colour("text")
        ground = QColor(0, 0, 0, 190) if over_picture else theme.colour("panel")
        line = QPen(ink, 1.0, Qt.PenStyle.CustomDashLine)
        line.setDashPattern([3.0, 4.0])
        # Dashes of white and dark show on a picture, and beside it on a light ground.
        under = QPen(QColor(0, 0, 0) if over_picture else theme.colour("canvas"), 1.0)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setOpacity(0.5)
        for pen in (under, line):
            painter.setPen(pen)
            painter.drawRect(self.box)
            painter.drawLine(handles["n"], handles[TURN])
        painter.setOpacity(1.0)
        for name, at in handles.items():
            on = name == hovered
            painter.setPen(QPen(theme.colour("accent") if on else ink, 1.0))
            painter.setBrush(theme.colour("accent") if on else ground)
            size = QRectF(at.x() - _HALF_PX, at.y() - _HALF_PX, 2 * _HALF_PX, 2 * _HALF_PX)
            if name == TURN:
                painter.drawEllipse(at, _HALF_PX + 0.5, _HALF_PX + 0.5)
            else:
                painter.drawRect(size.adjusted(0.5, 0.5, -0.5, -0.5))
