"""Frames to label next."""

from __future__ import annotations

import time
from itertools import pairwise

import numpy as np
import pytest

from limner_engine.naming.queue import VideoFindings, label_next


def swaying(frames: int = 600, landmarks: int = 5, seed: int = 0) -> dict[str, np.ndarray]:
    """A pose that goes slowly through many others."""
    random = np.random.default_rng(seed)
    seconds = np.arange(frames) / 30
    waves = np.sin(np.outer(seconds, [0.9, 1.7, 2.3, 3.1]) + random.uniform(0, 6, 4))
    points = (waves @ random.normal(0, 12, (4, 2 * landmarks))).reshape(frames, landmarks, 2)
    points += random.normal(0, 60, (landmarks, 2)) + random.normal(0, 0.3, points.shape)
    return {
        "points_px": points + 200,
        "confidence": np.full((frames, landmarks), 0.9)
        + random.uniform(-0.02, 0.02, (frames, landmarks)),
        "time_s": seconds,
    }


def test_gives_as_many_as_asked_and_always_the_same() -> None:
    video = VideoFindings(**swaying(), labelled=[0, 10])
    chosen = label_next([video], 8)
    assert len({one.frame for one in chosen}) == 8
    assert chosen == label_next([video], 8)
    assert not {0, 10} & {one.frame for one in chosen}
    assert all(one.video == 0 and one.reasons and 0 <= one.score <= 1 for one in chosen)


def test_frames_of_one_second_only_if_they_differ() -> None:
    data = swaying()
    frames = sorted(one.frame for one in label_next([VideoFindings(**data)], 10, gap_s=2.0))
    close = [(a, b) for a, b in pairwise(frames) if b - a < 60]
    flat = data["points_px"] - data["points_px"].mean(axis=1, keepdims=True)
    flat = flat.reshape(len(flat), -1)
    usual = np.sqrt(2 * flat.var(axis=0).sum())
    for a, b in close:
        assert np.linalg.norm(flat[a] - flat[b]) > 0.4 * usual


def test_never_the_same_pose_twice() -> None:
    data = swaying(40)
    for name in data:
        data[name] = np.concatenate([data[name]] * 10)  # ten times the same forty frames
    data["time_s"] = np.arange(400) * 5.0
    chosen = label_next([VideoFindings(**data)], 60)
    assert len({one.frame % 40 for one in chosen}) == len(chosen)


def test_a_still_scene_is_asked_for_once() -> None:
    data = swaying(300)
    data["points_px"][:] = data["points_px"][:1]
    assert len(label_next([VideoFindings(**data)], 10)) == 1
    assert not label_next([VideoFindings(**data, labelled=[5])], 10)


def test_layers_that_disagree_are_a_reason() -> None:
    data = swaying()
    gap = np.random.default_rng(1).uniform(1, 2, (600, 5))
    gap[290:310, 3] = 60
    data["confidence"][:] = 0.9
    video = VideoFindings(**data, gap_px=gap, labelled=[0, 60, 120, 500])
    chosen = label_next([video], 6)
    hit = [one for one in chosen if 290 <= one.frame < 310]
    assert hit
    whys = [why for why in hit[0].reasons if why.reason == "disagree"]
    assert whys[0].landmark == 3
    assert whys[0].rank > 0.9


def test_gaps_are_held_against_what_is_usual_there() -> None:
    data = swaying()
    random = np.random.default_rng(2)
    gap, reach = random.uniform(1, 2, (600, 5)), np.full((600, 5), 2.0)
    gap[:, 0], reach[:, 0] = gap[:, 0] * 30, 60.0  # always apart, and known to be
    gap[200:220, 2] = 25
    video = VideoFindings(**data, gap_px=gap, reach_px=reach, labelled=np.arange(0, 600, 60))
    hit = [one for one in label_next([video], 5) if 200 <= one.frame < 220]
    assert hit
    assert [why.landmark for why in hit[0].reasons if why.reason == "disagree"] == [2]


def test_an_unsure_landmark_is_a_reason() -> None:
    data = swaying()
    data["confidence"][410:430, 1] = 0.1
    chosen = label_next([VideoFindings(**data, labelled=[0, 60, 120, 500])], 6)
    hit = [one for one in chosen if 410 <= one.frame < 430]
    assert hit
    assert ("unsure", 1) in [(why.reason, why.landmark) for why in hit[0].reasons]


def test_a_jump_is_a_reason() -> None:
    data = swaying()
    for frame in (100, 250, 380):
        data["points_px"][frame, 2] += 150
    chosen = label_next([VideoFindings(**data, labelled=[0, 500])], 12)
    jumps = [
        (one.frame, why.landmark)
        for one in chosen
        for why in one.reasons
        if why.reason == "jump" and why.rank > 0.98
    ]
    assert {frame for frame, _ in jumps} & {100, 250, 380}
    assert {mark for _, mark in jumps} == {2}


def test_a_new_pose_is_a_reason() -> None:
    data = swaying()
    data["points_px"][500:560, 0] += [120, -80]
    chosen = label_next([VideoFindings(**data, labelled=np.arange(0, 500, 20))], 4)
    assert 500 <= chosen[0].frame < 560
    assert ("pose", None) in [(why.reason, why.landmark) for why in chosen[0].reasons]


def test_unreadable_frames_are_left_alone() -> None:
    data = swaying()
    data["points_px"][:550] = np.nan
    data["confidence"][:550] = np.nan
    data["points_px"][560:, 1] = np.nan  # a hidden landmark is no reason to leave a frame
    chosen = label_next([VideoFindings(**data)], 10)
    assert chosen
    assert all(one.frame >= 550 for one in chosen)
    data["points_px"][:] = np.nan
    assert not label_next([VideoFindings(**data)], 10)
    assert not label_next([], 10)
    assert not label_next([VideoFindings(**swaying())], 0)


def test_what_pictures_show_goes_before_points() -> None:
    data = swaying()
    embedding = np.random.default_rng(3).normal(0, 0.05, (600, 6))
    embedding[230:260, 2] = 3  # an unknown look, with points as always
    video = VideoFindings(**data, embedding=embedding, labelled=np.arange(0, 230, 20))
    assert 230 <= label_next([video], 1)[0].frame < 260


def test_one_landmark_and_few_frames() -> None:
    data = swaying(2, 1)
    # A single point has no pose about its own middle: what it looks like tells them apart.
    video = VideoFindings(**data, embedding=np.array([[0.0, 1], [1, 0]]))
    assert {one.frame for one in label_next([video], 10)} == {0, 1}
    assert {one.frame for one in label_next([VideoFindings(**swaying(40, 1))], 10)}


def test_several_videos_and_rows_of_chosen_frames() -> None:
    first, second = swaying(seed=1), swaying(300, seed=2)
    second["points_px"] += 500
    frames = np.arange(300) * 3 + 7
    videos = [
        VideoFindings(**first, labelled=[4]),
        VideoFindings(**second, frame=frames, labelled=[7]),
    ]
    chosen = label_next(videos, 12)
    assert {one.video for one in chosen} == {0, 1}
    assert all(one.frame in frames for one in chosen if one.video == 1)
    # Neighbours are not at hand, so that nothing can be called a jump there.
    reasons = [why.reason for one in chosen if one.video == 1 for why in one.reasons]
    assert "jump" not in reasons


def test_shapes_that_do_not_fit() -> None:
    data = swaying(10)
    with pytest.raises(ValueError, match="confidence"):
        VideoFindings(data["points_px"], data["confidence"][:, :2])
    with pytest.raises(ValueError, match="time_s"):
        VideoFindings(data["points_px"], data["confidence"], time_s=np.arange(3.0))


def test_ten_thousand_frames_take_seconds() -> None:
    data = swaying(10_000, 20)
    video = VideoFindings(**data, labelled=[1, 500], embedding=data["points_px"][:, :, 0])
    before = time.process_time()
    assert label_next([video], 10)
    assert time.process_time() - before < 5
