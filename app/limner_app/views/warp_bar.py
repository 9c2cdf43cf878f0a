"""The row of controls above the pictures in Warp, and the quiet line below them."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import (
    QButtonGroup,
    QHBoxLayout,
    QLabel,
    QSizePolicy,
    QSlider,
    QWidget,
)

from limner_app import theme
from limner_app.views.frame_choice import FrameChoice
from limner_app.views.tool_row import ToolRow


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


class WarpBar(ToolRow):
    """Controls; what they do is wired by the view."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.source = FrameChoice(
            self.tr("Source"),
            "image-square",
            self.tr("Choose the frame that the colours are taken from"),
            self.tr("The first frame"),
        )
        self.here = self.button(
            "map-pin", self.tr("Take this frame for the source"), self.tr("From here")
        )
        self.swap = self.button(
            "arrows-left-right", self.tr("Swap source and target"), self.tr("Swap")
        )
        self.colours = self.button("palette", self.tr("Flow as colours"), checkable=True)
        self.arrows = self.button("arrow-up-right", self.tr("Flow as arrows"), checkable=True)
        self.colours.setChecked(True)
        self.flows = QButtonGroup(self)
        self.flows.addButton(self.colours)
        self.flows.addButton(self.arrows)
        self.heat = self.button(
            "fire", self.tr("Show over the source where a place may come from"), checkable=True
        )
        self.heat.setChecked(True)
        self.level = LevelSlider()
        self.of_a_warp: tuple[QWidget, ...] = (
            *(self.source, self.here, self.swap),
            *(self.colours, self.arrows, self.heat, self.level),
        )
        self.wordy = (self.source, self.here, self.swap)
        row = self.row
        for widget in (self.source, self.here, self.swap, self.line()):
            row.addWidget(widget)
        for widget in (self.colours, self.arrows, self.line(), self.heat, self.line()):
            row.addWidget(widget)
        row.addWidget(self.level)
        row.addStretch(1)


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
