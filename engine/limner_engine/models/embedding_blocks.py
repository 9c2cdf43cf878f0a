"""The two networks that FAb-Net and class embeddings are made of.

Wiles, Koepke and Zisserman, "Self-supervised learning of a facial attribute embedding from video",
2018, and "Self-supervised learning of class embeddings from video", 2019. An encoder makes a
picture into a short row of numbers; a decoder makes two such rows into maps of what lies where.

Letters in shape comments as in `blocks`, and E numbers of an embedding.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

_SLOPE = 0.2


class EmbeddingEncoder(nn.Module):
    """4x4 convolutions, each of which halves the side, down to a single cell.

    As in the authors' program: widths 1, 2, 4, 8, 8, ... times ``width``, leaky ReLU, batch
    normalisation but for the first and the last one.

    Args:
        image_size: ``S``, a power of two from 8 up.
        width: Channels of the first convolution.
        embedding_size: ``E``.
    """

    def __init__(self, image_size: int, width: int, embedding_size: int) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        channels, side = 3, image_size
        while side > 1:
            side //= 2
            first, last = not layers, side == 1
            wider = embedding_size if last else min(width if first else 2 * channels, 8 * width)
            if not first:
                layers.append(nn.LeakyReLU(_SLOPE))
            layers.append(nn.Conv2d(channels, wider, 4, 2, 1, bias=first or last))
            if not (first or last):
                layers.append(nn.BatchNorm2d(wider))
            channels = wider
        self.layers = nn.Sequential(*layers)

    def forward(self, images: Tensor) -> Tensor:
        """``(B, 3, S, S)`` in 0..1 to ``(B, E)`` float32."""
        embedded: Tensor = self.layers(images)
        return embedded.flatten(1).float()


class Stage(NamedTuple):
    """What a `PairDecoder` has at one side.

    Attributes:
        plain: ``(B, C, W, W)``: what the convolution gave.
        normal: The same, normalised.
    """

    plain: Tensor
    normal: Tensor


class PairDecoder(nn.Module):
    """ReLU, bilinear doubling, 3x3 convolution and batch normalisation, from one cell up.

    There are eight times ``width`` channels below ``first_side``, four times at it, and half as
    many after each doubling from there. What lies where is told by the zeros around the maps.

    Args:
        embedding_size: ``E``.
        width: See above.
        first_side: The coarsest maps that are wanted; a power of two.
        last_side: The finest.
    """

    def __init__(self, embedding_size: int, width: int, first_side: int, last_side: int) -> None:
        super().__init__()
        self.first_side = first_side
        self.convolutions, self.norms = nn.ModuleList(), nn.ModuleList()
        self.channels: list[int] = []
        channels, side = 2 * embedding_size, 1
        while side < last_side:
            side *= 2
            fewer = max(4, 4 * width * first_side // side)
            narrower = 8 * width if side < first_side else fewer
            self.convolutions.append(nn.Conv2d(channels, narrower, 3, padding=1))
            self.norms.append(nn.BatchNorm2d(narrower))
            channels = narrower
            if side >= first_side:
                self.channels.append(channels)

    def forward(self, first: Tensor, second: Tensor, levels: int) -> list[Stage]:
        """Maps of a pair.

        Args:
            first: ``(B, E)``.
            second: ``(B, E)``.
            levels: How many sides are wanted, from ``first_side`` up.

        Returns:
            One stage a side.
        """
        x = torch.cat([first, second], 1)[:, :, None, None]
        stages: list[Stage] = []
        for convolution, norm in zip(self.convolutions, self.norms, strict=True):
            x = F.interpolate(F.relu(x), scale_factor=2.0, mode="bilinear", align_corners=False)
            plain = convolution(x)
            x = norm(plain)
            if x.shape[-1] >= self.first_side:
                stages.append(Stage(plain, x))
            if len(stages) == levels:
                break
        return stages
