"""Learn: choose what to learn from, watch it, and take what came of it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QSplitter, QVBoxLayout, QWidget

from limner_app import theme
from limner_app.document import Document
from limner_app.panel_parts import heading_row
from limner_app.training_client import TrainingClient
from limner_app.views.loss_plot import LossPlot
from limner_app.views.preview_picture import PreviewPicture
from limner_app.views.reading import Reading
from limner_app.views.run_list import RunList
from limner_app.views.run_records import (
    Curves,
    RunRecord,
    RunRecords,
    make_folder,
    read_curves,
    runs_folder,
)
from limner_app.views.run_status import MOST_WARNINGS, RunStatus
from limner_app.views.training_form import TrainingForm
from limner_engine.errors import LimnerError
from limner_engine.formats.whole_file import write_whole
from limner_training.config import TrainConfig
from limner_training.events import Event, HeldBack

_FORM_PX = 300
_LIST_EVERY_MS = 2000
"""While a run goes on its line in the list follows this often."""


class TrainingPanel(QWidget):
    """The Learn place.

    Signals:
        abilities_changed: Other actions can be used now; see `abilities`.
    """

    abilities_changed = Signal()

    def __init__(
        self, document: Document, training: TrainingClient, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.place_title = self.tr("Learn")
        self._document, self._training = document, training
        self._shown: Path | None = None
        self._folder: Path | None = None
        self._curves, self._meanwhile = Curves(), list[Event]()
        self._reading = Reading(self)
        self._reading.done.connect(self._curves_read)
        self._records = RunRecords()
        self.form = TrainingForm(document)
        self.form.setFixedWidth(_FORM_PX)
        self.status = RunStatus(training)
        self.plot, self.preview, self.runs = LossPlot(), PreviewPicture(), RunList()
        self.warnings = QLabel()
        self.warnings.setProperty("role", "warning")
        self.warnings.setWordWrap(True)
        self.warnings.setContentsMargins(theme.MARGIN, 0, theme.MARGIN, theme.GRID)
        self.warnings.hide()
        self._listing = QTimer(self, singleShot=True, interval=_LIST_EVERY_MS)
        self._listing.timeout.connect(self.refresh_runs)
        self._lay_out()
        self.form.start_requested.connect(self.start_run)
        self.status.use_requested.connect(self.use_model)
        self.runs.use_requested.connect(self.use_model)
        self.runs.resume_requested.connect(self.resume_interrupted)
        self.runs.compare_requested.connect(self.compare_runs)
        self.runs.chosen.connect(self.show_run)
        self.runs.table.itemSelectionChanged.connect(self.abilities_changed)
        self.form.readiness_changed.connect(self.abilities_changed)
        training.event_heard.connect(self._hear)
        training.state_changed.connect(self._state_changed)
        training.finished.connect(self._run_ended)
        document.project_changed.connect(self._project_changed)
        document.models_changed.connect(self.refresh_runs)
        self._project_changed()

    def _lay_out(self) -> None:
        pictures = QWidget()
        column = QVBoxLayout(pictures)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.GRID)
        column.addWidget(heading_row(self.tr("Preview")))
        column.addWidget(self.warnings)
        column.addWidget(self.preview, 1)
        above = QSplitter(Qt.Orientation.Horizontal)
        above.addWidget(self.plot)
        above.addWidget(pictures)
        above.setSizes([420, 580])
        split = QSplitter(Qt.Orientation.Vertical)
        split.addWidget(above)
        split.addWidget(self.runs)
        split.setStretchFactor(0, 3)
        split.setStretchFactor(1, 1)
        split.setSizes([420, 170])
        for splitter in (above, split):
            splitter.setChildrenCollapsible(False)
        right = QWidget()
        right.setProperty("role", "panel")
        right.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        stack = QVBoxLayout(right)
        stack.setContentsMargins(0, 0, 0, 0)
        stack.setSpacing(0)
        stack.addWidget(self.status)
        stack.addWidget(split, 1)
        line = QFrame()
        line.setFixedWidth(1)
        line.setStyleSheet("background: palette(mid)")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self.form)
        row.addWidget(line)
        row.addWidget(right, 1)

    def showEvent(self, event: QShowEvent) -> None:
        """Runs may have been started elsewhere, and folders may have come or gone."""
        super().showEvent(event)
        self.form.sources.reload()
        self.refresh_runs()
        if self._shown is None and self.runs.table.rowCount():
            self.runs.table.selectRow(0)

    # --- steering ----------------------------------------------------------------------------

    def start_run(self) -> None:
        """Start what the form says."""
        project = self._document.project
        if project is None:
            return
        # Start is about to be switched off; the keyboard would jump to whatever comes next.
        self.runs.table.setFocus()
        try:
            folder = runs_folder(Path(project.path))
            self.form.write_prior()
            run = self._training.start(self._with_crops(self.form.config(), folder), folder)
        except LimnerError as error:
            self._document.message.emit("error", error.message, error.mend)
            return
        self.follow(run.path)

    def fine_tune(self) -> None:
        """Set the form to learn on from the current model."""
        self.form.fine_tune()
        self.form.start.setFocus()

    def learn_anew(self) -> None:
        """Set the form to begin with a fresh network."""
        self.form.learn_anew()
        self.form.start.setFocus()

    @property
    def abilities(self) -> frozenset[str]:
        """Conditions of the table of actions that hold here."""
        able = set()
        if self.form.start.isEnabled():
            able.add("startable")
        if not self._training.active and any(r.resumable for r in self.runs.selected()[:1]):
            able.add("resumable")
        return frozenset(able)

    def pause_run(self) -> None:
        """Let the run save and wait."""
        self._training.pause()

    def resume_run(self) -> None:
        """Let a paused run go on, or the selected broken-off one."""
        if self._training.active:
            self._training.resume()
            return
        for record in self.runs.selected()[:1]:
            if record.resumable:
                self.resume_interrupted(record.path)

    def stop_run(self) -> None:
        """End the run and keep the model so far."""
        self._training.stop()

    def resume_interrupted(self, folder: Path) -> None:
        """Go on with a run that was broken off."""
        try:
            self._training.resume_run(folder)
        except LimnerError as error:
            self._document.message.emit("error", error.message, error.mend)
            return
        self.follow(folder)

    def use_model(self, model: Path) -> None:
        """Make a run's model the current one."""
        try:
            self._document.set_model(model)
        except LimnerError as error:
            self._document.message.emit("error", error.message, error.mend)
            return
        self.status.used()
        self.refresh_runs()

    def _with_crops(self, config: TrainConfig, folder: Path) -> TrainConfig:
        """The same, looking at the squares that the project has already."""
        project = self._document.project
        if project is None or config.crops or config.crop_mode != "auto":
            return config
        chosen, tracks = set(config.sources), {}
        for video in project.videos():
            track = project.crop_track_json(video.id, self._document.subject)
            if track is not None and str(video.path) in chosen:
                tracks[str(video.path)] = json.loads(track)
        if not tracks:
            return config
        path = folder / "crops.json"
        make_folder(folder)
        write_whole(path, json.dumps(tracks).encode())
        return replace(config, crops=str(path))

    # --- watching ----------------------------------------------------------------------------

    def follow(self, folder: Path) -> None:
        """Show a run that has just been started."""
        self.refresh_runs()
        self.show_run(folder)
        self.runs.select(folder)

    def show_run(self, folder: Path) -> None:
        """Show a run's curves and newest preview."""
        if folder == self._shown:
            return
        self._shown = folder
        self._curves, self._meanwhile = Curves(), []
        self._reading.start(lambda: read_curves(folder))

    def _curves_read(self, curves: Curves) -> None:
        for event in self._meanwhile:
            curves.add(event)
        self._curves, self._meanwhile = curves, []
        self.plot.show_run(curves)
        self._show_preview()

    def compare_runs(self, folders: Sequence[Path]) -> None:
        """Lay the held-back curves of some runs together."""
        named = {record.path: record.name for record in self.runs.selected()}
        self._shown = None
        self._reading.drop()
        self.warnings.hide()
        self.plot.show_compared(
            [(named.get(folder, folder.name), read_curves(folder)) for folder in folders]
        )

    def refresh_runs(self) -> None:
        """Read the list anew."""
        self._listing.stop()
        if not self.isVisible():
            return
        training, project = self._training, self._document.project
        alive = None
        if training.active and training.run is not None:
            alive = (training.run.path, training.state)
        records: list[RunRecord] = []
        if project is not None:
            records = self._records.read(runs_folder(Path(project.path)))
        models = (self._document.model_path, self._document.warp_model_path)
        self.runs.set_records(records, alive, {path for path in models if path is not None})

    def _project_changed(self) -> None:
        """Another project has other runs; more videos in this one change nothing here."""
        project = self._document.project
        folder = None if project is None else runs_folder(Path(project.path))
        if folder != self._folder:
            self._folder, self._shown = folder, None
            self._reading.drop()
            self._curves = Curves()
            self.plot.show_run(self._curves)
            self._show_preview()
        self.refresh_runs()

    def _is_shown(self) -> bool:
        run = self._training.run
        return run is not None and run.path == self._shown

    def _show_preview(self) -> None:
        there = self._shown is not None and bool(self._curves.preview)
        path = self._shown / self._curves.preview if there and self._shown else None
        self.preview.load(path, self._curves.method)
        self._show_warnings()

    def _show_warnings(self) -> None:
        """What the run on screen warned of; above, the run that goes on says that for itself."""
        told = [] if self._is_shown() else self._curves.warnings[-MOST_WARNINGS:]
        ended = next((r.note for r in self.runs.selected() if r.path == self._shown), "")
        self.warnings.setText("\n".join(text for text in told if text != ended))
        self.warnings.setVisible(bool(self.warnings.text()))

    def _hear(self, event: Event) -> None:
        if self._is_shown() and self._reading.busy:
            self._meanwhile.append(event)
        elif self._is_shown() and self._curves.add(event):
            self.plot.refresh()
            if isinstance(event, HeldBack):
                self._show_preview()
        if not self._listing.isActive():
            self._listing.start()

    def _state_changed(self, _state: str) -> None:
        self.form.set_running(self._training.active)
        self.refresh_runs()

    def _run_ended(self, folder: Path) -> None:
        self.refresh_runs()
        if self._training.failure:
            self._document.message.emit(
                "error",
                self._training.failure,
                self.tr("Its folder is {0}. It can be resumed in Learn.").format(folder.name),
            )
