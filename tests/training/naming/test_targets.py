"""Targets and losses."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from limner_engine.models.heatmaps import centre_of_mass
from limner_training.naming.looks import change_looks
from limner_training.naming.targets import place_loss, sight_loss, target_maps

CELLS = (2 * torch.arange(16) + 1) / 16 - 1


def test_a_target_sums_to_one_about_its_point() -> None:
    points = torch.tensor([[[0.21, -0.4]]])
    maps = target_maps(points, CELLS)
    assert float(maps.sum()) == pytest.approx(1)
    found, _ = centre_of_mass(maps, CELLS)
    assert found[0, 0].tolist() == pytest.approx([0.21, -0.4], abs=0.01)


def test_the_loss_is_least_where_the_map_is_the_target() -> None:
    points, weight = torch.tensor([[[0.21, -0.4]]]), torch.ones(1, 1)
    target = target_maps(points, CELLS)
    entropy = -float((target * target.clamp_min(1e-30).log()).sum())
    right = place_loss(target.clamp_min(1e-30).log(), points, CELLS, weight)
    flat = place_loss(torch.zeros(1, 1, 16, 16), points, CELLS, weight)
    assert float(right) == pytest.approx(entropy, abs=1e-4)
    assert float(flat) == pytest.approx(math.log(256), abs=1e-4)


def test_points_missing_or_outside_do_not_count() -> None:
    torch.manual_seed(0)
    logits = torch.randn(1, 3, 16, 16, requires_grad=True)
    points = torch.tensor([[[0.2, 0.1], [float("nan")] * 2, [1.2, 0.0]]])
    loss = place_loss(logits, points, CELLS, torch.ones(1, 3))
    alone = place_loss(logits[:, :1], points[:, :1], CELLS, torch.ones(1, 1))
    assert float(loss.detach()) == pytest.approx(float(alone.detach()))
    (pulled,) = torch.autograd.grad(loss, logits)
    assert not pulled[:, 1:].any()
    nothing = place_loss(logits, torch.full((1, 3, 2), math.nan), CELLS, torch.ones(1, 3))
    assert float(nothing.detach()) == 0


def test_the_loss_is_a_weighted_mean() -> None:
    torch.manual_seed(0)
    logits, points = torch.randn(1, 2, 16, 16), torch.tensor([[[0.2, 0.1], [-0.5, 0.3]]])
    each = [
        float(place_loss(logits[:, i : i + 1], points[:, i : i + 1], CELLS, torch.ones(1, 1)))
        for i in range(2)
    ]
    both = place_loss(logits, points, CELLS, torch.tensor([[1.0, 0.5]]))
    assert float(both) == pytest.approx((each[0] + 0.5 * each[1]) / 1.5)


def test_visibility_counts_only_where_something_was_said() -> None:
    logits = torch.tensor([[2.0, -1.0, 5.0]])
    loss = sight_loss(logits, torch.tensor([[1.0, 0.0, math.nan]]))
    wanted = (math.log1p(math.exp(-2)) + math.log1p(math.exp(-1))) / 2
    assert float(loss) == pytest.approx(wanted)
    assert float(sight_loss(logits, torch.full((1, 3), math.nan))) == 0


def test_looks_change_by_the_draw_alone_and_stay_pictures() -> None:
    pictures = torch.rand(6, 3, 32, 32)
    first, second, other = (
        change_looks(pictures, np.random.default_rng(seed)) for seed in (1, 1, 2)
    )
    assert torch.equal(first, second)
    assert not torch.equal(first, other)
    assert float(first.min()) >= 0
    assert float(first.max()) <= 1
