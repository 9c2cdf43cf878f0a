"""Plausible poses on cases worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest

from limner_engine.priors.prior import PosePrior
from limner_engine.types import Skeleton
from limner_training.evaluation.plausible import LimbRanges, limb_ratios, variety

EDGES = ((0, 1), (1, 2))


def _chain(first: float, second: float) -> np.ndarray:
    """Three points: two limbs of these lengths with a right angle between them."""
    return np.array([[0.0, 0.0], [first, 0.0], [first, second]], np.float32)


def test_ratios_do_not_depend_on_size_or_place() -> None:
    pose = _chain(0.3, 0.1)
    ratios = limb_ratios(np.stack([pose, 2 * pose + 0.5]), EDGES)
    np.testing.assert_allclose(ratios, [[0.75, 0.25]] * 2, rtol=1e-5)
    # All landmarks in one place, as a model may have them before it has learned.
    assert np.isfinite(limb_ratios(np.zeros((1, 3, 2)), EDGES)).all()


def test_a_limb_out_of_range_makes_a_pose_implausible() -> None:
    poses = np.stack([_chain(0.5 + share, 0.5 - share) for share in np.linspace(-0.1, 0.1, 201)])
    prior = PosePrior("chains", Skeleton(("a", "b", "c"), EDGES), poses)
    ranges = LimbRanges.of(prior)
    np.testing.assert_allclose([ranges.low[0], ranges.high[0]], [0.402, 0.598], atol=1e-4)
    tried = np.stack([_chain(0.5, 0.5), _chain(0.59, 0.41), _chain(0.61, 0.39)])
    assert ranges.plausible(tried).tolist() == [True, True, False]
    # Two of a hundred and one at either end lie outside.
    assert ranges.plausible(poses).mean() == pytest.approx(197 / 201)


def test_variety_is_of_poses_and_not_of_places() -> None:
    still = np.stack([_chain(0.3, 0.3) + shift for shift in (0.0, 0.4)])
    assert variety(still) == pytest.approx(0, abs=1e-6)
    # The middle point of three leaves the line by 0.3 and -0.3: 0.2 of it after centring, and the
    # two others by 0.1 the other way.
    line = np.array([[-1.0, 0.0], [0.0, 0.0], [1.0, 0.0]])
    bent = np.stack([line + np.array([[0, 0], [0, y], [0, 0]]) for y in (0.3, -0.3)])
    assert variety(bent) == pytest.approx(np.sqrt((0.2**2 + 2 * 0.1**2) / 3))
