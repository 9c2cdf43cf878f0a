"""FAb-Net: identity at rest, sampling, gradients, and the file."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest
import torch

from limner_engine.model_file import FABNET, load_model, save_model
from limner_engine.models.fabnet import FAbNet, FAbNetConfig
from limner_engine.models.warps import cell_places, shrunk
from limner_engine.types import ModelInfo, Skeleton

_SMALL = FAbNetConfig(image_size=32, width=4, embedding_size=16, side=16)


@pytest.fixture
def model() -> FAbNet:
    torch.manual_seed(0)
    return FAbNet(_SMALL).eval()


def test_the_places_of_the_target_redraw_the_source(model: FAbNet) -> None:
    pictures = torch.rand(2, 3, 32, 32)
    still = cell_places(16).expand(2, -1, -1, -1)
    torch.testing.assert_close(model.redraw(pictures, still), shrunk(pictures, 16))
    assert float(model.flow(still).mean.abs().max()) == 0


def test_an_offset_of_a_cell_takes_the_neighbour(model: FAbNet) -> None:
    pictures = torch.rand(1, 3, 16, 16)
    moved = cell_places(16).expand(1, -1, -1, -1) + torch.tensor([2 / 16, 0.0])
    redrawn = model.redraw(pictures, moved)
    torch.testing.assert_close(redrawn[..., :-1], pictures[..., 1:])
    torch.testing.assert_close(model.flow(moved).mode[0, 3, 3], torch.tensor([2 / 16, 0.0]))


def test_shapes_and_gradients(model: FAbNet) -> None:
    source, target = torch.rand(2, 4, 3, 32, 32)
    redrawn, warp = model.train()(source, target)
    assert redrawn.shape == (4, 3, 16, 16)
    assert float(warp.detach().abs().max()) <= 1
    (redrawn - shrunk(target, 16)).abs().mean().backward()
    for name, weight in model.named_parameters():
        assert weight.grad is not None, name
        assert float(weight.grad.abs().max()) > 0 or name.endswith("bias"), name


def test_the_paper_size_has_the_papers_weights() -> None:
    with torch.device("meta"):
        network = FAbNet(dataclasses.replace(FAbNetConfig.paper(), side=128))
    flow = sum(weight.numel() for weight in network.decoder.parameters()) / 1e6
    assert flow == pytest.approx(3.34, rel=0.01)


def test_config_round_trip_and_refusals() -> None:
    for config in (_SMALL, FAbNetConfig.paper(), FAbNetConfig.medium(), FAbNetConfig.lite()):
        assert FAbNetConfig.from_json(config.to_json()) == config
    for wrong in ({"image_size": 100}, {"side": 64}, {"width": 0}):
        with pytest.raises(ValueError, match="must be"):
            dataclasses.replace(_SMALL, **wrong)
    with pytest.raises(ValueError, match="missing or unknown"):
        FAbNetConfig.from_json({"side": 16})
    with pytest.raises(ValueError, match="cannot be"):
        FAbNetConfig.from_json(_SMALL.to_json() | {"side": True})


def test_the_file_gives_back_what_went_in(model: FAbNet, tmp_path: Path) -> None:
    info = ModelInfo(FABNET, "faces", _SMALL.to_json(), Skeleton(()))
    save_model(tmp_path / "faces.safetensors", model, info)
    loaded = load_model(tmp_path / "faces.safetensors")
    assert isinstance(loaded.model, FAbNet)
    pictures = torch.rand(1, 3, 32, 32)
    torch.testing.assert_close(loaded.model(pictures, pictures)[0], model(pictures, pictures)[0])
