"""The row of controls above the pictures in Warp, and the quiet line below them."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSignalBlocker, QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QButtonGroup,
    QFrame,
    QHBoxLayout,
    QLabel,
    QSizePolicy,
    QSlider,
    QToolButton,
    QWidget,
)

from limner_app import theme
from limner_app.views.frame_choice import FrameChoice


class LevelSlider(QWidget):
    """Chooses a level of the warp, from coarse to fine.

    Signals:
        chosen: A level, from 0; -1 for the finest.
    """

    chosen = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._sides: tuple[int, ...] = ()
        tip = self.tr("Level of the warp: coarse, or fine")
        self.setToolTip(tip)
        self.words = QLabel(self.tr("Level"))
        self.words.setProperty("role", "dim")
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setAccessibleName(tip)
        self.slider.setFixedWidth(72)
        self.slider.setPageStep(1)
        self.slider.setTickPosition(QSlider.TickPosition.NoTicks)
        self.side = QLabel()
        self.side.setFont(theme.tabular(self.side.font()))
        self.side.setMinimumWidth(self.side.fontMetrics().horizontalAdvance("128 × 128"))
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.GRID, 0, theme.GRID, 0)
        row.setSpacing(theme.GAP)
        for widget in (self.words, self.slider, self.side):
            row.addWidget(widget)
        self.slider.valueChanged.connect(self._moved)
        self.set_levels((), None)

    def set_levels(self, sides: Sequence[int], level: int | None) -> None:
        """Which levels there are.

        Args:
            sides: Their sides, from coarse to fine.
            level: The chosen one, from 0; None for the finest.
        """
        self._sides = tuple(sides)
        last = max(0, len(self._sides) - 1)
        with QSignalBlocker(self.slider):
            self.slider.setRange(0, last)
            self.slider.setValue(last if level is None else min(level, last))
        self.slider.setEnabled(last > 0)
        self._say()

    def step(self, by: int) -> None:
        """Go to a finer level, or to a coarser one."""
        self.slider.setValue(self.slider.value() + by)

    def _moved(self, level: int) -> None:
        self._say()
        self.chosen.emit(-1 if level == len(self._sides) - 1 else level)

    def _say(self) -> None:
        at = self.slider.value()
        self.side.setText("{0} × {0}".format(self._sides[at]) if self._sides else "")


class WarpBar(QWidget):
    """Controls; what they do is wired by the view."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.source = FrameChoice(
            self.tr("Source"),
            "image-square",
            self.tr("Choose the frame that the colours are taken from"),
            self.tr("The first frame"),
        )
        self.here = self._button("map-pin", self.tr("Take this frame for the source"))
        self.here.setText(self.tr("From here"))
        self.swap = self._button("arrows-left-right", self.tr("Swap source and target"))
        self.swap.setText(self.tr("Swap"))
        self.colours = self._button("palette", self.tr("Flow as colours"), checkable=True)
        self.arrows = self._button("arrow-up-right", self.tr("Flow as arrows"), checkable=True)
        self.colours.setChecked(True)
        self.flows = QButtonGroup(self)
        self.flows.addButton(self.colours)
        self.flows.addButton(self.arrows)
        self.heat = self._button(
            "fire", self.tr("Show over the source where a place may come from"), checkable=True
        )
        self.heat.setChecked(True)
        self.level = LevelSlider()
        self.of_a_warp: tuple[QWidget, ...] = (
            *(self.source, self.here, self.swap),
            *(self.colours, self.arrows, self.heat, self.level),
        )
        self._wordy: tuple[QToolButton, ...] = (self.source, self.here, self.swap)
        for button in self._wordy[1:]:
            button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self._row = row = QHBoxLayout(self)
        row.setContentsMargins(theme.MARGIN, theme.GRID, theme.MARGIN, theme.GRID)
        row.setSpacing(theme.GRID)
        for widget in (self.source, self.here, self.swap, self._line()):
            row.addWidget(widget)
        for widget in (self.colours, self.arrows, self._line(), self.heat, self._line()):
            row.addWidget(widget)
        row.addWidget(self.level)
        row.addStretch(1)

    def minimumSizeHint(self) -> QSize:
        """Narrow windows see the icons alone, so the words ask for no room."""
        return QSize(self._width(icons=True), super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave out the words where there is no room for them."""
        icons = self.width() < self._width(icons=False)
        style = Qt.ToolButtonStyle.ToolButtonIconOnly
        if not icons:
            style = Qt.ToolButtonStyle.ToolButtonTextBesideIcon
        for button in self._wordy:
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


class WarpFoot(QWidget):
    """Where the place under the mouse comes from, which model says so, and how long it took."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.summary = QLabel()
        self.summary.setProperty("role", "dim")
        self.summary.setFont(theme.tabular(self.summary.font()))
        # A long line is cut off rather than widening the window.
        self.summary.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.model = QLabel()
        self.model.setProperty("role", "dim")
        self.model.setToolTip(self.tr("The model that warps; choose another one at the top right"))
        self.took = QLabel()
        self.took.setProperty("role", "dim")
        self.took.setFont(theme.tabular(self.took.font()))
        self.took.setToolTip(self.tr("Time from the frame to its warp"))
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.MARGIN, theme.GRID, theme.MARGIN, theme.GRID)
        row.setSpacing(theme.MARGIN)
        row.addWidget(self.summary, 1)
        row.addWidget(self.model)
        row.addWidget(self.took)
