"""What the first layer sees through a base model of either kind."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from engine_fixtures import tiny_model, tiny_pose_model
from limner_engine.model_file import load_model
from limner_engine.models.imm import IMM
from limner_engine.models.keypointgan import KeypointGAN, KeypointGANConfig
from limner_engine.models.named import NamedConfig
from limner_engine.naming.embedding import Embedder


def _cuts(side: int) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    return np.random.default_rng(0).integers(0, 255, (3, side, side, 3)).astype(np.uint8)


@pytest.mark.parametrize("make", [tiny_model, tiny_pose_model])
def test_landmarks_are_the_bases_own(make: object, tmp_path: Path) -> None:
    path = tmp_path / "base.safetensors"
    make(path)  # type: ignore[operator]
    embedder = Embedder(path, "cpu")
    cuts = _cuts(embedder.image_size)
    seen = embedder.see(cuts)
    network = load_model(path).model
    assert isinstance(network, IMM | KeypointGAN)
    with torch.inference_mode():
        found = network.detect(torch.from_numpy(cuts).permute(0, 3, 1, 2).float() / 255)
    # A session's number format has eight bits.
    np.testing.assert_allclose(seen.points_norm, found.points_norm.numpy(), atol=0.06)
    assert seen.looks.shape == (3, embedder.embedding.looks_count)


def test_what_draws_is_not_kept(tmp_path: Path) -> None:
    path = tmp_path / "base.safetensors"
    tiny_pose_model(path)
    kept = Embedder(path, "cpu").embedding.state_dict()
    assert not [name for name in kept if "generator" in name or "pose_encoder" in name]
    assert [name for name in kept if "first_reader" in name]  # it tells left from right


def test_the_kind_of_base_is_known_from_its_sizes(tmp_path: Path) -> None:
    path = tmp_path / "base.safetensors"
    tiny_pose_model(path)
    sizes = Embedder(path, "cpu").config
    assert isinstance(sizes, KeypointGANConfig)
    named = NamedConfig(image_size=64, landmark_count=2, base=sizes.to_json(), rank=2)
    assert NamedConfig.from_json(named.to_json()).base_config == sizes
