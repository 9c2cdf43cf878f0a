"""The live loss curve: training and held back, or the held-back curves of two runs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyqtgraph
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, Qt, QTimer
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QLabel, QStackedLayout, QToolButton, QVBoxLayout, QWidget

from limner_app import theme
from limner_app.panel_parts import EmptyPlace, heading_row
from limner_app.views.run_records import Curves

_MOST_POINTS = 800
"""More than this cannot be seen on a screen and only makes painting slow."""
_PAINT_MS = 250
_COMPARED = ("#4e8cff", "#e69f00")
_TRAINING, _HELD_BACK = "faint", "accent"


def thin(
    x: Sequence[float] | NDArray[Any], y: Sequence[float] | NDArray[Any], most: int = _MOST_POINTS
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """At most about ``most`` points that look the same: means of equally many neighbours.

    Args:
        x: ``(n,)``.
        y: ``(n,)``.
        most: How many points may stay.
    """
    xs, ys = np.asarray(x, np.float64), np.asarray(y, np.float64)
    group = -(-len(xs) // most)
    if group <= 1:
        return xs, ys
    starts = np.arange(0, len(xs), group)
    counts = np.diff(np.append(starts, len(xs)))
    return np.add.reduceat(xs, starts) / counts, np.add.reduceat(ys, starts) / counts


class LossPlot(QWidget):
    """Paints a few times a second at most, however many events come."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._curves = Curves()
        self._others: list[tuple[str, Curves]] = []
        self.legend = QLabel()
        self.legend.setTextFormat(Qt.TextFormat.RichText)
        self.logarithmic = QToolButton()
        self.logarithmic.setText(self.tr("log"))
        self.logarithmic.setCheckable(True)
        self.logarithmic.setToolTip(self.tr("Logarithmic scale"))
        self.plot = pyqtgraph.PlotWidget()
        self.plot.setMenuEnabled(False)
        self.plot.hideButtons()
        self.plot.setMouseEnabled(x=False, y=False)
        self.plot.setMinimumSize(220, 120)
        self.plot.getPlotItem().setContentsMargins(8, 4, 8, 0)
        self._training = self.plot.plot([], [], antialias=True)
        self._held = self.plot.plot([], [], symbol="o", symbolSize=4, antialias=True)
        self._compared: list[Any] = []
        self.empty = EmptyPlace(
            "chart-line",
            self.tr(
                "The loss is drawn here while a network learns: of the frames it learns from, "
                "and of those held back from it."
            ),
        )
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.GRID)
        column.addWidget(heading_row(self.tr("Loss"), self.legend, self.logarithmic))
        below = QWidget()
        self._stack = QStackedLayout(below)
        self._stack.addWidget(self.empty)
        self._stack.addWidget(self.plot)
        column.addWidget(below, 1)
        self._timer = QTimer(self, singleShot=True, interval=_PAINT_MS)
        self._timer.timeout.connect(self._paint)
        self.logarithmic.toggled.connect(self._scale)
        self._restyle()

    def show_run(self, curves: Curves) -> None:
        """Show one run; call `refresh` when its lists have grown."""
        self._curves, self._others = curves, []
        self._paint()

    def show_compared(self, runs: Sequence[tuple[str, Curves]]) -> None:
        """Show the held-back curves of some runs by their names."""
        self._curves, self._others = Curves(), list(runs)
        self._paint()

    def refresh(self) -> None:
        """Paint soon what was added to the curves."""
        if not self._timer.isActive():
            self._timer.start()

    def changeEvent(self, event: QEvent) -> None:
        """Follow the look."""
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "_timer"):
            self._restyle()
        super().changeEvent(event)

    def _scale(self, logarithmic: bool) -> None:
        self.plot.setLogMode(x=False, y=logarithmic)

    def _restyle(self) -> None:
        self.plot.setBackground(theme.colour("panel"))
        for side in ("left", "bottom"):
            axis = self.plot.getAxis(side)
            axis.setPen(theme.colour("line"))
            axis.setTextPen(theme.colour("dim"))
            axis.setStyle(tickFont=theme.tabular(self.font()), tickLength=-4, maxTickLevel=0)
        self.plot.showGrid(x=False, y=True, alpha=0.12)
        self._training.setPen(self._pen(theme.colour(_TRAINING), 1.2))
        self._held.setPen(self._pen(theme.colour(_HELD_BACK), 2.0))
        self._held.setSymbolBrush(theme.colour(_HELD_BACK))
        self._held.setSymbolPen(None)
        self._paint()

    def _pen(self, tint: str | QColor, width: float) -> Any:
        """A pen as wide on fine screens as on others; pyqtgraph counts their own pixels."""
        return pyqtgraph.mkPen(tint, width=width * self.devicePixelRatioF())

    def _paint(self) -> None:
        for item in self._compared:
            self.plot.removeItem(item)
        self._compared.clear()
        curves = self._curves
        there = bool(curves.steps or curves.held_steps or self._others)
        self._stack.setCurrentWidget(self.plot if there else self.empty)
        self.logarithmic.setVisible(there)
        self._training.setData(*thin(curves.steps, curves.losses))
        self._held.setData(*thin(curves.held_steps, curves.held_losses, 200))
        if self._others:
            for (_name, other), tint in zip(self._others, _COMPARED, strict=False):
                pen = self._pen(tint, 2.0)
                xy = thin(other.held_steps, other.held_losses, 200)
                item = self.plot.plot(
                    *xy, pen=pen, symbol="o", symbolSize=4, symbolBrush=tint, antialias=True
                )
                item.setSymbolPen(None)
                self._compared.append(item)
            named = zip((name for name, _ in self._others), _COMPARED, strict=False)
            self._explain([(tint, name) for name, tint in named])
        elif curves.steps or curves.held_steps:
            looks = theme.colours()
            self._explain(
                [
                    (looks.faint, self.tr("training")),
                    (looks.accent, self.tr("held back")),
                ]
            )
        else:
            self.legend.clear()

    def _explain(self, entries: Sequence[tuple[str, str]]) -> None:
        dim = theme.colours().dim
        self.legend.setText(
            "&nbsp;&nbsp;&nbsp;".join(
                f'<span style="color:{tint}">━</span> <span style="color:{dim}">{name}</span>'
                for tint, name in entries
            )
        )
