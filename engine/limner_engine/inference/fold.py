"""A network made ready to answer quickly; it cannot learn afterwards."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from limner_engine.models.blocks import ConvBlock
from limner_engine.models.imm import IMM


def fold_normalisation(network: IMM, dtype: torch.dtype) -> IMM:
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
    network.heatmaps.register_forward_pre_hook(_widen)
    for part in network.modules():
        if isinstance(part, nn.Conv2d) and part is not network.heatmaps:
            part.to(dtype=dtype, memory_format=torch.channels_last)  # type: ignore[call-overload]
    return network.requires_grad_(False)


def _widen(_: nn.Module, inputs: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
    return tuple(given.float() for given in inputs)
