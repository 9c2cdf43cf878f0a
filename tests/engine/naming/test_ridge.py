"""The linear maps from what is found to labelled points."""

from __future__ import annotations

import numpy as np
import pytest

from limner_engine.naming.ridge import (
    FORMS,
    STRENGTHS,
    Ridge,
    apply_linear,
    fit_linear,
    fit_ridge,
    patterns,
    regress,
)


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


def _ridge(found: np.ndarray, points: np.ndarray, strength: float) -> np.ndarray:
    """By the normal equations, as they stand in books."""
    columns, middle = found.reshape(len(found), -1), points.reshape(len(points), -1).mean(axis=0)
    mean = columns.mean(axis=0)
    centred = columns - mean
    bend = centred.T @ centred + strength * np.eye(columns.shape[1])
    weights = np.linalg.solve(bend, centred.T @ (points.reshape(len(points), -1) - middle))
    return np.asarray(np.concatenate([weights, (middle - mean @ weights)[None]]))


def test_strength_is_that_of_leaving_out_every_picture_once() -> None:
    rng = np.random.default_rng(5)
    found = rng.normal(size=(14, 4, 2))
    points = (found.reshape(14, 8) @ rng.normal(size=(8, 4))).reshape(14, 2, 2)
    points += rng.normal(size=points.shape)
    columns = found.reshape(14, 8)
    largest = np.linalg.svd(columns - columns.mean(axis=0), compute_uv=False)[0] ** 2
    errors = []
    for strength in STRENGTHS * largest:
        left_out = 0.0
        for one in range(14):
            others = np.arange(14) != one
            weights = _ridge(found[others], points[others], strength)
            left_out += ((apply_linear(weights, found[[one]]) - points[[one]]) ** 2).sum()
        errors.append(left_out)
    best = STRENGTHS[int(np.argmin(errors))] * largest
    assert STRENGTHS[0] * largest < best < STRENGTHS[-1] * largest
    np.testing.assert_allclose(fit_ridge(found, points), _ridge(found, points, best), atol=1e-9)


def test_as_many_pictures_as_columns_do_the_ridge_no_harm() -> None:
    rng = np.random.default_rng(6)
    true = rng.normal(size=(40, 6))

    def error(form: str, count: int) -> float:
        found = rng.normal(size=(count + 200, 20, 2))
        points = (found.reshape(-1, 40) @ true).reshape(-1, 3, 2)
        noisy = points + rng.normal(size=points.shape)
        answer = regress(form, found[:count], noisy[:count], found[count:])
        return float(np.linalg.norm(answer - points[count:], axis=-1).mean())

    assert error("bias", 41) > 2 * error("bias", 20)
    assert error("ridge", 41) < error("ridge", 20)


def test_one_picture_with_ridge_answers_that_picture() -> None:
    rng = np.random.default_rng(2)
    labelled = rng.normal(size=(1, 3, 2))
    answer = regress("ridge", rng.normal(size=(1, 4, 2)), labelled, rng.normal(size=(5, 4, 2)))
    np.testing.assert_allclose(answer, labelled.repeat(5, axis=0))


@pytest.mark.parametrize("form", FORMS)
def test_points_are_fitted_each_on_the_pictures_that_have_them(form: str) -> None:
    rng = np.random.default_rng(7)
    found, labelled = rng.uniform(-1, 1, (30, 4, 2)), rng.uniform(-1, 1, (30, 3, 2))
    labelled[:10, 1] = np.nan
    labelled[:, 2] = np.nan
    answer = regress(form, found, labelled, found)
    np.testing.assert_allclose(answer[:, :1], regress(form, found, labelled[:, :1], found))
    part = regress(form, found[10:], labelled[10:, 1:2], found)
    np.testing.assert_allclose(answer[:, 1:2], part)
    assert (answer[:, 2] == 0).all()


def test_bare_numbers_have_no_corner() -> None:
    rng = np.random.default_rng(8)
    numbers, labelled = rng.normal(size=(30, 4, 2)), rng.uniform(-1, 1, (30, 2, 2))
    weights = fit_linear(numbers, labelled + 1, bias=False)
    answer = regress("corner", numbers, labelled, numbers, places=False)
    np.testing.assert_allclose(answer, apply_linear(weights, numbers) - 1)
    with_bias = regress("bias", numbers, labelled, numbers, places=False)
    np.testing.assert_allclose(with_bias, regress("bias", numbers, labelled, numbers))


@pytest.mark.parametrize("width", [4, 60])
def test_left_out_pictures_are_predicted_as_by_fits_without_them(width: int) -> None:
    rng = np.random.default_rng(8)
    columns, points = rng.normal(size=(12, width)), rng.normal(size=(12, 6))
    fold = np.array([0, 0, 1, 2, 3, 3, 3, 4, 5, 6, 7, 8])
    alone, together = Ridge(columns, points), Ridge(columns, points, fold)
    strength = 0.03
    absolute = strength * alone.largest
    for ridge, number in ((alone, np.arange(12)), (together, fold)):
        expected = np.empty_like(points)
        for out in np.unique(number):
            left = number != out
            weights = _ridge(columns[left], points[left], absolute)
            expected[~left] = columns[~left] @ weights[:-1] + weights[-1]
        np.testing.assert_allclose(ridge.left_out(strength), expected, atol=1e-8)
    whole = _ridge(columns, points, absolute)
    np.testing.assert_allclose(alone.weights(strength), whole, atol=1e-8)


@pytest.mark.parametrize("width", [4, 60])
def test_likeness_is_one_over_one_plus_the_leverage_without_the_picture(width: int) -> None:
    rng = np.random.default_rng(9)
    columns = rng.normal(size=(9, width))
    ridge = Ridge(columns, np.zeros((9, 1)))
    likeness = ridge.likeness(0.2)
    absolute = 0.2 * ridge.largest
    for out in range(9):
        others = np.delete(columns, out, axis=0)
        # A constant is a column of ones that nothing keeps small.
        wide = np.column_stack([others, np.ones(8)])
        bend = wide.T @ wide + np.diag([absolute] * width + [0.0])
        new = np.append(columns[out], 1.0)
        leverage = new @ np.linalg.solve(bend, new)
        np.testing.assert_allclose(likeness[out], 1 / (1 + leverage))
    new = rng.normal(size=width)
    wide = np.column_stack([columns, np.ones(9)])
    bend = wide.T @ wide + np.diag([absolute] * width + [0.0])
    expected = np.append(new, 1.0) @ np.linalg.solve(bend, np.append(new, 1.0))
    away = new - columns.mean(axis=0)
    known = away @ ridge.metric(0.2, 9)
    np.testing.assert_allclose(1 / 9 + (away @ away - known @ known) / absolute, expected)


def test_pictures_that_are_all_alike_give_their_mean() -> None:
    points = np.arange(8.0).reshape(4, 2)
    ridge = Ridge(np.ones((4, 3)), points)
    weights = ridge.weights(0.1)
    np.testing.assert_allclose(weights[:-1], 0.0)
    np.testing.assert_allclose(weights[-1], points.mean(axis=0))
    np.testing.assert_allclose(ridge.left_out(0.1)[0], points[1:].mean(axis=0))


def test_one_picture_is_predicted_by_no_other() -> None:
    ridge = Ridge(np.ones((1, 3)), np.ones((1, 2)))
    assert np.isnan(ridge.left_out(0.1)).all()
    assert ridge.likeness(0.1) == 0


def test_patterns_hold_every_labelled_point_once() -> None:
    points = np.zeros((3, 4, 2))
    points[0, 1] = points[:, 2] = np.nan
    found = {tuple(which.tolist()): rows.tolist() for rows, which in patterns(points)}
    assert found == {(0, 3): [0, 1, 2], (1,): [1, 2]}
    assert patterns(np.zeros((0, 4, 2))) == []
