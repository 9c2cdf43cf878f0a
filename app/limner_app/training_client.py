"""Starts, watches and stops the learning process; the window's one door to it.

The process is given the run folder on its command line, says what happens as JSON lines on its
standard output and hears commands on its standard input. Closing that input lets it save and end,
so a window that goes away leaves a model behind. Nothing here imports torch.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import IO

from PySide6.QtCore import QCoreApplication, QObject, Qt, Signal

from limner_engine.errors import TrainingError
from limner_training import events
from limner_training.config import TrainConfig
from limner_training.run_folder import RunFolder

IDLE = "idle"
STARTING = "starting"
PREPARING = "preparing"
RUNNING = "running"
PAUSING = "pausing"
PAUSED = "paused"
STOPPING = "stopping"
FINISHED = "finished"
STOPPED = "stopped"
FAILED = "failed"
INTERRUPTED = "interrupted"

ACTIVE_STATES = frozenset({STARTING, PREPARING, RUNNING, PAUSING, PAUSED, STOPPING})
"""States in which a process is alive."""

YIELD_EVERY_S = 0.5
"""Shortest time between two requests to yield; more would only fill the pipe."""

_NICENESS = 10


def training_command(folder: Path) -> list[str]:
    """The command line of the process that learns in a run folder."""
    return [sys.executable, "-m", "limner_training", "run", "--folder", str(folder)]


class TrainingClient(QObject):
    """One learning process at a time, seen from the window.

    Signals:
        event_heard: An event of `limner_training.events`, in the order in which it was said.
        state_changed: The new state, one of the words above.
        finished: The run folder, when the process has ended for whatever reason.
    """

    event_heard = Signal(object)
    state_changed = Signal(str)
    finished = Signal(object)
    _heard = Signal(object, object)
    _ended = Signal(object, int)

    def __init__(
        self, parent: QObject | None = None, *, program: Sequence[str] | None = None
    ) -> None:
        """Make an idle client.

        Args:
            parent: Qt's owner.
            program: What to start instead of Limner's own process; the folder's path is appended.
        """
        super().__init__(parent)
        self._program = None if program is None else list(program)
        self._process: subprocess.Popen[bytes] | None = None
        self._reader: threading.Thread | None = None
        self._run: RunFolder | None = None
        self._state = IDLE
        self._last_yield_s = -1e9
        self.progress: events.Progress | None = None
        self.started: events.Started | None = None
        self.failure = ""
        self._heard.connect(self._take, Qt.ConnectionType.QueuedConnection)
        self._ended.connect(self._end, Qt.ConnectionType.QueuedConnection)

    @property
    def state(self) -> str:
        """What the newest run does."""
        return self._state

    @property
    def active(self) -> bool:
        """Whether a process is alive."""
        return self._state in ACTIVE_STATES

    @property
    def run(self) -> RunFolder | None:
        """The newest run, alive or ended; None before the first."""
        return self._run

    @property
    def share(self) -> float | None:
        """How much of the run is done, 0..1; None while that cannot be told."""
        if self.progress is None:
            return None
        total_s = self.progress.elapsed_s + self.progress.left_s
        return self.progress.elapsed_s / total_s if total_s > 0 else 0.0

    def start(self, config: TrainConfig, parent: Path) -> RunFolder:
        """Make a run folder and learn in it.

        Args:
            config: What the run is told.
            parent: Folder that holds the runs; made where it is missing.

        Raises:
            TrainingError: another run is going on, or the folder or the process cannot be made.
        """
        self._refuse_second()
        try:
            parent.mkdir(parents=True, exist_ok=True)
            run = RunFolder.create(parent, config)
        except OSError as error:
            raise TrainingError(
                QCoreApplication.translate(
                    "TrainingClient", "No run folder can be made: {0}."
                ).format(error),
                QCoreApplication.translate(
                    "TrainingClient", "Free some space or move the project to another folder."
                ),
            ) from error
        self._launch(run)
        return run

    def resume_run(self, folder: Path) -> RunFolder:
        """Go on with a run from its last checkpoint.

        Raises:
            TrainingError: another run is going on, or the folder holds no run.
        """
        self._refuse_second()
        run = RunFolder.open(folder)
        self._launch(run)
        return run

    def pause(self) -> None:
        """Ask the run to save and wait."""
        if self._state in {STARTING, PREPARING, RUNNING} and self._say("pause"):
            self._set_state(PAUSING)

    def resume(self) -> None:
        """Let a paused run go on."""
        if self._state in {PAUSED, PAUSING} and self._say("resume"):
            self._set_state(RUNNING)

    def stop(self) -> None:
        """Ask the run to end and keep the model as far as it has come."""
        if self.active and self._say("stop"):
            self._set_state(STOPPING)

    def save(self) -> None:
        """Ask the run to write a checkpoint now."""
        self._say("save")

    def yield_to_person(self, seconds: float = 1.0) -> None:
        """Ask the run to leave the processor alone; more than two a second are dropped."""
        now = time.monotonic()
        if self._state == RUNNING and now - self._last_yield_s >= YIELD_EVERY_S:
            self._last_yield_s = now
            self._say(f"yield {seconds:g}")

    def close(self, wait_s: float = 15.0) -> None:
        """End with the window: the run saves and stops.

        Args:
            wait_s: How long to stay and hear it out. Afterwards it goes on saving by itself.
        """
        process, reader = self._process, self._reader
        if process is None:
            return
        self._hang_up(process)
        if reader is not None:
            reader.join(wait_s)

    def _refuse_second(self) -> None:
        if self.active and self._run is not None:
            raise TrainingError(
                QCoreApplication.translate("TrainingClient", "{0} is still learning.").format(
                    self._run.path.name
                ),
                QCoreApplication.translate(
                    "TrainingClient", "Stop it, or wait until it has finished, then start again."
                ),
            )

    def _launch(self, run: RunFolder) -> None:
        command = (
            training_command(run.path)
            if self._program is None
            else [*self._program, str(run.path)]
        )
        flags = 0
        if sys.platform == "win32":
            flags = subprocess.BELOW_NORMAL_PRIORITY_CLASS | subprocess.CREATE_NO_WINDOW
        log = (run.path / "log.txt").open("ab")
        try:
            process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                creationflags=flags,
            )
        except OSError as error:
            log.close()
            raise TrainingError(
                QCoreApplication.translate(
                    "TrainingClient", "The learning process cannot be started: {0}."
                ).format(error)
            ) from error
        if sys.platform != "win32":
            # A person's mouse comes first. Threads that the child starts later inherit this.
            os.setpriority(os.PRIO_PROCESS, process.pid, _NICENESS)
        self._process, self._run = process, run
        self.progress, self.started, self.failure = None, None, ""
        self._last_yield_s = -1e9
        self._reader = threading.Thread(
            target=self._listen, args=(process, log), name="training-events", daemon=True
        )
        self._reader.start()
        self._set_state(STARTING)

    def _listen(self, process: subprocess.Popen[bytes], log: IO[bytes]) -> None:
        """Runs in the reader thread until the process ends."""
        assert process.stdout is not None
        with log, process.stdout:
            for line in process.stdout:
                said = events.from_line(line.decode("utf-8", "replace"))
                if said is None:
                    log.write(line)
                    log.flush()
                else:
                    self._heard.emit(process, said)
            code = process.wait()
        self._ended.emit(process, code)

    def _take(self, process: object, said: events.Event) -> None:
        if process is not self._process:
            return
        state = self._state
        if isinstance(said, events.Preparing):
            state = PREPARING if state == STARTING else state
        elif isinstance(said, events.Started):
            self.started = said
            state = RUNNING if state in {STARTING, PREPARING} else state
        elif isinstance(said, events.Progress):
            self.progress = said
            # After `resume` the first figures say that it really goes on; a late figure
            # after `pause` or `stop` says nothing.
            state = RUNNING if state in {STARTING, PREPARING, PAUSED} else state
        elif isinstance(said, events.Paused):
            state = PAUSED if state != STOPPING else state
        elif isinstance(said, events.Done):
            state = STOPPED if said.stopped else FINISHED
        elif isinstance(said, events.Failed):
            # Stopped before anything was learned is what was asked for, and no failure.
            self.failure = "" if state == STOPPING else said.message
            state = STOPPED if state == STOPPING else FAILED
        ended = isinstance(said, events.Done | events.Failed)
        # The words that end a run count once the process is gone, so that whoever hears
        # them can start the next run at once.
        if not ended:
            self._set_state(state)
        else:
            self._final = state
        self.event_heard.emit(said)

    _final = ""

    def _end(self, process: object, code: int) -> None:
        if process is not self._process or self._process is None:
            return
        self._hang_up(self._process)
        self._process = self._reader = None
        state, self._final = self._final, ""
        if not state:
            state = INTERRUPTED
            self.failure = QCoreApplication.translate(
                "TrainingClient", "The learning process ended unexpectedly (status {0})."
            ).format(code)
        self._set_state(state)
        assert self._run is not None
        self.finished.emit(self._run.path)

    def _say(self, command: str) -> bool:
        process = self._process
        if process is None or process.stdin is None or process.stdin.closed:
            return False
        try:
            process.stdin.write(command.encode() + b"\n")
            process.stdin.flush()
        except OSError:
            # The process is gone; the reader thread is about to say so.
            return False
        return True

    @staticmethod
    def _hang_up(process: subprocess.Popen[bytes]) -> None:
        if process.stdin is not None and not process.stdin.closed:
            try:
                process.stdin.close()
            except OSError:
                # Bytes that were never read by a process that is gone: nothing is lost.
                return

    def _set_state(self, state: str) -> None:
        if state != self._state:
            self._state = state
            self.state_changed.emit(state)
