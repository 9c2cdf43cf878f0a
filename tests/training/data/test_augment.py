"""Placements of cuts."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from limner_training.data.augment import (
    NONE,
    Jitter,
    affine,
    compose,
    sample,
    tinted,
    tints,
)


def _cuts(count: int = 2) -> torch.Tensor:
    y, x = torch.meshgrid(torch.arange(80), torch.arange(80), indexing="ij")
    picture = torch.stack([x * 3, y * 3, (x + y)], -1).to(torch.uint8)
    return picture.expand(count, -1, -1, -1).contiguous()


def test_no_jitter_gives_the_middle_of_the_cut_exactly() -> None:
    still = torch.from_numpy(NONE.draw(np.random.default_rng(0), 2))
    seen = sample(_cuts(), still, 64, 1.25)
    middle = _cuts()[:, 8:72, 8:72].permute(0, 3, 1, 2).float() / 255
    torch.testing.assert_close(seen, middle, atol=1e-5, rtol=0)


def test_mirroring_flips_left_and_right() -> None:
    still = torch.from_numpy(NONE.draw(np.random.default_rng(0), 2))
    seen = sample(_cuts(), still, 64, 1.25)
    flipped = sample(_cuts(), still, 64, 1.25, torch.tensor([True, False]))
    torch.testing.assert_close(flipped[0], seen[0].flip(-1), atol=1e-5, rtol=0)
    torch.testing.assert_close(flipped[1], seen[1])


def test_a_shift_shows_what_lies_there() -> None:
    shift = 2 * 4 / 64  # four pixels of 64
    move = affine(np.zeros(1), np.ones(1), np.array([[shift, 0.0]]))
    seen = sample(_cuts(1), torch.from_numpy(move), 64, 1.25)
    expected = _cuts(1)[:, 8:72, 12:76].permute(0, 3, 1, 2).float() / 255
    torch.testing.assert_close(seen, expected, atol=1e-5, rtol=0)


def test_composition_is_one_map_after_the_other() -> None:
    rng = np.random.default_rng(4)
    outer, inner = Jitter(0.1, 0.3, 0.1).draw(rng, 3), Jitter(0.1, 0.3, 0.1).draw(rng, 3)
    point = np.array([0.3, -0.7])
    first = inner[:, :, :2] @ point + inner[:, :, 2]
    both = np.einsum("bij,bj->bi", outer[:, :, :2], first) + outer[:, :, 2]
    joined = compose(outer, inner)
    np.testing.assert_allclose(joined[:, :, :2] @ point + joined[:, :, 2], both, atol=1e-6)


def test_turns_are_turns() -> None:
    move = affine(np.array([np.pi / 2]), np.ones(1), np.zeros((1, 2)))[0]
    np.testing.assert_allclose(move @ np.array([1.0, 0.0, 1.0]), [0.0, 1.0], atol=1e-6)


@pytest.mark.parametrize("factor", [2, 4])
def test_cuts_stored_larger_are_averaged_first(factor: int) -> None:
    rng = np.random.default_rng(1)
    large = torch.from_numpy(rng.integers(0, 256, (2, 40 * factor, 40 * factor, 3), np.uint8))
    still = torch.from_numpy(NONE.draw(rng, 2))
    seen = sample(large, still, 32, 1.25)
    mean = large.float().reshape(2, 40, factor, 40, factor, 3).mean((2, 4)) / 255
    middle = mean[:, 4:36, 4:36].permute(0, 3, 1, 2)
    torch.testing.assert_close(seen, middle, atol=1e-4, rtol=0)


def test_fine_stripes_stored_larger_turn_grey_and_do_not_alias() -> None:
    stripes = torch.zeros(1, 160, 160, 3, dtype=torch.uint8)
    stripes[:, :, ::2] = 200
    # Bilinear sampling at every second pixel, half a pixel off, would see one colour of stripes.
    move = affine(np.zeros(1), np.ones(1), np.array([[1 / 128, 0.0]]))
    seen = sample(stripes, torch.from_numpy(move), 64, 1.25)
    torch.testing.assert_close(seen, torch.full_like(seen, 100 / 255), atol=1e-4, rtol=0)


def test_a_move_shows_the_same_place_of_cuts_of_any_size() -> None:
    y, x = torch.meshgrid(torch.arange(160), torch.arange(160), indexing="ij")
    large = torch.stack([x, y, x], -1).to(torch.uint8)[None]
    small = large.reshape(1, 80, 2, 80, 2, 3).float().mean((2, 4)).to(torch.uint8)
    move = torch.from_numpy(affine(np.array([0.2]), np.array([0.9]), np.array([[0.05, -0.1]])))
    apart = sample(large, move, 64, 1.25) - sample(small, move, 64, 1.25)
    # Whole numbers stored small are half a level lower.
    assert float((apart * 255 - 0.5).abs().max()) < 0.02


def test_cuts_that_no_block_tiles_are_resampled_as_they_are() -> None:
    odd = torch.full((1, 83, 83, 3), 51, dtype=torch.uint8)
    still = torch.from_numpy(NONE.draw(np.random.default_rng(0), 1))
    seen = sample(odd, still, 32, 1.25)
    torch.testing.assert_close(seen, torch.full_like(seen, 0.2))


def test_tints_change_colours_and_no_places() -> None:
    rng = np.random.default_rng(0)
    same = tints(rng, 4, 0.0)
    pictures = torch.rand(4, 3, 5, 5, generator=torch.Generator().manual_seed(0))
    torch.testing.assert_close(tinted(pictures, torch.from_numpy(same)), pictures)
    changed = tinted(pictures, torch.from_numpy(tints(rng, 4, 1.0)))
    assert float((changed - pictures).abs().mean()) > 0.02
    assert float(changed.min()) >= 0
    assert float(changed.max()) <= 1
    # A picture of one colour stays one, and grey without gain keeps its brightness.
    flat = torch.full((4, 3, 2, 2), 0.5)
    tint = torch.from_numpy(tints(rng, 4, 1.0))
    one = tinted(flat, tint)
    torch.testing.assert_close(one, one[:, :, :1, :1].expand_as(one))
    gains = tint[:, :, :3].sum(-1) * 0.5 + tint[:, :, 3]
    torch.testing.assert_close(one[:, :, 0, 0], gains.clamp(0, 1))
