"""Sizes and places of poses against crops."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from limner_engine.coordinates import cut
from limner_engine.cropping import find_crops
from limner_engine.cropping.track import CropTrack
from limner_engine.priors.statistics import (
    PoseStatistics,
    compare,
    crop_statistics,
    face_boxes,
    moving_boxes,
    sign_of,
)
from limner_engine.types import Crop
from limner_engine.video.reader import VideoReader

SQUARE = np.array([[-0.5, -0.6], [0.5, -0.6], [0.5, 0.6], [-0.5, 0.6]], np.float32)


def _wall(count: int, side: int = 64) -> np.ndarray:
    noise = np.random.default_rng(0).integers(60, 120, (side, side, 3)).astype(np.uint8)
    return np.repeat(cv2.GaussianBlur(noise, (5, 5), 0)[None], count, axis=0)


def _walker(count: int = 12) -> np.ndarray:
    stack = _wall(count)
    for i, picture in enumerate(stack):
        left = 4 + 4 * i
        picture[16:48, left : left + 10] = 230
    return stack


def test_statistics_of_poses() -> None:
    poses = np.stack([SQUARE, SQUARE + np.array([0.1, 0.0]), SQUARE * 2]).astype(np.float32)
    found = PoseStatistics.of(poses)
    assert found.centre == pytest.approx((0.0, 0.0), abs=1e-6)
    assert [found.width, found.height, found.side] == pytest.approx([1.0, 1.2, 1.2])
    assert found.outside == pytest.approx(4 / 12)


def test_what_moves_is_found_against_what_stands_still() -> None:
    boxes = moving_boxes(_walker())
    known = np.isfinite(boxes[:, 0])
    assert known.mean() > 0.7
    heights = boxes[known, 3] - boxes[known, 1]
    assert np.median(heights) == pytest.approx(0.85 * 1.0, abs=0.12)
    middle = (boxes[:, 0] + boxes[:, 2]) / 2
    true = (2 * (4 + 4 * np.arange(12) + 4.5) + 1) / 64 - 1
    np.testing.assert_allclose(middle[known], true[known], atol=0.08)
    assert np.isnan(moving_boxes(_wall(12))).all()
    assert np.isnan(moving_boxes(_walker()[:2])).all()


def test_a_body_before_a_plain_wall_whose_own_edges_are_the_steepest_is_found() -> None:
    stack = np.full((12, 64, 64, 3), 90, np.uint8)
    for i, picture in enumerate(stack):
        picture[10:60, 26:38] = 200
        reach = 4 + 2 * (i % 6)
        picture[20 + i % 3 : 26 + i % 3, 26 - reach : 38 + reach] = 200
    boxes = moving_boxes(stack)
    assert np.isfinite(boxes[:, 0]).mean() > 0.5


def test_a_camera_that_moves_tells_nothing() -> None:
    noise = np.random.default_rng(0).integers(0, 255, (64, 200, 3)).astype(np.uint8)
    wide = cv2.normalize(cv2.GaussianBlur(noise, (9, 9), 0), None, 0, 255, cv2.NORM_MINMAX)
    panned = np.stack([wide[:, 9 * i : 9 * i + 64] for i in range(12)])
    assert np.isnan(moving_boxes(panned)).all()
    assert crop_statistics([panned]) is None


def test_crops_tell_by_their_sign() -> None:
    moving = crop_statistics([_walker()])
    assert moving is not None
    assert moving.kind == "motion"
    followed = crop_statistics([_wall(6)], ["motion"])
    assert followed is not None
    assert followed.side == pytest.approx(1.36)
    assert crop_statistics([_wall(12)]) is None
    assert crop_statistics([_wall(12)], ["apart"]) is None
    assert crop_statistics([]) is None


def test_signs_of_tracks() -> None:
    frames = np.arange(3)
    values = np.array([[50, 50, 40, 0], [60, 50, 40, 0], [70, 50, 40, 0]], np.float32)
    assert sign_of(CropTrack(frames, values, "motion")) == "motion"
    assert sign_of(CropTrack(frames, values, "face")) == "face"
    assert sign_of(CropTrack.fixed(Crop(50, 50, 40), "motion")) == ""
    assert sign_of(CropTrack.whole(64, 64)) == ""


def test_poses_that_fit_are_not_warned_of() -> None:
    followed = crop_statistics([_wall(6)], ["motion"])
    fitting = PoseStatistics.of((SQUARE * 1.1)[None].astype(np.float32))
    assert compare(fitting, followed) == []
    assert compare(fitting, None) == []


def test_what_is_told() -> None:
    followed = crop_statistics([_wall(6)], ["motion"])
    small = PoseStatistics.of((SQUARE * 0.4 + np.array([0.3, -0.3]))[None].astype(np.float32))
    said = compare(small, followed)
    assert "smaller than what is followed" in said[0]
    assert "24% of the crop's side against about 68%" in said[0]
    assert "Scale them by 2.8" in said[0]
    assert "right of what is followed" in said[1]
    assert "above what is followed" in said[2]
    large = PoseStatistics.of((SQUARE * 1.8)[None].astype(np.float32))
    assert "outside the crop" in compare(large, None)[0]
    assert "larger than" in compare(large, followed)[1]
    # What moves may be an arm alone.
    arm = crop_statistics([_walker()])
    whole = PoseStatistics.of((SQUARE * 1.5)[None].astype(np.float32))
    assert compare(whole, arm) == []


def test_faces_of_real_people(data_dir: Path) -> None:
    path = min((data_dir / "heads").glob("*.mp4"))
    with VideoReader(path) as reader:
        track = find_crops(reader, "face", samples=4)
        crops = np.stack([cut(reader[i], track.at(i), 64) for i in (0, 10, 20, 30)])
    boxes = face_boxes(crops)
    known = np.isfinite(boxes[:, 0])
    assert known.sum() >= 2
    sides = (boxes[:, 2] - boxes[:, 0])[known]
    assert np.median(sides) == pytest.approx(1.0, abs=0.2)
