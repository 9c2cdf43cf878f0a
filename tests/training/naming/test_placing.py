"""Placements: points go where their pictures go."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from limner_training.data.frames import MARGIN
from limner_training.naming.placing import LEAST_TURN, Places, Placing, stored_size, turn_of

SIZE = 64


def _dot(x: float, y: float) -> torch.Tensor:
    """A stored cut with a bright dot at a place of the crop, ``(1, 3, Q, Q)``."""
    side = stored_size(SIZE)
    cells = ((2 * torch.arange(side) + 1) / side - 1) * MARGIN
    bump = torch.exp(-((cells[None] - x) ** 2 + (cells[:, None] - y) ** 2) / 0.03**2)
    return bump.expand(1, 3, -1, -1)


def test_a_point_follows_its_place_in_the_picture() -> None:
    rng = np.random.default_rng(0)
    placing = Placing(turn_deg=180.0, mirror=True)
    for _ in range(8):
        places = placing.draw(rng, 1)
        points = torch.tensor([[[0.3, -0.2]]])
        seen = places.pictures(_dot(0.3, -0.2), SIZE)[0, 0]
        cells = (2 * torch.arange(SIZE) + 1) / SIZE - 1
        found = [float((seen.sum(axis) * cells).sum() / seen.sum()) for axis in (0, 1)]
        placed = places.points(points, SIZE)[0, 0].tolist()
        assert placed == pytest.approx(found, abs=0.01)


def test_plain_places_leave_points_where_they_are() -> None:
    points = torch.tensor([[[0.3, -0.2], [float("nan")] * 2]])
    placed = Places.plain(1).points(points, SIZE)
    assert torch.allclose(placed[0, 0], points[0, 0], atol=1e-6)
    assert bool(placed[0, 1].isnan().all())


def test_the_same_draw_gives_the_same_places() -> None:
    first, second = (Placing().draw(np.random.default_rng(4), 3) for _ in range(2))
    assert torch.equal(first.maps, second.maps)
    assert torch.equal(first.knots, second.knots)


def test_half_of_the_pictures_are_mirrored_where_that_is_asked_for() -> None:
    places = Placing(mirror=True).draw(np.random.default_rng(0), 200)
    assert 70 < int(places.mirrored.sum()) < 130
    assert torch.equal(torch.linalg.det(places.maps[:, :, :2]) < 0, places.mirrored)
    assert not Placing().draw(np.random.default_rng(0), 50).mirrored.any()


def _turned(angles: np.ndarray) -> np.ndarray:
    pose = np.array([[-0.5, 0.0], [0.0, 0.1], [0.5, 0.0]])
    cos, sin = np.cos(angles), np.sin(angles)
    ways = np.stack([np.stack([cos, -sin], -1), np.stack([sin, cos], -1)], -2)
    return np.asarray(np.einsum("nij,pj->npi", ways, pose))


def test_poses_in_all_directions_ask_for_a_whole_turn() -> None:
    assert turn_of(_turned(np.linspace(0, 6, 12))) == 180.0


def test_poses_that_lie_alike_ask_for_small_turns_only() -> None:
    assert turn_of(_turned(np.linspace(-0.05, 0.05, 12))) == LEAST_TURN
    wider = turn_of(_turned(np.deg2rad(np.linspace(-30, 30, 13))))
    assert 20 < wider < 40


def test_turns_are_judged_with_points_missing_or_too_few() -> None:
    poses = _turned(np.linspace(0, 6, 12))
    poses[::3, 1] = np.nan
    assert turn_of(poses) == 180.0
    assert turn_of(poses[:1]) == LEAST_TURN
    assert turn_of(np.full((2, 3, 2), np.nan)) == LEAST_TURN
