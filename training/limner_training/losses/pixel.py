"""Losses on pixels: the paper's ablation without a loss network (IMM, Table 2)."""

from __future__ import annotations

from typing import Literal

import torch.nn.functional as F
from torch import Tensor

PixelLoss = Literal["l1", "l2"]


def pixel_loss(redrawn: Tensor, target: Tensor, form: PixelLoss) -> Tensor:
    """Mean difference of pictures over all pixels and colours.

    Args:
        redrawn: ``(B, 3, S, S)``, about 0..1.
        target: ``(B, 3, S, S)`` in 0..1.
        form: ``l1`` mean of absolute differences; ``l2`` mean of squares.

    Returns:
        Scalar.
    """
    if form == "l2":
        return F.mse_loss(redrawn, target)
    return F.l1_loss(redrawn, target)
