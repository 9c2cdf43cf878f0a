"""What passes from the target's picture: the paper's Eqs. 2 and 3, and bare numbers."""

from __future__ import annotations

import math

import pytest
import torch

from limner_engine.models.bottlenecks import (
    Marginals,
    VectorBottleneck,
    gaussian_maps,
    marginals,
    moments,
)
from limner_engine.models.imm import Grid, IMMConfig, _grid

FORMS = ("mean_logit", "sum_logit", "softmax2d")


@pytest.mark.parametrize("form", FORMS)
def test_marginals_are_distributions(form: Marginals) -> None:
    along_y, along_x = marginals(torch.randn(2, 3, 16, 16), form)
    torch.testing.assert_close(along_y.sum(-1), torch.ones(2, 3))
    torch.testing.assert_close(along_x.sum(-1), torch.ones(2, 3))


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("spacing", ["centres", "corners"])
def test_a_delta_ridge_gives_its_own_coordinate(form: Marginals, spacing: Grid) -> None:
    grid = _grid(IMMConfig(grid=spacing))
    logits = torch.zeros(1, 1, 16, 16)
    logits[0, 0, 5, :] += 500.0
    logits[0, 0, :, 11] += 500.0
    along_y, along_x = marginals(logits, form)
    for distribution, cell in ((along_y, 5), (along_x, 11)):
        mean, deviation = moments(distribution, grid)
        assert float(mean) == pytest.approx(float(grid[cell]), abs=1e-5)
        assert float(deviation) < 1e-4


def test_a_flat_distribution_lies_in_the_middle_and_is_as_wide_as_the_picture() -> None:
    mean, deviation = moments(torch.full((1, 1, 16), 1 / 16), _grid(IMMConfig()))
    assert float(mean) == pytest.approx(0.0, abs=1e-6)
    assert float(deviation) == pytest.approx(1 / math.sqrt(3), rel=3e-3)


def test_mean_logits_are_sixteen_times_softer_than_the_paper_s_sum() -> None:
    logits = torch.randn(1, 1, 16, 16)
    torch.testing.assert_close(
        marginals(logits * 16, "mean_logit")[0], marginals(logits, "sum_logit")[0]
    )


def test_a_mean_of_logits_hardly_sees_a_single_cell_and_a_joint_softmax_does() -> None:
    logits = torch.zeros(1, 1, 16, 16)
    logits[0, 0, 3, 12] = 16.0
    soft, sharp = marginals(logits, "mean_logit")[1], marginals(logits, "softmax2d")[1]
    assert float(soft[0, 0, 12]) == pytest.approx(math.e / (math.e + 15))
    assert float(sharp[0, 0, 12]) > 0.99


def test_gaussian_of_the_authors_program() -> None:
    grid = torch.linspace(-1, 1, 16)
    point = torch.stack([grid[4], grid[9]]).view(1, 1, 2)
    maps = gaussian_maps(point, grid, 0.1)[0, 0]
    assert float(maps[9, 4]) == pytest.approx(1.0)
    assert float(maps[9, 5]) == pytest.approx(0.169, abs=1e-3)
    assert float(maps[10, 4]) == pytest.approx(0.169, abs=1e-3)


@pytest.mark.parametrize(
    ("spacing", "step"), [("corners", 2 / 15 * 127 / 128), ("centres", 1 / 8)]
)
def test_gaussian_at_neighbouring_cells_of_our_grids(spacing: Grid, step: float) -> None:
    config = IMMConfig(grid=spacing)
    grid = _grid(config)
    maps = gaussian_maps(grid[[4, 9]].view(1, 1, 2), grid, config.sigma)[0, 0]
    beside = math.exp(-((step / 0.1) ** 2))
    assert float(maps[9, 4]) == pytest.approx(1.0)
    assert float(maps[9, 5]) == pytest.approx(beside, rel=1e-4)
    assert float(maps[10, 5]) == pytest.approx(beside**2, rel=1e-4)


def test_sigma_of_the_paper_s_equation_is_the_program_s_over_the_root_of_two() -> None:
    distance = torch.tensor(2 / 15)
    maps = gaussian_maps(torch.zeros(1, 1, 2), distance.view(1), 0.1)
    paper = torch.exp(-2 * distance**2 / (2 * (0.1 / math.sqrt(2)) ** 2))
    torch.testing.assert_close(maps.flatten(), paper.view(1))


def test_gaussians_equal_the_unseparated_formula() -> None:
    grid = _grid(IMMConfig())
    points = torch.rand(2, 3, 2) * 2 - 1
    maps = gaussian_maps(points, grid, 0.1)
    dx = grid.view(1, 1, 1, -1) - points[..., 0].view(2, 3, 1, 1)
    dy = grid.view(1, 1, -1, 1) - points[..., 1].view(2, 3, 1, 1)
    torch.testing.assert_close(maps, torch.exp(-(dx**2 + dy**2) / 0.01))


def test_a_vector_reads_all_features_and_draws_all_cells() -> None:
    torch.manual_seed(0)
    bottleneck = VectorBottleneck(channels=6, pairs=3, grid_size=4)
    features = torch.randn(2, 6, 4, 4, requires_grad=True)
    numbers = bottleneck.read(features)
    assert numbers.shape == (2, 3, 2)
    assert numbers.dtype == torch.float32
    numbers[0, 0, 0].backward()
    assert (features.grad[0] != 0).all()
    assert not features.grad[1].any()
    maps = bottleneck.draw(numbers.detach())
    assert maps.shape == (2, 3, 4, 4)
    changed = bottleneck.draw(numbers.detach() + torch.tensor([1.0, 0.0]))
    assert ((changed - maps) != 0).all()
