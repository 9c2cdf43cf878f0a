"""The linear map from discovered landmarks to labelled points."""

from __future__ import annotations

import numpy as np
import pytest

from limner_training.evaluation.regression import FORMS, apply_linear, fit_linear, regress


@pytest.mark.parametrize("bias", [False, True])
def test_a_linear_map_is_recovered(bias: bool) -> None:
    rng = np.random.default_rng(0)
    found = rng.normal(size=(60, 5, 2)).astype(np.float32)
    true = rng.normal(size=(10, 6))
    points = found.reshape(60, 10) @ true + (3.0 if bias else 0.0)
    weights = fit_linear(found, points.reshape(60, 3, 2), bias=bias)
    assert weights.shape == (10 + bias, 6)
    np.testing.assert_allclose(weights[:10], true, atol=1e-10)
    np.testing.assert_allclose(weights[10:], 3.0, atol=1e-10)
    np.testing.assert_allclose(apply_linear(weights, found), points.reshape(60, 3, 2))


def test_without_bias_a_constant_is_not_reached() -> None:
    found = np.random.default_rng(1).normal(size=(50, 2, 2))
    labelled = np.full((50, 1, 2), 5.0)
    off = apply_linear(fit_linear(found, labelled, bias=False), found) - labelled
    assert np.abs(off).mean() > 1


def test_one_picture_with_bias_answers_that_picture() -> None:
    rng = np.random.default_rng(2)
    labelled = rng.normal(size=(1, 3, 2))
    answer = regress("bias", rng.normal(size=(1, 4, 2)), labelled, rng.normal(size=(5, 4, 2)))
    np.testing.assert_allclose(answer, labelled.repeat(5, axis=0))


def test_collinear_landmarks_do_no_harm() -> None:
    rng = np.random.default_rng(3)
    one = rng.uniform(-1, 1, (40, 1, 2))
    found = one.repeat(50, axis=1)  # 100 columns of rank 2
    for form in FORMS:
        np.testing.assert_allclose(regress(form, found, one, found), one, atol=1e-9)


def test_where_coordinates_count_from_matters_without_a_constant() -> None:
    # A landmark and a point beside it, by hand: found u, labelled u + 0.5.
    found = np.array([[[0.0, 0.0]], [[0.5, 0.5]]])
    labelled = found + 0.5
    other = np.array([[[1.0, 1.0]]])
    # From the middle, x and y are alike here, so that both weights are a half of w:
    # w minimises (0 w - 0.5)^2 + (0.5 w - 1)^2, so w = 2, and 1 gives 2.
    np.testing.assert_allclose(regress("middle", found, labelled, other), 2.0)
    # From the corner: (w - 1.5)^2 + (1.5 w - 2)^2, so w = 4.5 / 3.25, and 2 w - 1 is the answer.
    np.testing.assert_allclose(regress("corner", found, labelled, other), 2 * 4.5 / 3.25 - 1)
    # With a constant the truth is found: 1.5.
    np.testing.assert_allclose(regress("bias", found, labelled, other), 1.5)


def test_corner_is_un_centred_pixels() -> None:
    rng = np.random.default_rng(4)
    found, labelled = rng.uniform(-1, 1, (30, 4, 2)), rng.uniform(-1, 1, (30, 2, 2))
    pixels = fit_linear((found + 1) / 2 * 128, (labelled + 1) / 2 * 128, bias=False)
    expected = apply_linear(pixels, (found + 1) / 2 * 128) / 128 * 2 - 1
    np.testing.assert_allclose(regress("corner", found, labelled, found), expected)
