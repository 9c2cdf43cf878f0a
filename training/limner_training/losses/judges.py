"""The judges of KeypointGAN: networks that tell drawn pictures from real ones, at several scales.

Least squares (Mao et al., "Least Squares Generative Adversarial Networks", 2017): real is 1, drawn
is 0; the paper's Eq. (5) has the labels the other way round, which is the same.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from limner_engine.models.instance_norm import InstanceNorm

SMALLEST_SIDE = 32
"""Pictures smaller than this have no scale of their own: nothing is left behind the strides."""

_SLOPE = 0.2


class Judge(nn.Module):
    """Judges patches of one scale (paper's supplement; authors' program).

    4x4 convolutions: three with stride 2, two with stride 1; instance normalisation without
    weights before the activations of the middle three, LeakyReLU between.

    Args:
        inputs: Channels of the picture.
        width: Channels of the first convolution; doubled by each of the next three.
    """

    def __init__(self, inputs: int, width: int) -> None:
        super().__init__()
        layers: list[nn.Module] = [nn.Conv2d(inputs, width, 4, 2, 1), nn.LeakyReLU(_SLOPE)]
        for stride in (2, 2, 1):
            layers += [
                nn.Conv2d(width, 2 * width, 4, stride, 1),
                InstanceNorm(),
                nn.LeakyReLU(_SLOPE),
            ]
            width *= 2
        layers.append(nn.Conv2d(width, 1, 4, 1, 1))
        self.layers = nn.Sequential(*layers)

    def forward(self, pictures: Tensor) -> Tensor:
        """``(B, 1, S/8 - 2, S/8 - 2)`` from ``(B, C, S, S)``; about 1 where it looks real."""
        judged: Tensor = self.layers(pictures)
        return judged


class Judges(nn.Module):
    """One judge for each scale: the picture, and halves of it down to `SMALLEST_SIDE`.

    Args:
        inputs: Channels of the picture.
        side: ``S``, from 32 up.
        width: See `Judge`; 64 in the paper.
        scales: At most so many; 3 in the paper.
    """

    def __init__(self, inputs: int, side: int, width: int = 64, scales: int = 3) -> None:
        super().__init__()
        count = 1
        while count < scales and side // 2**count >= SMALLEST_SIDE:
            count += 1
        self.scales = nn.ModuleList([Judge(inputs, width) for _ in range(count)])
        for part in self.modules():
            if isinstance(part, nn.Conv2d):
                nn.init.normal_(part.weight, std=0.02)
                if part.bias is not None:
                    nn.init.zeros_(part.bias)

    def forward(self, pictures: Tensor) -> list[Tensor]:
        """Judgements of all scales, the whole picture's first.

        Args:
            pictures: ``(B, C, S, S)``.
        """
        judged: list[Tensor] = []
        for number, scale in enumerate(self.scales):
            if number:
                pictures = F.interpolate(
                    pictures, scale_factor=0.5, mode="bilinear", align_corners=False
                )
            judged.append(scale(pictures))
        return judged


def passing(judged: list[Tensor]) -> Tensor:
    """How far pictures are from passing as real: mean over scales of ``mean (D - 1)^2``."""
    return torch.stack([(one.float() - 1).square().mean() for one in judged]).mean()


def telling(real: list[Tensor], drawn: list[Tensor]) -> Tensor:
    """What judges lower: mean over scales of ``(mean (D(real) - 1)^2 + mean D(drawn)^2) / 2``."""
    terms = [
        ((a.float() - 1).square().mean() + b.float().square().mean()) / 2
        for a, b in zip(real, drawn, strict=True)
    ]
    return torch.stack(terms).mean()


class ReplayPool:
    """Drawn pictures of earlier steps, so that judges do not forget.

    Shrivastava et al., "Learning from Simulated and Unsupervised Images through Adversarial
    Training", 2017. Until it is full everything is kept and given back as it is; then, for half of
    the pictures, an older one is given in their place.

    Args:
        size: Pictures kept; 50 in the authors' program.
        shape: Of one picture, ``(C, S, S)``.
        device: Where they are.

    Attributes:
        pictures: ``(size, C, S, S)``.
        count: How many are filled.
    """

    def __init__(self, size: int, shape: tuple[int, ...], device: str) -> None:
        self.pictures = torch.zeros(size, *shape, device=device)
        self.count = 0

    def exchange(self, drawn: Tensor, draws: Tensor) -> Tensor:
        """Keep some of a batch, and give what judges are to see.

        Args:
            drawn: ``(B, C, S, S)``; its history is not followed.
            draws: ``(B, 2)`` in 0..1: whether to exchange (from 0.5 up) and with which.

        Returns:
            ``(B, C, S, S)``.
        """
        given = drawn.detach().float().clone()
        size = len(self.pictures)
        for row, (chance, place) in enumerate(draws.tolist()):
            if self.count < size:
                self.pictures[self.count] = given[row]
                self.count += 1
            elif chance >= 0.5:
                number = min(int(place * size), size - 1)
                older = self.pictures[number].clone()
                self.pictures[number] = given[row]
                given[row] = older
        return given
