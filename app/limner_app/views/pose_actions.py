"""What can be done in the pose editor, with its keys; buttons are made from these actions."""

from __future__ import annotations

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction, QActionGroup, QKeySequence
from PySide6.QtWidgets import QWidget

from limner_app import theme
from limner_engine.priors.pose_edits import WAYS, Way


class PoseActions(QObject):
    """All actions of one pose editor; it connects them.

    Args:
        window: The editor, in which the keys work.

    Attributes:
        new: A copy of the current pose.
        duplicate: Copies of the selected poses.
        mirror: Turn the selected poses over.
        add_mirrored: A mirrored copy of each selected pose.
        delete: Take the selected poses away.
        fill: Poses between the selected ones.
        ways: What goes along with a dragged joint; one of them is checked.
        names: Write all names; can be checked.
        shown: Draw over a picture; can be checked.
        previous: The picture before.
        following: The picture after.
        undo: Take the newest step back.
        redo: Do it again.
    """

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        self.new = self._action("plus", self.tr("New pose"), "N", self.tr("a copy of this one"))
        self.duplicate = self._action(
            "copy", self.tr("Duplicate"), "Ctrl+D", self.tr("the selected poses once more")
        )
        self.mirror = self._action(
            "arrows-left-right",
            self.tr("Mirror"),
            "M",
            self.tr("turn the selected poses over; left becomes right"),
        )
        self.add_mirrored = self._action(
            "users",
            self.tr("Add mirrored"),
            "Shift+M",
            self.tr("a mirrored copy of each selected pose"),
        )
        self.delete = self._action(
            "trash", self.tr("Delete"), "Del", self.tr("take the selected poses away")
        )
        self.fill = self._action(
            "dots-three",
            self.tr("Fill between"),
            "F",
            self.tr("poses on the way from one selected pose to the next; select two or more"),
        )
        self.ways = self._ways()
        self.names = self._action("text-t", self.tr("Names"), "T", self.tr("of all joints"))
        self.shown = self._action("image", self.tr("Picture"), "O", self.tr("draw over one"))
        for action in (self.names, self.shown):
            action.setCheckable(True)
        self.previous = self._action("caret-left", self.tr("Previous picture"), ",")
        self.following = self._action("caret-right", self.tr("Next picture"), ".")
        self.undo = self._action("arrow-counter-clockwise", self.tr("Undo"), "Ctrl+Z")
        self.redo = self._action("arrow-clockwise", self.tr("Redo"), "Ctrl+Shift+Z")
        self.redo.setShortcuts([QKeySequence("Ctrl+Shift+Z"), QKeySequence("Ctrl+Y")])

    def _ways(self) -> dict[Way, QAction]:
        words = (
            ("circle", self.tr("Joint"), self.tr("the dragged joint alone")),
            (
                "git-branch",
                self.tr("Limb"),
                self.tr("what hangs on the joint, of a face its part; or drag with Ctrl"),
            ),
            (
                "ruler",
                self.tr("Lengths"),
                self.tr("joints bend, and no line changes its length; or drag with Shift"),
            ),
            (
                "waves",
                self.tr("Nearby"),
                self.tr("neighbours go along, the less the farther; or drag with Ctrl and Shift"),
            ),
        )
        group = QActionGroup(self)
        made: dict[Way, QAction] = {}
        for number, (way, (icon, text, about)) in enumerate(zip(WAYS, words, strict=True)):
            made[way] = group.addAction(self._action(icon, text, str(number + 1), about))
            made[way].setCheckable(True)
        return made

    def _action(self, icon: str, text: str, key: str, about: str = "") -> QAction:
        made = QAction(theme.icon(icon), text, self._window)
        made.setShortcut(QKeySequence(key))
        self._window.addAction(made)
        made.setToolTip(f"{text}: {about}  ({key})" if about else f"{text}  ({key})")
        return made

    def set_history(self, undo: str | None, redo: str | None) -> None:
        """What undo and redo would do."""
        for action, head, text, key in (
            (self.undo, self.tr("Undo"), undo, "Ctrl+Z"),
            (self.redo, self.tr("Redo"), redo, "Ctrl+Shift+Z"),
        ):
            action.setEnabled(text is not None)
            action.setToolTip(f"{head}: {text}  ({key})" if text else f"{head}  ({key})")
