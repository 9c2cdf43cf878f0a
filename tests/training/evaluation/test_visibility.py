"""Telling visible points from landmarks and confidences."""

from __future__ import annotations

import numpy as np
import pytest

from limner_training.evaluation.visibility import fit_logistic, visibility_areas


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


def test_areas_of_points_that_come_and_go() -> None:
    rng = np.random.default_rng(1)
    count = 100
    found = rng.uniform(-1, 1, (count, 2, 2)).astype(np.float32)
    confidence = rng.uniform(0, 1, (count, 2)).astype(np.float32)
    visible = np.ones((count, 4))
    visible[:, 0] = confidence[:, 1] > 0.4  # the model says it
    visible[:, 1] = rng.random(count) > 0.5  # nothing says it
    visible[80:90, 2] = 0  # hidden in the test pictures only, so that it is guessed
    visible[::7, 0] = np.nan
    train, test = np.arange(80), np.arange(80, count)
    areas = visibility_areas(found, confidence, visible, train, test, ("a", "b", "c", "d"))
    assert list(areas) == ["a", "b", "c"]  # the last is always visible
    assert areas["a"] > 0.95
    assert 0.1 < areas["b"] < 0.9
    assert areas["c"] == 0.5
    unnamed = visibility_areas(found, confidence, visible, train, test)
    assert list(unnamed) == ["point 1", "point 2", "point 3"]
