"""How long the window's event loop stalls while a network learns beside it.

Opens the real window with one video, drives it by events - scrubbing, dragging a landmark in Edit,
playing - first alone and then while a real ``lite`` run learns from the same video, and measures
how late a 5 ms timer comes. Run it on the cores that are of interest::

    taskset -c 0,1 python benchmarks/responsiveness.py VIDEO [--model MODEL] [--seconds 24]
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Generator
from pathlib import Path

import numpy as np

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QObject, QPoint, Qt, QTimer
from PySide6.QtTest import QTest

from limner_app.main_window import MainWindow
from limner_app.views.edit_view import EditView
from limner_app.views.training_panel import TrainingPanel
from limner_app.window import open_window, wait_until

TICK_MS = 5
AIM_MS = 50.0
LEFT = Qt.MouseButton.LeftButton
PATIENCE_S = 180.0


class Stalls(QObject):
    """Notes how late each tick of a 5 ms timer comes."""

    def __init__(self) -> None:
        super().__init__()
        self.late: list[tuple[str, float]] = []
        self.doing = ""
        self._last = time.perf_counter()
        self._timer = QTimer(self, timerType=Qt.TimerType.PreciseTimer, interval=TICK_MS)
        self._timer.timeout.connect(self._tick)

    def start(self) -> None:
        """Begin to note."""
        self.late.clear()
        self._last = time.perf_counter()
        self._timer.start()

    def stop(self) -> None:
        """Note no more."""
        self._timer.stop()

    def _tick(self) -> None:
        now = time.perf_counter()
        self.late.append((self.doing, max(0.0, (now - self._last) * 1000 - TICK_MS)))
        self._last = now

    def figures(self) -> dict[str, object]:
        """Longest and 99th percentile, ms, in all and by what was being done."""
        made: dict[str, object] = {}
        for doing in ["", *dict.fromkeys(name for name, _ in self.late)]:
            late = np.array([ms for name, ms in self.late if doing in ("", name)])
            made[doing or "all"] = {
                "longest_ms": round(float(late.max()), 1),
                "p99_ms": round(float(np.percentile(late, 99)), 1),
                "over_50_ms": int((late > AIM_MS).sum()),
                "ticks": len(late),
            }
        return made


def scrub(window: MainWindow) -> Generator[None, None, None]:
    """Jump through the video as the handle of the timeline does."""
    count = window.document.frame_count
    step = 0
    while True:
        step += 1
        window.document.show(int((0.5 + 0.5 * np.sin(step / 23)) * (count - 1)))
        yield


def drag(window: MainWindow) -> Generator[None, None, None]:
    """Drag a landmark round in circles."""
    view = window.stack.currentWidget()
    assert isinstance(view, EditView)
    canvas = view.canvas
    start = canvas.place_of(0, True).toPoint()
    QTest.mousePress(canvas, LEFT, pos=start)
    step = 0
    try:
        while True:
            step += 1
            turn = step / 12
            QTest.mouseMove(
                canvas, start + QPoint(round(25 * np.sin(turn)), round(25 - 25 * np.cos(turn)))
            )
            yield
    finally:
        QTest.mouseRelease(canvas, LEFT, pos=start)


def play(window: MainWindow) -> Generator[None, None, None]:
    """Play as the space bar does."""
    window.player.toggle()
    try:
        while True:
            yield
    finally:
        window.player.toggle()


def drive(window: MainWindow, seconds: float) -> dict[str, object]:
    """One round of everything; what it measured."""
    stalls, redraws = Stalls(), list[float]()
    window.show_place("edit")
    view = window.stack.currentWidget()
    assert isinstance(view, EditView)
    view.redrawn.connect(redraws.append)
    parts = (("scrub", "inspect", scrub), ("drag", "edit", drag), ("play", "inspect", play))
    rounds: list[tuple[str, float]] = []
    for name, place, work in parts:
        window.show_place(place)
        wait_until(lambda: False, 1.0)
        if place == "edit":
            ready = wait_until(lambda: view.drawing.found is not None, PATIENCE_S)
            if not ready:
                sys.exit("The engine found no landmarks; give --model.")
        steps = work(window)
        timer = QTimer(timerType=Qt.TimerType.PreciseTimer, interval=16)
        timer.timeout.connect(lambda steps=steps: next(steps))
        stalls.doing = name
        stalls.start()
        timer.start()
        wait_until(lambda: False, seconds / len(parts))
        timer.stop()
        stalls.stop()
        rounds += stalls.late
        # Inside the loop: letting the mouse go hands events round, which may wake tasks.
        QTimer.singleShot(0, steps.close)
        wait_until(lambda: False, 0.2)
    stalls.late = rounds
    view.redrawn.disconnect(redraws.append)
    shown = [ms for ms in redraws if ms > 0]
    return {
        **stalls.figures(),
        "redraw_ms_median": round(float(np.median(shown)), 1) if shown else None,
        "redraws": len(shown),
    }


def learn(window: MainWindow) -> TrainingPanel:
    """Start a real run and wait until it takes steps."""
    window.show_place("learn")
    panel = window.stack.currentWidget()
    assert isinstance(panel, TrainingPanel)
    for name, value in (("minutes", 60.0), ("size", "lite"), ("frames_per_video", 300)):
        panel.form.set_value(name, value)
    panel.form.begin.setCurrentIndex(panel.form.begin.count() - 1)
    panel.start_run()
    training = window.training
    if not wait_until(lambda: training.progress is not None, PATIENCE_S):
        sys.exit(f"The run did not begin: {training.state} {training.failure}")
    return panel


def main() -> None:
    """Measure, and print one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("video", type=Path)
    parser.add_argument("--model", type=Path, help="a model to draw with; bundled if not given")
    parser.add_argument("--seconds", type=float, default=24.0, help="length of each drive")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.environ["LIMNER_CONFIG"] = os.environ["LIMNER_CACHE"] = folder
        window = open_window([chosen.video], size=(1366, 768))
        wait_until(lambda: window.document.crop_track is not None, PATIENCE_S)
        if chosen.model is not None:
            window.document.set_model(chosen.model.resolve())
        drive(window, 3.0)  # everything is loaded once before it counts
        alone = drive(window, chosen.seconds)
        learn(window)
        began = window.training.progress
        learning = drive(window, chosen.seconds)
        ended = window.training.progress
        window.show_place("learn")
        wait_until(lambda: False, 3.0)
        window.training.stop()
        wait_until(lambda: not window.training.active, PATIENCE_S)
        window.close()
        wait_until(window.closed.is_set, PATIENCE_S)
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    steps = (ended.step - began.step) if began is not None and ended is not None else 0
    result = {
        "cores": cores,
        "aim_ms": AIM_MS,
        "alone": alone,
        "while_learning": {**learning, "steps_learned": steps},
    }
    print(json.dumps(result, indent=1))


if __name__ == "__main__":
    main()
