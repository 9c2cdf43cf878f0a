"""The shape of the loss networks: VGG's convolutions, tapped in every block.

Simonyan and Zisserman, "Very Deep Convolutional Networks for Large-Scale Image Recognition", 2015.
No normalisation and no fully connected layers.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

SIXTEEN = (2, 2, 3, 3, 3)
"""Convolutions in each block of VGG-16, which IMM's own program has."""

NINETEEN = (2, 2, 4, 4, 4)
"""The same of VGG-19, which the paper names."""

FULL = (64, 128, 256, 512, 512)
"""Channels of each block."""

TAPPED = 2
"""Which convolution of a block is tapped, counted from 1: conv1_2, 2_2, 3_2, 4_2 and 5_2."""


class VGG(nn.Module):
    """Convolutions of 3x3, each with a ReLU behind, in blocks with 2x2 max pooling between.

    Args:
        depths: Convolutions in each block.
        widths: Channels of each block.
        inputs: Channels of the picture.
    """

    def __init__(
        self,
        depths: tuple[int, ...] = SIXTEEN,
        widths: tuple[int, ...] = FULL,
        inputs: int = 3,
    ) -> None:
        super().__init__()
        self.depths, self.widths, self.inputs = depths, widths, inputs
        blocks: list[nn.Module] = []
        for depth, width in zip(depths, widths, strict=True):
            layers: list[nn.Module] = []
            for _ in range(depth):
                layers.append(nn.Conv2d(inputs, width, 3, padding=1))
                inputs = width
            blocks.append(nn.ModuleList(layers))
        self.blocks = nn.ModuleList(blocks)
        for part in self.modules():
            if isinstance(part, nn.Conv2d):
                nn.init.kaiming_normal_(part.weight, nonlinearity="relu")
                if part.bias is not None:
                    nn.init.zeros_(part.bias)

    def forward(self, x: Tensor, last: int = 5) -> list[Tensor]:
        """Taps of the first ``last`` blocks.

        Args:
            x: ``(B, inputs, S, S)``.
            last: How many blocks to go through; what lies behind the last tap is not computed.

        Returns:
            ``(B, C, S / 2^i, S / 2^i)`` for block ``i`` from 0: after the ReLU.
        """
        taps: list[Tensor] = []
        for number, block in enumerate(self.blocks):
            if not isinstance(block, nn.ModuleList):
                raise TypeError("a block is a list of convolutions")
            if number:
                x = F.max_pool2d(x, 2)
            for place, layer in enumerate(block, start=1):
                x = torch.relu(layer(x))
                if place == TAPPED:
                    taps.append(x)
                    if len(taps) == last:
                        return taps
        return taps


def narrower(share: float) -> tuple[int, ...]:
    """Channels of a VGG of another width: a quarter of `FULL` for ``share`` 0.25.

    Args:
        share: Above 0, up to 1.
    """
    return tuple(max(4, round(width * share)) for width in FULL)
