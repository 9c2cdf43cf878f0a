"""When the second layer learns, against a small process that speaks as the real one does."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from drawn_video import draw_video
from limner_app import second_layer
from limner_app.naming_memory import RUN_FOLDER, NamingMemory, names_folder
from limner_app.naming_process import NamingProcess
from limner_app.second_layer import LEAST_LABELS, MORE_LABELS, SecondLayer
from limner_engine.errors import TrainingError
from limner_engine.project import Project

NAMES = ("snout", "tail base")
_CHILD = """
import json, pathlib, sys, threading, time
folder, stop = pathlib.Path(sys.argv[-1]), threading.Event()

def say(kind, **values):
    print(json.dumps({"event": kind, **values}), flush=True)

def listen():
    for line in sys.stdin:
        if line.strip() == "stop":
            break
    stop.set()

threading.Thread(target=listen, daemon=True).start()
if FAILS:
    say("failed", message="There is nothing to learn from.")
    sys.exit(2)
runs = len(list(folder.glob("begun*")))
(folder / f"begun{runs}").touch()
say("started", step=0, parameters=10, device="cpu", train_frames=5, held_back_frames=0)
step = 0
while step < LAST and not stop.is_set():
    step += 1
    (folder / "second.safetensors").write_bytes(b"second %d" % step)
    say("named", step=step, model="second.safetensors", error_px=[ERROR, None])
    say("progress", step=step, loss=0.1, learning_rate=0.1, images_per_s=9.0,
        elapsed_s=step * 1.0, left_s=9.0)
    stop.wait(0.02)
say("done", step=step, model="second.safetensors", figures={}, stopped=stop.is_set())
"""


class Runs:
    """A second layer with its project, and what was asked of it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.project = Project.create(folder / "a.limner")
        self.written: list[Path] = []
        self.layer = self.made(last=3)
        self.improvements = 0

    def made(self, last: int, fails: bool = False, error: float = 1.0) -> SecondLayer:
        script = self.folder / "child.py"
        text = _CHILD.replace("LAST", str(last)).replace("FAILS", str(fails))
        script.write_text(text.replace("ERROR", str(error)), "utf-8")
        process = NamingProcess(program=[sys.executable, str(script)])
        layer = SecondLayer(self.written.append, process)
        layer.improved.connect(self._improved)
        layer.take(self.project)
        self.layer = layer
        return layer

    def _improved(self) -> None:
        self.improvements += 1


@pytest.fixture
def runs(qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Runs]:
    monkeypatch.setattr(second_layer, "SETTLE_MS", 20)
    draw_video(tmp_path / "a.mp4", n=4, size=(160, 128))
    made = Runs(tmp_path)
    yield made
    made.layer.close(wait_s=10)
    made.project.close()


def test_it_begins_with_enough_labels_and_keeps_each_improvement(runs: Runs, qtbot: QtBot) -> None:
    layer = runs.layer
    layer.labels_changed(LEAST_LABELS - 1, NAMES)
    assert not layer.waiting
    assert layer.file is None
    layer.labels_changed(LEAST_LABELS, NAMES)
    assert layer.waiting
    with qtbot.waitSignal(layer.ended, timeout=20000):
        pass
    run = names_folder(runs.project.path) / RUN_FOLDER
    assert runs.written == [run]
    assert runs.improvements == 3
    assert layer.file is not None
    assert layer.file.read_bytes() == b"second 3"
    memory = NamingMemory.of(runs.project)
    assert (memory.second_labels, memory.unfinished) == (LEAST_LABELS, False)
    # A few more labels are not worth another run, more are.
    layer.labels_changed(LEAST_LABELS + MORE_LABELS - 1, NAMES)
    assert not layer.waiting
    layer.labels_changed(LEAST_LABELS + MORE_LABELS, NAMES)
    assert layer.waiting
    # Other landmarks need another network.
    layer.labels_changed(LEAST_LABELS, ("snout",))
    assert layer.waiting
    assert layer.file is None


def test_a_window_that_goes_away_lets_the_next_one_go_on(runs: Runs, qtbot: QtBot) -> None:
    layer = runs.made(last=10**6)
    with qtbot.waitSignal(layer.improved, timeout=20000):
        layer.labels_changed(LEAST_LABELS, NAMES)
    layer.close(wait_s=10)
    assert NamingMemory.of(runs.project).unfinished
    layer = runs.made(last=2)
    with qtbot.waitSignal(layer.ended, timeout=20000):
        layer.labels_changed(LEAST_LABELS, NAMES)
    run = names_folder(runs.project.path) / RUN_FOLDER
    assert len(runs.written) == 1
    assert len(list(run.glob("begun*"))) == 2
    assert not NamingMemory.of(runs.project).unfinished


def test_a_run_that_has_just_begun_does_not_replace_a_better_one(runs: Runs, qtbot: QtBot) -> None:
    layer = runs.layer
    with qtbot.waitSignal(layer.ended, timeout=20000):
        layer.labels_changed(LEAST_LABELS, NAMES)
    # The next run is worse as yet: only what it has learned at its end counts.
    runs.improvements = 0
    layer = runs.made(last=2, error=3.0)
    with qtbot.waitSignal(layer.ended, timeout=20000):
        layer.labels_changed(LEAST_LABELS + MORE_LABELS, NAMES)
    assert runs.improvements == 1
    assert NamingMemory.of(runs.project).second_px == 3.0
    assert layer.file is not None
    assert layer.file.read_bytes() == b"second 2"


def test_a_person_who_stops_it_is_left_alone_until_more_is_labelled(
    runs: Runs, qtbot: QtBot
) -> None:
    layer = runs.made(last=10**6)
    with qtbot.waitSignal(layer.improved, timeout=20000):
        layer.labels_changed(LEAST_LABELS, NAMES)
    with qtbot.waitSignal(layer.ended, timeout=20000):
        layer.stop()
    assert layer.process.state == "stopped"
    assert layer.file is not None
    assert not layer.waiting
    with qtbot.waitSignal(layer.improved, timeout=20000):
        layer.train_now()


def test_a_run_that_fails_says_why_and_does_not_begin_again(runs: Runs, qtbot: QtBot) -> None:
    layer = runs.made(last=1, fails=True)
    with qtbot.waitSignal(layer.ended, timeout=20000):
        layer.labels_changed(LEAST_LABELS, NAMES)
    assert layer.process.failure == "There is nothing to learn from."
    assert not layer.waiting


def test_a_folder_that_cannot_be_made_is_a_mendable_mistake(runs: Runs) -> None:
    names_folder(runs.project.path).write_text("in the way")
    runs.layer.labels_changed(LEAST_LABELS, NAMES)
    with pytest.raises(TrainingError, match="cannot be made"):
        runs.layer.train_now()
