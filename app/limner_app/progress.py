"""Progress of long work on a terminal: a bar with the time that is left."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

_PLAIN_EVERY_S = 10.0


class Advance(Protocol):
    """Told how far the work is."""

    def __call__(self, share: float, note: str = "") -> bool:
        """Note the share done, 0..1, and a few words; always True: go on."""
        ...


@contextmanager
def long_work(title: str) -> Iterator[Advance]:
    """A bar on standard error while the work lasts; a line now and then where that is no terminal.

    Args:
        title: What is being done, for people.

    Yields:
        What to call as the work goes on. It fits wherever the engine asks for ``progress``.
    """
    if not sys.stderr.isatty():
        yield _Plain(title)
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        Progress,
        TaskProgressColumn,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
        TextColumn("{task.fields[note]}"),
        console=Console(stderr=True),
    )
    with bar:
        task = bar.add_task(title, total=1.0, note="")

        def advance(share: float, note: str = "") -> bool:
            # Brackets in file names would be read as markup.
            bar.update(task, completed=min(1.0, share), note=note.replace("[", r"\["))
            return True

        yield advance


class _Plain:
    """Lines for a log file."""

    def __init__(self, title: str) -> None:
        self._title = title
        self._began = self._said = time.monotonic()
        print(title, file=sys.stderr, flush=True)

    def __call__(self, share: float, note: str = "") -> bool:
        now = time.monotonic()
        if now - self._said >= _PLAIN_EVERY_S:
            self._said = now
            left = (now - self._began) * max(0.0, 1 - share) / share if share > 0 else 0.0
            words = f"  {self._title}: {share:.0%}, {left:.0f} s left"
            print(f"{words}, {note}" if note else words, file=sys.stderr, flush=True)
        return True
