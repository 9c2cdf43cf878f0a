"""Crops of animals seen from above, against what was drawn."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from drawn_arena import DrawnArena
from limner_engine.coordinates import frame_to_crop
from limner_engine.cropping import CropSetting, CropTrack, find_crops, look
from limner_engine.cropping.turning import headings
from limner_engine.errors import VideoError


def _inside(video: DrawnArena, track: CropTrack) -> float:
    """Share of the places on the outline that lie inside the crops."""
    return float(
        np.mean(
            [
                (abs(frame_to_crop(video.outline(i), track.at(i))) <= 1).all(axis=1).mean()
                for i in range(video.frame_count)
            ]
        )
    )


def _off_rad(video: DrawnArena, track: CropTrack) -> np.ndarray[Any, np.dtype[np.float64]]:
    """How far the crop's upper side is from where the head points."""
    up = np.array([track.at(i).angle_rad for i in range(video.frame_count)]) - np.pi / 2
    return np.asarray(abs(np.angle(np.exp(1j * (up - video.heading)))))


def test_a_long_body_that_turns_is_turned_with_head_up() -> None:
    video = DrawnArena()
    seen = look(video)
    assert seen.still
    assert seen.chosen("auto") == "turning"
    track = seen.track(CropSetting())
    assert track.mode == "turning"
    assert _inside(video, track) > 0.995
    assert track.values[0, 2] < max(64, 1.7 * video.length)
    off = _off_rad(video, track)
    assert np.median(off) < np.radians(8)
    assert np.percentile(off, 95) < np.radians(30)
    # The same for a square that stays upright, and for one with more room.
    upright = seen.track(CropSetting("motion"))
    assert (upright.values[:, 3] == 0).all()
    assert _inside(video, upright) > 0.995
    tight, roomy = (
        seen.track(CropSetting("motion", margin, 8.0)).values[0, 2] for margin in (0.0, 1.0)
    )
    assert roomy > 1.4 * tight
    assert seen.track(CropSetting("motion", least_side_px=150.0)).values[0, 2] == 150


@pytest.mark.parametrize("contrast", [-13.0, 14.0])
def test_an_animal_of_little_contrast_is_found(contrast: float) -> None:
    video = DrawnArena(contrast=contrast)
    track = find_crops(video, "motion")
    assert _inside(video, track) > 0.995
    assert track.values[0, 2] < 2 * video.length


def test_a_small_animal_is_found_and_not_lost_in_a_large_square() -> None:
    video = DrawnArena(length=14.0)
    track = find_crops(video, "motion")
    assert _inside(video, track) > 0.995
    assert track.values[0, 2] <= 64


def test_where_an_animal_rests_for_long_no_ghost_stays() -> None:
    video = DrawnArena(rests=0.6)
    track = find_crops(video, "motion")
    assert _inside(video, track) > 0.99
    assert track.values[0, 2] < 2 * video.length


def test_what_walks_upright_is_not_turned() -> None:
    seen = look(DrawnArena(upright=True))
    assert seen.chosen("auto") == "motion"


def test_separate_pictures_get_squares_of_their_own() -> None:
    video = DrawnArena(60)
    order = np.random.default_rng(1).permutation(60)
    for name in ("x", "y", "heading", "_axis"):
        setattr(video, name, getattr(video, name)[order])
    track = find_crops(video, apart=True)
    assert track.mode == "motion"
    assert len(track.frames) == 60
    assert _inside(video, track) > 0.995
    assert track.values[0, 2] < 2 * video.length


def test_nothing_turns_where_nothing_moves() -> None:
    video = DrawnArena(20, rests=1.0)
    with pytest.raises(VideoError, match="Nothing moves"):
        find_crops(video, "turning")


def test_heads_are_told_from_tails_by_travel_and_stay_so_while_the_body_stands() -> None:
    count = 90
    moment = np.arange(count) / 30
    rows = np.ones((count, 10))
    # It walks to the right, stands and turns by three quarters, walks down in the end.
    heading = np.interp(moment, [0, 1, 2, 3], [0, 0, -1.5 * np.pi, -1.5 * np.pi])
    speed = np.where((moment > 1) & (moment < 2), 0.0, 60.0)
    rows[:, 4] = np.cumsum(speed * np.cos(heading)) / 30
    rows[:, 5] = np.cumsum(speed * np.sin(heading)) / 30
    # An axis is known up to half a turn.
    rows[:, 6] = np.arctan(np.tan(heading + 1e-9))
    rows[:, 7], rows[:, 8] = 40, 16
    found = headings(rows, moment)
    assert np.abs(np.angle(np.exp(1j * (found - heading)))).max() < 0.01
    assert np.ptp(found) == pytest.approx(1.5 * np.pi, abs=0.01)
