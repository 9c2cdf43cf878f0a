"""Left and right on cases worked out by hand."""

from __future__ import annotations

import math

import numpy as np

from limner_training.evaluation.sides import followers, sides_change, sides_right, swapped_order

ORDER = swapped_order(3, [(1, 2)])
POSE = np.array([[0.0, 0.0], [1.0, 0.0], [-1.0, 0.0]])


def test_only_pairs_change_places() -> None:
    assert ORDER.tolist() == [0, 2, 1]


def test_sides_are_right_where_swapping_does_not_help() -> None:
    found = np.stack([POSE, POSE[ORDER], POSE])
    hidden = POSE.copy()
    hidden[1] = np.nan  # one known hand tells the side as well
    labelled = np.stack([POSE, POSE, hidden[ORDER]])
    assert sides_right(found, found[:, ORDER], labelled).tolist() == [True, False, False]


def test_followers_are_of_one_video_and_as_near_as_any() -> None:
    video = np.array([0, 0, 0, 1, 1])
    frame = np.array([0, 2, 5, 7, 9])
    first, second = followers(video, frame)
    assert first.tolist() == [0, 3]
    assert second.tolist() == [1, 4]
    assert len(followers(np.array([0, 1]), np.array([0, 1]))[0]) == 0


def test_one_change_among_three_steps() -> None:
    found = np.stack([POSE, POSE + 0.1, POSE[ORDER], POSE[ORDER]])
    pairs = followers(np.zeros(4, np.int64), np.arange(4))
    assert sides_change(found, ORDER, pairs) == 1 / 3
    assert math.isnan(sides_change(found, np.arange(3), pairs))
