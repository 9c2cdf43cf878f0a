"""A grown network goes on where the small one stands."""

from __future__ import annotations

import copy
import dataclasses
from collections.abc import Iterator

import pytest
import torch
from torch.nn import functional

from limner_engine.models.growth import _random_pictures, grow, seed_config
from limner_engine.models.imm import IMM, IMMConfig


@pytest.fixture(scope="module", autouse=True)
def _one_thread() -> Iterator[None]:
    """Networks this small only wait for one another's threads."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def _used(config: IMMConfig) -> IMM:
    """A network whose statistics and normalisations are those of some learning."""
    torch.manual_seed(0)
    model = IMM(config).train()
    optimiser = torch.optim.SGD(model.parameters(), 0.05)
    for _ in range(6):
        pictures = _random_pictures(8, config.image_size, torch.default_generator) / 2 + 0.5
        redrawn, _ = model(pictures, pictures.roll(3, dims=-1))
        optimiser.zero_grad()
        (redrawn - pictures).square().mean().backward()
        optimiser.step()
    model.zero_grad()
    model.typical_spread.fill_(0.3)
    return model.eval()


@pytest.fixture(scope="module")
def small() -> IMM:
    return _used(IMMConfig(image_size=32, width=16, landmark_count=4))


@pytest.fixture(scope="module")
def grown(small: IMM) -> IMM:
    return grow(small, fitting_steps=60).eval()


@pytest.mark.parametrize("config", [IMMConfig.medium(20), IMMConfig.paper(30), IMMConfig.lite(10)])
def test_a_seed_is_half_as_large_and_twice_as_wide(config: IMMConfig) -> None:
    seed = seed_config(config)
    assert (seed.image_size, seed.width) == (config.image_size // 2, 2 * config.width)
    assert dataclasses.replace(seed, image_size=config.image_size, width=config.width) == config


def test_the_seed_of_the_shipped_sizes_grows_into_them() -> None:
    for config in (IMMConfig.lite(3), IMMConfig.medium(3), IMMConfig.paper(3)):
        assert grow(IMM(seed_config(config)), fitting_steps=0).config == config


@pytest.mark.parametrize(
    "wrong", [{"image_size": 32}, {"image_size": 16}, {"width": 5}, {"width": 200}]
)
def test_sizes_that_nothing_grows_into_are_refused(wrong: dict[str, int]) -> None:
    with pytest.raises(ValueError, match=r".+"):
        seed_config(dataclasses.replace(IMMConfig.lite(), **wrong))


@pytest.mark.parametrize("wrong", [{"image_size": 16}, {"width": 10}, {"width": 17}])
def test_networks_that_cannot_grow_are_refused(wrong: dict[str, int]) -> None:
    sizes = {"image_size": 32, "width": 16, "landmark_count": 2} | wrong
    with pytest.raises(ValueError, match=r".+"):
        grow(IMM(IMMConfig(**sizes)), fitting_steps=0)


def test_carried_weights_are_the_old_ones(small: IMM, grown: IMM) -> None:
    old, new = small.state_dict(), grown.state_dict()
    for part in ("detector", "appearance"):
        for name in [name for name in old if name.startswith(f"{part}.layers.")]:
            _, _, number, rest = name.split(".", 3)
            if number != "0":
                assert torch.equal(new[f"{part}.layers.{int(number) + 2}.{rest}"], old[name])
    last = len(small.generator.layers) - 1
    for name in [name for name in old if name.startswith("generator.layers.")]:
        if not name.startswith(f"generator.layers.{last}."):
            assert torch.equal(new[name], old[name])
    for name in ("heatmaps.weight", "heatmaps.bias", "typical_spread"):
        assert torch.equal(new[name], old[name])


def test_growing_leaves_the_old_network_as_it_was(small: IMM) -> None:
    before = copy.deepcopy(small.state_dict())
    grow(small, fitting_steps=2)
    assert not small.training
    assert all(torch.equal(before[name], tensor) for name, tensor in small.state_dict().items())
    assert all(
        weight.grad is None or not weight.grad.any() for weight in small.appearance.parameters()
    )


def test_at_first_the_old_picture_is_drawn_enlarged(small: IMM, grown: IMM) -> None:
    with torch.no_grad():
        looks = small.encode(torch.rand(3, 3, 32, 32))
        points = torch.rand(3, 4, 2) * 2 - 1
        old = small.render(looks, points)
        enlarged = functional.interpolate(
            old, scale_factor=2, mode="bilinear", align_corners=False
        )
        torch.testing.assert_close(grown.render(looks, points), enlarged, atol=1e-5, rtol=1e-4)
    assert float(old.std()) > 0.02


def test_the_fitted_stem_answers_about_as_the_old_one(small: IMM, grown: IMM) -> None:
    pictures = _random_pictures(8, 64, torch.Generator().manual_seed(5))
    with torch.no_grad():
        old = small.detector.layers[0](functional.avg_pool2d(pictures, 2))
        new = grown.detector.layers[:3](pictures)
        bare = grow(small, fitting_steps=0).eval().detector.layers[:3](pictures)
    variance = old.var((0, 2, 3)).mean()
    fitted = (new - old).square().mean() / variance
    unfitted = (bare - old).square().mean() / variance
    assert float(fitted) < 0.8
    assert float(fitted) < 0.6 * float(unfitted)


def test_a_grown_network_learns_on(small: IMM) -> None:
    torch.manual_seed(3)
    model = grow(small, fitting_steps=10)
    assert model.training
    pictures = _random_pictures(4, 64, torch.Generator().manual_seed(1)) / 2 + 0.5
    optimiser = torch.optim.Adam(model.parameters(), 2e-3)
    losses = []
    for _ in range(12):
        redrawn, _ = model(pictures, pictures)
        loss = (redrawn - pictures).abs().mean()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        losses.append(float(loss.detach()))
    assert min(losses[-3:]) < losses[0]
    # What is read from the full side at first is the picture alone; the rest joins in.
    assert model.generator.layers[-1].weight[:, 6:].any()


def test_a_vector_is_carried_too() -> None:
    config = IMMConfig(image_size=32, width=12, landmark_count=3, bottleneck="vector")
    small = IMM(config)
    grown = grow(small, fitting_steps=0)
    assert torch.equal(grown.vector.reading.weight, small.vector.reading.weight)
    assert torch.equal(grown.vector.drawing.bias, small.vector.drawing.bias)
