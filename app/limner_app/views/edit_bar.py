"""The row of controls above the pictures in Edit, and the quiet line below them."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QLabel, QWidget

from limner_app import theme
from limner_app.views.frame_choice import FrameChoice
from limner_app.views.tool_row import ToolRow


def moved_words(count: int) -> str:
    """How many landmarks are elsewhere; empty for none."""
    if count == 1:
        return QCoreApplication.translate("EditBar", "one landmark moved")
    words = QCoreApplication.translate("EditBar", "{0} landmarks moved")
    return words.format(count) if count else ""


class EditBar(ToolRow):
    """Controls; what they do is wired by the view."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.side_by_side = self.button("columns", self.tr("Side by side"), checkable=True)
        self.divider = self.button(
            "circle-half", self.tr("One over the other, with a divider"), checkable=True
        )
        self.side_by_side.setChecked(True)
        self.layouts = QButtonGroup(self)
        self.layouts.addButton(self.side_by_side)
        self.layouts.addButton(self.divider)
        self.whole = self.button("frame-corners", self.tr("Show the whole frame"), checkable=True)
        self.network_only = self.button(
            "cube",
            self.tr("Draw with the network alone, without the video's detail"),
            checkable=True,
        )
        self.pose_picture = self.button(
            "person-simple",
            self.tr("Show the pose that the picture is redrawn from"),
            checkable=True,
        )
        self.pose = FrameChoice(
            self.tr("Pose"),
            "person-simple-run",
            self.tr("Take the pose from another frame"),
            self.tr("This frame's own pose"),
        )
        self.looks = FrameChoice(
            self.tr("Looks"),
            "palette",
            self.tr("Take the looks from another frame"),
            self.tr("This frame's own looks"),
        )
        self.along = self.button(
            "film-strip",
            self.tr("Make this edit along a range of frames, as a video"),
            self.tr("Along a range…"),
        )
        self.swap = self.button(
            "swap", self.tr("The motion of one video with the looks of another"), self.tr("Swap…")
        )
        self.reset = self.button(
            "arrow-counter-clockwise", self.tr("Put all landmarks back"), self.tr("Reset all")
        )
        self.copy = self.button("copy", self.tr("Copy the picture"))
        self.save = self.button("download-simple", self.tr("Save the picture"), self.tr("Save…"))
        self.of_a_picture: tuple[QWidget, ...] = (
            self.side_by_side,
            self.divider,
            self.whole,
            self.network_only,
            self.pose_picture,
            self.pose,
            self.looks,
            self.swap,
            self.copy,
            self.save,
        )
        self.wordy = (
            self.pose,
            self.looks,
            self.along,
            self.swap,
            self.reset,
            self.save,
        )
        row = self.row
        for widget in (self.side_by_side, self.divider, self.line()):
            row.addWidget(widget)
        for widget in (self.whole, self.network_only, self.pose_picture, self.line()):
            row.addWidget(widget)
        row.addWidget(self.pose)
        row.addWidget(self.looks)
        row.addWidget(self.line())
        row.addWidget(self.along)
        row.addWidget(self.swap)
        row.addStretch(1)
        for widget in (self.reset, self.line(), self.copy, self.save):
            row.addWidget(widget)


class EditFoot(QWidget):
    """What the edit is, and how long the last picture took."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.summary = QLabel()
        self.summary.setProperty("role", "dim")
        self.took = QLabel()
        self.took.setProperty("role", "dim")
        self.took.setFont(theme.tabular(self.took.font()))
        self.took.setToolTip(self.tr("Time from the mouse to the new picture"))
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.MARGIN, theme.GRID, theme.MARGIN, theme.GRID)
        row.addWidget(self.summary, 1)
        row.addWidget(self.took)

    def say(self, moved: int, looks: str, ready: bool) -> None:
        """Say what the edit is.

        Args:
            moved: How many landmarks are elsewhere.
            looks: Whose looks the picture has, in words; empty for its own.
            ready: Whether there is a picture that can be edited.
        """
        parts = [words for words in (moved_words(moved), looks) if words]
        if not parts and ready:
            parts.append(
                self.tr("Drag a landmark to redraw the picture. A double click puts it back.")
            )
        self.summary.setText("  ·  ".join(parts))
        if not ready:
            self.took.clear()
