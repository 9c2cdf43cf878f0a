"""A network learns beside the open window, is killed, goes on, and its model is taken."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from drawn_video import draw_video
from limner_app.main_window import MainWindow
from limner_app.views.training_panel import TrainingPanel
from limner_app.window import open_window, wait_until

PATIENCE_S = 240.0


@pytest.fixture
def window(qapp: Any, tmp_path: Path) -> Iterator[MainWindow]:
    video = draw_video(tmp_path / "fox.mp4", n=40, size=(192, 160))
    made = open_window([video], size=(1366, 768))
    assert wait_until(lambda: made.document.video is not None, PATIENCE_S)
    yield made
    made.close()
    assert wait_until(made.closed.is_set, PATIENCE_S)
    asyncio.get_event_loop().close()


def learn_panel(window: MainWindow, steps: int) -> TrainingPanel:
    window.show_place("learn")
    panel = window.stack.currentWidget()
    assert isinstance(panel, TrainingPanel)
    for name, value in (
        ("landmarks", 4),
        ("minutes", 0),
        ("steps", steps),
        ("batch", 2),
        ("colour_steps", 2),
        ("crop_mode", "whole"),
        ("frames_per_video", 24),
        ("preview_seconds", 0.5),
        ("checkpoint_seconds", 0.1),
        ("threads", 1),
    ):
        panel.form.set_value(name, value)
    return panel


@pytest.mark.timeout(900)
def test_a_run_ends_with_a_model_that_one_click_makes_current(window: MainWindow) -> None:
    panel, training = learn_panel(window, 4), window.training
    panel.form.start.click()
    assert wait_until(lambda: not training.active, PATIENCE_S), training.state
    assert training.state == "finished", training.failure
    run = training.run
    assert run is not None
    assert panel.status.use.isVisible()
    assert not panel.preview.empty or wait_until(lambda: not panel.preview.empty, PATIENCE_S)
    panel.status.use.click()
    assert window.document.model_path == run.model_path
    assert len(window.document.skeleton.names) == 4
    state = panel.runs.table.item(0, 2)
    assert state is not None
    assert state.text() == "finished"
    # The next run would learn on from it.
    panel.fine_tune()
    assert panel.form.config().start_from == str(run.model_path)


@pytest.mark.timeout(900)
@pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")
def test_a_killed_run_goes_on_and_a_stopped_one_is_kept(window: MainWindow) -> None:
    panel, training = learn_panel(window, 100_000), window.training
    panel.start_run()
    run = training.run
    assert run is not None
    assert wait_until(run.checkpoint_path.is_file, PATIENCE_S), training.failure
    assert training._process is not None
    os.kill(training._process.pid, signal.SIGKILL)
    assert wait_until(lambda: not training.active, PATIENCE_S)
    assert training.state == "interrupted"
    assert window.error_bar.isVisible()

    panel.runs.select(run.path)
    panel.runs.resume.click()
    assert wait_until(lambda: training.progress is not None, PATIENCE_S), training.failure
    assert training.started is not None
    assert training.started.step > 0
    panel.pause_run()
    assert wait_until(lambda: training.state == "paused", PATIENCE_S)
    panel.resume_run()
    panel.stop_run()
    assert wait_until(lambda: not training.active, PATIENCE_S)
    assert training.state == "stopped"
    assert run.model_path.is_file()
