"""A person drags a landmark in the real window; the real engine draws the picture."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from drawn_video import draw_video
from limner_app.main_window import MainWindow
from limner_app.views.edit_view import EditView
from limner_app.window import open_window, wait_until
from limner_engine.model_file import save_model
from limner_engine.models.imm import IMM, IMMConfig
from limner_engine.types import ModelInfo, Skeleton

LEFT = Qt.MouseButton.LeftButton
PATIENCE_S = 90.0


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """A network that has learned nothing, but draws."""
    torch.manual_seed(0)
    config = IMMConfig(image_size=64, width=8, landmark_count=5)
    path = tmp_path / "untrained.safetensors"
    info = ModelInfo("imm", "untrained", dataclasses.asdict(config), Skeleton.numbered(5))
    save_model(path, IMM(config), info)
    return path


@pytest.fixture
def window(qapp: Any, tmp_path: Path) -> Iterator[MainWindow]:
    video = draw_video(tmp_path / "fox.mp4", n=20, size=(192, 160))
    made = open_window([video], size=(1366, 768))
    assert wait_until(lambda: made.document.video is not None, PATIENCE_S)
    yield made
    made.close()
    assert wait_until(made.closed.is_set, PATIENCE_S)
    asyncio.get_event_loop().close()


def test_dragging_a_landmark_redraws_the_picture_while_the_mouse_moves(
    window: MainWindow, model: Path, tmp_path: Path
) -> None:
    window.document.set_model(model)
    window.show_place("edit")
    view = window.stack.currentWidget()
    assert isinstance(view, EditView)
    assert wait_until(lambda: view.drawing.found is not None, PATIENCE_S)
    before = view.picture(both=False)
    assert before is not None

    drawn: list[float] = []
    view.redrawn.connect(drawn.append)
    canvas = view.canvas

    async def drag() -> None:
        # Inside the loop: QTest hands events round, which wakes tasks that want it running.
        start = canvas.place_of(2, True).toPoint()
        QTest.mousePress(canvas, LEFT, pos=start)
        for far in range(0, 60, 6):
            QTest.mouseMove(canvas, start + QPoint(far, far // 2))
            await asyncio.sleep(0.05)
        # Pictures come while the button is still down.
        while view.drawing.patch is None:
            await asyncio.sleep(0.01)
        assert drawn
        assert not view.handles_undo()
        QTest.mouseRelease(canvas, LEFT, pos=start + QPoint(54, 27))

    loop = asyncio.get_event_loop()
    loop.run_until_complete(asyncio.wait_for(drag(), PATIENCE_S))
    assert view.undo_text is not None
    assert window.history_texts()[0] == view.undo_text

    after = view.picture(both=False)
    assert after is not None
    assert not np.array_equal(after, before)
    view.save_picture(tmp_path / "edited.png")
    assert (tmp_path / "edited.png").is_file()
    assert len(window.document.annotated_frames()) == 0

    # Another frame and back: the edit is still there.
    window.document.show(10)
    assert wait_until(lambda: window.document.frame_index == 10, PATIENCE_S)
    window.document.show(0)
    assert wait_until(lambda: view.drawing.patch is not None, PATIENCE_S)

    view.undo()
    assert wait_until(lambda: view.drawing.patch is None, PATIENCE_S)
    assert np.array_equal(view.picture(both=False), before)  # type: ignore[arg-type]
