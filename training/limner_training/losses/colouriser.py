"""A loss network that needs neither labels nor a download: it learns to colour grey frames.

Larsson, Maire and Shakhnarovich, "Colorization as a Proxy Task for Visual Understanding", 2017,
whose network IMM's program compares pictures with. To know what colour a place has, the network
must know what it shows. Ours is shaped like VGG-16 at any width, reads its taps together (a
hypercolumn) and answers, for every fourth pixel each way, a distribution over bins of the ab plane
of CIE Lab.
"""

from __future__ import annotations

import math
import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import safetensors
import safetensors.torch
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from limner_engine.errors import TrainingError
from limner_training.data.augment import Jitter, sample
from limner_training.data.frames import MARGIN, FrameSet
from limner_training.data.pairs import Indices
from limner_training.losses.vgg import SIXTEEN, VGG, narrower

BIN = 8.0
"""Side of a bin of the ab plane."""

REACH = 56.0
"""Colours beyond are counted into the outermost bins."""

SIDE = 2 * round(REACH / BIN) + 1
"""Bins along each axis; the middle one holds grey."""

EVERY = 4
"""The colour of so many pixels each way is answered together."""

COLOURLESS = 2.0
"""Mean chroma below which pictures have no colour to learn from, units of CIE Lab."""

BUNDLED_WIDTH = 0.25
"""Width of the colouriser that ships, from which runs go on."""

PIXELS = 64
"""Side of the pictures that it learns from."""

PICTURES = 32
"""How many of them in a step."""

_PLACED = Jitter(shift=0.1, turn_rad=0.15, scale=0.2)
_JOINED = 48
_RATE = 2e-3


class Colouriser(nn.Module):
    """A VGG on grey pictures, and what reads colours from its taps.

    Args:
        width: Share of VGG's channels, above 0 up to 1.
    """

    def __init__(self, width: float = 0.25) -> None:
        super().__init__()
        self.trunk = VGG(SIXTEEN, narrower(width), inputs=1)
        self.join = nn.ModuleList(nn.Conv2d(wide, _JOINED, 1) for wide in self.trunk.widths)
        self.answer = nn.Conv2d(_JOINED, SIDE * SIDE, 1)

    def forward(self, pictures: Tensor) -> Tensor:
        """Logits of colours.

        Args:
            pictures: ``(B, 3, S, S)`` in 0..1; only their grey is looked at.

        Returns:
            ``(B, SIDE * SIDE, S / EVERY, S / EVERY)``.
        """
        side = pictures.shape[-1] // EVERY
        joined = pictures.new_zeros(())
        for tap, project in zip(self.trunk(grey(pictures)), self.join, strict=True):
            # Finer taps are averaged first: projecting them whole would cost more than the trunk.
            fits = F.adaptive_avg_pool2d(tap, side) if tap.shape[-1] > side else tap
            own = project(fits)
            if own.shape[-1] < side:
                own = F.interpolate(own, size=side, mode="bilinear", align_corners=False)
            joined = joined + own
        logits: Tensor = self.answer(torch.relu(joined))
        return logits


def grey(pictures: Tensor) -> Tensor:
    """Brightness as the network takes it: ``(B, 3, S, S)`` in 0..1 to ``(B, 1, S, S)``."""
    weights = pictures.new_tensor([0.299, 0.587, 0.114]).view(1, 3, 1, 1)
    return ((pictures * weights).sum(1, keepdim=True) - 0.5) * 4


def chroma(pictures: Tensor) -> Tensor:
    """The ab plane of CIE Lab, D65.

    Args:
        pictures: ``(B, 3, S, S)`` sRGB in 0..1.

    Returns:
        ``(B, 2, S, S)``.
    """
    linear = torch.where(
        pictures <= 0.04045, pictures / 12.92, ((pictures.clamp_min(0) + 0.055) / 1.055) ** 2.4
    )
    to_xyz = pictures.new_tensor(
        [
            [0.412391, 0.357584, 0.180481],
            [0.212639, 0.715169, 0.072192],
            [0.019331, 0.119195, 0.950532],
        ]
    )
    white = pictures.new_tensor([0.950456, 1.0, 1.089058]).view(1, 3, 1, 1)
    xyz = torch.einsum("ij,bjhw->bihw", to_xyz, linear) / white
    edge = 6 / 29
    f = torch.where(xyz > edge**3, xyz.clamp_min(edge**3) ** (1 / 3), xyz / (3 * edge**2) + 4 / 29)
    return torch.stack([500 * (f[:, 0] - f[:, 1]), 200 * (f[:, 1] - f[:, 2])], 1)


def colour_bins(ab: Tensor) -> Tensor:
    """Each colour shared between the four nearest bins.

    Args:
        ab: ``(B, 2, H, W)``.

    Returns:
        ``(B, SIDE * SIDE, H, W)``, summing to one over the bins.
    """
    place = (ab.clamp(-REACH, REACH) + REACH) / BIN  # (B, 2, H, W) in 0..SIDE - 1
    steps = torch.arange(SIDE, device=ab.device, dtype=ab.dtype).view(1, 1, SIDE, 1, 1)
    near = (1 - (place.unsqueeze(2) - steps).abs()).clamp_min(0)  # (B, 2, SIDE, H, W)
    joint = near[:, 0].unsqueeze(2) * near[:, 1].unsqueeze(1)
    return joint.flatten(1, 2)


def colour_loss(logits: Tensor, pictures: Tensor) -> Tensor:
    """Cross-entropy of the answered colours with the true ones, nats; a scalar."""
    with torch.no_grad():
        true = colour_bins(F.avg_pool2d(chroma(pictures), EVERY))
    return -(true * logits.float().log_softmax(1)).sum(1).mean()


def marginal_loss(pictures: Tensor) -> float:
    """What `colour_loss` is for always answering the pictures' own mean distribution, nats."""
    mean = colour_bins(F.avg_pool2d(chroma(pictures), EVERY)).mean((0, 2, 3))
    return float(-(mean * mean.clamp_min(1e-9).log()).sum())


def mean_chroma(pictures: Tensor) -> float:
    """How colourful pictures are: the mean length of their ab."""
    return float(chroma(pictures).square().sum(1).sqrt().mean())


Draw = Callable[[int], Tensor]
"""From the number of a step to pictures ``(B, 3, S, S)`` in 0..1."""


def learn_colours(
    network: Colouriser,
    draw: Draw,
    steps: int,
    autocast: Callable[[], object],
    report: Callable[[float, float], bool],
) -> bool:
    """Teach a colouriser.

    Args:
        network: Changed in place.
        draw: What it learns from.
        steps: How many.
        autocast: Makes the context of the forward pass.
        report: Told the share done and the mean loss of late, nats; answers False to give up.

    Returns:
        Whether it was not given up.
    """
    optimiser = torch.optim.Adam(network.parameters(), lr=_RATE)
    network.train()
    mean = 0.0
    for step in range(steps):
        share = step / steps  # of a cosine down to nothing
        for group in optimiser.param_groups:
            group["lr"] = _RATE * min(1.0, (step + 1) / 20) * 0.5 * (1 + math.cos(math.pi * share))
        pictures = draw(step)
        with autocast():  # type: ignore[attr-defined]
            logits = network(pictures)
        loss = colour_loss(logits, pictures)
        optimiser.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimiser.step()
        value = float(loss.detach())
        mean = value if step == 0 else mean + 0.05 * (value - mean)
        if not report((step + 1) / steps, mean):
            network.eval()
            return False
    network.eval()
    return True


def save_colouriser(path: Path, network: Colouriser, *, half: bool = False) -> None:
    """Write a colouriser's weights beside ``path`` and rename them into place.

    Raises:
        TrainingError: There is no room, or nothing may be written there.
    """
    tensors = {
        name: (tensor.half() if half else tensor).detach().cpu().contiguous()
        for name, tensor in network.state_dict().items()
    }
    beside = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        beside.write_bytes(safetensors.torch.save(tensors))
        beside.replace(path)
    except OSError as error:
        raise TrainingError(
            f"The loss network cannot be kept in {path.parent}: {error.strerror}.",
            "Make room there, or choose another folder.",
        ) from error
    finally:
        beside.unlink(missing_ok=True)


def load_colouriser(path: Path, width: float) -> Colouriser:
    """Read a colouriser of a width.

    Raises:
        TrainingError: Missing, damaged, or of another shape.
    """
    network = Colouriser(width)
    try:
        tensors = safetensors.torch.load_file(path)
        network.load_state_dict(tensors)
    except (OSError, RuntimeError, safetensors.SafetensorError) as error:
        raise TrainingError(
            f"The loss network in {path.name} cannot be read: {error}.", "Start the run afresh."
        ) from error
    return network.eval()


def coloured_pictures(frames: FrameSet, members: Indices, step: int, seed: int) -> Tensor:
    """What a colouriser learns from: mirrored, turned and scaled cuts.

    Args:
        frames: Where they come from.
        members: Which of them.
        step: Number of the step; with the seed it says all.
        seed: Seed of the draw.

    Returns:
        ``(PICTURES, 3, PIXELS, PIXELS)`` float32 in 0..1.
    """
    rng = np.random.default_rng((seed, step, 2))
    chosen = np.sort(members[rng.integers(len(members), size=PICTURES)])
    cuts = torch.from_numpy(np.ascontiguousarray(frames.pixels[chosen]))
    maps = torch.from_numpy(_PLACED.draw(rng, PICTURES))
    mirror = torch.from_numpy(rng.random(PICTURES) < 0.5)
    pictures = sample(cuts, maps, PIXELS, MARGIN, mirror)
    return pictures.contiguous(memory_format=torch.channels_last)
