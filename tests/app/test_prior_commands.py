"""The actions about pose priors in the window, and landmarks that come with their names."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest
from PySide6.QtCore import QCoreApplication, QEvent

from drawn_video import draw_video
from limner_app import main_window, opening
from limner_app import window as starting
from limner_app.main_window import MainWindow
from limner_app.views.training_panel import TrainingPanel
from limner_engine.model_file import read_model_info
from limner_engine.priors.prior import PosePrior
from limner_engine.project import Project
from limner_engine.types import Skeleton
from limner_training.config import TrainConfig
from limner_training.run_folder import RunFolder
from small_engine import SmallEngine, small_model

ARM = Skeleton(("shoulder", "elbow", "wrist"), ((0, 1), (1, 2)))


@pytest.fixture
def window(
    qtbot: Any, qapp: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[MainWindow]:
    for module in (main_window, opening):
        monkeypatch.setattr(module, "bundled_models", dict)
    loop = starting.make_loop(qapp)
    made = MainWindow(cast(Any, SmallEngine()))
    made.show()
    made.document.create(tmp_path / "p.limner")
    made.document.add_videos([draw_video(tmp_path / "a.mp4", n=12, size=(160, 128))])
    assert starting.wait_until(lambda: not made.detector.working)
    yield made
    made.close()
    assert starting.wait_until(made.closed.is_set)
    loop.close()


def _project(window: MainWindow) -> Project:
    project = window.document.project
    assert project is not None
    return project


def _prior() -> PosePrior:
    return PosePrior("arms", ARM, np.random.default_rng(0).normal(size=(4, 3, 2)).astype("f4"))


def test_the_flow_opens_once_and_leads_to_learn(window: MainWindow, tmp_path: Path) -> None:
    action = window.actions_by_id["learn_prior"]
    assert action.isEnabled()
    action.trigger()
    commands = window.commands.priors
    dialog = commands._dialog
    assert dialog is not None
    action.trigger()
    assert commands._dialog is dialog
    number = _project(window).add_prior(_prior())
    window.document.history_changed.emit()
    config = TrainConfig(sources=("a.mp4",), method="keypointgan", prior="", name="x")
    run = RunFolder.create(tmp_path / "p.runs", config)
    dialog.started.emit(run.path)
    panel = window.stack.view("learn")
    assert isinstance(panel, TrainingPanel)
    assert window.stack.current == "learn"
    assert panel.form.value("method") == "keypointgan"
    assert number == 1
    dialog.close()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    assert commands._dialog is None


def test_the_skeleton_editor_takes_over_what_the_flow_gives(window: MainWindow) -> None:
    window.actions_by_id["learn_prior"].trigger()
    dialog = window.commands.priors._dialog
    assert dialog is not None
    dialog.skeleton.propose("body-13")
    dialog.skeleton.edit.click()
    assert len(window.document.skeleton.names) == 13
    assert dialog.skeleton.chosen == "project"
    dialog.close()


def test_poses_are_drawn_without_the_flow(window: MainWindow) -> None:
    told: list[str] = []
    window.document.message.connect(lambda _level, text, _mend: told.append(text))
    window.actions_by_id["draw_poses"].trigger()
    assert starting.wait_until(lambda: bool(told))
    assert "no skeleton" in told[0]
    window.document.set_skeleton(ARM)
    window.actions_by_id["draw_poses"].trigger()
    commands = window.commands.priors
    assert starting.wait_until(
        lambda: commands._drawing is not None and commands._drawing.editor is not None
    )
    assert commands._drawing is not None
    editor = commands._drawing.editor
    assert editor is not None
    assert len(editor._backdrops) == 12
    editor.accept()
    (stored,) = _project(window).priors()
    assert stored.skeleton == ARM


def test_landmarks_of_a_model_arrive_with_their_names(
    window: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    document = window.document
    document.set_model(small_model(tmp_path / "m.safetensors", count=3))
    assert document.skeleton == Skeleton.numbered(3)
    path = small_model(tmp_path / "n.safetensors", count=3, name="arms")
    info = replace(read_model_info(path), kind="keypointgan", skeleton=ARM)
    monkeypatch.setattr("limner_app.document_models.read_model_info", lambda _path: info)
    document.set_model(path)
    # As many landmarks, but with names, edges and pairs of their own.
    assert document.skeleton == ARM
    assert _project(window).undo_text != "Change the skeleton"
    # What a person made of it stays.
    document.rename(0, "left shoulder")
    document.set_model(path)
    assert document.skeleton.names[0] == "left shoulder"
