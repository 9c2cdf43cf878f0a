"""A model on frames without labels."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest

from drawn_figures import draw_prior, draw_videos, figure_skeleton
from engine_fixtures import tiny_model
from limner_engine.errors import TrainingError
from limner_training.data.frames import FrameSet
from limner_training.evaluation.detecting import Measured, open_model
from limner_training.evaluation.unlabelled import (
    SHEET_COLUMNS,
    TILE_PX,
    Found,
    find,
    joined,
    measure_unlabelled,
    sheet,
)
from pose_models import figure_model

DRAWN = draw_videos(2, 12, 32, 0)


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> Measured:
    path = tmp_path_factory.mktemp("model") / "poses.safetensors"
    return open_model(figure_model(path), "cpu", 1)


@pytest.fixture(scope="module")
def frames() -> FrameSet:
    return DRAWN.frame_set()


def test_what_is_drawn_is_plausible_and_steady(measured: Measured, frames: FrameSet) -> None:
    prior = draw_prior(400, 0)
    figures = measure_unlabelled(measured, frames, Found(DRAWN.joints_norm, 0.0), prior)
    assert (figures.frames, figures.videos) == (24, 2)
    assert figures.plausible is not None
    assert figures.prior_plausible is not None
    assert figures.limbs_within is not None
    assert figures.variety is not None
    assert figures.plausible > 0.6
    assert 0.7 < figures.prior_plausible < 1
    assert figures.limbs_within > 0.95
    assert 0.4 < figures.variety < 1.5
    assert figures.sides_change == 0
    assert figures.copied_l1 > 0
    assert figures.ratio == pytest.approx(figures.redrawn_l1 / figures.copied_l1)
    # One pose for all: steady, but it does not vary.
    still = np.tile(prior.poses[:1], (24, 1, 1))
    frozen = measure_unlabelled(measured, frames, Found(still, None), prior)
    assert frozen.variety == pytest.approx(0, abs=1e-6)
    mixed = DRAWN.joints_norm * np.array([3, 1], np.float32)
    stretched = measure_unlabelled(measured, frames, Found(mixed, None), prior)
    assert stretched.plausible is not None
    assert stretched.plausible < 0.1


def test_landmarks_are_found_in_every_frame(measured: Measured, frames: FrameSet) -> None:
    told: list[float] = []

    def progress(share: float) -> bool:
        told.append(share)
        return True

    found = find(measured, frames, progress)
    assert found.points_norm.shape == (24, 13, 2)
    assert found.corrected is not None
    assert 0 <= found.corrected <= 1
    assert told[-1] == 1
    without = measure_unlabelled(measured, frames, found, None)
    assert without.plausible is without.variety is None
    assert 0 <= without.known_moves < 1
    assert without == measure_unlabelled(measured, frames, found, None)


def test_models_without_sides_are_measured_too(tmp_path: Path, frames: FrameSet) -> None:
    path = tiny_model(tmp_path / "tiny.safetensors", image_size=32)
    numbered = open_model(path, "cpu", 1)
    found = find(numbered, frames)
    figures = measure_unlabelled(numbered, frames, found, None)
    assert found.corrected is figures.sides_change is figures.corrected is None


def test_unrelated_pictures_are_refused(measured: Measured, frames: FrameSet) -> None:
    stills = dataclasses.replace(frames, still=np.ones(2, np.bool_))
    with pytest.raises(TrainingError, match="Unrelated"):
        measure_unlabelled(measured, stills, Found(DRAWN.joints_norm, None), None)


def test_the_sheet_shows_other_frames_for_another_seed(frames: FrameSet) -> None:
    many = FrameSet.join([frames] * 3)
    joints = np.concatenate([DRAWN.joints_norm] * 3)
    drawn, other = (sheet(many, joints, figure_skeleton(), 32, seed) for seed in (0, 1))
    assert drawn.shape == (6 * TILE_PX, SHEET_COLUMNS * TILE_PX, 3)
    assert not np.array_equal(drawn, other)
    video = FrameSet(frames.pixels[:9], frames.video[:9], frames.frame[:9], frames.names)
    few = sheet(video, DRAWN.joints_norm[:9], figure_skeleton(), 32)
    assert few.shape == (2 * TILE_PX, SHEET_COLUMNS * TILE_PX, 3)
    assert (few[TILE_PX:, TILE_PX:] == 30).all()


def test_left_is_blue_and_right_is_orange() -> None:
    skeleton = figure_skeleton()
    pose = DRAWN.joints_norm[0]
    tile = joined(np.full((32, 32, 3), 128, np.uint8), pose, skeleton).astype(int)
    for number, warm in ((5, False), (6, True)):
        x, y = np.clip(((pose[number] + 1) * TILE_PX - 1) / 2, 0, TILE_PX - 1).round().astype(int)
        red, _, blue = tile[y, x]
        assert (red > blue) == warm
