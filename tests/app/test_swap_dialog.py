"""The motion of one video with the looks of another: what is chosen, drawn and written."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from drawn_video import draw_video
from limner_app.views.render_parts import RenderParts
from limner_app.views.swap_dialog import SwapDialog
from limner_app.window import wait_until
from limner_engine.coordinates import crop_to_frame, frame_to_crop
from limner_engine.inference.render_job import SwapJob
from limner_engine.types import Crop, ModelInfo, Skeleton
from writing_engine import WritingEngine, writing_parts

DRIVING = Crop(80.0, 64.0, 100.0)
"""What the small engine finds to look at in a video that is not on screen."""


@pytest.fixture(scope="module")
def videos(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("videos")
    return [
        draw_video(folder / f"{name}.mp4", n=n, size=(160, 128))
        for name, n in (("hen", 30), ("fox", 20))
    ]


@pytest.fixture
def engine() -> WritingEngine:
    return WritingEngine()


@pytest.fixture
def parts(
    qapp: Any, engine: WritingEngine, tmp_path: Path, videos: list[Path]
) -> Iterator[RenderParts]:
    with writing_parts(qapp, engine, tmp_path / "a.limner", videos) as made:
        yield made


@pytest.fixture
def dialog(qtbot: QtBot, parts: RenderParts, tmp_path: Path) -> SwapDialog:
    made = SwapDialog(parts)
    qtbot.addWidget(made)
    made.propose(None)
    made.settings.file.line.setText(str(tmp_path / "made.mp4"))
    made.show()
    _drawn(made)
    return made


def _drawn(dialog: SwapDialog) -> None:
    assert wait_until(lambda: not dialog.previewing)


def _written(dialog: SwapDialog, engine: WritingEngine) -> SwapJob:
    dialog.foot.export.click()
    assert wait_until(lambda: dialog.foot.result is not None)
    job = engine.jobs[-1]
    assert isinstance(job, SwapJob)
    return job


def test_it_proposes_the_looks_on_screen_and_another_video(
    dialog: SwapDialog, engine: WritingEngine, videos: list[Path]
) -> None:
    hen, fox = videos
    assert dialog.settings.driving_video is not None
    assert dialog.settings.driving_video.path == hen
    assert dialog.settings.range.range == (0, 30)
    tiles = (dialog.looks_tile, *dialog.driving_tiles, *dialog.result_tiles)
    assert not any(tile.empty for tile in tiles)
    video, frame, looks = engine.holds[-1]
    assert (video, frame) == (hen, 29)
    assert looks[:2] == (fox, 0)
    # Nobody opened the other video, so the project learns nothing of it.
    document = dialog._parts.document
    assert document.project is not None
    assert document.project.crop_track_json(1, 0) is None


def test_a_swap_is_written(dialog: SwapDialog, engine: WritingEngine, tmp_path: Path) -> None:
    dialog.settings.range.last.setValue(11)
    dialog.settings.looks.number.setValue(7)
    dialog.settings.how.setCurrentIndex(1)
    dialog.settings.beside.setChecked(True)
    job = _written(dialog, engine)
    assert (job.geometry.video.stem, job.geometry.start, job.geometry.stop) == ("hen", 0, 12)
    assert (job.looks.video.stem, job.looks.frame) == ("fox", 7)
    assert job.relative
    assert job.beside
    assert job.sharp
    assert (tmp_path / "made.mp4").read_bytes() == b"video"


def test_only_the_movement(dialog: SwapDialog, engine: WritingEngine) -> None:
    last, _ = engine._found(29)
    assert engine.wanted[-1] == pytest.approx(last)
    dialog.settings.looks.number.setValue(6)
    dialog.settings.how.setCurrentIndex(1)
    assert "keep their own pose" in dialog.settings.how_words.text()
    _drawn(dialog)
    # The fox's own landmarks in its crop, plus how far the hen's have gone in theirs.
    own = frame_to_crop(engine._found(6)[0], dialog._parts.document.crop())
    gone = frame_to_crop(last, DRIVING) - frame_to_crop(engine._found(0)[0], DRIVING)
    assert engine.wanted[-1] == pytest.approx(crop_to_frame(own + gone, DRIVING), abs=1e-3)


def test_looks_from_a_picture(dialog: SwapDialog, engine: WritingEngine, tmp_path: Path) -> None:
    picture = tmp_path / "cat.png"
    cv2.imwrite(str(picture), np.full((90, 120, 3), 200, np.uint8))
    dialog.settings.looks.choose_picture(picture)
    assert not dialog.settings.looks.number.isEnabled()
    _drawn(dialog)
    assert dialog.looks_tile.image is not None
    job = _written(dialog, engine)
    assert (job.looks.video, job.looks.frame) == (picture, 0)
    # It stays among the choices when the dialog is opened again.
    videos = dialog._parts.document.project.videos()  # type: ignore[union-attr]
    dialog.settings.looks.set_videos(videos, 2)
    assert dialog.settings.looks.path == picture


def test_one_picture_is_saved(dialog: SwapDialog, tmp_path: Path) -> None:
    dialog.choose(1)
    dialog.save_picture(tmp_path / "one.png")
    assert wait_until(lambda: dialog.foot.result is not None)
    one = cv2.imread(str(tmp_path / "one.png"))
    assert one is not None
    assert one.shape == (128, 160, 3)
    dialog.settings.beside.setChecked(True)
    dialog.foot.say("")
    dialog.save_picture(tmp_path / "both.png")
    assert wait_until(lambda: dialog.foot.result is not None)
    both = cv2.imread(str(tmp_path / "both.png"))
    assert both is not None
    assert both.shape == (128, 320, 3)
    dialog.save_picture(tmp_path / "none" / "one.png")
    assert wait_until(lambda: "cannot be written" in dialog.foot.words.text())


def test_a_picture_that_is_none_is_said(dialog: SwapDialog, tmp_path: Path) -> None:
    wrong = tmp_path / "notes.png"
    wrong.write_text("no picture")
    dialog.settings.looks.choose_picture(wrong)
    _drawn(dialog)
    assert dialog.looks_tile.empty
    assert "notes.png" in dialog.looks_tile.toolTip()


def test_the_pose_stands_between_where_the_model_draws_one(dialog: SwapDialog) -> None:
    assert not any(tile.isVisible() for tile in dialog.pose_tiles)
    skeleton = Skeleton(("a", "b", "c", "d"), ((0, 1), (1, 2), (2, 3)))
    dialog._parts.document.model_info = ModelInfo("keypointgan", "poses", {}, skeleton)
    dialog.settings.range.last.setValue(2)
    _drawn(dialog)
    shown = [tile.isVisible() for tile in dialog.pose_tiles]
    assert shown == [True, True, True, False]
    assert not any(tile.empty for tile in dialog.pose_tiles[:3])
    first = dialog.pose_tiles[0].image
    assert first is not None
    # The engine finds the landmarks of frame 0 at 20, 32, 44 and 56: there is the line.
    x, y = (frame_to_crop(np.array([[44.0, 44.0]], np.float32), DRIVING)[0] + 1) / 2
    line = first.pixelColor(round(x * first.width()), round(y * first.height()))
    assert line.lightness() > 150
    assert first.pixelColor(first.width() - 3, first.height() - 3).lightness() < 20
