"""What more labels would buy, against laws that are known."""

from __future__ import annotations

import numpy as np
import pytest

from limner_engine.naming.learning_curve import (
    fit_learning_curve,
    measure_learning,
    rising_counts,
)


def test_forecasts_hold_what_comes() -> None:
    held = told = 0
    for seed in range(60):
        random = np.random.default_rng(seed)
        exponent, floor = np.exp(random.normal(np.log(0.5), 0.4)), random.uniform(0, 3)
        counts = np.array([*rising_counts(20), 19], float)
        errors = 20 * counts**-exponent + floor
        errors *= np.exp(random.normal(0, 0.06, len(counts)))
        now = 20 * 20**-exponent + floor
        curve = fit_learning_curve(counts, errors, labels=20, now=now)
        if not curve.unsaid:
            told += 1
            held += curve.low <= 20 * 30**-exponent + floor <= curve.high
    assert told > 40
    assert 0.78 < held / told <= 1.0


def test_a_clean_power_law() -> None:
    counts = np.array([4, 8, 16, 32.0])
    curve = fit_learning_curve(counts, 12 * counts**-0.5, labels=32)
    assert curve.now == pytest.approx(12 * 32**-0.5, rel=0.03)
    assert curve.expected == pytest.approx(12 * 42**-0.5, rel=0.05)
    assert curve.low < curve.expected < curve.high < curve.now
    np.testing.assert_allclose(curve.fitted, 12 * counts**-0.5, rtol=0.05)
    assert curve.more == 10


def test_what_has_stopped_falling_buys_nothing() -> None:
    curve = fit_learning_curve([4, 8, 16, 32, 64], [5.0, 5.02, 4.99, 5.0, 5.01], labels=64)
    assert curve.expected > 0.97 * curve.now


def test_a_draw_that_went_wrong_hardly_matters() -> None:
    counts = np.array([3, 4, 6, 8, 11, 16, 22.0])
    errors = 12 * counts**-0.5
    clean = fit_learning_curve(counts, errors, labels=28, now=2.3)
    errors[4] *= 4
    spoiled = fit_learning_curve(counts, errors, labels=28, now=2.3)
    assert spoiled.expected == pytest.approx(clean.expected, rel=0.1)


def test_it_says_when_it_cannot_say() -> None:
    few = fit_learning_curve([4, 6, 6], [5, 4, 4.2], labels=8, now=4.0)
    assert few.unsaid == "few"
    assert np.isnan([few.expected, few.low, few.high]).all()
    assert few.counts.tolist() == [4, 6]
    noise = fit_learning_curve([3, 4, 6], [9.0, 2.0, 14.0], labels=7, now=5.0, more=60)
    assert noise.unsaid == "unclear"
    nothing = fit_learning_curve([], [], labels=0)
    assert nothing.unsaid == "few"
    assert np.isnan(nothing.now)


def test_draws_are_nested_and_judged_on_the_others() -> None:
    seen: list[tuple[set[int], set[int]]] = []

    def held_back(learned: np.ndarray, judged: np.ndarray) -> np.ndarray:
        seen.append((set(learned.tolist()), set(judged.tolist())))
        return np.full((len(judged), 2), 10 / len(learned))

    counts, errors = measure_learning(held_back, 20, draws=2)
    assert counts.tolist() == [3, 4, 6, 8, 11, 16] * 2
    np.testing.assert_allclose(errors, 10 / counts)
    for learned, judged in seen:
        assert learned | judged == set(range(20))
        assert not learned & judged
    assert seen[0][0] < seen[1][0] < seen[2][0]
    assert seen[0][0] != seen[6][0]


def test_too_few_labels_to_measure() -> None:
    assert rising_counts(4) == ()
    counts, _ = measure_learning(lambda a, b: np.zeros((len(b), 1)), 4)
    assert not len(counts)
