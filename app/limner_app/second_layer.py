"""When the second layer of named landmarks learns, and what becomes of its improvements."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal

from limner_app.naming_memory import RUN_FOLDER, SECOND_FOLDER, NamingMemory, names_folder
from limner_app.naming_process import NamingProcess
from limner_engine.errors import TrainingError
from limner_engine.project import Project
from limner_training.events import Done, Event, Named
from limner_training.naming.settings import HELD_BACK_FILE, LABELS_FILE, MODEL_FILE, NAMES_FILE

LEAST_LABELS = 5
"""Fewer frames teach a network nothing that a linear map does not know."""
MORE_LABELS = 5
"""So many more frames are worth another run."""
SETTLE_MS = 4000
"""Labels come in bursts; the run begins when the person has stopped for so long."""

WriteRun = Callable[[Path], None]
"""Writes into a folder what a run shall learn from."""


class SecondLayer(QObject):
    """Starts a run where there are enough new labels, and takes over what it writes.

    Signals:
        improved: A better second layer is in the project's folder.
        ended: The run is over, however it ended.

    Args:
        write_run: Writes what the next run learns from.
        process: Runs it.
    """

    improved = Signal()
    ended = Signal()

    def __init__(
        self, write_run: WriteRun, process: NamingProcess, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self.process = process
        self._write_run = write_run
        self._project: Project | None = None
        self._names: tuple[str, ...] = ()
        self._labels = 0
        self._newest_px: float | None = None
        self._rival_px: float | None = None
        self._taken = False
        self._timer = QTimer(self, singleShot=True, interval=SETTLE_MS)
        self._timer.timeout.connect(self._settled)
        process.event_heard.connect(self._hear)
        process.finished.connect(self._finished)

    @property
    def waiting(self) -> bool:
        """Whether a run begins as soon as the labels have settled."""
        return self._timer.isActive()

    @property
    def file(self) -> Path | None:
        """The newest second layer that knows the project's landmarks; None without one."""
        project = self._project
        if project is None or NamingMemory.of(project).second_names != self._names:
            return None
        path = names_folder(project.path) / SECOND_FOLDER / MODEL_FILE
        return path if path.is_file() else None

    def take(self, project: Project | None) -> None:
        """Another project is open, or none; a run of the former one saves and ends."""
        if project is not self._project:
            self.close()
            self._project, self._labels, self._names = project, 0, ()

    def close(self, wait_s: float = 0.0) -> None:
        """Let a run save and end; it goes on when the project is opened again.

        Args:
            wait_s: How long to stay and hear it out.
        """
        self._timer.stop()
        self._project = None  # what the run says from here on is for the next start
        self.process.close(wait_s)

    def labels_changed(self, count: int, names: tuple[str, ...]) -> None:
        """So many frames are labelled now, with these landmarks."""
        project = self._project
        if project is None:
            return
        if names != self._names:
            if self._names and self.process.active:
                self.process.stop()  # it learns landmarks that are no more
            self._names = names
        self._labels = count
        if self._worth(NamingMemory.of(project)):
            self._timer.start()
        else:
            self._timer.stop()

    def rest(self) -> None:
        """Naming was switched off: end the run and begin none."""
        self._timer.stop()
        self.process.stop()

    def train_now(self) -> None:
        """Begin a run at once, however few labels are new.

        Raises:
            LimnerError: it cannot be begun.
        """
        self._timer.stop()
        if not self.process.active and self._project is not None:
            self._begin(self._project)

    def stop(self) -> None:
        """End the run and keep what it learned; the next begins with the next labels."""
        if self._project is not None:
            memory = NamingMemory.of(self._project)
            replace(memory, second_labels=self._labels, unfinished=False).keep(self._project)
        self.process.stop()

    def _worth(self, memory: NamingMemory) -> bool:
        if self.process.active or self._labels < LEAST_LABELS:
            return False
        if memory.unfinished or memory.begun_names != self._names:
            return True
        return self._labels >= memory.second_labels + MORE_LABELS

    def _settled(self) -> None:
        project = self._project
        if project is not None and self._worth(NamingMemory.of(project)):
            self._begin(project)

    def _begin(self, project: Project) -> None:
        memory = NamingMemory.of(project)
        folder = names_folder(project.path) / RUN_FOLDER
        goes_on = (
            memory.unfinished
            and memory.second_labels == self._labels
            and memory.begun_names == self._names
            and folder.is_dir()
        )
        if not goes_on:
            try:
                shutil.rmtree(folder, ignore_errors=True)
                folder.mkdir(parents=True, exist_ok=True)
            except OSError as error:
                raise TrainingError(
                    self.tr("{0} cannot be made: {1}.").format(folder, error.strerror or error),
                    self.tr("Free some space or move the project to another folder."),
                ) from error
            self._write_run(folder)
        begun = replace(memory, begun_names=self._names, second_labels=self._labels)
        replace(begun, unfinished=True).keep(project)
        self._newest_px, self._taken = None, False
        self._rival_px = memory.second_px if memory.second_names == self._names else None
        self.process.begin(folder)

    def _hear(self, event: Event) -> None:
        run, project = self.process.run, self._project
        if project is None or run is None or not isinstance(event, Named | Done):
            return
        if run.path.parent != names_folder(project.path):
            return
        memory = NamingMemory.of(project)
        if isinstance(event, Named):
            known = [px for px in event.error_px if px is not None]
            self._newest_px = sum(known) / len(known) if known else None
            takes = self._is_better()
        else:
            memory = replace(memory, unfinished=False)
            # A whole run has learned from more labels than the one before it.
            takes = not self._taken and (not event.stopped or self._is_better())
        if takes and (run.path / MODEL_FILE).is_file():
            self._taken = True
            self._keep(run.path, names_folder(project.path) / SECOND_FOLDER)
            memory = replace(memory, second_names=self._names, second_px=self._newest_px)
        memory.keep(project)
        if takes:
            self.improved.emit()

    def _is_better(self) -> bool:
        """Whether what the run has learned so far is better than what the last one left.

        Its errors are those of ever more held-back labels, so they are no measure of how it gets
        better itself.
        """
        if self._taken or self._rival_px is None:
            return True
        return self._newest_px is not None and self._newest_px <= self._rival_px

    @staticmethod
    def _keep(run: Path, folder: Path) -> None:
        """Copy what a run has made, so that the next run may begin in its folder.

        The network comes last, because it is what makes the others count.
        """
        folder.mkdir(exist_ok=True)
        for name in (NAMES_FILE, LABELS_FILE, HELD_BACK_FILE, MODEL_FILE):
            if (run / name).is_file():
                beside = folder / f".{name}.part"
                shutil.copyfile(run / name, beside)
                beside.replace(folder / name)

    def _finished(self, _folder: Path) -> None:
        project = self._project
        if project is None:
            return
        if self.process.failure:
            # The same labels would fail again; new ones are tried.
            replace(NamingMemory.of(project), unfinished=False).keep(project)
        self.labels_changed(self._labels, self._names)
        self.ended.emit()
