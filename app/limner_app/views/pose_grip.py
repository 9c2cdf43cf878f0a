"""What a hand does on the canvas: what the mouse holds while it drags, and what keys mean."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, Qt

from limner_app.views.pose_frame import PoseFrame
from limner_engine.priors import pose_edits
from limner_engine.priors.pose_edits import Joints, Pose, Way

ARROWS = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, -1),
    Qt.Key.Key_Down: (0, 1),
}
"""Steps across and down."""
TURNS = {Qt.Key.Key_BracketLeft: -1, Qt.Key.Key_BracketRight: 1}
"""Steps, clockwise above 0."""
SIZES = {Qt.Key.Key_Plus: 1, Qt.Key.Key_Equal: 1, Qt.Key.Key_Minus: -1}
"""Steps, larger above 0."""


@dataclass(frozen=True, slots=True, eq=False)
class PoseGrip:
    """One drag, from the pose as it was when it began.

    Attributes:
        joint: The joint; None where it is a handle or the whole pose.
        handle: The handle of the frame; None likewise.
        begin: Where it was taken, pixels.
        pose: As it was then.
    """

    joint: int | None
    handle: str | None
    begin: QPointF
    pose: Pose

    def pulled(
        self, at: QPointF, square: QRectF, joints: Joints, way: Way, keys: Qt.KeyboardModifier
    ) -> Pose:
        """The pose with the mouse at a place.

        Args:
            at: The mouse, pixels.
            square: What stands for the crop, pixels.
            joints: Of the skeleton.
            way: What goes along with a joint, unless keys say otherwise.
            keys: Held meanwhile.
        """
        if self.handle is not None:
            snap = bool(keys & Qt.KeyboardModifier.ShiftModifier)
            frame = PoseFrame(self.pose, square)
            return frame.pulled(self.handle, self.begin, at, snap=snap)
        went = (at - self.begin) / (square.width() / 2)
        if self.joint is None:
            return pose_edits.moved(self.pose, (went.x(), went.y()))
        x, y = self.pose[self.joint].tolist()
        to = x + went.x(), y + went.y()
        return pose_edits.dragged(self.pose, joints, self.joint, to, way_of(keys, way))


def way_of(keys: Qt.KeyboardModifier, otherwise: Way) -> Way:
    """What goes along with a joint: Ctrl its limb, Shift keeps lengths, both its neighbours."""
    shift = bool(keys & Qt.KeyboardModifier.ShiftModifier)
    if keys & Qt.KeyboardModifier.ControlModifier:
        return "nearby" if shift else "limb"
    return "bones" if shift else otherwise
