"""Confidences against errors of which everything is known."""

from __future__ import annotations

import numpy as np
import pytest

from limner_engine.naming.calibration import (
    calibration_curve,
    fit_calibration,
    within,
)
from limner_engine.naming.reliability import (
    folds_of,
    independent_count,
    share_curve,
    wilson,
)

RISING = (False, True)


def drawn(
    seed: int, frames: int, landmarks: int = 8, lost: float = 0.04
) -> tuple[np.ndarray, np.ndarray]:
    """Errors whose size the scores tell in part; some points are taken for others."""
    random = np.random.default_rng(seed)
    hard = random.normal(0, 0.6, (frames, landmarks)) + random.normal(0, 0.3, (frames, 1))
    size = np.exp(np.log(0.015) + np.linspace(-0.5, 0.5, landmarks) + hard)
    error = np.linalg.norm(random.normal(size=(frames, landmarks, 2)), axis=-1) * size
    elsewhere = random.random((frames, landmarks)) < lost * np.exp(hard)
    error = np.where(elsewhere, random.uniform(0.1, 0.5, error.shape), error)
    peak = np.exp(-0.5 * hard - 0.7 + random.normal(0, 0.2, hard.shape)).clip(0.01, 1)
    spread = np.exp(0.7 * hard - 3 + random.normal(0, 0.2, hard.shape))
    return error, np.stack([peak, spread], axis=-1)


@pytest.mark.parametrize("frames", [8, 40])
def test_stated_shares_come_true_on_new_frames(frames: int) -> None:
    gaps, half, most = [], [], []
    new_error, new_score = drawn(99, 1500)
    frame = np.repeat(np.arange(1500), 8)
    for seed in range(4):
        error, score = drawn(seed, frames)
        fit = fit_calibration(error, score, RISING)
        stated = fit.confidence(new_score)
        gaps.append(share_curve(stated.ravel(), (new_error <= fit.radius).ravel(), frame).gap)
        half.append((new_error <= fit.reach(new_score, 0.5)).mean())
        most.append((new_error <= fit.reach(new_score, 0.9)).mean())
        # Scores tell right from wrong, so that not all points get the same share.
        assert np.ptp(np.percentile(stated, [10, 90])) > 0.3
    assert np.mean(gaps) < 0.05
    assert np.mean(half) == pytest.approx(0.5, abs=0.06)
    assert np.mean(most) == pytest.approx(0.9, abs=0.05)


def test_recovers_the_law_that_it_assumes() -> None:
    random = np.random.default_rng(1)
    score = np.exp(random.normal(size=(800, 3, 1)))
    scale = np.exp(-4 + np.array([-0.5, 0.0, 0.5]) + 0.8 * np.log(score[..., 0]))
    chance = random.random(scale.shape)
    error = scale * np.sqrt(4 * ((1 - chance) ** (-2 / 4) - 1))
    fit = fit_calibration(error, score, (True,))
    assert fit.slope[0] == pytest.approx(0.8, abs=0.05)
    np.testing.assert_allclose(fit.offset, [-4.5, -4, -3.5], atol=0.12)
    assert fit.freedom == pytest.approx(4, abs=1.7)


def test_reach_and_confidence_are_inverse() -> None:
    error, score = drawn(3, 30)
    fit = fit_calibration(error, score, RISING)
    for share in (0.5, 0.9):
        reach = fit.reach(score, share)
        np.testing.assert_allclose(within(reach, fit.scale(score), fit.freedom), share)
    assert (fit.confidence(score, 0.06) >= fit.confidence(score)).all()


def test_five_good_points_are_no_certainty() -> None:
    fit = fit_calibration(np.full((5, 1), 1e-4), np.ones((5, 1, 0)), ())
    assert fit.confidence(np.ones((1, 1, 0)))[0, 0] <= 6 / 7 + 1e-9
    nothing = fit_calibration(np.full((2, 3), np.nan), np.ones((2, 3, 2)), RISING)
    np.testing.assert_allclose(nothing.confidence(np.ones((4, 3, 2))), 0.5)


def test_a_better_score_never_lowers_confidence() -> None:
    error, score = drawn(5, 12)
    wrong = np.stack([1 / score[..., 0], 1 / score[..., 1]], axis=-1)  # tell the contrary
    fit = fit_calibration(error, wrong, RISING)
    np.testing.assert_array_equal(fit.slope, 0)
    fit = fit_calibration(error, score, RISING)
    assert fit.slope[0] <= 0 <= fit.slope[1]
    assert (fit.confidence(score * [1.5, 1]) >= fit.confidence(score)).all()
    assert (fit.confidence(score * [1, 1.5]) <= fit.confidence(score)).all()
    # Better than any that was checked says no more than the best.
    best = fit.confidence(np.array([[[1e3, 1e-9]] * 8]))
    seen = fit.confidence(np.array([[[score[..., 0].max(), score[..., 1].min()]] * 8]))
    np.testing.assert_allclose(best, seen)
    assert np.isfinite(fit.confidence(np.full((1, 8, 2), np.nan))).all()


def test_errors_of_nothing_and_missing_labels() -> None:
    error, score = drawn(6, 20)
    error[::3, 2] = np.nan
    error[:, 4] = np.nan  # never labelled: takes the mean of the others
    error[4, 1] = 0.0
    fit = fit_calibration(error, score, RISING)
    assert np.isfinite(fit.offset).all()
    others = np.delete(fit.offset, 4)
    assert others.min() < fit.offset[4] < others.max()


def test_curve_is_measured_on_groups_left_out() -> None:
    error, score = drawn(7, 40)
    groups = np.repeat(np.arange(8), 5)
    told = calibration_curve(error, score, RISING, groups)
    # By hand for one group.
    out = groups == 3
    by_hand = fit_calibration(error[~out], score[~out], RISING).confidence(score[out])
    np.testing.assert_allclose(told.confidence[out], by_hand)
    assert told.curve.count.sum() == error.size
    assert (np.diff(told.curve.stated) >= 0).all()
    assert told.curve.gap < 0.12
    inside = (told.curve.low <= told.curve.stated) & (told.curve.stated <= told.curve.high)
    assert inside.mean() >= 0.8
    assert 0.4 < told.covered_half < 0.6
    assert 0.8 < told.covered_most < 0.97


def test_false_confidence_is_found_out() -> None:
    # One group is far worse than its scores say; a curve on frames learned from would hide it.
    error, score = drawn(8, 40, lost=0.0)
    groups = np.repeat([0, 1], 20)
    error[groups == 1] *= 6
    assert calibration_curve(error, score, RISING, groups).curve.gap > 0.25


def test_wilson() -> None:
    low, high = wilson(np.array([0.8, 1.0]), np.array([10.0, 5.0]))
    # 8 of 10 by the formula on paper: (0.8 + 0.19207) / 1.38415 -+ ..., and 5 of 5.
    np.testing.assert_allclose(low, [0.4902, 0.5655], atol=2e-4)
    np.testing.assert_allclose(high, [0.9433, 1.0], atol=2e-4)


def test_points_of_one_frame_count_less() -> None:
    frame = np.repeat(np.arange(200), 10)
    random = np.random.default_rng(0)
    alike = np.repeat(random.random(200), 10)
    assert independent_count(alike, frame) < 230
    assert independent_count(random.random(2000), frame) > 1700
    assert independent_count(np.zeros(4), np.arange(4)) == 4


def test_folds() -> None:
    assert folds_of(["b", "a", "b"], 3).tolist() == [0, 1, 0]
    assert folds_of(["b"] * 3, 3).tolist() == [0, 1, 2]
    # The few frames of other videos teach nothing about nearly all of them.
    assert folds_of(["b"] * 9 + ["a"], 10).tolist() == list(range(10))
    many = folds_of((), 45)
    assert many.max() == 9
    assert (np.diff(many) >= 0).all()
