"""The learning process as the window sees it, against a small process that speaks the same way."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path
from typing import Any

import pytest

from limner_app.training_client import TrainingClient
from limner_engine.errors import TrainingError
from limner_training import events
from limner_training.config import TrainConfig

_CHILD = """
import json, pathlib, sys, threading, time
folder = pathlib.Path(sys.argv[-1])
log = (folder / "heard.txt").open("a")
lock = threading.Lock()
state = {"paused": False, "stop": False}

def say(kind, **values):
    line = json.dumps({"event": kind, **values})
    with lock, (folder / "events.jsonl").open("a") as file:
        file.write(line + "\\n")
        print(line, flush=True)

def listen():
    for line in sys.stdin:
        log.write(line)
        log.flush()
        word = line.split()[0]
        if word == "pause":
            state["paused"] = True
            say("paused", step=3)
        elif word == "resume":
            state["paused"] = False
        elif word == "stop":
            state["stop"] = True
    state["stop"] = True

threading.Thread(target=listen, daemon=True).start()
print("a library prints this")
say("preparing", message="Reading the videos", share=0.5)
say("started", step=0, parameters=10, device="cpu", train_frames=5, held_back_frames=2)
step = 0
while not state["stop"] and step < LAST:
    time.sleep(0.02)
    if not state["paused"]:
        step += 1
        say("progress", step=step, loss=1.0 / step, learning_rate=0.1, images_per_s=50.0,
            elapsed_s=step * 1.0, left_s=9.0)
say("held_back", step=step, loss=0.3, ratio=0.5, preview="preview.png")
(folder / "model.safetensors").write_bytes(b"model")
say("done", step=step, model="model.safetensors", figures={}, stopped=state["stop"])
"""


def child(tmp_path: Path, last: int = 10**6) -> list[str]:
    script = tmp_path / "child.py"
    script.write_text(_CHILD.replace("LAST", str(last)), "utf-8")
    return [sys.executable, str(script)]


@pytest.fixture
def config() -> TrainConfig:
    return TrainConfig(sources=("a.mp4",), name="fox")


def test_a_run_says_what_it_does_and_ends(qtbot: Any, tmp_path: Path, config: TrainConfig) -> None:
    client = TrainingClient(program=child(tmp_path, last=3))
    heard: list[events.Event] = []
    states: list[str] = []
    client.event_heard.connect(heard.append)
    client.state_changed.connect(states.append)
    with qtbot.waitSignal(client.finished, timeout=20000) as ended:
        run = client.start(config, tmp_path / "fox.runs")
    assert ended.args == [run.path]
    assert run.path.parent == tmp_path / "fox.runs"
    assert states == ["starting", "preparing", "running", "finished"]
    assert [event.kind for event in heard] == [
        "preparing", "started", "progress", "progress", "progress", "held_back", "done",
    ]  # fmt: skip
    assert client.share == pytest.approx(0.25)
    assert not client.active
    assert (run.path / "log.txt").read_text("utf-8").strip() == "a library prints this"


def test_pause_resume_yield_and_stop_reach_the_run(
    qtbot: Any, tmp_path: Path, config: TrainConfig
) -> None:
    client = TrainingClient(program=child(tmp_path))
    run = client.start(config, tmp_path)
    qtbot.waitUntil(lambda: client.progress is not None, timeout=20000)
    for _ in range(5):
        client.yield_to_person(1.0)
    client.pause()
    qtbot.waitUntil(lambda: client.state == "paused", timeout=20000)
    client.resume()
    assert client.state == "running"
    with qtbot.waitSignal(client.finished, timeout=20000):
        client.stop()
        assert client.state == "stopping"
    assert client.state == "stopped"
    heard = (run.path / "heard.txt").read_text("utf-8").split("\n")
    assert heard[:4] == ["yield 1", "pause", "resume", "stop"]


def test_only_one_run_at_a_time(qtbot: Any, tmp_path: Path, config: TrainConfig) -> None:
    client = TrainingClient(program=child(tmp_path))
    run = client.start(config, tmp_path)
    with pytest.raises(TrainingError, match="still learning") as refused:
        client.start(config, tmp_path)
    assert refused.value.mend
    assert client.run == run
    with qtbot.waitSignal(client.finished, timeout=20000):
        client.stop()


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")
def test_a_killed_run_is_interrupted_and_goes_on_from_its_folder(
    qtbot: Any, tmp_path: Path, config: TrainConfig
) -> None:
    client = TrainingClient(program=child(tmp_path))
    run = client.start(config, tmp_path)
    qtbot.waitUntil(lambda: client.progress is not None, timeout=20000)
    with qtbot.waitSignal(client.finished, timeout=20000):
        assert client._process is not None
        os.kill(client._process.pid, signal.SIGKILL)
    assert client.state == "interrupted"
    assert "-9" in client.failure
    assert client.resume_run(run.path).path == run.path
    assert client.failure == ""
    qtbot.waitUntil(lambda: client.progress is not None, timeout=20000)
    with qtbot.waitSignal(client.finished, timeout=20000):
        client.stop()
    assert client.state == "stopped"


def test_closing_lets_the_run_keep_its_model(
    qtbot: Any, tmp_path: Path, config: TrainConfig
) -> None:
    client = TrainingClient(program=child(tmp_path))
    run = client.start(config, tmp_path)
    qtbot.waitUntil(lambda: client.progress is not None, timeout=20000)
    client.close(wait_s=20)
    assert run.model_path.is_file()
    qtbot.waitUntil(lambda: client.state == "stopped", timeout=20000)


def test_a_folder_without_a_run_cannot_be_resumed(qtbot: Any, tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match="holds no run"):
        TrainingClient().resume_run(tmp_path)


def test_the_run_gives_way_to_the_window(qtbot: Any, tmp_path: Path, config: TrainConfig) -> None:
    if sys.platform == "win32":
        pytest.skip("POSIX niceness")
    client = TrainingClient(program=child(tmp_path))
    client.start(config, tmp_path)
    assert client._process is not None
    nice = os.getpriority(os.PRIO_PROCESS, client._process.pid)
    assert nice > os.getpriority(os.PRIO_PROCESS, 0)
    client.close()
