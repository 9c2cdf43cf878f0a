"""Class embeddings: sizes, what is answered, where gradients go, and the file."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import pytest
import torch

from limner_engine.errors import ModelError
from limner_engine.model_file import CLASS_EMBEDDING, load_model, save_model
from limner_engine.models.class_embedding import ClassEmbedding, ClassEmbeddingConfig, Doubt
from limner_engine.types import ModelInfo, Skeleton

_SMALL = ClassEmbeddingConfig(
    image_size=32, width=4, embedding_size=16, first_side=4, candidates=3
)


@pytest.fixture
def model() -> ClassEmbedding:
    torch.manual_seed(0)
    return ClassEmbedding(_SMALL).eval()


def _millions(module: torch.nn.Module) -> float:
    return sum(weight.numel() for weight in module.parameters()) / 1e6


def test_the_paper_size_has_the_papers_weights() -> None:
    paper = dataclasses.replace(ClassEmbeddingConfig.paper(), fine_kernel=5)
    with torch.device("meta"):
        network = ClassEmbedding(paper)
    assert paper.last_side == 128
    assert _millions(network.encoder) == pytest.approx(4.89, rel=0.01)
    decoder = _millions(network.matcher) + _millions(network.warp_heads)
    assert decoder == pytest.approx(6.70, rel=0.01)
    assert _millions(network.doubter) + _millions(network.doubt_heads) == pytest.approx(
        3.35, rel=0.01
    )


def test_lite_has_the_levels_for_two_cores() -> None:
    sides = [ClassEmbeddingConfig.lite(levels).last_side for levels in (1, 2, 3)]
    assert sides == [16, 32, 64]


def test_shapes(model: ClassEmbedding) -> None:
    pictures = torch.rand(2, 3, 32, 32)
    embedded = model.embed(pictures)
    assert embedded.shape == (2, 16)
    assert embedded.dtype == torch.float32
    warp = model.warp(embedded, embedded.flip(0))
    assert [level.side for level in warp.levels] == [4, 8, 16]
    assert warp.levels[0].weights.shape == (2, 4, 4, 16)
    assert warp.levels[2].weights.shape == (2, 16, 16, 12)
    assert [sigma.shape[-1] for sigma in warp.sigmas] == [4, 8, 16]
    assert model.redraw(pictures, warp).shape == (2, 3, 16, 16)
    assert model.flow(warp).mode.shape == (2, 16, 16, 2)
    confidence = model.confidence(warp)
    assert confidence.shape == (2, 16, 16)
    assert bool(((confidence > 0) & (confidence < 1)).all())
    redrawn, again = model(pictures, pictures.flip(0))
    torch.testing.assert_close(redrawn, model.redraw(pictures, again))


def test_fewer_levels_are_the_same_as_the_first_of_all(model: ClassEmbedding) -> None:
    embedded = model.embed(torch.rand(2, 3, 32, 32))
    whole = model.warp(embedded, embedded.flip(0))
    part = model.warp(embedded, embedded.flip(0), levels=2, doubt=False)
    assert len(part.levels) == 2
    assert part.sigmas == ()
    torch.testing.assert_close(part.finest.weights, whole.levels[1].weights)


def test_the_order_of_the_embeddings_counts(model: ClassEmbedding) -> None:
    with torch.no_grad():
        torch.nn.init.normal_(model.warp_heads[0].weight)  # type: ignore[arg-type]
    one, other = model.embed(torch.rand(2, 3, 32, 32)).chunk(2)
    there = model.warp(one, other).levels[0].weights
    back = model.warp(other, one).levels[0].weights
    assert float((there - back).detach().abs().max()) > 1e-3


@pytest.mark.parametrize("changes", [{}, {"refine": "printed", "doubt": "softplus"}])
def test_gradients_reach_all_weights(changes: dict[str, Any]) -> None:
    torch.manual_seed(0)
    network = ClassEmbedding(dataclasses.replace(_SMALL, **changes))
    source, target = torch.rand(2, 4, 3, 32, 32)
    embedded = network.embed(torch.cat([source, target]))
    warp = network.warp(*embedded.chunk(2))
    drawn = network.redraw(source, warp).square().mean()
    loss = drawn + sum(sigma.log().mean() for sigma in warp.sigmas)
    loss.backward()  # type: ignore[no-untyped-call]
    # Finer levels look at the maps before normalisation, so the last one's is not used.
    last = len(network.matcher.norms) - 1
    idle = {f"matcher.norms.{last}.weight", f"matcher.norms.{last}.bias"}
    for name, weight in network.named_parameters():
        assert weight.grad is not None or name in idle, name
    heads = (*network.warp_heads, *network.doubt_heads)
    for weight in (next(network.encoder.parameters()), *(next(h.parameters()) for h in heads)):
        assert weight.grad is not None
        assert float(weight.grad.abs().max()) > 0


@pytest.mark.parametrize("doubt", ["exp", "softplus"])
def test_sigma_has_a_floor(doubt: Doubt) -> None:
    network = ClassEmbedding(dataclasses.replace(_SMALL, doubt=doubt, floor=0.05))
    for head in network.doubt_heads:
        torch.nn.init.constant_(head.bias, -1000.0)  # type: ignore[arg-type]
    embedded = network.embed(torch.rand(2, 3, 32, 32))
    for sigma in network.warp(embedded, embedded).sigmas:
        torch.testing.assert_close(sigma, torch.full_like(sigma, 0.05))


def test_the_start_is_the_programs() -> None:
    network = ClassEmbedding(dataclasses.replace(_SMALL, doubt="softplus"))
    embedded = network.embed(torch.rand(2, 3, 32, 32))
    sigma = network.warp(embedded, embedded).sigmas[0]
    assert float(sigma.detach().mean()) == pytest.approx(6.93, abs=0.1)


def test_config_round_trip_and_refusals() -> None:
    for config in (_SMALL, ClassEmbeddingConfig.paper(), ClassEmbeddingConfig.medium(2)):
        assert ClassEmbeddingConfig.from_json(config.to_json()) == config
    for wrong in (
        {"image_size": 100},
        {"levels": 4},
        {"image_size": 8},
        {"candidates": 17},
        {"refine": "guess"},
        {"order": "none"},
        {"children": "none"},
        {"fine_kernel": 4},
        {"doubt": "none"},
        {"floor": 0.0},
        {"width": 0},
    ):
        with pytest.raises(ValueError, match=r".+"):
            dataclasses.replace(_SMALL, **wrong)
    with pytest.raises(ValueError, match="missing or unknown"):
        ClassEmbeddingConfig.from_json({"image_size": 32})
    with pytest.raises(ValueError, match="cannot be"):
        ClassEmbeddingConfig.from_json(_SMALL.to_json() | {"levels": 2.0})


def test_the_file_gives_back_what_went_in(model: ClassEmbedding, tmp_path: Path) -> None:
    info = ModelInfo(CLASS_EMBEDDING, "hands", _SMALL.to_json(), Skeleton(()))
    save_model(tmp_path / "hands.safetensors", model, info)
    loaded = load_model(tmp_path / "hands.safetensors")
    assert isinstance(loaded.model, ClassEmbedding)
    pictures = torch.rand(1, 3, 32, 32)
    torch.testing.assert_close(loaded.model(pictures, pictures)[0], model(pictures, pictures)[0])


def test_a_file_with_landmarks_is_refused(model: ClassEmbedding, tmp_path: Path) -> None:
    info = ModelInfo(CLASS_EMBEDDING, "hands", _SMALL.to_json(), Skeleton(("nose",)))
    save_model(tmp_path / "hands.safetensors", model, info)
    with pytest.raises(ModelError, match="another number of landmarks"):
        load_model(tmp_path / "hands.safetensors")
