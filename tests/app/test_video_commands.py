"""Videos that the window writes: the ways to the dialogs, and what goes on without them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, cast

import pytest

from drawn_video import draw_video
from limner_app import main_window, opening
from limner_app import window as starting
from limner_app.main_window import MainWindow
from limner_app.views.edit_view import EditView
from limner_app.views.render_dialog import RenderDialog
from limner_app.views.swap_dialog import SwapDialog
from limner_engine.inference.render_job import EditJob
from small_engine import small_model
from writing_engine import WritingEngine


def _within(work: Callable[[], object]) -> None:
    """Do something while the loop runs, as everything is done that a person clicks."""

    async def run() -> None:
        work()
        await asyncio.sleep(0.01)  # what was begun gets on before the loop rests

    asyncio.get_event_loop().run_until_complete(run())


@pytest.fixture
def engine() -> WritingEngine:
    return WritingEngine()


@pytest.fixture
def window(
    qapp: Any, engine: WritingEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[MainWindow]:
    for module in (main_window, opening):
        monkeypatch.setattr(module, "bundled_models", dict)
    loop = starting.make_loop(qapp)
    made = MainWindow(cast(Any, engine))
    made.resize(1000, 600)
    made.show()
    made.open_videos([draw_video(tmp_path / "fox.mp4", n=12, size=(160, 128))])
    assert starting.wait_until(
        lambda: made.document.video is not None and not made.detector.working
    )
    model = small_model(tmp_path / "m.safetensors")
    _within(lambda: made.document.set_model(model))
    yield made
    made.close()
    assert starting.wait_until(made.closed.is_set)
    loop.close()


def _export(window: MainWindow, engine: WritingEngine, out: Path) -> RenderDialog:
    _within(window.actions_by_id["edit_range"].trigger)
    (dialog,) = window.findChildren(RenderDialog)
    dialog.file.line.setText(str(out))
    engine.wait_halfway()
    _within(dialog.foot.export.click)
    assert starting.wait_until(lambda: dialog.foot.bar.value() == 500)
    return dialog


def test_a_video_is_written_whether_its_dialog_is_open_or_not(
    window: MainWindow, engine: WritingEngine, tmp_path: Path
) -> None:
    assert not window.actions_by_id["edit_range"].isEnabled()
    assert window.actions_by_id["swap"].isEnabled()
    _within(lambda: window.show_place("edit"))
    view = window.stack.view("edit")
    assert isinstance(view, EditView)
    assert starting.wait_until(lambda: view.drawing.found is not None)
    assert not view.bar.along.isEnabled()
    window.document.select(1)
    _within(lambda: view.nudge(10, -5))
    assert window.actions_by_id["edit_range"].isEnabled()
    out = tmp_path / "made.mp4"
    dialog = _export(window, engine, out)
    job, half = engine.jobs[-1], window.document.crop().side_px / 2
    assert isinstance(job, EditJob)
    assert job.offsets == {1: pytest.approx((10 / half, -5 / half), abs=1e-4)}
    assert (job.clip.start, job.clip.stop) == (0, 12)
    # Moved on meanwhile: what is written stays as it was asked for.
    _within(lambda: view.nudge(3, 0))
    assert dialog.job() == job
    _within(dialog.reject)
    assert window.status.working
    assert window.actions_by_id["cancel"].isEnabled()
    assert engine.gate is not None
    engine.gate.set_result(None)
    assert starting.wait_until(lambda: window.error_bar.level == "info")
    assert "made.mp4" in window.error_bar.text.text()
    assert window.error_bar.button.text() == "Show in folder"
    assert not window.status.working
    out.unlink()
    _within(_export(window, engine, out).hide)
    assert engine.jobs[-1].offsets[1][0] == pytest.approx(13 / half, abs=1e-4)  # type: ignore[union-attr]
    _within(window.actions_by_id["cancel"].trigger)
    assert starting.wait_until(lambda: not window.commands.places.videos.work.working)
    assert not window.status.working
    assert not out.exists()
    assert not window.actions_by_id["cancel"].isEnabled()


def test_a_swap_leads_to_edit(window: MainWindow) -> None:
    _within(window.actions_by_id["swap"].trigger)
    (dialog,) = window.findChildren(SwapDialog)
    assert window.stack.current == "edit"
    assert starting.wait_until(lambda: not dialog.previewing)
    view = window.stack.view("edit")
    assert isinstance(view, EditView)
    _within(view.bar.swap.click)
    assert window.findChildren(SwapDialog) == [dialog]
    _within(dialog.hide)
