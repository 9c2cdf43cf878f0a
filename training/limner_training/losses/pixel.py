"""Losses on pixels: the paper's ablation without a loss network (IMM, Table 2)."""

from __future__ import annotations

from typing import Literal

from torch import Tensor

PixelLoss = Literal["l1", "l2"]

L2_SCALE = 10.0
"""Squares of differences below one are small: so scaled, ``l2`` is about as large as ``l1`` where
pictures are half learned, and the weights of other terms mean the same with both."""


def pixel_loss(
    redrawn: Tensor, target: Tensor, form: PixelLoss, mask: Tensor | None = None
) -> Tensor:
    """Mean difference of pictures over all pixels and colours.

    Args:
        redrawn: ``(B, 3, S, S)``, about 0..1.
        target: ``(B, 3, S, S)`` in 0..1.
        form: ``l1`` mean of absolute differences; ``l2`` `L2_SCALE` times the mean of squares.
        mask: ``(B, 1, S, S)`` in 0..1: how much each pixel counts; None for all alike.

    Returns:
        Scalar.
    """
    off = redrawn - target
    apart = L2_SCALE * off.square() if form == "l2" else off.abs()
    return (apart if mask is None else apart * mask).mean()
