"""The equations of IMM."""

from __future__ import annotations

import math

import pytest
import torch

from limner_engine.models.imm import IMM, IMMConfig, _grid, gaussian_maps, marginals


@pytest.fixture(scope="module")
def lite() -> IMM:
    torch.manual_seed(0)
    return IMM(IMMConfig.lite(landmark_count=7)).eval()


def test_paper_size_has_the_paper_s_number_of_weights() -> None:
    count = sum(weight.numel() for weight in IMM(IMMConfig.paper(30)).parameters())
    assert count == pytest.approx(4.19e6, rel=0.01)


@pytest.mark.parametrize("form", ["mean_logit", "sum_logit", "softmax2d"])
def test_marginals_are_distributions(form: str) -> None:
    along_y, along_x = marginals(torch.randn(2, 3, 16, 16), form)  # type: ignore[arg-type]
    torch.testing.assert_close(along_y.sum(-1), torch.ones(2, 3))
    torch.testing.assert_close(along_x.sum(-1), torch.ones(2, 3))


@pytest.mark.parametrize("form", ["mean_logit", "sum_logit"])
def test_a_delta_ridge_gives_its_own_coordinate(form: str) -> None:
    logits = torch.zeros(1, 1, 16, 16)
    logits[0, 0, 5, :] += 500.0
    logits[0, 0, :, 11] += 500.0
    along_y, along_x = marginals(logits, form)  # type: ignore[arg-type]
    assert int(along_y.argmax()) == 5
    assert int(along_x.argmax()) == 11
    grid = _grid(IMMConfig())
    assert float((along_x * grid).sum()) == pytest.approx(float(grid[11]), abs=1e-4)


def test_mean_logits_are_sixteen_times_softer_than_the_paper_s_sum() -> None:
    logits = torch.randn(1, 1, 16, 16)
    torch.testing.assert_close(
        marginals(logits * 16, "mean_logit")[0], marginals(logits, "sum_logit")[0]
    )


def test_gaussian_of_the_authors_program() -> None:
    grid = torch.linspace(-1, 1, 16)
    point = torch.stack([grid[4], grid[9]]).view(1, 1, 2)
    maps = gaussian_maps(point, grid, 0.1)[0, 0]
    assert float(maps[9, 4]) == pytest.approx(1.0)
    assert float(maps[9, 5]) == pytest.approx(0.169, abs=1e-3)
    assert float(maps[10, 4]) == pytest.approx(0.169, abs=1e-3)


def test_gaussians_equal_the_unseparated_formula() -> None:
    grid = _grid(IMMConfig())
    points = torch.rand(2, 3, 2) * 2 - 1
    maps = gaussian_maps(points, grid, 0.1)
    dx = grid.view(1, 1, 1, -1) - points[..., 0].view(2, 3, 1, 1)
    dy = grid.view(1, 1, -1, 1) - points[..., 1].view(2, 3, 1, 1)
    torch.testing.assert_close(maps, torch.exp(-(dx**2 + dy**2) / 0.01))


def test_corner_grid_ends_at_the_centres_of_the_first_and_last_pixel() -> None:
    config = IMMConfig(grid="corners")
    pixels = ((_grid(config) + 1) * config.image_size - 1) / 2
    assert float(pixels[0]) == pytest.approx(0.0, abs=1e-4)
    assert float(pixels[-1]) == pytest.approx(config.image_size - 1, abs=1e-4)


def test_shapes_and_ranges(lite: IMM) -> None:
    pictures = torch.rand(2, 3, 64, 64)
    with torch.inference_mode():
        redrawn, found = lite(pictures, pictures)
    assert redrawn.shape == (2, 3, 64, 64)
    assert found.points_norm.shape == (2, 7, 2)
    assert found.points_norm.abs().max() < 1
    assert found.confidence.min() >= 0
    assert found.confidence.max() <= 1


def test_the_target_passes_only_through_its_points(lite: IMM) -> None:
    source, target = torch.rand(1, 3, 64, 64), torch.rand(1, 3, 64, 64)
    with torch.inference_mode():
        redrawn, found = lite(source, target)
        again = lite.render(lite.encode(source), found.points_norm)
    torch.testing.assert_close(redrawn, again)


def test_gradients_reach_every_weight() -> None:
    torch.manual_seed(1)
    model = IMM(IMMConfig.lite(4)).train()
    redrawn, _ = model(torch.rand(2, 3, 64, 64), torch.rand(2, 3, 64, 64))
    redrawn.square().mean().backward()
    without = [name for name, weight in model.named_parameters() if weight.grad is None]
    assert without == []
    assert float(model.heatmaps.weight.grad.abs().sum()) > 0


def test_untrained_confidence_is_measured_against_a_flat_distribution() -> None:
    model = IMM(IMMConfig.lite(2))
    assert float(model.typical_spread[0]) == pytest.approx(1 / math.sqrt(3))


@pytest.mark.parametrize(
    "wrong",
    [
        {"image_size": 100},
        {"image_size": 16, "grid_size": 15},
        {"width": 0},
        {"landmark_count": 201},
        {"sigma": 0.0},
        {"marginals": "argmax"},
        {"grid": "edges"},
    ],
)
def test_sizes_that_make_no_network_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r".+"):
        IMMConfig(**wrong)  # type: ignore[arg-type]


@pytest.mark.parametrize("value", [True, 64.0, "64", None])
def test_json_of_wrong_types_is_refused(value: object) -> None:
    data = IMMConfig.lite().to_json() | {"image_size": value}
    with pytest.raises(ValueError, match="image_size"):
        IMMConfig.from_json(data)
