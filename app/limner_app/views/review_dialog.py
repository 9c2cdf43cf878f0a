"""From which confidence on predictions are accepted, and below which they are rejected."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QDoubleSpinBox,
    QFormLayout,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSlider,
    QVBoxLayout,
    QWidget,
)

from limner_app import theme
from limner_app.document import Document
from limner_app.panel_parts import dim, indent_number
from limner_app.views.confidence_bars import ConfidenceBars
from limner_app.views.range_choice import RangeChoice
from limner_engine.project.review import OpenPredictions
from limner_engine.types import Floats

_FIRST_LINE = 0.8
_STEPS = 100


class ReviewDialog(QDialog):
    """A line through the confidences, and what it would accept and reject.

    It stays open over the window, so that what it did can be looked at and undone.

    Args:
        document: Whose predictions.
        said: Told of what was done.
        parent: Over which it opens.
    """

    def __init__(
        self, document: Document, said: Callable[[str], object], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.document, self._said = document, said
        self.setWindowTitle(self.tr("Accept or reject by confidence"))
        self.setMinimumWidth(560)
        self._found: OpenPredictions | None = None
        self._sorted = np.zeros(0, np.float32)
        self._most = self._least = np.zeros(0, np.float32)
        self.range = RangeChoice()
        self.landmarks = QComboBox()
        self.landmarks.setAccessibleName(self.tr("Landmarks"))
        self.bars = ConfidenceBars()
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setRange(0, _STEPS)
        self.slider.setProperty("upwards", True)  # what is from here on counts
        self.slider.setAccessibleName(self.tr("Confidence"))
        self.number = QDoubleSpinBox()
        self.number.setRange(0.0, 1.0)
        self.number.setSingleStep(1 / _STEPS)
        self.number.setDecimals(2)
        self.number.setMinimumWidth(88)
        self.number.setFont(theme.tabular(self.number.font()))
        self.number.setAccessibleName(self.tr("Confidence"))
        indent_number(self.number)
        self.accept_words, self.reject_words = QLabel(), QLabel()
        self.accept_button = QPushButton(self.tr("Accept"))
        self.reject_button = QPushButton(self.tr("Reject"))
        self.accept_button.setProperty("primary", True)
        self.foot = dim("")
        self._build()
        self._timer = QTimer(self, singleShot=True, interval=0)
        self._timer.timeout.connect(self._look)
        self.range.changed.connect(self._look_soon)
        self.landmarks.currentIndexChanged.connect(self._look_soon)
        self.slider.valueChanged.connect(lambda value: self.set_line(value / _STEPS))
        self.number.valueChanged.connect(self.set_line)
        self.bars.dragged.connect(lambda value: self.set_line(round(value * _STEPS) / _STEPS))
        self.accept_button.clicked.connect(self._accept)
        self.reject_button.clicked.connect(self._reject)
        for signal in (
            document.annotations_changed,
            document.predictions_changed,
            document.models_changed,
            document.skeleton_changed,
        ):
            signal.connect(self._look_soon)
        document.video_changed.connect(self.hide)
        self.set_line(_FIRST_LINE)

    def _build(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 16, 20, 16)
        column.setSpacing(theme.MARGIN)
        form = QFormLayout()
        form.setHorizontalSpacing(theme.MARGIN)
        form.setVerticalSpacing(theme.GAP)
        form.addRow(self.tr("Frames"), self.range)
        form.addRow(self.tr("Landmarks"), self.landmarks)
        sure = QHBoxLayout()
        sure.addWidget(self.number)
        sure.addStretch(1)
        form.addRow(self.tr("Confidence"), sure)
        column.addLayout(form)
        # The slider's middle stands under the line of the bars.
        line = QVBoxLayout()
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(0)
        line.addWidget(self.bars)
        line.addWidget(self.slider)
        column.addLayout(line)
        grid = QGridLayout()
        grid.setHorizontalSpacing(theme.MARGIN)
        grid.setVerticalSpacing(theme.GAP)
        grid.setColumnStretch(0, 1)
        rows = ((self.accept_words, self.accept_button), (self.reject_words, self.reject_button))
        for row, (words, button) in enumerate(rows):
            words.setFont(theme.tabular(words.font()))
            button.setAutoDefault(False)
            button.setMinimumWidth(96)
            grid.addWidget(words, row, 0)
            grid.addWidget(button, row, 1)
        column.addLayout(grid)
        column.addWidget(self.foot)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.hide)
        column.addWidget(buttons)

    def take(self, selected: tuple[int, int] | None) -> None:
        """Look at the video on screen, or at the range that is selected of it.

        Args:
            selected: The range (first, behind the last), or None.
        """
        chosen = self.landmarks.currentData()
        self.landmarks.blockSignals(True)
        self.landmarks.clear()
        self.landmarks.addItem(self.tr("All"), None)
        for number, name in enumerate(self.document.skeleton.names):
            self.landmarks.addItem(name, number)
        self.landmarks.setCurrentIndex(max(0, self.landmarks.findData(chosen)))
        self.landmarks.blockSignals(False)
        self.range.set_video(self.document.frame_count, selected)
        self._look()

    @property
    def line(self) -> float:
        """The confidence between accepting and rejecting."""
        return self.number.value()

    def set_line(self, confidence: float) -> None:
        """Draw the line elsewhere, 0..1."""
        for control in (self.slider, self.number):
            control.blockSignals(True)
        self.slider.setValue(round(confidence * _STEPS))
        self.number.setValue(confidence)
        for control in (self.slider, self.number):
            control.blockSignals(False)
        self.bars.set_line(confidence)
        self._count()

    def showEvent(self, event: QShowEvent) -> None:
        """What changed meanwhile is looked at."""
        super().showEvent(event)
        self._look()

    def _look_soon(self) -> None:
        if self.isVisible():
            self._timer.start()

    def _look(self) -> None:
        """Ask the project what waits; moving the line only counts it anew."""
        found = self.document.open_predictions(*self.range.range)
        landmark = self.landmarks.currentData()
        if found is not None and landmark is not None:
            found = found.of_landmark(landmark)
        self._found = found
        sure: Floats = np.zeros(0, np.float32) if found is None else found.confidence
        frames = np.zeros(0, np.int64) if found is None else found.frames
        known = np.isfinite(sure)
        self._sorted = np.sort(sure[known])
        self._most, self._least = _extremes(frames[known], sure[known])
        self.bars.show_values(sure)
        untold = int(np.count_nonzero(~known))
        words = self.tr(
            "Your own annotations, and what you have decided already, stay as they are. Each "
            "step can be undone."
        )
        if untold:
            words = self.tr("{n} have no confidence and are left alone.").format(n=untold) + (
                " " + words
            )
        self.foot.setText(words)
        self._count()

    def _count(self) -> None:
        line = np.float32(self.line)
        lower = int(np.searchsorted(self._sorted, line, side="left"))
        upper = len(self._sorted) - lower
        frames_up = len(self._most) - int(np.searchsorted(self._most, line, side="left"))
        frames_down = int(np.searchsorted(self._least, line, side="left"))
        self.accept_words.setText(
            self.tr("From {line:.2f} on: {n:,} landmarks in {frames:,} frames").format(
                line=self.line, n=upper, frames=frames_up
            )
        )
        self.reject_words.setText(
            self.tr("Below {line:.2f}: {n:,} landmarks in {frames:,} frames").format(
                line=self.line, n=lower, frames=frames_down
            )
        )
        self.accept_button.setEnabled(upper > 0)
        self.reject_button.setEnabled(lower > 0)

    def _accept(self) -> None:
        if self._found is not None:
            count = self.document.accept(self._found.at_least(self.line))
            self._said(self.tr("{n} predictions accepted").format(n=count))

    def _reject(self) -> None:
        if self._found is not None:
            count = self.document.reject(self._found.below(self.line))
            self._said(self.tr("{n} predictions rejected").format(n=count))


def _extremes(frames: NDArray[np.int64], sure: Floats) -> tuple[Floats, Floats]:
    """The highest and the lowest confidence of each frame, both sorted.

    Args:
        frames: ``(N,)``, rising.
        sure: ``(N,)``, finite.
    """
    if not len(frames):
        return sure, sure
    starts = np.flatnonzero(np.diff(frames, prepend=-1))
    return np.sort(np.maximum.reduceat(sure, starts)), np.sort(np.minimum.reduceat(sure, starts))
