"""Which frames are paired, and which are held back."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from drawn_frames import drawn_frames
from limner_engine.errors import TrainingError
from limner_training.data.frames import FrameSet
from limner_training.data.pairs import Pairs, held_back_pairs, split


def _stills(count: int, seed: int = 9) -> FrameSet:
    """One pool of pictures."""
    return replace(drawn_frames(1, count, seed=seed), still=np.array([True]))


def test_the_end_of_every_video_is_held_back() -> None:
    frames = drawn_frames(3, 40)
    learned, held = split(frames, 0.15)
    assert len(learned) + len(held) == 120
    for video in range(3):
        last = frames.frame[learned[frames.video[learned] == video]].max()
        first = frames.frame[held[frames.video[held] == video]].min()
        assert (last, first) == (33, 34)


def test_of_many_short_videos_whole_ones_are_held_back() -> None:
    frames = drawn_frames(40, 5)
    learned, held = split(frames, 0.1)
    assert set(frames.video[learned]).isdisjoint(frames.video[held])
    assert set(frames.video[held]) == {36, 37, 38, 39}


def test_long_videos_among_many_short_ones_give_their_ends() -> None:
    frames = FrameSet.join([drawn_frames(40, 5), drawn_frames(2, 30, seed=3)])
    learned, held = split(frames, 0.1)
    assert set(frames.video[held]) == {36, 37, 38, 39, 40, 41}
    assert {40, 41} <= set(frames.video[learned])
    assert frames.frame[held[frames.video[held] == 41]].tolist() == [27, 28, 29]


def test_a_short_video_still_gives_a_pair_on_both_sides() -> None:
    learned, held = split(drawn_frames(1, 5), 0.01)
    assert (len(learned), len(held)) == (3, 2)


def test_pairs_stay_within_a_video_and_batches_mix_videos() -> None:
    frames = drawn_frames(4, 30)
    pairs = Pairs.of(frames, np.arange(len(frames)), 1, 0, seed=5)
    sources, targets = pairs.draw(0, 64)
    assert np.array_equal(frames.video[sources], frames.video[targets])
    assert len(np.unique(frames.video[targets])) == 4
    assert (sources != targets).all()


def test_gaps_are_kept() -> None:
    frames = drawn_frames(2, 30)
    sources, targets = Pairs.of(frames, np.arange(60), 3, 7, seed=0).draw(1, 200)
    gaps = np.abs(frames.frame[sources] - frames.frame[targets])
    assert gaps.min() == 3
    assert gaps.max() == 7


def test_a_clip_shorter_than_the_gap_gives_its_farthest_frame() -> None:
    frames = drawn_frames(1, 6)
    sources, targets = Pairs.of(frames, np.arange(6), 50, 0, seed=0).draw(0, 50)
    gaps = np.abs(frames.frame[sources] - frames.frame[targets])
    assert np.array_equal(gaps, np.maximum(frames.frame[targets], 5 - frames.frame[targets]))


def test_a_draw_depends_on_seed_and_step_alone() -> None:
    frames = drawn_frames()
    pairs = Pairs.of(frames, np.arange(len(frames)), 1, 0, seed=1)
    other = Pairs.of(frames, np.arange(len(frames)), 1, 0, seed=2)
    assert np.array_equal(pairs.draw(7, 16), pairs.draw(7, 16))
    assert not np.array_equal(pairs.draw(7, 16), pairs.draw(8, 16))
    assert not np.array_equal(pairs.draw(7, 16), other.draw(7, 16))


def test_without_two_frames_of_one_video_there_is_nothing_to_pair() -> None:
    with pytest.raises(TrainingError, match="two frames"):
        Pairs.of(drawn_frames(3, 10), np.array([0, 10, 20]), 1, 0, seed=0)


def test_the_last_pictures_of_a_pool_are_held_back() -> None:
    # A small pool is no short video: it is never held back whole.
    frames = FrameSet.join([_stills(10), drawn_frames(40, 5)])
    learned, held = split(frames, 0.2)
    assert held[frames.video[held] == 0].tolist() == [8, 9]
    assert learned[frames.video[learned] == 0].tolist() == list(range(8))
    assert set(frames.video[held]) == {0, *range(33, 41)}


def test_one_picture_is_enough_on_either_side() -> None:
    learned, held = split(_stills(2), 0.01)
    assert (learned.tolist(), held.tolist()) == ([0], [1])
    sources, targets = Pairs.of(_stills(2), learned, 1, 0, seed=0).draw(0, 3)
    assert sources.tolist() == targets.tolist() == [0, 0, 0]


def test_a_run_of_stills_alone_pairs_each_with_itself() -> None:
    frames = _stills(30)
    learned, held = split(frames, 0.2)
    sources, targets = Pairs.of(frames, learned, 1, 0, seed=2).draw(4, 200)
    assert np.array_equal(sources, targets)
    assert set(targets) == set(learned)
    measured = held_back_pairs(frames, held, 50, seed=0)
    assert np.array_equal(*measured)
    assert set(measured[1]) == set(held)


def test_a_run_of_one_video_never_pairs_a_frame_with_itself() -> None:
    frames = drawn_frames(1, 30)
    learned, held = split(frames, 0.2)
    sources, targets = Pairs.of(frames, learned, 1, 0, seed=2).draw(4, 200)
    assert (sources != targets).all()
    sources, targets = held_back_pairs(frames, held, 50, seed=0)
    assert (sources != targets).all()
    assert set(targets) <= set(held)


def test_batches_mix_videos_and_stills_by_the_root_of_their_counts() -> None:
    frames = FrameSet.join([drawn_frames(1, 25), _stills(100)])
    sources, targets = Pairs.of(frames, np.arange(125), 1, 0, seed=0).draw(0, 3000)
    still = frames.still[frames.video[targets]]
    assert np.array_equal(sources == targets, still)
    assert still.mean() == pytest.approx(10 / 15, abs=0.03)
    batch = Pairs.of(frames, np.arange(125), 1, 0, seed=0).draw(1, 32)[1]
    assert 0 < frames.still[frames.video[batch]].sum() < 32
    # What is measured mixes them by their number.
    sources, targets = held_back_pairs(frames, np.arange(15, 45), 3000, seed=0)
    still = frames.still[frames.video[targets]]
    assert np.array_equal(sources == targets, still)
    assert still.mean() == pytest.approx(20 / 30, abs=0.03)


def test_a_share_of_the_pairs_of_a_video_is_bent_too() -> None:
    frames = drawn_frames(2, 30)
    plain = Pairs.of(frames, np.arange(60), 1, 0, seed=3).draw(5, 2000)
    mixed = Pairs.of(frames, np.arange(60), 1, 0, seed=3, warp_share=0.3).draw(5, 2000)
    bent = mixed[0] == mixed[1]
    assert bent.mean() == pytest.approx(0.3, abs=0.04)
    assert np.array_equal(plain[1], mixed[1])
    assert np.array_equal(plain[0][~bent], mixed[0][~bent])


def test_held_back_frames_without_another_of_their_video_are_no_targets() -> None:
    lone = drawn_frames(2, 2)
    frames = FrameSet(lone.pixels[1:], lone.video[1:], lone.frame[1:], lone.names)
    _, targets = held_back_pairs(frames, np.array([0, 2]), 20, seed=0)
    assert set(targets) == {2}
    with pytest.raises(TrainingError, match="No frames are left to measure on"):
        held_back_pairs(frames, np.array([0]), 20, seed=0)
