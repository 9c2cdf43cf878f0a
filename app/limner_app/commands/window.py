"""``limner``: the window."""

from __future__ import annotations

import argparse
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from limner_engine.errors import LimnerError

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication

NAME = "open"
SUMMARY = "open the window; the same as limner FILE ..."
ABOUT = "Open the window, on a project or on videos. The word open may be left out."
EXAMPLE = "limner mouse.mp4"


def add_options(parser: argparse.ArgumentParser) -> None:
    """Say what may stand after the command."""
    parser.add_argument("files", nargs="*", metavar="FILE", help="a project or videos")
    parser.add_argument("--sample", action="store_true", help="open the sample clip")


def run(chosen: argparse.Namespace) -> int:
    """Open the window; ends when it is closed."""
    files = [Path(name) for name in chosen.files]
    for path in files:
        if not path.exists():
            raise LimnerError(
                f"There is neither a command nor a file {path}.",
                "Check the name, or see: limner --help",
            )
    from limner_app import window

    with _closing_on_interrupt(window.make_app()):
        return window.run(files, sample=chosen.sample)


@contextmanager
def _closing_on_interrupt(app: QApplication) -> Iterator[None]:
    """Let Ctrl+C in the terminal close the window as its own button does.

    Python handles a signal when it next runs, and an idle window runs no Python. The signal is
    therefore also written into a socket, at which Qt wakes up.
    """
    from PySide6.QtCore import QSocketNotifier

    reading, writing = socket.socketpair()
    reading.setblocking(False)
    writing.setblocking(False)
    notifier = QSocketNotifier(reading.fileno(), QSocketNotifier.Type.Read)
    notifier.activated.connect(lambda: reading.recv(64))
    former = signal.signal(signal.SIGINT, lambda *_: app.closeAllWindows())
    former_fd = signal.set_wakeup_fd(writing.fileno(), warn_on_full_buffer=False)
    try:
        yield
    finally:
        signal.set_wakeup_fd(former_fd)
        signal.signal(signal.SIGINT, former)
        notifier.setEnabled(False)
        reading.close()
        writing.close()
