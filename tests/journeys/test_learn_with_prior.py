"""Poses without pictures and a video without labels, to a table whose landmarks have names."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from drawn_figures import draw_prior, draw_videos, figure_skeleton
from limner_app import prior_run
from limner_app.export_dialog import ExportDialog
from limner_app.main_window import MainWindow
from limner_app.prior_dialog import PriorDialog
from limner_app.views.edit_view import EditView
from limner_app.views.prior_list import PriorList
from limner_app.views.swap_dialog import SwapDialog
from limner_app.views.training_panel import TrainingPanel
from limner_app.window import open_window, wait_until
from limner_engine.formats import read_dlc
from limner_engine.video.writer import VideoWriter
from limner_training.presets import settings

LEFT = Qt.MouseButton.LeftButton
PATIENCE_S = 400.0
FRAMES = 24
FEW = {
    "steps": 2,
    "loss": "l1",
    "regressor_steps": 2,
    "batch": 2,
    "preview_seconds": 600.0,
    "checkpoint_seconds": 600.0,
    "threads": 1,
}
"""So little that a run takes a moment; the landmarks are as bad as that."""


@pytest.fixture
def window(qapp: Any, tmp_path: Path) -> Iterator[MainWindow]:
    path = tmp_path / "figure.mp4"
    pictures = draw_videos(1, FRAMES, 64, seed=3).crops()
    side = pictures.shape[1]
    with VideoWriter(path, side, side, Fraction(25)) as writer:
        for picture in pictures:
            writer.write(np.ascontiguousarray(picture))
    made = open_window([path], size=(1366, 768))
    assert wait_until(lambda: made.document.video is not None, PATIENCE_S)
    yield made
    made.close()
    assert wait_until(made.closed.is_set, PATIENCE_S)
    asyncio.get_event_loop().close()


def _to(dialog: PriorDialog, title: str) -> None:
    while dialog.steps[dialog.current].title != title:
        assert wait_until(dialog.foot.next.isEnabled, PATIENCE_S), dialog.foot.words.text()
        dialog.foot.next.click()


def _dragged(window: MainWindow, view: EditView, landmark: int) -> None:
    """Drag a joint with the mouse, until pictures come."""
    canvas = view.canvas

    async def drag() -> None:
        start = canvas.place_of(landmark, True).toPoint()
        QTest.mousePress(canvas, LEFT, pos=start)
        for far in range(0, 40, 8):
            QTest.mouseMove(canvas, start + QPoint(far, far // 2))
            await asyncio.sleep(0.02)
        while view.drawing.patch is None:
            await asyncio.sleep(0.01)
        QTest.mouseRelease(canvas, LEFT, pos=start + QPoint(32, 16))

    loop = asyncio.get_event_loop()
    loop.run_until_complete(asyncio.wait_for(drag(), PATIENCE_S))


@pytest.mark.timeout(900)
def test_from_loose_poses_to_a_table_with_names(
    window: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = figure_skeleton().names
    prior = tmp_path / "figures.prior.npz"
    draw_prior(80, seed=3).save(prior)
    monkeypatch.setattr(prior_run, "settings", lambda method: settings(method) | FEW)
    document, training = window.document, window.training

    # Through the flow: the video, the whole picture, and the file of poses with its skeleton.
    window.actions_by_id["learn_prior"].trigger()
    (dialog,) = window.findChildren(PriorDialog)
    _to(dialog, "Crop")
    dialog.crop.propose("whole")
    _to(dialog, "Prior")
    (listed,) = dialog.findChildren(PriorList)
    listed.files_chosen.emit([prior])
    _to(dialog, "Start")
    dialog.foot.next.click()
    assert wait_until(lambda: not training.active, PATIENCE_S), training.state
    assert training.state == "finished", training.failure
    run = training.run
    assert run is not None
    assert (run.config.method, run.config.crop_mode) == ("keypointgan", "whole")

    # The run is on screen, its model one click away, and its landmarks have names.
    panel = window.stack.currentWidget()
    assert isinstance(panel, TrainingPanel)
    assert wait_until(lambda: not panel.preview.empty, PATIENCE_S)
    panel.status.use.click()
    assert document.model_path == run.model_path
    assert document.skeleton == figure_skeleton()
    window.show_place("inspect")
    window.detector.detect_range(0, FRAMES)
    assert wait_until(lambda: not window.detector.working, PATIENCE_S)
    assert np.isfinite(document.trajectories()).all()

    # A joint is dragged, pictures come, and all of it is taken back. What a network of two steps
    # draws hardly heeds the pose, so that pictures themselves are compared in other journeys.
    window.show_place("edit")
    view = window.stack.currentWidget()
    assert isinstance(view, EditView)
    assert wait_until(lambda: view.drawing.found is not None, PATIENCE_S)
    before = view.picture(both=False)
    assert before is not None
    _dragged(window, view, names.index("left wrist"))
    assert not view.edit.empty
    assert view.undo_text is not None
    assert "left wrist" in view.undo_text
    window.actions_by_id["undo"].trigger()
    assert wait_until(lambda: view.drawing.patch is None, PATIENCE_S)
    assert view.edit.empty
    assert np.array_equal(view.picture(both=False), before)  # type: ignore[arg-type]

    # Looks of one frame with the motion of all, by way of the poses in between.
    window.actions_by_id["swap"].trigger()
    (swap,) = window.findChildren(SwapDialog)
    assert wait_until(lambda: not swap.previewing, PATIENCE_S)
    assert all(tile.isVisible() for tile in swap.pose_tiles)
    swap.save_picture(tmp_path / "swapped.png")
    assert wait_until((tmp_path / "swapped.png").is_file, PATIENCE_S), swap.foot
    swap.hide()

    # What goes out is called as the poses were.
    window.actions_by_id["export"].trigger()
    (export,) = window.findChildren(ExportDialog)
    table = tmp_path / "figure.csv"
    export.write(table)
    assert export.trouble.text() == ""
    found = read_dlc(table)
    assert found.names == names
    assert np.isfinite(found.points).all()
