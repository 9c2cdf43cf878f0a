"""The self-supervised loss network: colours, bins, learning, its file."""

from __future__ import annotations

import math
from contextlib import nullcontext
from pathlib import Path

import numpy as np
import pytest
import torch

from drawn_frames import drawn_frames
from limner_engine.errors import TrainingError
from limner_resources import loss_network
from limner_training.losses.colouriser import (
    BIN,
    BUNDLED_WIDTH,
    EVERY,
    PICTURES,
    PIXELS,
    REACH,
    SIDE,
    Colouriser,
    chroma,
    colour_bins,
    colour_loss,
    coloured_pictures,
    learn_colours,
    load_colouriser,
    marginal_loss,
    mean_chroma,
    save_colouriser,
)


def _plain(red: float, green: float, blue: float, side: int = 16) -> torch.Tensor:
    return torch.tensor([red, green, blue]).view(1, 3, 1, 1).expand(1, 3, side, side)


@pytest.mark.parametrize(
    ("rgb", "ab"),
    [
        ((1.0, 1.0, 1.0), (0.0, 0.0)),
        ((0.5, 0.5, 0.5), (0.0, 0.0)),
        ((1.0, 0.0, 0.0), (80.09, 67.20)),
        ((0.0, 1.0, 0.0), (-86.18, 83.18)),
        ((0.0, 0.0, 1.0), (79.19, -107.86)),
    ],
)
def test_chroma_is_that_of_cie_lab(
    rgb: tuple[float, float, float], ab: tuple[float, float]
) -> None:
    found = chroma(_plain(*rgb, side=1)).flatten().tolist()
    assert found == pytest.approx(ab, abs=0.1)


def test_bins_share_a_colour_between_the_four_nearest() -> None:
    ab = torch.tensor([BIN / 4, -BIN]).view(1, 2, 1, 1)
    shares = colour_bins(ab).view(SIDE, SIDE)
    middle = SIDE // 2
    assert float(shares.sum()) == pytest.approx(1)
    assert float(shares[middle, middle - 1]) == pytest.approx(0.75)
    assert float(shares[middle + 1, middle - 1]) == pytest.approx(0.25)
    far = colour_bins(torch.tensor([9 * REACH, 0.0]).view(1, 2, 1, 1)).view(SIDE, SIDE)
    assert float(far[SIDE - 1, middle]) == pytest.approx(1)


def test_one_colour_has_no_entropy_and_two_have_one_bit() -> None:
    one = _plain(0.5, 0.5, 0.5)
    assert marginal_loss(one) == pytest.approx(0, abs=1e-4)
    bins = colour_bins(torch.tensor([[0.0, 0.0], [4 * BIN, 0.0]]).view(2, 2, 1, 1))
    mean = bins.mean((0, 2, 3))
    assert float(-(mean * mean.clamp_min(1e-9).log()).sum()) == pytest.approx(math.log(2))


def test_grey_pictures_have_no_chroma() -> None:
    assert mean_chroma(_plain(0.4, 0.4, 0.4)) < 0.1
    assert mean_chroma(_plain(0.9, 0.4, 0.2)) > 20


def test_it_learns_which_brightness_has_which_colour() -> None:
    torch.manual_seed(0)
    network = Colouriser(0.1)
    rng = np.random.default_rng(0)

    def draw(_: int) -> torch.Tensor:
        # Bright squares are orange, dark ones blue: grey tells the colour.
        bright = torch.from_numpy(rng.random((8, 1, 4, 4)) < 0.5).float()
        bright = torch.nn.functional.interpolate(bright, scale_factor=8)
        return bright * _plain(0.9, 0.6, 0.3, 32) + (1 - bright) * _plain(0.1, 0.2, 0.5, 32)

    told: list[float] = []

    def report(share: float, _: float) -> bool:
        told.append(share)
        return True

    before = float(colour_loss(network(draw(0)), draw(0)).detach())
    assert learn_colours(network, draw, 60, nullcontext, report)
    pictures = draw(0)
    after = float(colour_loss(network(pictures), pictures).detach())
    assert after < 0.8 * marginal_loss(pictures) < before
    assert told[-1] == 1
    assert not network.training


def test_learning_can_be_given_up() -> None:
    network = Colouriser(0.1)
    steps: list[int] = []

    def draw(step: int) -> torch.Tensor:
        steps.append(step)
        return torch.rand(1, 3, 32, 32)

    assert not learn_colours(network, draw, 50, nullcontext, lambda share, _: share < 0.05)
    assert steps == [0, 1, 2]


def test_what_it_learns_from_depends_on_seed_and_step_alone() -> None:
    frames = drawn_frames(2, 8)
    members = np.arange(16)
    first, again, other = (coloured_pictures(frames, members, step, 0) for step in (3, 3, 4))
    assert first.shape == (PICTURES, 3, PIXELS, PIXELS)
    assert torch.equal(first, again)
    assert not torch.equal(first, other)


def test_a_colouriser_is_written_and_read(tmp_path: Path) -> None:
    torch.manual_seed(1)
    network = Colouriser(0.1)
    save_colouriser(tmp_path / "colours.safetensors", network)
    read = load_colouriser(tmp_path / "colours.safetensors", 0.1)
    picture = torch.rand(1, 3, 32, 32)
    assert torch.equal(read(picture), network.eval()(picture))
    assert read(picture).shape == (1, SIDE * SIDE, 32 // EVERY, 32 // EVERY)
    with pytest.raises(TrainingError, match=r"colours\.safetensors cannot be read"):
        load_colouriser(tmp_path / "colours.safetensors", 0.2)
    (tmp_path / "cut.safetensors").write_bytes(b"\x10\x00")
    with pytest.raises(TrainingError, match=r"cut\.safetensors"):
        load_colouriser(tmp_path / "cut.safetensors", 0.1)


def test_the_shipped_one_reads() -> None:
    network = load_colouriser(loss_network(), BUNDLED_WIDTH)
    assert all(bool(weight.isfinite().all()) for weight in network.parameters())
