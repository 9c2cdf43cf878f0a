"""Instance normalisation for pictures that lie channels last in memory.

Ulyanov, Vedaldi and Lempitsky, "Instance Normalization", 2016, without weights. torch has its own,
which moves such pictures about before and after: on a processor that took more time than the
convolutions between (`benchmarks/keypointgan_speed.py`).
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

EPSILON = 1e-5


class InstanceNorm(nn.Module):
    """Every channel of every picture gets mean 0 and variance 1."""

    def forward(self, x: Tensor) -> Tensor:
        """``(B, C, H, W)`` to the same, channels last in memory."""
        normalised: Tensor = _Normalise.apply(x)  # type: ignore[no-untyped-call]
        return normalised


class _Normalise(torch.autograd.Function):
    """Means are products with a row of ones: memory is read in its own order, sums are fp32."""

    @staticmethod
    def forward(ctx: Any, x: Tensor) -> Tensor:
        flat = _flat(x)
        ones = _ones(flat)
        apart = flat - torch.bmm(ones, flat)
        variance = torch.bmm(ones, apart * apart)
        wide = torch.promote_types(x.dtype, torch.float32)
        scale = torch.rsqrt(variance.to(wide) + EPSILON).to(x.dtype)  # (B, 1, C)
        normalised = apart * scale
        ctx.save_for_backward(normalised, scale)
        return _pictures(normalised, x)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> Tensor:
        normalised, scale = ctx.saved_tensors
        gradient = _flat(gradients[0])
        ones = _ones(gradient)
        mean, along = torch.bmm(ones, gradient), torch.bmm(ones, gradient * normalised)
        back = torch.addcmul(gradient - mean, normalised, along, value=-1) * scale
        return _pictures(back, gradients[0])


def _flat(x: Tensor) -> Tensor:
    """``(B, C, H, W)`` to ``(B, H * W, C)``."""
    return x.permute(0, 2, 3, 1).reshape(len(x), -1, x.shape[1])


def _pictures(flat: Tensor, like: Tensor) -> Tensor:
    count, channels, high, wide = like.shape
    return flat.view(count, high, wide, channels).permute(0, 3, 1, 2)


def _ones(flat: Tensor) -> Tensor:
    """A row that takes the mean: ``(B, 1, H * W)``."""
    count, places, _ = flat.shape
    return flat.new_full((1, 1, places), 1 / places).expand(count, 1, places)
