"""How the run gets on: state, time left, speed, and the buttons that steer it."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QPushButton, QVBoxLayout, QWidget

from limner_app import theme
from limner_app.training_client import PAUSED, PAUSING, PREPARING, STOPPING, TrainingClient
from limner_app.views.run_list import clock
from limner_app.views.run_records import PartingWords
from limner_training.events import Done, Event, HeldBack, Preparing, Progress, Started, Warned

_BAR_STEPS = 1000
MOST_WARNINGS = 3
"""The newest ones are shown; all of them stand in the run's folder."""


class RunStatus(QWidget):
    """The head of the Learn place.

    Signals:
        use_requested: The finished model should become the current one.
    """

    use_requested = Signal(object)

    def __init__(self, training: TrainingClient, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._training = training
        self._name = self._preparing = ""
        self._warned: list[str] = []
        self._parting = PartingWords(None)
        self._ratio: float | None = None
        self._ready: Path | None = None
        self.title = QLabel()
        self.figures = QLabel()
        self.figures.setProperty("role", "dim")
        self.figures.setFont(theme.tabular(self.figures.font()))
        self.bar = QProgressBar()
        self.bar.setRange(0, _BAR_STEPS)
        self.bar.setTextVisible(False)
        self.warning = QLabel()
        self.warning.setProperty("role", "warning")
        self.warning.setWordWrap(True)
        self.note = QLabel()
        self.note.setProperty("role", "dim")
        self.note.setWordWrap(True)
        self.pause = QPushButton(self.tr("Pause"))
        self.stop = QPushButton(self.tr("Stop and keep"))
        self.stop.setToolTip(self.tr("End the run now; the model so far is kept"))
        self.use = QPushButton(self.tr("Use this model"))
        self.use.setProperty("primary", True)
        row = QHBoxLayout()
        row.setSpacing(theme.GAP)
        texts = QVBoxLayout()
        texts.setSpacing(0)
        texts.addWidget(self.title)
        texts.addWidget(self.figures)
        row.addLayout(texts, 1)
        for button in (self.pause, self.stop, self.use):
            row.addWidget(button)
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.MARGIN, theme.GAP, theme.MARGIN, theme.GAP)
        column.setSpacing(theme.GAP)
        column.addLayout(row)
        column.addWidget(self.bar)
        column.addWidget(self.warning)
        column.addWidget(self.note)
        self.pause.clicked.connect(self._pause_or_resume)
        self.stop.clicked.connect(training.stop)
        self.use.clicked.connect(lambda: self.use_requested.emit(self._ready))
        training.state_changed.connect(self._state_changed)
        training.event_heard.connect(self._hear)
        self._say()

    def used(self) -> None:
        """The offered model is the current one now."""
        self._ready = None
        self._say()

    def _pause_or_resume(self) -> None:
        if self._training.state in {PAUSED, PAUSING}:
            self._training.resume()
        else:
            self._training.pause()

    def _state_changed(self, state: str) -> None:
        if state == "starting" and self._training.run is not None:
            run = self._training.run
            config = run.config
            self._name = config.name or run.path.name
            self._preparing, self._ratio, self._ready = "", None, None
            self._warned, self._parting = [], PartingWords(config)
        self._say()

    def _hear(self, event: Event) -> None:
        self._parting.hear(event)
        if isinstance(event, Preparing):
            self._preparing = event.message
            # Work in the midst of a run, such as growing, leaves the bar where the run is.
            if self._training.started is None:
                self.bar.setValue(round(event.share * _BAR_STEPS))
        elif isinstance(event, Warned):
            if event.message not in self._warned:
                self._warned.append(event.message)
        elif isinstance(event, HeldBack):
            self._ratio = event.ratio
        elif isinstance(event, Done) and self._training.run is not None:
            self._ready = self._training.run.path / event.model
        if isinstance(event, Started | Progress | HeldBack | Done):
            self._preparing = ""
        if isinstance(event, Progress) and self._training.share is not None:
            self.bar.setValue(round(self._training.share * _BAR_STEPS))
        self._say()

    def _say(self) -> None:
        training = self._training
        state, run = training.state, training.run
        self.setVisible(run is not None)
        if run is None:
            return
        words = {
            "starting": self.tr("Starting"),
            "preparing": self.tr("Preparing"),
            "running": self.tr("Learning"),
            "pausing": self.tr("Pausing"),
            "paused": self.tr("Paused"),
            "stopping": self.tr("Stopping; the model is being kept"),
            "finished": self.tr("Finished"),
            "stopped": self.tr("Stopped; the model so far is kept"),
            "failed": self.tr("Failed"),
            "interrupted": self.tr("Interrupted"),
        }
        parting = self._parting.text
        if parting:
            words["finished"] = self.tr("Finished early")
        if state == "stopped" and self._ready is None:
            words[state] = self.tr("Stopped before anything was learned")
        self.title.setText(f"{words.get(state, state)} · {self._name}")
        self.figures.setText(self._figures())
        self.bar.setVisible(training.active)
        self.pause.setVisible(training.active)
        resting = state in {PAUSED, PAUSING}
        self.pause.setText(self.tr("Resume") if resting else self.tr("Pause"))
        self.pause.setEnabled(state not in {STOPPING, "starting", PREPARING})
        self.stop.setVisible(training.active)
        self.stop.setEnabled(state != STOPPING)
        self.use.setVisible(not training.active and self._ready is not None)
        # What ended the run well is no warning.
        warned = [text for text in self._warned if text != parting]
        if training.failure:
            warned.append(training.failure)
        self.warning.setText("\n".join(warned[-MOST_WARNINGS:]))
        self.warning.setToolTip("\n".join(warned) if len(warned) > MOST_WARNINGS else "")
        self.warning.setVisible(bool(self.warning.text()))
        self.note.setText(parting and self.tr("{0} The best model is kept.").format(parting))
        self.note.setVisible(bool(parting))

    def _figures(self) -> str:
        training, parts = self._training, []
        progress, started = training.progress, training.started
        if self._preparing and training.active:
            return self._preparing
        if progress is not None and training.active:
            parts.append(self.tr("{0} left").format(clock(progress.left_s)))
            parts.append(self.tr("{0:.0f} images/s").format(progress.images_per_s))
        if started is not None and training.active:
            parts.append(started.device)
        if progress is not None:
            parts.append(self.tr("step {0}").format(f"{progress.step:n}"))
        if self._ratio is not None:
            parts.append(
                self.tr("held back {0:.0f} % of the loss of copying").format(self._ratio * 100)
            )
        return "  ·  ".join(parts)
