"""Boxes of single frames, set and taken back in the window."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest

from drawn_video import draw_video
from limner_app import main_window, opening
from limner_app import window as starting
from limner_app.crop_dialog import CropDialog
from limner_app.main_window import MainWindow
from limner_app.tools.crop import changed_track
from limner_engine.types import Crop
from small_engine import SmallEngine


@pytest.fixture
def window(
    qtbot: Any, qapp: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[MainWindow]:
    for module in (main_window, opening):
        monkeypatch.setattr(module, "bundled_models", dict)
    loop = starting.make_loop(qapp)
    made = MainWindow(cast(Any, SmallEngine(count=2)))
    made.show()
    made.document.create(tmp_path / "p.limner")
    made.document.add_videos([draw_video(tmp_path / "v.mp4", n=20, size=(160, 128))])
    assert starting.wait_until(lambda: made.document.crop_track is not None)
    assert starting.wait_until(lambda: not made.detector.working)
    yield made
    made.close()
    assert starting.wait_until(made.closed.is_set)
    loop.close()


def test_boxes_of_single_frames_are_set_moved_and_taken_back(window: MainWindow) -> None:
    document, actions = window.document, window.actions_by_id
    before = document.crop()
    actions["crop_unkey"].trigger()
    assert document.crop() == before
    actions["crop_key"].trigger()
    assert window.frame_view.tool is window.crop_tool
    assert document.crop_track is not None
    assert document.crop_track.mode == "keys"
    # What the tool does at the end of a drag: in another frame it makes another key.
    document.show(10)
    assert starting.wait_until(lambda: document.frame_index == 10)
    moved = Crop(before.centre_x_px + 20, before.centre_y_px, before.side_px)
    document.set_crop_track(changed_track(document.crop_track, 10, document.crop(), moved))
    assert document.crop(5).centre_x_px == pytest.approx(before.centre_x_px + 10)
    actions["crop_unkey"].trigger()
    assert document.crop(10) == before
    document.undo()
    assert document.crop(10) == moved


def test_the_dialog_opens_over_the_window(window: MainWindow) -> None:
    window.actions_by_id["crop_dialog"].trigger()
    (dialog,) = window.findChildren(CropDialog)
    assert dialog.isVisible()
    dialog.form.modes.setCurrentIndex(dialog.form.modes.findData("whole"))
    assert starting.wait_until(lambda: not dialog.working)
    dialog.foot.apply.click()
    assert window.document.crop_track is not None
    assert window.document.crop_track.mode == "whole"
