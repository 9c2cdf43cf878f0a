"""Reads files on another thread, so that a large one does not hold the window up."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, QRunnable, Qt, QThreadPool, Signal


class _Work(QRunnable):
    def __init__(self, reading: Reading, number: int, read: Callable[[], object]) -> None:
        super().__init__()
        self._reading, self._number, self._read = reading, number, read

    def run(self) -> None:
        try:
            result, error = self._read(), None
        except Exception as caught:  # handed on to the thread that asked
            result, error = None, caught
        self._reading.arrived.emit(self._number, result, error)


class Reading(QObject):
    """One thing is read at a time; the answer to an older wish is dropped.

    Signals:
        done: What was read.
        arrived: For the worker's thread alone.
    """

    done = Signal(object)
    arrived = Signal(int, object, object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._newest = 0
        self.busy = False
        self.arrived.connect(self._take, Qt.ConnectionType.QueuedConnection)

    def start(self, read: Callable[[], object]) -> None:
        """Read something; `done` answers, unless something else is wished first."""
        self._newest += 1
        self.busy = True
        QThreadPool.globalInstance().start(_Work(self, self._newest, read))

    def drop(self) -> None:
        """Nothing is wished any more."""
        self._newest += 1
        self.busy = False

    def _take(self, number: int, result: object, error: Exception | None) -> None:
        if number != self._newest:
            return
        self.busy = False
        if error is not None:
            raise error
        self.done.emit(result)
