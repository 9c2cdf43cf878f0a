from __future__ import annotations

import numpy as np
import pytest

from limner_engine.inference.motion import (
    LEAST_AREA,
    Motion,
    after,
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


def carried(found: np.ndarray, wanted: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """How far the content under each landmark comes, when the network moves nothing: -1..1."""
    plain = np.full((SIZE, SIZE, 3), 128, np.uint8)
    motion = Motion(found, plain)
    field = motion.field(wanted, plain)
    hand = motion.hand(wanted, field)
    assert hand is not None
    whole = after(field, hand)
    at = np.rint((wanted + 1) * SIZE / 2 - 0.5).astype(int)
    return -whole[at[:, 1], at[:, 0]] * 2 / SIZE, whole


@pytest.mark.parametrize("angle", np.linspace(0, 5, 6))
def test_a_landmark_dragged_alone_takes_its_place_along_and_the_others_stay(angle: float) -> None:
    for landmark in range(len(POINTS)):
        wanted, drag = POINTS.copy(), np.float32([np.cos(angle), np.sin(angle)]) * 24 / 128
        wanted[landmark] += drag
        came, whole = carried(POINTS, wanted)
        # 2 px of 128 are 0.03 of half the side.
        assert np.hypot(*(came[landmark] - drag)) < 0.03
        assert np.hypot(*np.delete(came, landmark, axis=0).T).max() < 0.03
        assert area(whole).min() >= LEAST_AREA
        edges = (whole[0], whole[-1], whole[:, 0], whole[:, -1])
        assert not any(edge.any() for edge in edges)


def test_where_the_network_moved_it_already_no_hand_is_needed() -> None:
    wanted = POINTS.copy()
    wanted[2] += np.float32([0.125, 0])
    field = np.zeros((SIZE, SIZE, 2), np.float32)
    field[..., 0] = -0.125 * SIZE / 2
    hand = Motion(POINTS, np.zeros((SIZE, SIZE, 3), np.uint8)).hand(wanted, field)
    assert hand is not None
    assert not hand.any()
    none = Motion(POINTS, np.zeros((SIZE, SIZE, 3), np.uint8)).hand(wanted, 0 * field)
    assert none is not None
    assert np.abs(none).max() > 3


def test_landmarks_that_move_together_are_no_hand_s() -> None:
    motion = Motion(POINTS, np.zeros((SIZE, SIZE, 3), np.uint8))
    field = np.zeros((SIZE, SIZE, 2), np.float32)
    assert motion.hand(POINTS + np.float32([0.1, 0]), field) is None
    assert motion.hand(POINTS.copy(), field) is None
    assert motion.hand(np.full_like(POINTS, np.nan), field) is None
    missing = POINTS.copy()
    missing[1] = np.nan
    assert motion.hand(missing, field) is None
    # From most resting to most moving, it fades.
    reached = []
    for count in (1, 3, 4):
        wanted = POINTS.copy()
        wanted[:count] += np.float32([0.1, 0])
        hand = motion.hand(wanted, field)
        reached.append(0.0 if hand is None else float(np.abs(hand).max()))
    assert reached[0] > reached[1] > reached[2] == 0


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
