"""What the person who started a run tells it while it runs: lines on standard input."""

from __future__ import annotations

import threading
import time
from typing import TextIO


class Control:
    """The wishes of the window or the command line.

    Lines understood: ``pause``, ``resume``, ``stop``, ``save``, ``yield SECONDS``. The end of the
    input is ``stop``: a run does not outlive the window that started it, and its model is kept.

    Args:
        lines: Where the lines come from; None for a run that nobody steers.
    """

    def __init__(self, lines: TextIO | None) -> None:
        self._changed = threading.Condition()
        self._paused = False
        self._stop = False
        self._save = False
        self._yield_until = 0.0
        if lines is not None:
            threading.Thread(target=self._listen, args=(lines,), daemon=True).start()

    @property
    def stopped(self) -> bool:
        """Whether the run is to end and keep its model."""
        return self._stop

    @property
    def paused(self) -> bool:
        """Whether the run is to wait."""
        return self._paused and not self._stop

    def take_save(self) -> bool:
        """Whether a checkpoint was asked for since the last call."""
        with self._changed:
            asked, self._save = self._save, False
        return asked

    def wait_while_paused(self) -> None:
        """Return when the run may go on or is to stop."""
        with self._changed:
            self._changed.wait_for(lambda: not self.paused)

    def wait_while_yielding(self) -> float:
        """Leave the processor to the person; the seconds that were waited."""
        start = time.monotonic()
        with self._changed:
            while (left := self._yield_until - time.monotonic()) > 0 and not self._stop:
                self._changed.wait(left)
        return time.monotonic() - start

    def tell(self, line: str) -> None:
        """Take one line; unknown ones are ignored, so that newer windows can steer older runs."""
        words = line.split()
        with self._changed:
            match words:
                case ["pause"]:
                    self._paused = True
                case ["resume"]:
                    self._paused = False
                case ["stop"]:
                    self._stop = True
                case ["save"]:
                    self._save = True
                case ["yield", seconds] if seconds.replace(".", "", 1).isdigit():
                    self._yield_until = time.monotonic() + min(float(seconds), 60.0)
                case _:
                    pass
            self._changed.notify_all()

    def _listen(self, lines: TextIO) -> None:
        for line in lines:
            self.tell(line)
        self.tell("stop")
