"""Named models: their equations, and what their files hold."""

from __future__ import annotations

import json
import struct
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from limner_engine.errors import ModelError
from limner_engine.model_file import load_model, read_model_info, save_model
from limner_engine.models.embedding import Embedding, lay, resized, similarity, take_back
from limner_engine.models.imm import IMMConfig
from limner_engine.models.named import FIRST, RISING, SECOND, Named, NamedConfig
from limner_engine.naming.calibration import fit_calibration
from limner_engine.types import ModelInfo, Skeleton
from named_models import NAMES, TINY

BASE = IMMConfig(image_size=32, width=4, landmark_count=5, grid_size=8)


def named(second: bool = False, base: IMMConfig | None = BASE) -> Named:
    torch.manual_seed(1)
    sizes: dict[str, Any] = {"heatmaps": TINY.to_json(), "members": 2} if second else {}
    config = NamedConfig(
        image_size=32,
        landmark_count=3,
        rank=4,
        base=None if base is None else base.to_json(),
        **sizes,
    )
    network = Named(config).eval()
    network.weights.normal_(std=0.1)
    network.metric.normal_(std=0.1)
    return network


def test_a_similarity_is_recovered_and_undone() -> None:
    shape = torch.tensor([[0.0, 0.0], [1.0, 0.0], [0.0, 2.0], [-1.0, 0.5]])
    wanted = torch.tensor([[0.6, 0.8, 0.1, -0.2], [0.0, -2.0, 1.0, 1.0]])
    points = lay(shape.expand(2, -1, -1), wanted)
    # A quarter turn doubled in size, by hand: (x, y) to (2 y + 1, -2 x + 1).
    torch.testing.assert_close(points[1, 1], torch.tensor([1.0, -1.0]))
    found = similarity(shape, points, torch.rand(2, 4))
    torch.testing.assert_close(found, wanted)
    torch.testing.assert_close(take_back(points, found)[0], shape)


def test_a_shape_without_size_is_only_shifted() -> None:
    points = torch.tensor([[[0.5, 0.2], [0.5, 0.2]]])
    for shape in (torch.zeros(2, 2), torch.tensor([[0.0, 0.0], [1.0, 0.0]])):
        found = similarity(shape, points, torch.ones(1, 2))
        torch.testing.assert_close(found[:, :2], torch.tensor([[1.0, 0.0]]))
        torch.testing.assert_close(lay(shape[None], found).mean(1), points.mean(1))


@pytest.mark.parametrize("base", [None, BASE])
def test_the_embedding_has_the_columns_it_says(base: IMMConfig | None) -> None:
    embedding = Embedding(base).eval()
    images = torch.rand(2, 3, 64, 64)
    seen = embedding.see(images)
    assert seen.looks.shape == (2, embedding.looks_count)
    columns = embedding.columns(seen).columns
    assert columns.shape == (2, embedding.feature_count)
    assert bool(columns.isfinite().all())
    # A picture without any edge or light is no reason for numbers that are none.
    assert bool(
        embedding.columns(embedding.see(torch.zeros_like(images))).columns.isfinite().all()
    )


def test_pictures_are_resampled_by_areas() -> None:
    image = torch.arange(16.0).view(1, 1, 4, 4)
    torch.testing.assert_close(resized(image, 2), torch.tensor([[[[2.5, 4.5], [10.5, 12.5]]]]))
    assert resized(image, 3).shape == (1, 1, 3, 3)


def test_the_first_layer_is_the_linear_map_of_its_columns() -> None:
    network, images = named(), torch.rand(2, 3, 32, 32)
    columns, placement, _ = network.features(images)
    plain = (columns @ network.weights[:-1] + network.weights[-1]).view(2, 3, 2)
    torch.testing.assert_close(network.detect(images).points_norm, plain)
    network.laid[1] = True
    laid = network.detect(images).points_norm
    torch.testing.assert_close(laid[:, 1], lay(plain, placement)[:, 1])
    torch.testing.assert_close(laid[:, 0], plain[:, 0])


def test_each_landmark_is_answered_by_the_layer_chosen() -> None:
    network, images = named(second=True), torch.rand(2, 3, 32, 32)
    layers = network.layers(images)
    network.choice[1] = SECOND
    found, gap = network.inspect(images)
    torch.testing.assert_close(found.points_norm[:, 0], layers.points_norm[FIRST, :, 0])
    torch.testing.assert_close(found.points_norm[:, 1], layers.points_norm[SECOND, :, 1])
    between = (layers.points_norm[FIRST] - layers.points_norm[SECOND]).norm(dim=-1)
    torch.testing.assert_close(gap, between)
    torch.testing.assert_close(layers.signals[0, ..., 3], between)


def test_hidden_and_never_labelled_landmarks_have_no_place() -> None:
    network, images = named(), torch.rand(2, 3, 32, 32)
    network.sight[-1] = torch.tensor([4.0, -4.0, 4.0])
    network.known[2] = False
    found = network.detect(images)
    assert found.points_norm.isnan().all(-1).tolist() == [[False, True, True]] * 2
    assert found.confidence.isnan().tolist() == [[False, False, True]] * 2


def test_confidence_is_that_of_the_calibration() -> None:
    network, rng = named(second=True), np.random.default_rng(0)
    score = rng.uniform(0.01, 1.0, (12, 3, 4))
    trust = fit_calibration(rng.exponential(0.03, (12, 3)), score, RISING)
    network.set_trust(SECOND, trust)
    signals = torch.from_numpy(np.stack([score, score])).float()
    signals[1, 0, 0, 0] = score[0, 0, 0] = np.nan
    said = network.confidence(signals)
    np.testing.assert_allclose(said[SECOND], trust.confidence(score), atol=1e-5)
    # Of the first nothing is known.
    torch.testing.assert_close(said[FIRST], torch.full((12, 3), 0.5))


def _saved(path: Path, network: Named) -> ModelInfo:
    info = ModelInfo("named", "names", network.config.to_json(), Skeleton(NAMES), {"figures": {}})
    return save_model(path, network, info)


@pytest.mark.parametrize("base", [None, BASE])
@pytest.mark.parametrize("second", [False, True])
def test_a_file_comes_back_whole(tmp_path: Path, base: IMMConfig | None, second: bool) -> None:
    path, network = tmp_path / "names.safetensors", named(second, base)
    info = _saved(path, network)
    loaded = load_model(path)
    assert isinstance(loaded.model, Named)
    assert loaded.info == info == read_model_info(path)
    images = torch.rand(2, 3, 32, 32)
    for mine, theirs in zip(network.detect(images), loaded.model.detect(images), strict=True):
        torch.testing.assert_close(mine, theirs)
    if base is not None:
        # What draws is not in the file.
        assert not [name for name in network.state_dict() if "generator" in name]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"rank": 5}, "does not fit its own sizes at 'metric'"),
        ({"rank": 0}, "make no network: there must be one layer"),
        ({"members": 1}, "make no network: members"),
        ({"landmark_count": 4}, "another number of landmarks"),
        ({"image_size": 32.0}, "make no network: image_size cannot be"),
        ({"base": {"image_size": 32}}, "make no network: missing or unknown"),
        ({"base": replace(BASE, width=8).to_json()}, "does not fit its own sizes"),
        ({"base": replace(BASE, bottleneck="vector").to_json()}, "make no network"),
        ({"base": [1]}, "make no network: base cannot be"),
        ({"heatmaps": TINY.to_json(), "members": 1}, "does not fit its own sizes"),
        ({"more": 1}, "make no network: missing or unknown: more"),
    ],
)
def test_files_that_lie_are_refused(
    tmp_path: Path, changes: dict[str, object], words: str
) -> None:
    path = tmp_path / "names.safetensors"
    _saved(path, named())
    raw = path.read_bytes()
    length = struct.unpack("<Q", raw[:8])[0]
    header = json.loads(raw[8 : 8 + length])
    told = json.loads(header["__metadata__"]["limner"])
    told["config"] |= changes
    header["__metadata__"]["limner"] = json.dumps(told)
    fresh = json.dumps(header).encode()
    path.write_bytes(struct.pack("<Q", len(fresh)) + fresh + raw[8 + length :])
    with pytest.raises(ModelError, match=words):
        load_model(path)


@pytest.mark.parametrize("layer", [SECOND, -1, 7])
def test_a_layer_that_is_not_there_answers_nothing(tmp_path: Path, layer: int) -> None:
    path, network = tmp_path / "names.safetensors", named()
    network.choice[0] = layer
    _saved(path, network)
    with pytest.raises(ModelError, match="a layer that is not there"):
        load_model(path)
