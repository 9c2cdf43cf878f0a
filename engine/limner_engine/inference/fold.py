"""A network made ready to answer quickly; it cannot learn afterwards."""

from __future__ import annotations

from typing import TypeVar

import torch
from torch import Tensor, nn

from limner_engine.models.blocks import ConvBlock

Network = TypeVar("Network", bound=nn.Module)


def fold_normalisation(network: Network, dtype: torch.dtype) -> Network:
    """Fold batch normalisation into convolutions and set the number format; changes ``network``.

    Only convolutions change format: grids, typical spreads and everything about coordinates stay
    float32, because bf16 has no room for them (8 bits are half a pixel of 128).

    Args:
        network: In evaluation mode.
        dtype: Format of the convolutions.

    Returns:
        ``network``.
    """
    for block in network.modules():
        if isinstance(block, ConvBlock):
            block.conv = nn.utils.fusion.fuse_conv_bn_eval(block.conv, block.norm)
            block.norm = nn.Identity()  # type: ignore[assignment]
    # The logits become coordinates: they are computed in float32, which costs next to nothing.
    last = [getattr(part, "heatmaps", None) for part in network.modules()]
    for layer in last:
        if isinstance(layer, nn.Conv2d):
            layer.register_forward_pre_hook(_widen)
    for part in network.modules():
        if isinstance(part, nn.Conv2d) and all(part is not layer for layer in last):
            part.to(dtype=dtype, memory_format=torch.channels_last)  # type: ignore[call-overload]
    return network.requires_grad_(False)


def _widen(_: nn.Module, inputs: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
    return tuple(given.float() for given in inputs)
