"""Poses that weigh found points: where points move together, and where they do not."""

from __future__ import annotations

import numpy as np

from limner_engine.naming.pose_filter import PoseFilter, fit_pose_filter, left_out, likeliest

POINTS = 20


def _faces(count: int, rng: np.random.Generator) -> np.ndarray:
    """Poses of one outline that is shifted, scaled, turned, and stretched in one direction."""
    outline = np.random.default_rng(1).uniform(-0.5, 0.5, (POINTS, 2))
    stretch = np.random.default_rng(2).normal(0, 0.1, (POINTS, 2))
    turn = rng.normal(0, 0.2, count)
    size = np.exp(rng.normal(0, 0.1, count))
    turned = size[:, None] * np.exp(1j * turn)[:, None]
    shape = outline + rng.normal(0, 1, (count, 1, 1)) * stretch
    placed = turned * (shape @ [1, 1j]) + (rng.normal(0, 0.1, (count, 2)) @ [1, 1j])[:, None]
    return np.stack([placed.real, placed.imag], -1)


def _folds(count: int) -> list[np.ndarray]:
    return [np.arange(count)[part::3] for part in range(3)]


def _error(found: np.ndarray, truth: np.ndarray) -> float:
    return float(np.linalg.norm(found - truth, axis=-1).mean())


def test_points_that_move_together_are_found_better() -> None:
    rng = np.random.default_rng(0)
    labelled, new = _faces(20, rng), _faces(50, rng)
    chosen = fit_pose_filter(labelled, labelled + rng.normal(0, 0.03, labelled.shape), _folds(20))
    noisy = new + rng.normal(0, 0.03, new.shape)
    assert chosen.doubt > 0
    assert _error(chosen.apply(noisy), new) < 0.7 * _error(noisy, new)


def test_points_that_move_freely_stay_as_they_are() -> None:
    rng = np.random.default_rng(0)
    labelled = rng.uniform(-0.8, 0.8, (12, POINTS, 2))
    found = labelled + rng.normal(0, 0.02, labelled.shape)
    chosen = fit_pose_filter(labelled, found, _folds(12))
    assert chosen.doubt == 0
    np.testing.assert_array_equal(chosen.apply(found), found.astype(np.float32))


def test_a_pose_like_the_labelled_ones_is_not_moved_by_shift_scale_or_turn() -> None:
    labelled = _faces(20, np.random.default_rng(0))
    pose = labelled[:1].mean(0, keepdims=True)
    kept = likeliest(labelled, 0.03)
    for moved in (pose, pose + np.array([0.2, -0.1])):
        assert _error(kept.apply(moved), moved) < 0.01


def test_the_filter_is_that_of_wiener() -> None:
    labelled = _faces(30, np.random.default_rng(3))
    rows = labelled.reshape(30, -1)
    one = likeliest(labelled, 0.05)
    mean = rows.mean(0)
    np.testing.assert_allclose(one.apply(mean.reshape(1, POINTS, 2))[0].ravel(), mean, atol=1e-5)
    # Symmetric and shrinking: no direction of poses is made larger.
    np.testing.assert_allclose(one.matrix, one.matrix.T, atol=1e-5)
    sizes = np.linalg.eigvalsh(one.matrix.astype(np.float64))
    assert sizes.min() > 0
    assert sizes.max() < 1


def test_mirrored_poses_count_under_swapped_names() -> None:
    rng = np.random.default_rng(0)
    middle = np.array([[-0.5, 0], [0.5, 0], [-0.2, 0.4], [0.2, 0.4]])
    labelled = middle + rng.normal(0, 0.1, (10, 4, 2))
    swap = np.array([1, 0, 3, 2])
    one = likeliest(labelled, 0.05, swap)
    found = rng.normal(0, 0.5, (5, 4, 2))
    mirrored = found[:, swap] * (-1, 1)
    there = one.apply(mirrored)[:, swap] * (-1, 1)
    np.testing.assert_allclose(there, one.apply(found), atol=1e-5)


def test_too_few_or_incomplete_poses_change_nothing() -> None:
    rng = np.random.default_rng(0)
    labelled = _faces(6, rng)
    assert fit_pose_filter(labelled, labelled + 0.01, _folds(6)).doubt == 0
    labelled = _faces(20, rng)
    labelled[:, 3] = np.nan
    assert fit_pose_filter(labelled, labelled + 0.01, _folds(20)).doubt == 0


def test_an_incomplete_pose_stays_as_it_is() -> None:
    labelled = _faces(20, np.random.default_rng(0))
    found = labelled[:2].copy()
    found[0, 3] = np.nan
    there = likeliest(labelled, 0.05).apply(found)
    np.testing.assert_array_equal(there[0], found[0].astype(np.float32))
    assert np.abs(there[1] - found[1]).max() > 1e-5


def test_nothing_is_changed_without_a_filter() -> None:
    found = _faces(3, np.random.default_rng(0))
    np.testing.assert_array_equal(PoseFilter.none(POINTS).apply(found), found.astype(np.float32))


def test_no_pose_vouches_for_itself_when_left_out() -> None:
    rng = np.random.default_rng(3)
    truth = _faces(12, rng)
    found = truth + rng.normal(0, 0.03, truth.shape)
    folds = _folds(12)
    moved = left_out(truth, found, folds, 0.03)
    changed = truth.copy()
    changed[folds[0]] += 0.5
    again = left_out(changed, found, folds, 0.03)
    np.testing.assert_array_equal(moved[folds[0]], again[folds[0]])
    assert not np.array_equal(moved[folds[1]], again[folds[1]])
