"""Pieces that the networks share.

Letters in shape comments: B pictures, C channels, K landmarks, H and W rows and columns, S picture
side, G side of the landmark grid.
"""

from __future__ import annotations

from typing import Literal

import torch
from torch import Tensor, nn

from limner_engine.models.instance_norm import InstanceNorm

Initial = Literal["fast", "paper"]


class ConvBlock(nn.Module):
    """Convolution, batch normalisation, ReLU.

    Batch normalisation has the epsilon of IMM's own program, 1e-3.
    """

    def __init__(self, inputs: int, outputs: int, *, kernel: int = 3, stride: int = 1) -> None:
        super().__init__()
        self.conv = nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, bias=False)
        self.norm = nn.BatchNorm2d(outputs, eps=1e-3, momentum=0.05)

    def forward(self, x: Tensor) -> Tensor:
        """``(B, C, H, W)`` to ``(B, C', H / stride, W / stride)``."""
        return torch.relu_(self.norm(self.conv(x)))


class InstanceBlock(nn.Module):
    """Convolution, instance normalisation without weights, ReLU.

    Each picture is normalised by itself, so that it is read alike in every batch.
    """

    def __init__(self, inputs: int, outputs: int, *, kernel: int = 3, stride: int = 1) -> None:
        super().__init__()
        self.conv = nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2)
        self.norm = InstanceNorm()

    def forward(self, x: Tensor) -> Tensor:
        """``(B, C, H, W)`` to ``(B, C', H / stride, W / stride)``."""
        return torch.relu(self.norm(self.conv(x)))


class Encoder(nn.Module):
    """Pairs of convolutions; every pair but the first halves the side and doubles the channels.

    IMM, supplement: 7x7 first, then 3x3; a 128 px picture takes four pairs to a 16 x 16 grid.

    Args:
        image_size: ``S``, a power of two.
        width: Channels of the first pair.
        grid_size: ``G``, the side of what comes out.
        inputs: Channels of the picture.
        block: `ConvBlock` or `InstanceBlock`.
    """

    def __init__(
        self,
        image_size: int,
        width: int,
        grid_size: int,
        *,
        inputs: int = 3,
        block: type[ConvBlock] | type[InstanceBlock] = ConvBlock,
    ) -> None:
        super().__init__()
        layers: list[nn.Module] = [block(inputs, width, kernel=7), block(width, width)]
        channels, side = width, image_size
        while side > grid_size:
            layers += [
                block(channels, 2 * channels, stride=2),
                block(2 * channels, 2 * channels),
            ]
            channels, side = 2 * channels, side // 2
        self.layers = nn.Sequential(*layers)
        self.channels = channels

    def forward(self, x: Tensor) -> Tensor:
        """``(B, inputs, S, S)`` in -1..1 to ``(B, C, G, G)``."""
        features: Tensor = self.layers(x)
        return features


class Decoder(nn.Module):
    """Pairs of convolutions with bilinear doubling between them; the last one gives a picture.

    Args:
        inputs: Channels that come in.
        channels: Channels of the first pair; halved at each doubling.
        grid_size: ``G``.
        image_size: ``S``.
        smallest: Channels are never fewer.
        outputs: Channels of the picture.
    """

    def __init__(
        self,
        inputs: int,
        channels: int,
        grid_size: int,
        image_size: int,
        smallest: int,
        outputs: int = 3,
    ) -> None:
        super().__init__()
        layers: list[nn.Module] = [ConvBlock(inputs, channels), ConvBlock(channels, channels)]
        side = grid_size
        while side < image_size:
            side *= 2
            narrower = max(channels // 2, smallest)
            layers += [
                nn.Upsample(scale_factor=2, mode="bilinear", align_corners=False),
                ConvBlock(channels, narrower),
            ]
            if side < image_size:
                layers.append(ConvBlock(narrower, narrower))
            channels = narrower
        layers.append(nn.Conv2d(channels, outputs, 3, padding=1))
        self.layers = nn.Sequential(*layers)

    def forward(self, x: Tensor) -> Tensor:
        """``(B, C, G, G)`` to ``(B, outputs, S, S)``, unbounded."""
        picture: Tensor = self.layers(x)
        return picture


def initialise(module: nn.Module, form: Initial = "fast") -> None:
    """Fill all weights; normalisation starts as the identity, biases at zero.

    Args:
        module: What to fill.
        form: ``paper`` is N(0, 0.01) cut off at two deviations, as the authors' program has it.
            ``fast`` is He's initialisation: as good in the end, but it starts faster, which
            counts in runs of minutes.
    """
    for part in module.modules():
        if isinstance(part, nn.Conv2d | nn.Linear):
            if form == "paper":
                nn.init.trunc_normal_(part.weight, std=0.01, a=-0.02, b=0.02)
            else:
                nn.init.kaiming_normal_(part.weight, nonlinearity="relu")
            if part.bias is not None:
                nn.init.zeros_(part.bias)
