"""Which layer is believed, and how far off it is said to be."""

from __future__ import annotations

import numpy as np
import pytest

from limner_engine.naming.choice import choose_layers, estimate_errors


def drawn(seed: int, frames: int, ratio: float, landmarks: int = 10) -> tuple[np.ndarray, ...]:
    """Errors of both layers on the same frames; the second's are ``ratio`` as large."""
    random = np.random.default_rng(seed)
    hard = np.exp(random.normal(0, 0.5, (frames, landmarks)))
    first, second = (hard * np.exp(random.normal(0, 0.4, hard.shape)) for _ in range(2))
    return 4 * first, 4 * ratio * second


def share_second(frames: int, ratio: float) -> float:
    shares = [choose_layers(*drawn(s, frames, ratio)).second.mean() for s in range(30)]
    return float(np.mean(shares))


def test_clearly_better_wins_at_any_count() -> None:
    assert share_second(6, 0.5) > 0.95
    assert share_second(30, 0.5) == 1.0
    assert share_second(6, 2.0) == 0.0
    assert share_second(30, 2.0) == 0.0


def test_ties_go_to_the_second_from_ten_labels_on_and_do_not_flip() -> None:
    assert share_second(9, 1.0) < 0.08
    assert share_second(10, 1.0) > 0.92


def test_landmarks_may_differ() -> None:
    first, second = drawn(0, 30, 1.0)
    second[:, :5] *= 0.5
    second[:, 5:] *= 2.0
    choice = choose_layers(first, second)
    assert choice.second.tolist() == [True] * 5 + [False] * 5
    assert (choice.gain[:5] > 0.3).all()
    assert (choice.gain[5:] < -0.3).all()
    chosen = choice.errors(first, second)
    np.testing.assert_array_equal(chosen[:, 0], second[:, 0])
    np.testing.assert_array_equal(chosen[:, 9], first[:, 9])


def test_one_gross_miss_does_not_decide() -> None:
    first, second = drawn(1, 20, 0.6, 1)
    second[3] = 500
    assert choose_layers(first, second).second[0]


def test_few_labels_of_one_landmark_follow_the_others() -> None:
    first, second = drawn(2, 12, 0.6)
    first[2:, 0] = second[2:, 0] = np.nan  # two labels of it, by chance the other way round
    second[:2, 0] = first[:2, 0] * 1.1
    assert choose_layers(first, second).second.all()


def test_missing_layers() -> None:
    first, second = drawn(3, 6, 1.0)
    assert not choose_layers(first, None).second.any()
    first[:, 4] = np.nan
    second[:, 5] = np.nan
    chosen = choose_layers(first, second).second
    assert chosen[4]
    assert not chosen[5]
    nothing = choose_layers(np.full((4, 2), np.nan), np.full((4, 2), np.nan))
    assert not nothing.second.any()
    assert np.isinf(nothing.doubt).all()


def test_intervals_hold_the_truth() -> None:
    hits = np.zeros(2)
    rounds = 60
    for seed in range(rounds):
        random = np.random.default_rng(seed)
        error = np.exp(random.normal(0, 0.7, (25, 2)) + random.normal(0, 0.4, (25, 1)))
        _, pooled = estimate_errors(error)
        hits += [
            pooled.mean_low <= np.exp((0.7**2 + 0.4**2) / 2) <= pooled.mean_high,
            pooled.median_low <= 1.0 <= pooled.median_high,
        ]
    assert (hits / rounds > 0.78).all()
    assert (hits / rounds < 1.0).all()


def test_estimates_of_landmarks_and_of_none() -> None:
    error = np.array([[1.0, np.nan, 5], [2, np.nan, np.nan], [6, np.nan, np.nan]])
    single, pooled = estimate_errors(error)
    assert (single[0].mean, single[0].median, single[0].count) == (3, 2, 3)
    assert 1 <= single[0].median_low <= 2 <= single[0].median_high <= 6
    assert single[1].count == 0
    assert np.isnan(single[1].mean)
    assert (single[2].mean, single[2].mean_low, single[2].mean_high) == (5, 5, 5)
    assert (pooled.mean, pooled.count) == (3.5, 4)
    assert estimate_errors(error)[1] == pooled  # nothing is left to chance
    _, nothing = estimate_errors(np.zeros((0, 3)))
    assert nothing.count == 0


def test_frames_of_a_group_are_drawn_together() -> None:
    error = np.repeat([1.0, 2, 3, 4], 20)[:, None]
    _, apart = estimate_errors(error)
    _, together = estimate_errors(error, np.repeat(np.arange(4), 20))
    width = together.mean_high - together.mean_low
    assert width == pytest.approx(np.sqrt(20) * (apart.mean_high - apart.mean_low), rel=0.3)
