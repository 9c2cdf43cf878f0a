"""Frees what Python alone keeps in circles, on the window's thread and on no other.

Python looks for unreachable circles of objects in whichever thread happens to make the next
object. A view and what it is connected to are such a circle, and a widget that is destroyed on the
thread that draws thumbnails leaves Qt with pointers to nothing: the program dies later, somewhere
else. So Python's own search is switched off, and a timer of Qt makes it here.
"""

from __future__ import annotations

import gc

from PySide6.QtCore import QObject, QTimer

EVERY_MS = 2000
"""How often it is seen whether there is enough to search through."""


class CycleCollector(QObject):
    """Searches as often as Python would have; lives on the thread that makes it.

    Args:
        parent: The application.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        gc.disable()
        self._timer = QTimer(self, interval=EVERY_MS)
        self._timer.timeout.connect(collect_due)
        self._timer.start()


def collect_due() -> int | None:
    """Search the generations that have outgrown Python's own limits, on the calling thread.

    Returns:
        The oldest generation searched, 0 to 2; None where none was due.
    """
    due = None
    for generation, (count, limit) in enumerate(
        zip(gc.get_count(), gc.get_threshold(), strict=True)
    ):
        # Each search of a younger generation counts for the older one after it.
        if limit == 0 or count <= limit:
            break
        due = generation
    if due is not None:
        gc.collect(due)
    return due
