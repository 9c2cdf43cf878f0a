"""The content loss of IMM: pictures compared through the eyes of a loss network.

    L = sum over l of  a_l mean(m_l * (F_l(target) - F_l(redrawn))^2) / w_l

F_0 is the picture itself, the others are taps; w_l follows the mean of its own term, so that terms
count as their a_l say; m_l is the mask of warped borders, resized to the tap (authors' program;
paper, Eq. 4). In the paper all a_l are alike. A loss network that sees grey leaves colours to F_0
alone, so Limner gives that one half of all by default. The whole is scaled to the size of a pixel
loss, so that the weights of other terms mean the same with every loss.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from limner_training.losses.vgg import VGG

SCALE = 0.05
"""Size of the whole loss: that of the mean absolute difference of a half-learned picture."""

PAPER_SHARE = 1 / 6
"""Share of the picture's own term beside five taps, where all count alike."""

FOLLOW = 0.01
"""How fast ``w_l`` follows its term, as in the authors' program."""

_LEAST = 1e-8
"""``w_l`` is never smaller: a constant picture has no difference to divide by."""

Prepare = Callable[[Tensor], Tensor]
"""From pictures ``(B, 3, S, S)`` in 0..1 to what the loss network takes."""


class ContentLoss(nn.Module):
    """A frozen loss network and the running means of its taps.

    Args:
        network: The loss network; frozen here.
        prepare: What its input is made of.
        pixels: Side to which pictures are shrunk before the network sees them, where they are
            larger; 0 for none. The picture itself is always compared at full size.
        picture_share: How much the picture's own term counts, 0..1; the taps share the rest.

    Attributes:
        weights: ``(1 + taps,)`` float32: ``w_l``; 0 until the first step, saved in checkpoints.
    """

    weights: Tensor
    shares: Tensor

    def __init__(
        self, network: VGG, prepare: Prepare, pixels: int = 0, picture_share: float = PAPER_SHARE
    ) -> None:
        super().__init__()
        self.network = network.requires_grad_(False).eval()
        self._prepare = prepare
        self._pixels = pixels
        taps = len(network.depths)
        self.register_buffer("weights", torch.zeros(1 + taps))
        shares = torch.tensor([picture_share] + taps * [(1 - picture_share) / taps])
        self.register_buffer("shares", shares, persistent=False)

    def forward(
        self,
        redrawn: Tensor,
        target: Tensor,
        mask: Tensor | None = None,
    ) -> Tensor:
        """The loss; moves ``weights`` on by one step. Taps are compared in float32.

        Args:
            redrawn: ``(B, 3, S, S)``, about 0..1.
            target: ``(B, 3, S, S)`` in 0..1.
            mask: ``(B, 1, S, S)`` in 0..1: how much each place counts; all of it if None.

        Returns:
            Scalar.
        """
        with torch.no_grad():
            wanted = self._taps(target)
        got = self._taps(redrawn)
        terms = torch.stack([mean_square(a, b, mask) for a, b in zip(got, wanted, strict=True)])
        with torch.no_grad():
            now = terms.detach()
            began = self.weights > 0
            moved = self.weights + FOLLOW * (now - self.weights)
            self.weights.copy_(torch.where(began, moved, now))
        return SCALE * (self.shares * terms / self.weights.clamp_min(_LEAST)).sum()

    def _taps(self, pictures: Tensor) -> list[Tensor]:
        seen = pictures
        if 0 < self._pixels < pictures.shape[-1]:
            seen = F.avg_pool2d(seen, pictures.shape[-1] // self._pixels)
        return [pictures, *self.network(self._prepare(seen))]


class _MeanSquare(torch.autograd.Function):
    """Mean of ``mask * (got - wanted)^2``, summed in float32; only ``got`` has a gradient.

    Taps are large: nothing but their difference is kept, in their own format, where the plain form
    writes several float32 copies.
    """

    @staticmethod
    def forward(ctx: Any, got: Tensor, wanted: Tensor, mask: Tensor | None) -> Tensor:
        apart = got - wanted
        ctx.save_for_backward(apart, mask)
        if mask is None:
            norm: Tensor = torch.linalg.vector_norm(apart, dtype=torch.float32)
            return norm.square() / apart.numel()
        return (apart.float().square() * mask).mean()

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, None, None]:
        apart, mask = ctx.saved_tensors
        if mask is not None:
            apart = apart * mask.to(apart.dtype)
        return apart * (2 / apart.numel() * gradients[0]).to(apart.dtype), None, None


def mean_square(got: Tensor, wanted: Tensor, mask: Tensor | None) -> Tensor:
    """Mean of ``mask * (got - wanted)^2`` over everything.

    Args:
        got: ``(B, C, H, W)``; gradients go here alone.
        wanted: ``(B, C, H, W)``.
        mask: ``(B, 1, S, S)`` in 0..1, of any side; None for all alike.

    Returns:
        Scalar, float32.
    """
    small = None
    if mask is not None:
        small = F.interpolate(mask, got.shape[-2:], mode="bilinear", antialias=True)
    mean: Tensor = _MeanSquare.apply(got, wanted, small)  # type: ignore[no-untyped-call]
    return mean
