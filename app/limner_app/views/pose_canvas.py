"""The square on which a pose is drawn by hand, over a dim picture where there is one."""

from __future__ import annotations

import math

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QWheelEvent,
)
from PySide6.QtWidgets import QWidget

from limner_app import theme
from limner_app.views.pose_backdrop import PoseBackdrop
from limner_app.views.pose_drawing import PoseDrawing, joint_at, places_in, ring
from limner_app.views.pose_frame import TURN, PoseFrame
from limner_app.views.pose_grip import ARROWS, SIZES, TURNS, PoseGrip
from limner_app.views.skeleton_labels import draw_labels
from limner_engine.priors import pose_edits
from limner_engine.priors.pose_edits import Joints, Pose, Way
from limner_engine.types import Image, Skeleton

_DRAG_PX = 3
_FEW = 24
"""Up to so many joints all names can be read."""
_STEP_RAD = math.radians(2)
_STEP_SCALE = 1.03
_NOTCH = 120
_BY_KEY = {Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason}


class PoseCanvas(QWidget):
    """Draws one pose and says what a hand made of it; it keeps nothing itself.

    Signals:
        drawn: The pose is another: ``(K, 2)``, what was done in words, and a key by which steps
            that follow each other become one; empty for none.
        selected_changed: Another joint, or none, is selected.

    Args:
        skeleton: Names, edges and pairs of the joints.

    Attributes:
        way: What goes along with a dragged joint.
        selected: The joint that keys move; None for the whole pose.
        named: Whether all joints show their names; seen at the next painting.
    """

    drawn = Signal(object, str, str)
    selected_changed = Signal()

    def __init__(self, skeleton: Skeleton) -> None:
        super().__init__()
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMinimumSize(320, 320)
        self.setAccessibleName(self.tr("Drawing of the pose"))
        self._skeleton, self._joints = skeleton, Joints.of(skeleton)
        self._drawing = PoseDrawing(skeleton)
        self._pose: Pose = np.zeros((len(skeleton.names), 2))
        self._backdrop = PoseBackdrop()
        self._grip: PoseGrip | None = None
        self._dragging = self._by_key = False
        self._hovered: int | None = None
        self._handle: str | None = None
        self.way: Way = "joint"
        self.selected: int | None = None
        self.named = True

    def sizeHint(self) -> QSize:
        """Room for a face of 68 points."""
        return QSize(560, 520)

    @property
    def pose(self) -> Pose:
        """As it is seen, in the middle of a drag too."""
        return self._pose

    def set_pose(self, pose: Pose) -> None:
        """Show another pose; what the mouse holds is let go."""
        self._pose, self._grip, self._dragging = pose, None, False
        self.update()

    def set_picture(self, image: Image | None) -> None:
        """Lay a picture behind, ``(S, S, 3)``, or none."""
        self._backdrop.set_picture(image)
        self.update()

    def set_strength(self, share: float) -> None:
        """How much of the picture is seen, 0 to 1."""
        self._backdrop.strength = share
        self.update()

    def select(self, joint: int | None) -> None:
        """Take one joint in hand, or none."""
        if joint != self.selected:
            self.selected = joint
            name = "" if joint is None else self._skeleton.names[joint]
            self.setAccessibleDescription(name)
            self.selected_changed.emit()
            self.update()

    # --- where things are ----------------------------------------------------------------

    @property
    def square(self) -> QRectF:
        """What stands for the crop, pixels; around it is as much room as a joint may go out."""
        side = math.floor(min(self.width(), self.height()) / (pose_edits.LIMIT + 0.02))
        made = QRectF(0, 0, side, side)
        made.moveCenter(QPointF(self.width() // 2, self.height() // 2))
        return made

    def places(self) -> list[QPointF]:
        """Where each joint is, pixels."""
        return places_in(self._pose, self.square)

    def _at(self, at: QPointF) -> int | None:
        """The joint under the mouse."""
        return joint_at(self.places(), at)

    # --- painting ------------------------------------------------------------------------

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint it."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), theme.colour("window"))
        square, over = self.square, self._backdrop.has_picture
        self._backdrop.paint(painter, square, self.devicePixelRatioF())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_pose(painter, over)
        if self.hasFocus() and self._by_key:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(theme.colour("accent"), 1))
            painter.drawRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5))

    def _paint_pose(self, painter: QPainter, over: bool) -> None:
        places, few = self.places(), len(self._pose) <= _FEW
        if not (self._dragging and self._grip is not None and self._grip.joint is not None):
            PoseFrame(self._pose, self.square).paint(painter, self._handle, over_picture=over)
        self._drawing.lines(painter, places, 3.0 if few else 1.8, over_picture=over)
        shown = {self._hovered, self.selected}
        radius = 6.0 if few else 4.0
        self._drawing.dots(painter, places, radius, over_picture=over, strong=shown)
        if self.selected is not None:
            ring(painter, places[self.selected], radius + 5, over_picture=over)
        words = {
            joint: name
            for joint, name in enumerate(self._skeleton.names)
            if joint in shown or (self.named and not self._dragging)
        }
        draw_labels(
            painter,
            places,
            words,
            bounds=QRectF(self.rect()),
            edges=self._skeleton.edges,
            strong=shown,
            over_picture=over,
        )

    # --- the mouse -----------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take a joint, a handle, or the whole pose."""
        if event.button() != Qt.MouseButton.LeftButton:
            return
        at = event.position()
        joint = self._at(at)
        handle = None if joint is not None else PoseFrame(self._pose, self.square).at(at)
        self._grip = PoseGrip(joint, handle, at, self._pose)
        if handle is None:
            self.select(joint)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Drag what is held, or show what could be."""
        at, grip = event.position(), self._grip
        if grip is None:
            self._point_at(at)
            return
        if (at - grip.begin).manhattanLength() > _DRAG_PX:
            self._dragging = True
        if self._dragging:
            keys = event.modifiers()
            self._pose = grip.pulled(at, self.square, self._joints, self.way, keys)
            self.update()

    def _point_at(self, at: QPointF) -> None:
        self._hovered = self._at(at)
        frame = PoseFrame(self._pose, self.square)
        self._handle = None if self._hovered is not None else frame.at(at)
        if self._hovered is not None:
            shape = Qt.CursorShape.PointingHandCursor
        elif self._handle is not None:
            shape = frame.cursor(self._handle)
        else:
            shape = Qt.CursorShape.SizeAllCursor
        self.setCursor(shape)
        self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """What was dragged is drawn."""
        grip = self._grip
        if event.button() != Qt.MouseButton.LeftButton or grip is None:
            return
        dragged, self._grip, self._dragging = self._dragging, None, False
        if dragged:
            self.drawn.emit(self._pose, self._words(grip), "")
        self.update()

    def _moved_words(self, joint: int | None) -> str:
        if joint is None:
            return self.tr("Move the pose")
        return self.tr("Move {name}").format(name=self._skeleton.names[joint])

    def _words(self, grip: PoseGrip) -> str:
        if grip.handle is None:
            return self._moved_words(grip.joint)
        return self.tr("Turn the pose") if grip.handle == TURN else self.tr("Scale the pose")

    def wheelEvent(self, event: QWheelEvent) -> None:
        """With Ctrl scale, with Shift turn, about the middle of the pose."""
        delta = event.angleDelta()
        notches = (delta.y() or delta.x()) / _NOTCH  # some systems swap them with Shift
        keys = event.modifiers()
        if self._grip is None and notches and keys & Qt.KeyboardModifier.ControlModifier:
            self._scale(notches)
        elif self._grip is None and notches and keys & Qt.KeyboardModifier.ShiftModifier:
            self._turn(-notches)
        else:
            super().wheelEvent(event)

    def _scale(self, steps: float) -> None:
        pose = pose_edits.scaled(self._pose, _STEP_SCALE**steps)
        self.drawn.emit(pose, self.tr("Scale the pose"), "scale")

    def _turn(self, steps: float) -> None:
        pose = pose_edits.turned(self._pose, _STEP_RAD * steps)
        self.drawn.emit(pose, self.tr("Turn the pose"), "turn")

    # --- keys ----------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows move, brackets turn, plus and minus scale; Esc lets go."""
        key, keys = Qt.Key(event.key()), event.modifiers()
        if key == Qt.Key.Key_Escape and self._grip is not None:
            self.set_pose(self._grip.pose)
        elif key == Qt.Key.Key_Escape and self.selected is not None:
            self.select(None)
        elif self._grip is not None:
            return
        elif key in ARROWS:
            ten = bool(keys & Qt.KeyboardModifier.ShiftModifier)
            self._nudge(*ARROWS[key], pixels=10 if ten else 1)
        elif key in TURNS:
            self._turn(TURNS[key])
        elif key in SIZES:
            self._scale(SIZES[key])
        else:
            super().keyPressEvent(event)

    def _nudge(self, across: int, down: int, pixels: int) -> None:
        """A step of whole pixels of the screen; the selected joint, or the pose."""
        unit = 2 * pixels / self.square.width()
        by = across * unit, down * unit
        if self.selected is None:
            pose = pose_edits.moved(self._pose, by)
        else:
            x, y = self._pose[self.selected].tolist()
            to = x + by[0], y + by[1]
            pose = pose_edits.dragged(self._pose, self._joints, self.selected, to, self.way)
        self.drawn.emit(pose, self._moved_words(self.selected), f"nudge {self.selected}")

    def focusNextPrevChild(self, forward: bool) -> bool:  # noqa: N802 (Qt calls it so)
        """Tab goes through the joints, and on to the next control after the last one."""
        last = len(self._pose) - 1
        here = self.selected
        joint = (0 if forward else last) if here is None else here + (1 if forward else -1)
        if not 0 <= joint <= last:
            self.select(None)
            return super().focusNextPrevChild(forward)
        self.select(joint)
        return True

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Whoever comes by the keyboard is shown where it works now."""
        self._by_key = event.reason() in _BY_KEY
        super().focusInEvent(event)

    def leaveEvent(self, _event: QEvent) -> None:
        """Nothing is under the mouse any more."""
        self._hovered = self._handle = None
        self.update()
