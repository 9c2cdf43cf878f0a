"""The edit of one frame along a range: what is asked of the engine, and what is said of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from drawn_video import draw_video
from limner_app.views.frame_edits import FrameEdit
from limner_app.views.preview_tile import tile_picture
from limner_app.views.range_choice import RangeChoice
from limner_app.views.range_edit import RangeEdit
from limner_app.views.render_dialog import RenderDialog
from limner_app.views.render_parts import RenderParts
from limner_app.window import wait_until
from limner_engine.cropping import CropTrack
from limner_engine.errors import VideoError
from limner_engine.inference.render_job import EditJob, Looks, ramp_weights
from limner_engine.types import Crop, FrameKey
from writing_engine import WritingEngine, writing_parts

CROP = Crop(80.0, 64.0, 100.0)


@pytest.fixture(scope="module")
def fox(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return draw_video(tmp_path_factory.mktemp("videos") / "fox.mp4", n=40, size=(160, 128))


@pytest.fixture
def engine() -> WritingEngine:
    return WritingEngine()


@pytest.fixture
def parts(qapp: Any, engine: WritingEngine, tmp_path: Path, fox: Path) -> Iterator[RenderParts]:
    with writing_parts(qapp, engine, tmp_path / "a.limner", [fox]) as made:
        yield made


@pytest.fixture
def dialog(qtbot: QtBot, parts: RenderParts, fox: Path, tmp_path: Path) -> RenderDialog:
    made = RenderDialog(parts)
    qtbot.addWidget(made)
    made.take(_edit(fox, 10.0), (5, 25))
    made.file.line.setText(str(tmp_path / "made"))
    made.show()
    return made


def _edit(fox: Path, dx: float, looks: Looks | None = None) -> RangeEdit:
    track = CropTrack.fixed(CROP)
    offsets = {1: (dx / 50, -0.1)}
    words = "One landmark moved"
    return RangeEdit(FrameKey(1, 3), fox, fox, 40, track, offsets, looks, words)


def _drawn(dialog: RenderDialog) -> None:
    assert wait_until(lambda: not dialog.previewing)


def test_the_job_is_what_was_chosen(dialog: RenderDialog, fox: Path) -> None:
    assert dialog.range.range == (5, 25)
    assert dialog.preview_frames() == [5, 10, 14, 19, 24]
    assert dialog.what.text() == "One landmark moved  ·  as on frame 3 of fox.mp4"
    dialog.ramp.setValue(4)
    dialog.quality.setCurrentIndex(1)
    job = dialog.job()
    assert job is not None
    assert (job.clip.video, job.clip.start, job.clip.stop) == (fox, 5, 25)
    assert job.offsets == {1: (0.2, -0.1)}
    assert (job.looks, job.ramp, job.sharp) == (None, 4, False)


def test_previews_show_the_faded_edit_and_follow_it(
    dialog: RenderDialog, engine: WritingEngine, fox: Path
) -> None:
    dialog.ramp.setValue(9)
    _drawn(dialog)
    assert not any(tile.empty for tile in dialog.tiles)
    for at, wanted in zip(dialog.preview_frames(), engine.wanted[-5:], strict=True):
        moved = wanted - engine._found(at)[0]
        assert moved[1, 0] == pytest.approx(10 * ramp_weights(20, 9)[at - 5], abs=1e-3)
        assert moved[[0, 2, 3]] == pytest.approx(0, abs=1e-3)
    dialog.follow(_edit(fox, 20.0))
    assert dialog.previewing
    _drawn(dialog)
    middle = engine.wanted[-3] - engine._found(14)[0]
    assert middle[1, 0] == pytest.approx(20 * ramp_weights(20, 9)[9], abs=1e-3)
    dialog.range.first.setValue(38)
    shown = [tile.isVisibleTo(dialog) for tile in dialog.tiles]
    assert shown == [True, False, False, False, False]
    dialog.hide()
    assert not dialog.previewing


def test_looks_of_another_frame_go_along(
    dialog: RenderDialog, engine: WritingEngine, fox: Path
) -> None:
    looks = Looks(fox, 9, CROP)
    dialog.take(_edit(fox, 10.0, looks), None)
    _drawn(dialog)
    assert engine.holds[-1] == (fox, 39, (fox, 9, CROP))
    job = dialog.job()
    assert job is not None
    assert job.looks == looks


def test_a_video_is_written_and_remembered(
    dialog: RenderDialog, engine: WritingEngine, fox: Path, tmp_path: Path
) -> None:
    dialog.ramp.setValue(4)
    engine.wait_halfway()
    dialog.foot.export.click()
    assert wait_until(lambda: dialog.foot.bar.value() == 500)
    assert dialog.foot.close_button.text() == "Cancel"
    assert not dialog.foot.export.isEnabled()
    assert engine.gate is not None
    engine.gate.set_result(None)
    assert wait_until(lambda: dialog.foot.result is not None)
    assert dialog.foot.result == tmp_path / "made.mp4"
    assert dialog.foot.words.text() == "Written: made.mp4 · 7 frames"
    assert dialog.foot.show_file.isVisibleTo(dialog)
    (job,) = engine.jobs
    assert isinstance(job, EditJob)
    assert job.ramp == 4
    # The next one is proposed beside it, with the same settings.
    (tmp_path / "fox-edited.mp4").touch()
    again = RenderDialog(dialog._parts, dialog)
    again.take(_edit(fox, 1.0), None)
    assert again.file.path == tmp_path / "fox-edited-2.mp4"
    assert again.ramp.value() == 4


def test_what_is_written_can_be_cancelled(
    dialog: RenderDialog, engine: WritingEngine, tmp_path: Path
) -> None:
    engine.wait_halfway()
    dialog.foot.export.click()
    assert wait_until(lambda: dialog.foot.bar.value() == 500)
    dialog.foot.close_button.click()
    assert wait_until(lambda: not dialog.foot.running)
    assert "nothing was written" in dialog.foot.words.text()
    assert dialog.isVisible()
    assert dialog.foot.export.isEnabled()
    assert not (tmp_path / "made.mp4").exists()


def test_what_cannot_be_written_is_said(
    dialog: RenderDialog, engine: WritingEngine, fox: Path, tmp_path: Path
) -> None:
    for name, words in (
        (str(fox), "drawn from"),
        (str(tmp_path / "a.mov"), "MP4"),
        (str(tmp_path / "none" / "a.mp4"), "no folder"),
    ):
        dialog.file.line.setText(name)
        dialog.foot.export.click()
        assert words in dialog.foot.words.text()
    assert not engine.jobs
    dialog.file.line.setText("")
    assert not dialog.foot.export.isEnabled()
    (tmp_path / "old.mp4").write_bytes(b"old")
    dialog.file.line.setText(str(tmp_path / "old.mp4"))
    assert "will be replaced" in dialog.foot.words.text()
    engine.refusal = VideoError("The disk is full.", "Make room on it.")
    dialog.foot.export.click()
    assert wait_until(lambda: "Make room" in dialog.foot.words.text())
    assert dialog.foot.result is None


def test_an_empty_edit_has_no_offsets() -> None:
    assert FrameEdit().offsets(np.zeros((4, 2), np.float32), CROP) == {}


def test_a_range_stays_one(qtbot: QtBot) -> None:
    choice = RangeChoice()
    qtbot.addWidget(choice)
    choice.set_video(100, (20, 40))
    assert choice.range == (20, 40)
    choice.first.setValue(70)
    assert choice.range == (70, 71)
    choice.last.setValue(10)
    assert choice.range == (10, 11)
    choice.all.click()
    assert choice.range == (0, 100)
    choice.mine.click()
    assert choice.range == (20, 40)
    choice.set_video(1, None)
    assert choice.range == (0, 1)
    assert choice.mine.isHidden()


def test_a_tile_shows_the_crop_and_a_little_around() -> None:
    frame = np.zeros((100, 200, 3), np.uint8)
    frame[40:60, 90:110] = 255
    tile = tile_picture(frame, Crop(100.0, 50.0, 50.0), 40)
    assert max(tile.shape[:2]) == 40
    assert tile[20, 20, 0] == 255
    assert tile[2, 2, 0] == 0
    drawn = tile_picture(frame, Crop(100.0, 50.0, 50.0), 40, np.full((32, 32, 3), 120, np.uint8))
    assert drawn[20, 20, 0] == 120
    outside = tile_picture(frame, Crop(-500.0, 50.0, 50.0), 40)
    assert outside.shape == (20, 40, 3)
