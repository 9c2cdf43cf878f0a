"""Which frames are paired, and which are held back."""

from __future__ import annotations

import numpy as np
import pytest

from drawn_frames import drawn_frames
from limner_engine.errors import TrainingError
from limner_training.data.frames import FrameSet
from limner_training.data.pairs import Pairs, split


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
