"""The row of controls above the pictures in Edit, and the quiet line below them."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QButtonGroup, QFrame, QHBoxLayout, QLabel, QToolButton, QWidget

from limner_app import theme
from limner_app.views.frame_choice import FrameChoice


def moved_words(count: int) -> str:
    """How many landmarks are elsewhere; empty for none."""
    if count == 1:
        return QCoreApplication.translate("EditBar", "one landmark moved")
    words = QCoreApplication.translate("EditBar", "{0} landmarks moved")
    return words.format(count) if count else ""


class EditBar(QWidget):
    """Controls; what they do is wired by the view."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.side_by_side = self._button("columns", self.tr("Side by side"), checkable=True)
        self.divider = self._button(
            "circle-half", self.tr("One over the other, with a divider"), checkable=True
        )
        self.side_by_side.setChecked(True)
        self.layouts = QButtonGroup(self)
        self.layouts.addButton(self.side_by_side)
        self.layouts.addButton(self.divider)
        self.whole = self._button("frame-corners", self.tr("Show the whole frame"), checkable=True)
        self.network_only = self._button(
            "cube", self.tr("Draw with the network alone, without the video's detail"), True
        )
        self.pose_picture = self._button(
            "person-simple", self.tr("Show the pose that the picture is redrawn from"), True
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
        self.along = self._button(
            "film-strip", self.tr("Make this edit along a range of frames, as a video")
        )
        self.along.setText(self.tr("Along a range…"))
        self.along.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.swap = self._button(
            "swap", self.tr("The motion of one video with the looks of another")
        )
        self.swap.setText(self.tr("Swap…"))
        self.swap.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.reset = self._button("arrow-counter-clockwise", self.tr("Put all landmarks back"))
        self.reset.setText(self.tr("Reset all"))
        self.reset.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.copy = self._button("copy", self.tr("Copy the picture"))
        self.save = self._button("download-simple", self.tr("Save the picture"))
        self.save.setText(self.tr("Save…"))
        self.save.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
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
        self._wordy: tuple[QToolButton, ...] = (
            self.pose,
            self.looks,
            self.along,
            self.swap,
            self.reset,
            self.save,
        )
        self._row = row = QHBoxLayout(self)
        row.setContentsMargins(theme.MARGIN, theme.GRID, theme.MARGIN, theme.GRID)
        row.setSpacing(theme.GRID)
        for widget in (self.side_by_side, self.divider, self._line()):
            row.addWidget(widget)
        for widget in (self.whole, self.network_only, self.pose_picture, self._line()):
            row.addWidget(widget)
        row.addWidget(self.pose)
        row.addWidget(self.looks)
        row.addWidget(self._line())
        row.addWidget(self.along)
        row.addWidget(self.swap)
        row.addStretch(1)
        for widget in (self.reset, self._line(), self.copy, self.save):
            row.addWidget(widget)

    def minimumSizeHint(self) -> QSize:
        """Narrow windows see the icons alone, so the words ask for no room."""
        return QSize(self._width(icons=True), super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave out the words where there is no room for them."""
        icons = self.width() < self._width(icons=False)
        for button in self._wordy:
            style = Qt.ToolButtonStyle.ToolButtonIconOnly
            if not icons:
                style = Qt.ToolButtonStyle.ToolButtonTextBesideIcon
            if button.toolButtonStyle() != style:
                button.setToolButtonStyle(style)
        super().resizeEvent(event)

    def _width(self, *, icons: bool) -> int:
        """How wide all of it is, with icons alone or with the words beside them."""
        words = 0
        for button in self._wordy:
            shown = button.toolButtonStyle() != Qt.ToolButtonStyle.ToolButtonIconOnly
            if shown == icons:
                metrics = button.fontMetrics()
                words += metrics.horizontalAdvance(button.text()) + 2 * theme.GRID
        return self._row.minimumSize().width() + (-words if icons else words)

    def _button(self, icon: str, tip: str, checkable: bool = False) -> QToolButton:
        made = QToolButton()
        made.setIcon(theme.icon(icon))
        made.setToolTip(tip)
        made.setAccessibleName(tip)
        made.setCheckable(checkable)
        return made

    @staticmethod
    def _line() -> QFrame:
        made = QFrame()
        made.setFixedSize(1, 16)
        made.setStyleSheet("background: palette(mid)")
        return made


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
