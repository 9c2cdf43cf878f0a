"""KeypointGAN's networks: shapes, sides, what passes, and the file."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from limner_engine.errors import ModelError
from limner_engine.inference.session import Session
from limner_engine.model_file import KEYPOINTGAN, load_model, save_model
from limner_engine.models.keypointgan import KeypointGAN, KeypointGANConfig
from limner_engine.types import Crop, ModelInfo, Skeleton

_SKELETON = Skeleton(
    ("head", "hip", "left hand", "right hand"),
    ((0, 1), (0, 2), (0, 3)),
    ((2, 3),),
)
_SMALL = KeypointGANConfig(
    image_size=32,
    width=4,
    reader_width=4,
    landmark_count=4,
    edges=_SKELETON.edges,
    symmetries=_SKELETON.symmetries,
)


@pytest.fixture
def model() -> KeypointGAN:
    torch.manual_seed(0)
    return KeypointGAN(_SMALL).eval()


def _info(config: KeypointGANConfig = _SMALL) -> ModelInfo:
    return ModelInfo(KEYPOINTGAN, "puppets", config.to_json(), _SKELETON)


def test_the_paper_size_has_the_papers_weights() -> None:
    network = KeypointGAN(KeypointGANConfig(landmark_count=32))
    millions = {
        name: sum(weight.numel() for weight in part.parameters()) / 1e6
        for name, part in network.named_children()
    }
    assert millions["drawer"] == pytest.approx(3.13, rel=0.05)
    assert millions["reader"] == pytest.approx(1.18, rel=0.02)
    psi = millions["pose_encoder"] + millions["appearance"] + millions["generator"]
    assert psi == pytest.approx(4.83, rel=0.05)


def test_shapes(model: KeypointGAN) -> None:
    pictures = torch.rand(2, 3, 32, 32)
    assert model.picture(pictures).shape == (2, 1, 32, 32)
    found = model.detect(pictures)
    assert found.points_norm.shape == (2, 4, 2)
    assert found.points_norm.dtype == torch.float32
    assert float(found.points_norm.abs().max()) < 1
    assert bool(((found.confidence >= 0) & (found.confidence <= 1)).all())
    redrawn, _ = model(pictures, pictures)
    assert redrawn.shape == (2, 3, 32, 32)


def test_drawings_reach_from_background_to_line(model: KeypointGAN) -> None:
    drawn = model.draw(torch.tensor([[[0.0, -0.5], [0.0, 0.5], [0.5, 0.0], [-0.5, 0.0]]]))
    assert float(drawn.max()) == pytest.approx(1, abs=0.35)  # between centres of pixels
    assert float(drawn.min()) == pytest.approx(-1, abs=0.01)


def test_only_the_pose_passes_the_bottleneck(model: KeypointGAN) -> None:
    pictures = torch.rand(2, 3, 32, 32)
    looks = model.encode(pictures)
    points = model.detect(pictures).points_norm
    direct = model(pictures, pictures)[0]
    torch.testing.assert_close(direct, model.render(looks, points))
    open_model = KeypointGAN(dataclasses.replace(_SMALL, bottleneck="picture")).eval()
    open_model.load_state_dict(model.state_dict())
    passed = open_model(pictures, pictures)[0]
    wanted = model.render_picture(looks, model.picture(pictures))
    torch.testing.assert_close(passed, wanted)
    assert float((passed - direct).abs().max()) > 1e-4


def test_without_a_condition_no_looks_are_needed() -> None:
    plain = KeypointGAN(dataclasses.replace(_SMALL, conditional=False)).eval()
    pictures = torch.rand(2, 3, 32, 32)
    looks = plain.encode(pictures)
    assert looks.shape[1] == 0
    first = plain.render(looks, torch.zeros(2, 4, 2))
    assert first.shape == (2, 3, 32, 32)


class _Fixed(torch.nn.Module):
    """A regressor that reads the same points whatever it is shown."""

    def __init__(self, points: Tensor) -> None:
        super().__init__()
        self.points = torch.nn.Parameter(points)

    def forward(self, pictures: Tensor) -> tuple[Tensor, Tensor]:
        count = len(pictures)
        return self.points.expand(count, -1, -1), torch.ones(count, len(self.points))


def test_sides_are_exchanged_where_the_first_reader_says_so(model: KeypointGAN) -> None:
    true = torch.tensor([[0.0, -0.5], [0.0, 0.5], [0.6, 0.1], [-0.4, 0.2]])
    mirrored = true[model.swapped]
    model.first_reader = _Fixed(true)  # type: ignore[assignment]
    assert model.sides_wrong(torch.stack([true, mirrored])).tolist() == [False, True]
    model.reader = _Fixed(mirrored)  # type: ignore[assignment]
    pictures = torch.rand(1, 3, 32, 32)
    torch.testing.assert_close(model.detect(pictures).points_norm[0], true)
    left = KeypointGAN(dataclasses.replace(_SMALL, correct_sides=False)).eval()
    left.reader = _Fixed(mirrored)  # type: ignore[assignment]
    torch.testing.assert_close(left.detect(pictures).points_norm[0], mirrored)


def test_the_file_gives_the_same_network_back(model: KeypointGAN, tmp_path: Path) -> None:
    path = tmp_path / "model.safetensors"
    save_model(path, model, _info())
    loaded = load_model(path)
    assert isinstance(loaded.model, KeypointGAN)
    assert loaded.model.config == _SMALL
    assert loaded.info.skeleton == _SKELETON
    pictures = torch.rand(1, 3, 32, 32)
    torch.testing.assert_close(
        loaded.model.detect(pictures).points_norm, model.detect(pictures).points_norm
    )


@pytest.mark.parametrize(
    "damage",
    [
        {"edges": [[0, 9]]},
        {"edges": []},
        {"edges": "all"},
        {"edges": [[0, 1.5]]},
        {"symmetries": [[2, 3], [3, 2]]},
        {"width": 0},
        {"renderer": "ink"},
        {"bottleneck": "vector"},
        {"grid_size": 5},
        {"unheard": 1},
    ],
)
def test_sizes_that_make_no_network_are_refused(
    model: KeypointGAN, tmp_path: Path, damage: dict[str, object]
) -> None:
    path = tmp_path / "model.safetensors"
    info = dataclasses.replace(_info(), config=_SMALL.to_json() | damage)
    save_model(path, model, info)
    with pytest.raises(ModelError):
        load_model(path)


def test_a_session_detects_and_redraws_with_it(model: KeypointGAN, tmp_path: Path) -> None:
    path = tmp_path / "model.safetensors"
    save_model(path, model, _info())
    session = Session(path, "cpu", threads=1)
    frame = np.random.default_rng(0).integers(0, 255, (60, 80, 3)).astype(np.uint8)
    crop = Crop(40, 30, 50)
    found = session.hold(frame, crop)
    assert found.points_px.shape == (4, 2)
    redrawn = session.redraw(found.points_px + 3)
    assert redrawn.shape[0] == redrawn.shape[1]
    some = found.points_px.copy()
    some[2] = np.nan
    assert session.redraw(some).dtype == np.uint8
