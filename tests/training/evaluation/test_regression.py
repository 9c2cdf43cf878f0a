"""The linear map from discovered landmarks to labelled points."""

from __future__ import annotations

import numpy as np
import pytest

from limner_training.evaluation.regression import apply_linear, fit_linear, normalised_error


@pytest.mark.parametrize("bias", [False, True])
def test_a_linear_map_is_recovered(bias: bool) -> None:
    rng = np.random.default_rng(0)
    found = rng.normal(size=(60, 5, 2)).astype(np.float32)
    points = found.reshape(60, 10) @ rng.normal(size=(10, 6)) + (3.0 if bias else 0.0)
    labelled = points.reshape(60, 3, 2).astype(np.float32)
    weights = fit_linear(found, labelled, bias=bias)
    assert weights.shape == (10 + bias, 6)
    np.testing.assert_allclose(apply_linear(weights, found), labelled, atol=1e-4)


def test_without_bias_a_constant_is_not_reached() -> None:
    found = np.random.default_rng(1).normal(size=(50, 2, 2)).astype(np.float32)
    labelled = np.full((50, 1, 2), 5.0, np.float32)
    off = apply_linear(fit_linear(found, labelled, bias=False), found) - labelled
    assert np.abs(off).mean() > 1


def test_error_in_units_of_the_eyes() -> None:
    labelled = np.array([[[0.0, 0.0], [10.0, 0.0]], [[0.0, 0.0], [0.0, 20.0]]], np.float32)
    predicted = labelled + np.array([3.0, 4.0], np.float32)
    assert normalised_error(predicted, labelled, 0, 1) == pytest.approx((0.5 + 0.25) / 2)
