"""Circles that hold Qt's objects are freed on one thread alone."""

from __future__ import annotations

import gc
import threading
import weakref

from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from limner_app.cycle_collector import CycleCollector, collect_due


class _Circle(QObject):
    def __init__(self) -> None:
        super().__init__()
        self.itself = self


def _make_garbage() -> None:
    """More objects than Python lets lie before it searches by itself."""
    for _ in range(20 * gc.get_threshold()[0]):
        circle: list[object] = []
        circle.append(circle)


def test_another_thread_frees_no_qt_object(qtbot: QtBot) -> None:
    freed_on: list[str] = []
    collector = CycleCollector()
    circle = _Circle()
    weakref.finalize(circle, lambda: freed_on.append(threading.current_thread().name))
    del circle
    thread = threading.Thread(target=_make_garbage, name="busy")
    thread.start()
    thread.join()
    assert freed_on == []
    qtbot.waitUntil(lambda: freed_on != [], timeout=10_000)
    assert freed_on == [threading.main_thread().name]
    collector.deleteLater()


def test_older_generations_are_searched_as_often_as_python_would() -> None:
    gc.collect()
    assert collect_due() is None
    searched = []
    for _ in range(200):
        kept: list[list[int]] = [[] for _ in range(gc.get_threshold()[0] + 100)]
        searched.append(collect_due())
        del kept
    assert set(searched) >= {0, 1}
    assert None not in searched
    assert searched.count(0) > 5 * searched.count(1)
