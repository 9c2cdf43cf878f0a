"""Boxes drawn by hand: followed, and keyed in several frames."""

from __future__ import annotations

import numpy as np
import pytest

from drawn_arena import DrawnArena
from limner_engine.cropping import CropsCancelledError, CropTrack
from limner_engine.cropping.box import follow_box
from limner_engine.types import Crop


def test_a_box_is_followed_to_both_sides() -> None:
    video = DrawnArena(90, upright=True)
    drawn = CropTrack.whole(320, 240).with_key(40, Crop(video.x[40], video.y[40], 44.0))
    shares: list[float] = []
    track = follow_box(video, drawn, progress=lambda share: shares.append(share) is None)
    assert track.mode == "box"
    crops = [track.at(i) for i in range(90)]
    off = np.hypot(
        [crop.centre_x_px for crop in crops] - video.x,
        [crop.centre_y_px for crop in crops] - video.y,
    )
    assert off.max() < 12
    assert shares == sorted(shares)
    assert shares[-1] == 1
    with pytest.raises(CropsCancelledError):
        follow_box(video, drawn, progress=lambda _: False)


def test_between_two_boxes_both_count() -> None:
    video = DrawnArena(40, upright=True)
    drawn = CropTrack.whole(320, 240)
    for key in (0, 39):
        drawn = drawn.with_key(key, Crop(video.x[key], video.y[key], 44.0))
    track = follow_box(video, drawn)
    for key in (0, 20, 39):
        assert track.at(key).centre_x_px == pytest.approx(video.x[key], abs=6)


def test_keys_are_set_moved_and_taken_back() -> None:
    whole = CropTrack.whole(100, 80)
    one = whole.with_key(10, Crop(10, 10, 20))
    assert one.mode == "keys"
    assert one.at(99) == Crop(10, 10, 20)
    two = one.with_key(30, Crop(30, 20, 40))
    assert two.at(20) == Crop(20, 15, 30)
    assert two.with_key(30, Crop(50, 20, 40)).at(30) == Crop(50, 20, 40)
    fewer = two.without_key(10)
    assert fewer is not None
    assert fewer.frames.tolist() == [30]
    assert fewer.without_key(30) is None
    assert two.without_key(11) is None
    assert whole.without_key(0) is None
