"""The equations of IMM."""

from __future__ import annotations

import math

import pytest
import torch

from limner_engine.models.blocks import Initial
from limner_engine.models.imm import IMM, IMMConfig, _grid


@pytest.fixture(scope="module")
def lite() -> IMM:
    torch.manual_seed(0)
    return IMM(IMMConfig.lite(landmark_count=7)).eval()


def test_paper_size_has_the_paper_s_number_of_weights() -> None:
    count = sum(weight.numel() for weight in IMM(IMMConfig.paper(30)).parameters())
    assert count == pytest.approx(4.19e6, rel=0.01)


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
        {"bottleneck": "none"},
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


def test_sizes_come_back_from_json() -> None:
    config = IMMConfig(width=24, sigma=0.2, grid="corners", bottleneck="vector")
    assert IMMConfig.from_json(config.to_json()) == config


def test_sizes_of_older_files_have_landmarks_as_their_bottleneck() -> None:
    data = IMMConfig.lite().to_json()
    del data["bottleneck"]
    assert IMMConfig.from_json(data) == IMMConfig.lite()


@pytest.mark.parametrize("name", [name for name in IMMConfig().to_json() if name != "bottleneck"])
def test_sizes_that_every_file_names_must_be_there(name: str) -> None:
    data = IMMConfig.lite().to_json()
    del data[name]
    with pytest.raises(ValueError, match=f"missing or unknown: {name}"):
        IMMConfig.from_json(data)


def test_unknown_sizes_are_refused() -> None:
    with pytest.raises(ValueError, match="missing or unknown: depth"):
        IMMConfig.from_json(IMMConfig.lite().to_json() | {"depth": 3})


def test_names_of_weights_stay_those_of_older_files() -> None:
    state = IMM(IMMConfig(image_size=16, width=4, landmark_count=2)).state_dict()
    block = ("conv.weight", "norm.weight", "norm.bias", "norm.running_mean", "norm.running_var")
    counted = (*block, "norm.num_batches_tracked")
    expected = {"typical_spread", "heatmaps.weight", "heatmaps.bias"}
    for part in ("detector", "appearance", "generator"):
        expected |= {f"{part}.layers.{number}.{name}" for number in (0, 1) for name in counted}
    expected |= {"generator.layers.2.weight", "generator.layers.2.bias"}
    assert set(state) == expected


@pytest.mark.parametrize(("pairs", "numbers"), [(5, 10), (10, 20), (30, 60)])
def test_a_vector_takes_the_place_of_landmarks(pairs: int, numbers: int) -> None:
    torch.manual_seed(2)
    config = IMMConfig(image_size=32, width=8, landmark_count=pairs, bottleneck="vector")
    model = IMM(config).eval()
    source, target = torch.rand(2, 3, 32, 32), torch.rand(2, 3, 32, 32)
    with torch.inference_mode():
        redrawn, found = model(source, target)
        again = model.render(model.encode(source), found.points_norm)
        other = model.render(model.encode(source), found.points_norm + 1)
    assert redrawn.shape == (2, 3, 32, 32)
    assert found.points_norm.flatten(1).shape == (2, numbers)
    assert found.points_norm.abs().max() > 1  # they are not held within a picture
    assert torch.equal(found.confidence, torch.ones(2, pairs))
    assert torch.equal(found.spread_norm, torch.zeros(2, pairs))
    torch.testing.assert_close(redrawn, again)
    assert (other - redrawn).abs().mean() > 0.01
    assert not any(name.startswith("heatmaps") for name in model.state_dict())


def test_gradients_reach_every_weight_of_a_vector_model() -> None:
    torch.manual_seed(1)
    model = IMM(IMMConfig(image_size=32, width=4, landmark_count=3, bottleneck="vector")).train()
    redrawn, _ = model(torch.rand(2, 3, 32, 32), torch.rand(2, 3, 32, 32))
    redrawn.square().mean().backward()
    assert [name for name, weight in model.named_parameters() if weight.grad is None] == []
    assert float(model.vector.reading.weight.grad.abs().sum()) > 0


def test_the_paper_s_start_is_narrow_and_cut_off() -> None:
    torch.manual_seed(4)
    model = IMM(IMMConfig.lite(30), initial="paper")
    weights = [w for name, w in model.named_parameters() if w.ndim == 4]
    assert max(float(weight.detach().abs().max()) for weight in weights) <= 0.02
    # A Gaussian cut off at two deviations has 0.88 of its deviation.
    assert float(weights[-2].detach().std()) == pytest.approx(0.0088, rel=0.05)
    assert float(model.heatmaps.weight.detach().std()) == pytest.approx(0.0088, rel=0.05)
    assert not model.heatmaps.bias.any()
    assert not model.generator.layers[-1].bias.any()


@pytest.mark.parametrize(("initial", "low", "high"), [("fast", 0.01, 0.2), ("paper", 0.0, 0.003)])
def test_a_wider_start_spreads_the_landmarks(initial: Initial, low: float, high: float) -> None:
    torch.manual_seed(4)
    model = IMM(IMMConfig.lite(30), initial=initial)
    with torch.no_grad():
        points = model.detect(torch.rand(4, 3, 64, 64)).points_norm
    assert low < float(points.std(1).mean()) < high
