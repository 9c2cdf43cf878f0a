"""Bends of still pictures."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from limner_training.data.thin_plate import (
    SOURCE,
    TARGET,
    ThinPlate,
    WarpCache,
    border_mask,
    grids,
    still_pair,
    warp,
)

STILL = ThinPlate(0.0, 0.0, 0.0, 0.0, 0.0)


def _places(size: int) -> np.ndarray:
    """Where each pixel lies: ``(S, S, 2)``."""
    at = (2 * np.arange(size) + 1) / size - 1
    return np.stack(np.meshgrid(at, at), -1)


def _pictures(count: int, size: int) -> torch.Tensor:
    return torch.from_numpy(
        np.random.default_rng(0).random((count, 3, size, size)).astype(np.float32)
    )


def _shifted(size: int, pixels: int) -> torch.Tensor:
    """A grid that shows at each pixel what lies ``pixels`` to its right."""
    places = _places(size) + np.array([2 * pixels / size, 0.0])
    return torch.from_numpy(places.astype(np.float32))[None]


def test_without_deviation_nothing_moves() -> None:
    drawn = grids(STILL, np.random.default_rng(0), 2, 16)
    np.testing.assert_allclose(drawn[1].numpy(), _places(16), atol=1e-6)
    pictures = _pictures(2, 16)
    torch.testing.assert_close(warp(pictures, drawn), pictures, atol=1e-5, rtol=0)


def test_a_known_shift_shows_what_lies_there_and_black_beyond() -> None:
    picture = _pictures(1, 32)
    moved = warp(picture, _shifted(32, 5))
    torch.testing.assert_close(moved[..., :27], picture[..., 5:], atol=1e-5, rtol=0)
    assert not moved[..., 27:].any()


def test_turns_and_scales_are_similarities() -> None:
    plate = ThinPlate(turn_rad=0.5, scale=0.2, shift=0.0, fine=0.0, coarse=0.0)
    drawn = grids(plate, np.random.default_rng(3), 300, 4).numpy()
    across = (drawn[:, 0, 3] - drawn[:, 0, 0]) / 1.5
    down = (drawn[:, 3, 0] - drawn[:, 0, 0]) / 1.5
    # A turn of the axes by the same angle, both stretched alike.
    np.testing.assert_allclose(down, np.stack([-across[:, 1], across[:, 0]], -1), atol=1e-5)
    np.testing.assert_allclose(drawn[:, 0, 0] + drawn[:, 3, 3], 0, atol=1e-5)
    scale = np.linalg.norm(across, axis=-1)
    assert (scale.mean(), scale.std()) == pytest.approx((1.0, 0.2), abs=0.03)
    assert np.arctan2(across[:, 1], across[:, 0]).std() == pytest.approx(0.5, rel=0.15)


def test_bends_are_weighted_kernels_of_the_control_points() -> None:
    size = 24
    plate = ThinPlate(0.0, 0.0, 0.0, fine=0.001, coarse=0.005)
    drawn = grids(plate, np.random.default_rng(1), 20, size).numpy().astype(np.float64)
    moved = (drawn - _places(size)).transpose(1, 2, 0, 3).reshape(size**2, -1)
    control = np.stack(np.meshgrid(np.linspace(-1, 1, 10), np.linspace(-1, 1, 10)), -1)
    far = _places(size).reshape(-1, 1, 2) - control.reshape(1, -1, 2)
    square = (far**2).sum(-1)
    kernel = square * np.log(square)
    weights = np.linalg.lstsq(kernel, moved, rcond=None)[0]
    np.testing.assert_allclose(kernel @ weights, moved, atol=1e-6)
    # Half of the weights get the coarse part too.
    assert weights.std() == pytest.approx(np.sqrt(0.001**2 + 0.5 * 0.005**2), rel=0.05)
    assert (abs(weights) < 0.0025).mean() == pytest.approx(0.68, abs=0.03)


def test_the_mask_is_a_strip_along_each_axis() -> None:
    mask = border_mask(128)
    strip = mask[64]
    assert not strip[:10].any()
    assert (strip[30:98] == 1).all()
    assert int((strip == 1).sum()) == 68
    t = np.linspace(-1, 1, 20)
    np.testing.assert_allclose(strip[10:30], 0.5 + 0.5 * np.tanh(t / 0.4), atol=1e-6)
    torch.testing.assert_close(strip, strip.flip(0))
    # The ramp is as much above a half as below.
    assert float(strip.sum()) == pytest.approx(68 + 20, abs=1e-4)
    torch.testing.assert_close(mask, torch.outer(strip, strip))


def test_the_mask_of_half_the_size_is_in_proportion() -> None:
    strip = border_mask(64)[32]
    assert not strip[:5].any()
    assert int((strip == 1).sum()) == 34


def test_a_draw_depends_on_plate_seed_step_and_count_alone() -> None:
    cache, again = WarpCache(SOURCE, 16, seed=4), WarpCache(SOURCE, 16, seed=4)
    for step in range(5):
        cache.draw(step, 3)
    assert torch.equal(cache.draw(9, 8), again.draw(9, 8))
    assert not torch.equal(cache.draw(9, 8), cache.draw(10, 8))
    assert not torch.equal(cache.draw(9, 8), WarpCache(SOURCE, 16, seed=5).draw(9, 8))


def test_two_plates_are_independent_with_one_seed() -> None:
    small = ThinPlate(0.0, 0.0, 0.1, 0.0, 0.0)
    large = ThinPlate(0.0, 0.0, 0.2, 0.0, 0.0)
    one = WarpCache(small, 4, seed=0).draw(0, 400)[:, 0, 0]
    two = WarpCache(large, 4, seed=0).draw(0, 400)[:, 0, 0]
    assert abs(np.corrcoef(one[:, 0], two[:, 0])[0, 1]) < 0.2
    assert float(one[:, 0].std()) == pytest.approx(0.1, rel=0.15)
    assert float(two[:, 0].std()) == pytest.approx(0.2, rel=0.15)


def test_the_source_is_bent_from_the_target_and_the_mask_goes_with_the_target() -> None:
    cuts = _pictures(1, 32)
    mask = border_mask(32)
    source, target, counted = still_pair(cuts, _shifted(32, 3), _shifted(32, 2), mask)
    torch.testing.assert_close(target[..., :29], cuts[..., 3:], atol=1e-5, rtol=0)
    torch.testing.assert_close(source[..., :27], cuts[..., 5:], atol=1e-5, rtol=0)
    assert counted.shape == (1, 1, 32, 32)
    torch.testing.assert_close(counted[0, 0, :, :29], mask[:, 3:], atol=1e-5, rtol=0)


def test_what_counts_of_a_target_came_from_inside_the_picture() -> None:
    white = torch.ones(32, 3, 64, 64)
    targets, sources = WarpCache(TARGET, 64, 0).draw(0, 32), WarpCache(SOURCE, 64, 0).draw(0, 32)
    source, target, counted = still_pair(white, targets, sources, border_mask(64))
    assert source.shape == target.shape == white.shape
    assert (target.amin(1, keepdim=True)[counted > 1e-3] > 0.999).all()
    assert 0.2 < float(counted.mean()) < 0.6
