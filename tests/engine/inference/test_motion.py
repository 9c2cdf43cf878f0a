from __future__ import annotations

import numpy as np
import pytest

from limner_engine.inference.motion import (
    LEAST_AREA,
    Motion,
    area,
    landmark_field,
    stretch,
    unfolded,
)

SIZE = 64
POINTS = np.array([[-0.4, -0.3], [0.4, -0.3], [0.0, 0.1], [-0.3, 0.5], [0.3, 0.5]], np.float32)


def test_landmarks_that_move_together_move_the_middle_with_them() -> None:
    field = landmark_field(POINTS, POINTS + np.float32([0.1, -0.05]), SIZE)
    # Content comes from where it was: against the motion. 0.1 of 2 is 3.2 of 64 pixels.
    np.testing.assert_allclose(field[34, 32], [-3.2, 1.6], atol=0.5)
    assert np.abs(landmark_field(POINTS, POINTS, SIZE)).max() < 1e-4


def test_a_missing_landmark_counts_for_nothing() -> None:
    moved = POINTS + np.float32([0.1, 0.0])
    some, wanted = POINTS.copy(), moved.copy()
    some[1], wanted[3] = np.nan, np.nan
    left = [0, 2, 4]
    np.testing.assert_allclose(
        landmark_field(some, wanted, SIZE), landmark_field(POINTS[left], moved[left], SIZE)
    )
    none = np.full_like(POINTS, np.nan)
    assert not landmark_field(none, moved, SIZE).any()


@pytest.mark.parametrize("far", [0.3, 0.9, 40.0])
def test_no_drag_folds_and_the_border_stays(far: float) -> None:
    rng = np.random.default_rng(1)
    picture = rng.integers(0, 255, (SIZE, SIZE, 3), np.uint8)
    for landmark in range(5):
        wanted = POINTS.copy()
        wanted[landmark] += far * np.float32([0.8, -0.6])
        other = np.roll(picture, (5, -9), (0, 1))
        for field in (
            unfolded(landmark_field(POINTS, wanted, SIZE)),
            unfolded(landmark_field(POINTS, rng.permutation(wanted), SIZE)),
            Motion(POINTS, picture).field(wanted, other),
        ):
            assert np.isfinite(field).all()
            assert area(field).min() >= LEAST_AREA
            edges = (field[0], field[-1], field[:, 0], field[:, -1])
            assert not any(edge.any() for edge in edges)


def test_stretch_is_measured_along_the_worst_direction() -> None:
    at = np.arange(SIZE, dtype=np.float32)
    field = np.zeros((SIZE, SIZE, 2), np.float32)
    assert (stretch(field) == 1).all()
    field[..., 0] = at * 1.0  # content from twice as far: squeezed to half
    np.testing.assert_allclose(stretch(field), 2, rtol=1e-5)
    field[..., 0] = at * -0.5
    np.testing.assert_allclose(stretch(field), 2, rtol=1e-5)
    turned = np.stack(np.meshgrid(at, at), axis=-1) @ np.float32([[0, 1], [-1, 0]])
    own = np.stack(np.meshgrid(at, at), axis=-1)
    np.testing.assert_allclose(stretch(turned - own), 1, rtol=1e-4)
