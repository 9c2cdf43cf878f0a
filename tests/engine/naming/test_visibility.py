"""Telling hidden landmarks, and the fit behind it."""

from __future__ import annotations

import time

import numpy as np
import pytest

from limner_engine.naming.visibility import fit_logistic, fit_visibility, roc_area


def test_the_optimum_has_no_slope() -> None:
    rng = np.random.default_rng(0)
    columns = rng.normal(size=(80, 5))
    yes = rng.random(80) < 1 / (1 + np.exp(-(columns @ [2.0, -1.0, 0.0, 0.0, 0.5] + 1)))
    weights = fit_logistic(columns, yes, ridge=0.7)
    chance = 1 / (1 + np.exp(-(columns @ weights[:-1] + weights[-1])))
    # The derivatives of sum -log(p) + ridge |w|^2 / 2, by hand.
    np.testing.assert_allclose(columns.T @ (chance - yes) + 0.7 * weights[:-1], 0, atol=1e-5)
    assert (chance - yes).sum() == pytest.approx(0, abs=1e-5)


def test_without_columns_that_tell_the_constant_is_the_odds() -> None:
    yes = np.arange(40) < 30
    weights = fit_logistic(np.zeros((40, 3)), yes)
    np.testing.assert_allclose(weights, [0, 0, 0, np.log(3)], atol=1e-6)


def test_classes_that_can_be_parted_give_finite_weights() -> None:
    columns = np.linspace(-1, 1, 20)[:, None] * 1e3
    weights = fit_logistic(columns, columns[:, 0] > 0)
    assert np.isfinite(weights).all()
    assert ((columns @ weights[:-1] + weights[-1] > 0) == (columns[:, 0] > 0)).all()


def test_area_under_the_curve_of_visibility() -> None:
    visible = np.array([[True, True], [True, True], [False, True], [False, True]])
    score = np.array([[0.9, 0.1], [0.4, 0.2], [0.4, 0.3], [0.1, 0.4]])
    # Pairs: .9>.4, .9>.1, .4=.4 (half), .4>.1. The second point is always visible.
    assert roc_area(score[:, 0], visible[:, 0]) == pytest.approx(3.5 / 4)
    assert roc_area(-score[:, 0], visible[:, 0]) == pytest.approx(0.5 / 4)
    assert np.isnan(roc_area(score[:, 1], visible[:, 1]))


def test_what_was_always_visible_is_so_by_laplace() -> None:
    visible = np.ones((5, 3))
    visible[:, 1] = 0
    visible[:2, 2] = np.nan
    fit = fit_visibility(np.random.default_rng(0).normal(size=(5, 4)), visible)
    stated = fit.model.probability(np.full((2, 4), 1e3))
    np.testing.assert_allclose(stated, [[6 / 7, 1 / 7, 4 / 5]] * 2)
    assert np.isnan(fit.area).all()
    np.testing.assert_allclose(fit.held_back[2], [5 / 6, 1 / 6, 3 / 4])
    assert not len(fit.curve.count)


def test_nothing_known_is_even() -> None:
    fit = fit_visibility(np.zeros((0, 4)), np.zeros((0, 2)))
    np.testing.assert_allclose(fit.model.probability(np.ones((1, 4))), [[0.5, 0.5]])


def test_own_scores_tell_and_probabilities_are_true() -> None:
    rng = np.random.default_rng(3)
    count, points = 2060, 4
    columns = rng.normal(size=(count, 30))
    score = rng.normal(size=(count, points, 2))
    line = 2.5 * score[..., 0] + 1.0
    line[:, 3] = 0.5  # nothing tells of the last
    chance = 1 / (1 + np.exp(-line))
    visible = (rng.random((count, points)) < chance).astype(float)
    fit = fit_visibility(columns[:60], visible[:60], score[:60])
    stated = fit.model.probability(columns[60:], score[60:])
    for point in range(3):
        assert roc_area(stated[:, point], visible[60:, point] > 0) > 0.85
        # As good on frames left out as the score itself on the same frames, or nearly so.
        itself = roc_area(score[:60, point, 0], visible[:60, point] > 0)
        assert fit.area[point] == pytest.approx(itself, abs=0.06)
    assert np.ptp(stated[:, 3]) < 0.35  # hardly moved by what says nothing
    assert fit.area[3] == 0.5
    assert abs(stated - chance[60:]).mean() < 0.14
    assert fit.curve.gap < 0.16


def test_shared_columns_tell() -> None:
    rng = np.random.default_rng(4)
    hidden_side = rng.normal(size=400)
    columns = np.outer(hidden_side, rng.normal(size=40)) + rng.normal(size=(400, 40)) * 0.3
    visible = (hidden_side > -0.5).astype(float)[:, None]
    fit = fit_visibility(columns[:40], visible[:40])
    assert roc_area(fit.model.probability(columns[40:])[:, 0], visible[40:, 0] > 0) > 0.95
    assert fit.area[0] > 0.9


def test_left_out_is_what_leaving_out_gives() -> None:
    rng = np.random.default_rng(5)
    score = rng.normal(size=(40, 1, 1))
    visible = (rng.random((40, 1)) < 1 / (1 + np.exp(-2 * score[..., 0]))).astype(float)
    fit = fit_visibility(np.zeros((40, 0)), visible, score)
    for row in (0, 7, 21):
        others = np.arange(40) != row
        again = fit_visibility(np.zeros((39, 0)), visible[others], score[others])
        exact = again.model.probability(np.zeros((1, 0)), score[[row]])[0, 0]
        assert fit.held_back[row, 0] == pytest.approx(exact, abs=0.03)


def test_a_full_set_takes_no_time() -> None:
    rng = np.random.default_rng(6)
    visible = (rng.random((100, 17)) < 0.8).astype(float)
    columns, score = rng.normal(size=(100, 120)), rng.normal(size=(100, 17, 2))
    best = np.inf
    for _ in range(3):
        before = time.process_time()
        fit_visibility(columns, visible, score)
        best = min(best, time.process_time() - before)
    assert best < 2.0
