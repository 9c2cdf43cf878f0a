"""What heat maps are to look like, and how far they are from it."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from limner_engine.models.bottlenecks import gaussian_maps

SIGMA_CELLS = 1.0
"""Width of a target in cells: ``exp(-d^2 / sigma^2)``."""

SIGHT_WEIGHT = 0.1
"""Of visibility, beside the places: it is one bit, and must not bend what places are read from."""


def target_maps(points_norm: Tensor, cells: Tensor) -> Tensor:
    """A bump at each point, summing to one.

    Args:
        points_norm: ``(B, P, 2)``, finite.
        cells: ``(M,)``: coordinates of the cells.

    Returns:
        ``(B, P, M, M)``.
    """
    cell = 2.0 / len(cells)
    bumps = gaussian_maps(points_norm, cells, SIGMA_CELLS * cell)
    return bumps / bumps.sum((2, 3), keepdim=True).clamp_min(1e-12)


def place_loss(logits: Tensor, points_norm: Tensor, cells: Tensor, weight: Tensor) -> Tensor:
    """Cross-entropy between each map, one softmax over all its cells, and its target.

    From ten pictures this learns several times faster than squared differences, which are content
    with empty maps for long.

    Args:
        logits: ``(B, P, M, M)``.
        points_norm: ``(B, P, 2)``; what is NaN or outside the picture does not count.
        cells: ``(M,)``.
        weight: ``(B, P)``: how much each point counts, 0..1.

    Returns:
        The weighted mean; 0 where nothing counts.
    """
    inside = (points_norm.abs() < 1).all(-1)  # false of NaN
    counts = weight * inside
    safe = torch.where(inside[..., None], points_norm, 0.0)
    wanted = target_maps(safe, cells).flatten(2)
    each = -(wanted * logits.flatten(2).log_softmax(-1)).sum(-1)
    return (each * counts).sum() / counts.sum().clamp_min(1.0)


def sight_loss(logits: Tensor, visible: Tensor) -> Tensor:
    """Binary cross-entropy of visibility, over what was said.

    Args:
        logits: ``(B, P)`` log odds of being visible.
        visible: ``(B, P)``: 1, 0, or NaN where nothing was said.
    """
    said = visible.isfinite()
    each = F.binary_cross_entropy_with_logits(logits, visible.nan_to_num(0.0), reduction="none")
    return (each * said).sum() / said.sum().clamp_min(1)
