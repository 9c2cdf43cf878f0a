"""How the second layer gets on, in a line, with the buttons that steer it."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QPushButton, QVBoxLayout, QWidget

from limner_app import theme
from limner_app import training_client as states
from limner_app.naming import Namer
from limner_app.naming_figures import SECOND
from limner_app.second_layer import LEAST_LABELS
from limner_app.views.run_list import clock
from limner_training.events import Event, Preparing, Started

_BAR_STEPS = 1000


class NamingStatus(QWidget):
    """Says what is trained, what is missing for it, or how long it takes.

    Args:
        namer: Whose second layer.
    """

    def __init__(self, namer: Namer) -> None:
        super().__init__()
        self._namer, self._process = namer, namer.second.process
        self._preparing = ""
        self.words = QLabel()
        self.words.setWordWrap(True)
        self.words.setProperty("role", "dim")
        self.words.setFont(theme.tabular(self.words.font()))
        self.bar = QProgressBar()
        self.bar.setRange(0, _BAR_STEPS)
        self.bar.setTextVisible(False)
        self.train = QPushButton(self.tr("Train now"))
        self.train.setToolTip(
            self.tr("Let a network learn from the labels; it begins by itself after every five")
        )
        self.pause = QPushButton(self.tr("Pause"))
        self.stop = QPushButton(self.tr("Stop"))
        self.stop.setToolTip(self.tr("End the training; what it has learned is kept"))
        row = QHBoxLayout()
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.GRID)
        row.addWidget(self.words, 1)
        for button in (self.train, self.pause, self.stop):
            button.setProperty("quiet", True)
            row.addWidget(button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.GRID)
        column.addLayout(row)
        column.addWidget(self.bar)
        self.train.clicked.connect(namer.train_now)
        self.pause.clicked.connect(self._pause_or_resume)
        self.stop.clicked.connect(namer.second.stop)
        self._process.event_heard.connect(self._hear)
        self._process.state_changed.connect(lambda _state: self.refresh())
        self.refresh()

    def refresh(self) -> None:
        """Say it anew."""
        active, state = self._process.active, self._process.state
        resting = state in {states.PAUSED, states.PAUSING}
        self.bar.setVisible(active)
        self.pause.setVisible(active)
        self.pause.setText(self.tr("Resume") if resting else self.tr("Pause"))
        self.pause.setEnabled(state not in {states.STARTING, states.STOPPING})
        self.stop.setVisible(active)
        self.stop.setEnabled(state != states.STOPPING)
        share = self._process.share
        if self._process.started is not None and share is not None:
            self.bar.setValue(round(share * _BAR_STEPS))
        ready = self._namer.labels >= LEAST_LABELS and self._namer.on
        self.train.setVisible(not active and ready and not self._namer.second.waiting)
        self.words.setText(self._words())

    def _words(self) -> str:
        namer, process = self._namer, self._process
        if process.active:
            return self._progress()
        if not namer.on:
            return self.tr("Switched off; what was named stays as it is.")
        missing = LEAST_LABELS - namer.labels
        if missing == 1:
            return self.tr("Quick layer. A network is trained after one more labelled frame.")
        if missing > 0:
            return self.tr("Quick layer. A network is trained after {n} more frames.").format(
                n=missing
            )
        if namer.second.waiting:
            return self.tr("Training begins in a moment.")
        if process.failure:
            return process.failure
        trained = namer.memory.second_labels
        if namer.second.file is None:
            return self.tr("Quick layer; no network is trained yet.")
        words = self.tr("Trained on {n} labelled frames.")
        if SECOND not in namer.figures.layer:
            words = self.tr("Trained on {n} frames; the quick layer is better as yet.")
        return words.format(n=trained)

    def _progress(self) -> str:
        process = self._process
        words = {
            states.STARTING: self.tr("Training begins"),
            states.PREPARING: self._preparing or self.tr("Preparing"),
            states.PAUSING: self.tr("Pausing"),
            states.PAUSED: self.tr("Training is paused"),
            states.STOPPING: self.tr("Stopping"),
        }
        if process.state in words:
            return words[process.state]
        if process.progress is None:
            return self.tr("Training")
        return self.tr("Training · {left} left").format(left=clock(process.progress.left_s))

    def _hear(self, event: Event) -> None:
        if isinstance(event, Preparing):
            self._preparing = event.message
            if self._process.started is None:
                self.bar.setValue(round(event.share * _BAR_STEPS))
        elif isinstance(event, Started):
            self.bar.setValue(0)
        self.refresh()

    def _pause_or_resume(self) -> None:
        if self._process.state in {states.PAUSED, states.PAUSING}:
            self._process.resume()
        else:
            self._process.pause()
