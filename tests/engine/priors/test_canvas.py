"""Poses laid on the canvas and varied there."""

from __future__ import annotations

import numpy as np
import pytest

from limner_engine.priors.canvas import (
    EXTENT,
    FITS,
    MOST_ZOOM,
    TURN_RAD,
    fit,
    jittered,
)

RNG = np.random.default_rng(5)
POSES = (RNG.normal(0, 1, (200, 6, 2)) * [10, 30] + [500, 200]).astype(np.float32)


def _sides(poses: np.ndarray) -> np.ndarray:
    return np.asarray((poses.max(axis=1) - poses.min(axis=1)).max(axis=1))


def _middles(poses: np.ndarray) -> np.ndarray:
    return np.asarray((poses.max(axis=1) + poses.min(axis=1)) / 2)


def test_each_pose_gets_the_extent_and_the_centre() -> None:
    laid = fit(POSES, "each", extent=1.2, centre=(0.1, -0.2))
    assert laid.dtype == np.float32
    assert np.allclose(_sides(laid), 1.2, atol=1e-5)
    assert np.allclose(_middles(laid), [0.1, -0.2], atol=1e-5)


def test_centred_poses_share_one_scale() -> None:
    laid = fit(POSES, "centred")
    ratio = _sides(laid) / _sides(POSES)
    assert np.allclose(ratio, ratio[0], rtol=1e-4)
    assert np.percentile(_sides(laid), 85) == pytest.approx(EXTENT, rel=1e-4)
    assert np.allclose(_middles(laid), 0, atol=1e-5)


def test_a_set_keeps_where_poses_stand() -> None:
    laid = fit(POSES, "set")
    scale = EXTENT / np.percentile(_sides(POSES), 85)
    apart = _middles(POSES)[3] - _middles(POSES)[4]
    assert np.allclose(_middles(laid)[3] - _middles(laid)[4], apart * scale, atol=1e-4)
    assert np.allclose(np.median(_middles(laid), axis=0), 0, atol=1e-5)


def test_given_poses_stay() -> None:
    assert np.array_equal(fit(POSES, "given"), POSES)


def test_what_cannot_be_fitted() -> None:
    with pytest.raises(ValueError, match="one place"):
        fit(np.ones((3, 4, 2)))
    with pytest.raises(ValueError, match="'large'"):
        fit(POSES, "large")  # type: ignore[arg-type]
    assert "each" in FITS


def test_no_strength_changes_nothing() -> None:
    laid = fit(POSES)
    varied = jittered(laid, np.random.default_rng(0), 0.0)
    assert np.array_equal(varied, laid)
    assert varied is not laid


@pytest.mark.parametrize("strength", [0.3, 1.0])
def test_jittered_poses_stay_on_the_canvas(strength: float) -> None:
    laid = fit(POSES, extent=1.9)
    varied = jittered(laid, np.random.default_rng(0), strength)
    assert varied.shape == laid.shape
    assert varied.dtype == np.float32
    assert np.abs(varied).max() <= 1 + 1e-5
    assert np.abs(_middles(varied)).max() > 0.1 * strength


def test_jitter_makes_smaller_more_often_a_little_than_much() -> None:
    square = np.array([[-0.5, -0.5], [0.5, -0.5], [0.5, 0.5], [-0.5, 0.5]], np.float32)
    varied = jittered(np.repeat(square[None], 4000, axis=0), np.random.default_rng(1), 1.0)
    edges = varied - np.roll(varied, 1, axis=1)
    scale = np.sqrt(np.linalg.norm(edges[:, 0], axis=1) * np.linalg.norm(edges[:, 1], axis=1))
    assert scale.min() == pytest.approx(1 - MOST_ZOOM, abs=0.01)
    assert scale.max() <= 1 + 1e-5
    assert (scale > 0.75).mean() > 0.6
    lean = np.abs(np.arctan2(edges[:, 1, 1], edges[:, 1, 0]))
    assert TURN_RAD * 0.95 < lean.max() < TURN_RAD * 1.15  # the aspect leans it a little more


def test_a_pose_that_reaches_out_is_not_pushed_further() -> None:
    laid = fit(POSES, extent=1.8, centre=(0.4, 0))
    out = laid[:, :, 0].max(axis=1)
    varied = jittered(laid, np.random.default_rng(2), 1.0)
    assert (out > 1).any()
    assert (varied[:, :, 0].max(axis=1) <= np.maximum(out, 1) + 1e-5).all()


def test_the_same_seed_gives_the_same_poses() -> None:
    laid = fit(POSES)
    first, second = (jittered(laid, np.random.default_rng(3), 0.5) for _ in range(2))
    assert np.array_equal(first, second)


def test_the_strength_is_a_share() -> None:
    with pytest.raises(ValueError, match="0 to 1"):
        jittered(fit(POSES), np.random.default_rng(0), 1.5)


def test_mild_jitter_leaves_the_middle_of_poses_where_it_was() -> None:
    low = fit(np.repeat(POSES[:1], 3000, axis=0), extent=1.0, centre=(0.0, 0.3))
    mild, full = (jittered(low, np.random.default_rng(4), s) for s in (0.2, 1.0))
    assert _middles(mild)[:, 1].mean() == pytest.approx(0.3, abs=0.02)
    assert _middles(full)[:, 1].mean() == pytest.approx(0.0, abs=0.05)
