"""A network that has learned small pictures, grown to twice their size.

Most of what an IMM learns is learned as well, and four times as fast, from pictures of half the
size: landmarks live on the same grid. The idea is the progressive growing of Karras, Aila, Laine
and Lehtinen, "Progressive Growing of GANs", ICLR 2018: learn small, put new layers at the ends,
go on. It differs here: there is one growth, not one for each doubling; and new layers are not
faded in, but made so that the grown network starts with the old one's answers.
"""

from __future__ import annotations

import dataclasses
import math
from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional

from limner_engine.models.blocks import ConvBlock, Decoder, Encoder
from limner_engine.models.imm import IMM, IMMConfig

FITTING_STEPS = 300
_FITTING_BATCH = 8
_FITTING_SIDE = 48
_FITTING_RATE = 2e-2
_PICTURE_VARIANCE = 0.25
"""Of pictures in -1..1, roughly; where it is wrong, learning puts it right."""


def seed_config(config: IMMConfig) -> IMMConfig:
    """Sizes of the network that grows into one of ``config``: half the side, twice the width.

    Raises:
        ValueError: The side is under four times that of the grid, or the channels too few or many.
    """
    if config.image_size < 4 * config.grid_size:
        raise ValueError("only pictures of at least four times the grid's side can be grown to")
    if config.width < 6:
        raise ValueError("a grown network must be at least 6 channels wide")
    return dataclasses.replace(config, image_size=config.image_size // 2, width=2 * config.width)


def grow(model: IMM, fitting_steps: int = FITTING_STEPS) -> IMM:
    """A network for twice the image size that goes on where ``model`` stands.

    The width is halved, so that all deeper channels fit: 64 px of width 32 become
    `IMMConfig.medium`, 64 px of width 64 `IMMConfig.paper`.

    - Encoders: a stem of two convolutions and one of stride 2 replace the first 7x7 convolution;
      they are fitted to its answers on random pictures, which takes seconds. All else is carried.
    - Heat maps (or the vector) are carried.
    - Generator: all but the last convolution is carried. The picture itself passes through the new
      level: at first, what is redrawn is the old picture, bilinearly enlarged.

    Args:
        model: Is left as it is.
        fitting_steps: Steps in which each stem is fitted; few make the start rougher.

    Returns:
        A new network in training mode, on the device of ``model``.

    Raises:
        ValueError: The result would have no such sizes; see `seed_config`.
    """
    config = dataclasses.replace(
        model.config, image_size=2 * model.config.image_size, width=model.config.width // 2
    )
    if seed_config(config) != model.config:
        raise ValueError("only a network of even width can be grown")
    grown = IMM(config).to(model.typical_spread.device)
    _grow_encoder(model.detector, grown.detector, fitting_steps)
    _grow_encoder(model.appearance, grown.appearance, fitting_steps)
    if model.vector is not None and grown.vector is not None:
        grown.vector.load_state_dict(model.vector.state_dict())
    else:
        grown.heatmaps.load_state_dict(model.heatmaps.state_dict())
    grown.typical_spread.copy_(model.typical_spread)
    _grow_decoder(model.generator, grown.generator)
    return grown.train()


def _grow_encoder(old: Encoder, new: Encoder, fitting_steps: int) -> None:
    # old:           0 (7x7), 1, 2 (stride 2), 3, ...
    # new: 0 (7x7), 1, 2 (stride 2), 3, 4 (stride 2), 5, ...
    for number in range(1, len(old.layers)):
        new.layers[number + 2].load_state_dict(old.layers[number].state_dict())
    _fit(new.layers[:3], old.layers[0], fitting_steps)


def _fit(front: nn.Module, first: nn.Module, steps: int) -> None:
    """Teach ``front`` to answer on pictures as ``first`` does on their halves."""
    device = next(first.parameters()).device
    rng = torch.Generator().manual_seed(0)
    training = first.training
    first.eval()
    front.train()
    optimiser = torch.optim.Adam(front.parameters(), _FITTING_RATE)
    for step in range(steps):
        for group in optimiser.param_groups:
            group["lr"] = _FITTING_RATE * 0.5 * (1 + math.cos(math.pi * step / steps))
        pictures = _random_pictures(_FITTING_BATCH, _FITTING_SIDE, rng).to(device)
        with torch.no_grad():
            wanted = first(functional.avg_pool2d(pictures, 2))
        optimiser.zero_grad()
        functional.mse_loss(front(pictures), wanted).backward()  # type: ignore[no-untyped-call]
        optimiser.step()
    front.zero_grad()
    first.train(training)


def _random_pictures(count: int, side: int, rng: torch.Generator) -> Tensor:
    """Noise with what all photographs share: amplitudes as 1 / frequency, channels much alike.

    Returns:
        ``(count, 3, side, side)`` in -1..1.
    """
    steps = torch.fft.fftfreq(side)
    frequency = torch.hypot(steps[:, None], steps).clamp_min(1 / side)
    white = torch.randn(count, 3, side, side, generator=rng)
    white = 0.6 * white + 0.8 * white[:, :1]
    noise = torch.fft.ifft2(torch.fft.fft2(white) / frequency).real
    noise = 0.5 * noise / noise.std((1, 2, 3), keepdim=True)
    brightness = 0.3 * torch.randn(count, 1, 1, 1, generator=rng)
    pictures: Tensor = (noise + brightness).clamp(-1, 1)
    return pictures


@torch.no_grad()
def _grow_decoder(old: Decoder, new: Decoder) -> None:
    # old: ..., last - 1 (block), last (picture)
    # new: ..., last - 1 (block), last (block), doubling, last + 2 (block), last + 3 (picture)
    last = len(old.layers) - 1
    for number in range(last):
        new.layers[number].load_state_dict(old.layers[number].state_dict())
    picture = cast(nn.Conv2d, old.layers[last])
    before = cast(ConvBlock, old.layers[last - 1])
    block = cast(ConvBlock, new.layers[last])
    finer = cast(ConvBlock, new.layers[last + 2])
    final = cast(nn.Conv2d, new.layers[last + 3])
    bias = cast(Tensor, picture.bias)

    # After a ReLU, a picture y needs two channels, y = relu(y) - relu(-y). They take the place of
    # the first six features at half the side; the others pass unchanged.
    mean, variance = _rectified(before.norm)
    nn.init.dirac_(block.conv.weight)
    block.conv.weight[:6] = torch.cat([picture.weight, -picture.weight])
    drawn = picture.weight.sum((2, 3)) @ mean
    mean[:6], variance[:6] = torch.cat([drawn, -drawn]), _PICTURE_VARIANCE
    _make_transparent(block.norm, mean, variance, torch.cat([bias, -bias]))

    # At the full side, only these six are read at first; the other channels are free to learn.
    finer.conv.weight[:6] = 0
    nn.init.dirac_(finer.conv.weight[:6, :6])
    mean, variance = _rectified(block.norm)
    _make_transparent(finer.norm, mean[:6], variance[:6])
    final.weight.zero_()
    for channel in range(3):
        final.weight[channel, channel, 1, 1] = 1
        final.weight[channel, channel + 3, 1, 1] = -1
    cast(Tensor, final.bias).zero_()


def _rectified(norm: nn.BatchNorm2d) -> tuple[Tensor, Tensor]:
    """Mean and variance of each channel behind a normalisation and a ReLU, ``(C,)`` each.

    A normalised channel is taken to be Gaussian: its mean is then the normalisation's bias, its
    deviation the weight.
    """
    mean, deviation = norm.bias, norm.weight.abs().clamp_min(1e-6)
    standard = mean / deviation
    density = torch.exp(-(standard**2) / 2) / math.sqrt(2 * math.pi)
    above = torch.special.ndtr(standard)
    rectified = mean * above + deviation * density
    square = (mean**2 + deviation**2) * above + mean * deviation * density
    return rectified, (square - rectified**2).clamp_min(1e-4)


def _make_transparent(
    norm: nn.BatchNorm2d, mean: Tensor, variance: Tensor, added: Tensor | None = None
) -> None:
    """Let the first channels pass a normalisation unchanged, plus ``added`` to the first of them.

    ``mean`` and ``variance`` are what they are expected to have: so they pass in evaluation mode
    whatever they have, and nearly so in training mode if the expectation is right.
    """
    running_mean, running_variance = (
        cast(Tensor, norm.running_mean),
        cast(Tensor, norm.running_var),
    )
    count = len(mean)
    running_mean[:count], running_variance[:count] = mean, variance
    norm.weight[:count] = (variance + norm.eps).sqrt()
    norm.bias[:count] = mean
    if added is not None:
        norm.bias[: len(added)] += added
