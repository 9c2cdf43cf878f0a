"""The actions of Edit and Learn: what they do, and when they can be used."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from drawn_video import draw_video
from limner_app import main_window, opening
from limner_app import training_client as states
from limner_app import window as starting
from limner_app.main_window import MainWindow
from limner_app.views.edit_view import EditView
from limner_app.views.training_panel import TrainingPanel
from small_engine import SmallEngine, small_model


@pytest.fixture
def window(
    qtbot: Any, qapp: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[MainWindow]:
    for module in (main_window, opening):
        monkeypatch.setattr(module, "bundled_models", dict)
    loop = starting.make_loop(qapp)
    made = MainWindow(cast(Any, SmallEngine()))
    made.resize(1366, 768)
    made.show()
    yield made
    made.close()
    assert starting.wait_until(made.closed.is_set)
    loop.close()


def _open(window: MainWindow, tmp_path: Path) -> None:
    window.open_videos([draw_video(tmp_path / "a.mp4", n=12, size=(160, 128))])
    assert starting.wait_until(
        lambda: window.document.video is not None and not window.detector.working
    )


def _usable(window: MainWindow, *names: str) -> list[bool]:
    return [window.actions_by_id[name].isEnabled() for name in names]


def _edit(window: MainWindow, tmp_path: Path) -> EditView:
    window.document.set_model(small_model(tmp_path / "m.safetensors"))
    window.show_place("edit")
    view = window.stack.view("edit")
    assert isinstance(view, EditView)
    assert starting.wait_until(lambda: view.drawing.found is not None)
    return view


def test_nothing_of_them_can_be_used_before_a_video(window: MainWindow) -> None:
    names = ("reset_all", "save_picture", "pose_from", "fine_tune", "learn_anew", "start_run")
    assert not any(_usable(window, *names))


def test_edit_without_a_model_leads_to_learning(window: MainWindow, tmp_path: Path) -> None:
    _open(window, tmp_path)
    window.show_place("edit")
    view = window.stack.view("edit")
    assert isinstance(view, EditView)
    assert "model" in view.empty_text
    assert not any(_usable(window, "save_picture", "divider", "fine_tune"))
    assert view._empty.button is not None
    view._empty.button.click()
    assert window.stack.current == "learn"


def test_edit_knows_names_when_it_is_first_opened(window: MainWindow, tmp_path: Path) -> None:
    _open(window, tmp_path)
    view = _edit(window, tmp_path)
    assert view.canvas.skeleton.names == window.document.skeleton.names
    assert len(view.canvas.skeleton.names) == 4


def test_a_place_has_the_keyboard_when_it_is_shown(window: MainWindow, tmp_path: Path) -> None:
    _open(window, tmp_path)
    view = _edit(window, tmp_path)
    window.activateWindow()
    assert window.focusWidget() is view.canvas
    window.document.select(0)
    QTest.keyClick(view.canvas, Qt.Key.Key_Right, Qt.KeyboardModifier.AltModifier)
    assert set(view.edit.moved) == {0}
    window.show_place("inspect")
    assert window.focusWidget() is window.frame_view
    assert starting.wait_until(lambda: not view.drawing._tasks)


def test_actions_of_edit(window: MainWindow, tmp_path: Path) -> None:
    _open(window, tmp_path)
    view = _edit(window, tmp_path)
    assert _usable(window, "save_picture", "reset_all", "reset_landmark") == [True, False, False]
    window.document.select(1)
    view.nudge(9, 0)
    assert _usable(window, "reset_all", "reset_landmark") == [True, True]
    window.document.select(2)
    assert _usable(window, "reset_all", "reset_landmark") == [True, False]
    QTest.keyClick(window, Qt.Key.Key_R)
    assert view.edit.empty
    assert not any(_usable(window, "reset_all"))
    window.actions_by_id["divider"].trigger()
    assert view.canvas.divided
    assert window.actions_by_id["divider"].isChecked()
    view.bar.side_by_side.click()
    assert not window.actions_by_id["divider"].isChecked()
    window.actions_by_id["whole_frame"].trigger()
    assert view.bar.whole.isChecked()
    window.actions_by_id["network_only"].trigger()
    assert view.bar.network_only.isChecked()
    assert not view.drawing.sharp
    window.actions_by_id["copy_picture"].trigger()
    assert not QApplication.clipboard().image().isNull()
    window.actions_by_id["looks_from"].trigger()
    assert view.bar.looks._panel.isVisible()
    view.bar.looks._panel.hide()
    window.show_place("inspect")
    assert not any(_usable(window, "save_picture", "divider"))
    assert starting.wait_until(lambda: not view.drawing._tasks)


def test_the_form_is_set_by_what_was_asked(window: MainWindow, tmp_path: Path) -> None:
    _open(window, tmp_path)
    window.document.set_model(small_model(tmp_path / "m.safetensors"))
    assert _usable(window, "fine_tune", "learn_anew", "start_run") == [True, True, False]
    window.actions_by_id["learn_anew"].trigger()
    panel = window.stack.view("learn")
    assert isinstance(panel, TrainingPanel)
    assert panel.form.config().start_from == ""
    assert _usable(window, "start_run") == [True]
    window.actions_by_id["fine_tune"].trigger()
    assert panel.form.config().start_from == str(tmp_path / "m.safetensors")


@pytest.mark.parametrize(
    ("state", "usable"),
    [
        (states.RUNNING, {"pause_run", "stop_run"}),
        (states.PAUSED, {"resume_run", "stop_run"}),
        (states.STOPPING, set()),
        (states.FINISHED, {"fine_tune", "learn_anew"}),
    ],
)
def test_steering_follows_the_run(
    window: MainWindow, tmp_path: Path, state: str, usable: set[str]
) -> None:
    _open(window, tmp_path)
    window.document.set_model(small_model(tmp_path / "m.safetensors"))
    window.training._set_state(state)
    names = ("pause_run", "resume_run", "stop_run", "fine_tune", "learn_anew")
    assert {name for name in names if window.actions_by_id[name].isEnabled()} == usable
    window.training._set_state(states.IDLE)
