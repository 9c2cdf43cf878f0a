"""Losses of warps, after Wiles, Koepke and Zisserman (2019).

All of them are taken over the places of one level, colours summed. ``mean`` takes the mean over
places and pairs, as the authors' program does; ``sum`` sums over places and takes the mean over
pairs, as the paper has it, which lets finer levels count for more.
"""

from __future__ import annotations

import math
from typing import Literal

import torch
from torch import Tensor

Reduction = Literal["mean", "sum"]

_LEAST = 1e-8
"""Added to probabilities before the logarithm. The authors' program cuts single entries off at
1e-4, which over 1024 of them adds a tenth."""


def photometric(
    redrawn: Tensor, target: Tensor, mask: Tensor | None = None, reduction: Reduction = "mean"
) -> Tensor:
    """L1 between a redrawn target and the target (Eq. 3).

    Args:
        redrawn: ``(B, 3, W, W)``.
        target: ``(B, 3, W, W)`` in 0..1.
        mask: ``(B, 1, W, W)`` in 0..1: how much each place counts; None for all.
        reduction: See above.

    Returns:
        Scalar.
    """
    apart = (redrawn.float() - target.float()).abs().sum(1, keepdim=True)
    return _reduced(apart, mask, reduction)


def confident(
    redrawn: Tensor,
    target: Tensor,
    sigma: Tensor,
    mask: Tensor | None = None,
    reduction: Reduction = "mean",
    power: float = 0.0,
) -> Tensor:
    """Minus the logarithm of a Laplace distribution around the redrawn target (Eq. 6).

    Per place ``ln sigma + ln sqrt 2 + sqrt 2 |d| / sigma``, least where sigma is ``sqrt 2 |d|``.
    It has no lower bound: sigma must have one. What is redrawn well counts for more, by 1 / sigma,
    so that a still background soon counts for nearly all; ``power`` takes that back.

    Args:
        redrawn: ``(B, 3, W, W)``.
        target: ``(B, 3, W, W)`` in 0..1.
        sigma: ``(B, 1, W, W)``, above 0.
        mask: ``(B, 1, W, W)`` in 0..1; None for all.
        reduction: See above.
        power: Of sigma, taken as a constant, by which each place's loss is multiplied (Seitzer et
            al., "On the pitfalls of heteroscedastic uncertainty estimation", 2022). At 1 the
            picture learns as from L1, at 0 as in the paper; sigma learns the same from both.

    Returns:
        Scalar; it may be below 0.
    """
    apart = (redrawn.float() - target.float()).abs().sum(1, keepdim=True)
    wide = sigma.float()
    each = wide.log() + math.log(2) / 2 + math.sqrt(2) * apart / wide
    if power > 0:
        each = each * wide.detach() ** power
    return _reduced(each, mask, reduction)


def cyclic(there: Tensor, back: Tensor | None = None, reduction: Reduction = "mean") -> Tensor:
    """How surely a place of the target comes back to itself by way of the source (Eq. 7 and 8).

    Both warps are divided by what their columns sum to, where that is more than one: places that
    many lay claim to are worth less to each, so that a warp cannot collapse. Only the diagonal of
    the product is made. With N cells, uniform warps give ln N and a permutation gives 0.

    Args:
        there: ``(B, N, N)``: rows of target cells over source cells, which sum to one.
        back: ``(B, N, N)``: rows of source cells over target cells, of the pair exchanged. None
            takes what ``there`` itself says of them: its columns, divided by their sums.
        reduction: See above.

    Returns:
        Scalar.
    """
    column = there.sum(1, keepdim=True)  # (B, 1, N): how much falls to each source cell
    share = there / column.clamp_min(_LEAST)
    forth = torch.minimum(there, share)
    if back is None:
        returning = share
    else:
        returning = torch.minimum(back, back / back.sum(1, keepdim=True).clamp_min(_LEAST))
        returning = returning.transpose(1, 2)
    again = (forth * returning).sum(-1)  # (B, N)
    lost = -(again.clamp(0, 1) + _LEAST).log()
    return lost.mean() if reduction == "mean" else lost.sum(1).mean()


def _reduced(each: Tensor, mask: Tensor | None, reduction: Reduction) -> Tensor:
    if mask is not None:
        each = each * mask
    return each.mean() if reduction == "mean" else each.flatten(1).sum(1).mean()
