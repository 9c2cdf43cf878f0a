"""The differentiable renderer of KeypointGAN: landmarks drawn as the lines of a skeleton.

    beta(p)_u = max over edges e of exp(-gamma d_e(u))          (authors' program)
    beta(p)_u = max over edges e of exp(-gamma d_e(u)^2)        (paper, Eq. 2)

d_e(u) is the distance from pixel u to the line segment of edge e, in units of half the picture.
The maximum of a falling function is that function of the smallest distance: so the nearest edge is
found first, and one exponential is taken per pixel. By the envelope theorem the gradient may
forget how the nearest place on the edge was found.
"""

from __future__ import annotations

from typing import Literal

import torch
from torch import Tensor

Renderer = Literal["distance", "squared"]

SHARPNESS = 25.0
"""``gamma``, of both forms: 1 / 0.2^2."""

_SOFT = 1e-6
"""Added to squared distances: the root has a gradient at 0. Lines reach 0.975 at their centre."""

_SHORTEST = 1e-6
"""Squared length below which an edge is a point."""


def pixel_centres(side: int) -> Tensor:
    """``(side, side, 2)`` float32: ``(x, y)`` of the pixels of a picture, in -1..1."""
    along = (2 * torch.arange(side, dtype=torch.float32) + 1) / side - 1
    y, x = torch.meshgrid(along, along, indexing="ij")
    return torch.stack([x, y], -1)


def skeleton_pictures(
    points_norm: Tensor, edges: Tensor, pixels: Tensor, renderer: Renderer = "distance"
) -> Tensor:
    """Draw skeletons.

    Args:
        points_norm: ``(B, K, 2)``, ``(x, y)`` in -1..1; gradients go here.
        edges: ``(E, 2)`` int64: which landmarks are joined.
        pixels: ``(S, S, 2)`` from `pixel_centres`.
        renderer: See above.

    Returns:
        ``(B, 1, S, S)`` float32 in 0..1; 1 on the lines.
    """
    points = points_norm.float()
    side = pixels.shape[0]
    flat = pixels.reshape(-1, 2)  # (N, 2)
    with torch.no_grad():
        nearest, along = _nearest_edge(points, edges, flat)  # (B, N) each
    first, second = edges[:, 0][nearest], edges[:, 1][nearest]  # (B, N)
    start = points.gather(1, first.unsqueeze(-1).expand(-1, -1, 2))
    end = points.gather(1, second.unsqueeze(-1).expand(-1, -1, 2))
    place = torch.lerp(start, end, along.unsqueeze(-1))
    squared = (place - flat).square().sum(-1)
    apart = squared if renderer == "squared" else (squared + _SOFT).sqrt()
    return torch.exp(-SHARPNESS * apart).view(-1, 1, side, side)


def _nearest_edge(points: Tensor, edges: Tensor, pixels: Tensor) -> tuple[Tensor, Tensor]:
    """The edge nearest to each pixel, and how far along it the nearest place lies, 0..1.

    Edges are gone through one by one: all at once they would fill memory.
    """
    x, y = pixels[:, 0], pixels[:, 1]  # (N,)
    count = len(points)
    least = torch.full((count, len(pixels)), torch.inf, device=points.device)
    nearest = torch.zeros(least.shape, dtype=torch.int64, device=points.device)
    along = torch.zeros_like(least)
    for number, (a, b) in enumerate(edges.tolist()):
        ax, ay = points[:, a, 0:1], points[:, a, 1:2]  # (B, 1)
        wide, high = points[:, b, 0:1] - ax, points[:, b, 1:2] - ay
        length = (wide * wide + high * high).clamp_min(_SHORTEST)
        # share = <u - a, b - a> / |b - a|^2
        share = (x * (wide / length)).add_(y * (high / length))
        share = share.sub_((ax * wide + ay * high) / length).clamp_(0, 1)
        off_x = (share * wide).add_(ax).sub_(x)
        off_y = (share * high).add_(ay).sub_(y)
        squared = off_x.square_().add_(off_y.square_())
        nearer = squared < least
        least = torch.where(nearer, squared, least)
        along = torch.where(nearer, share, along)
        nearest.masked_fill_(nearer, number)
    return nearest, along
