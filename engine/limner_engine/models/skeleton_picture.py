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

FAR = 10.0
"""A landmark further out than this is not there, and its edges are not drawn."""

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
        points_norm: ``(B, K, 2)``, ``(x, y)`` in -1..1, or beyond `FAR` where one is not there;
            gradients go here.
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
        nearest, drawn = _nearest_edge(points, edges, pixels)  # (B, N) each
    first, second = edges[:, 0][nearest], edges[:, 1][nearest]
    start = points.gather(1, first.unsqueeze(-1).expand(-1, -1, 2))  # (B, N, 2)
    end = points.gather(1, second.unsqueeze(-1).expand(-1, -1, 2))
    with torch.no_grad():
        edge = end - start
        length = edge.square().sum(-1).clamp_min(_SHORTEST)
        along = (((flat - start) * edge).sum(-1) / length).clamp(0, 1)
    place = torch.lerp(start, end, along.unsqueeze(-1))
    squared = (place - flat).square().sum(-1)
    apart = squared if renderer == "squared" else (squared + _SOFT).sqrt()
    return (torch.exp(-SHARPNESS * apart) * drawn).view(-1, 1, side, side)


def _nearest_edge(points: Tensor, edges: Tensor, pixels: Tensor) -> tuple[Tensor, Tensor]:
    """Which edge is nearest to each pixel, and whether there is any: ``(B, N)`` int64 and bool.

    With s the place of a pixel u along edge (a, b), and t the same kept within 0..1,

        |a + t (b - a) - u|^2 = |u - a|^2 + |b - a|^2 t (t - 2 s)

    s and |u - a|^2 are sums of a row and a column, so that a whole picture is touched few times.
    Edges are gone through one by one: all at once they would fill memory.
    """
    x, y = pixels[0, :, 0], pixels[:, 0, 1]  # (S,) each
    count, side = len(points), len(x)
    least = torch.full((count, side, side), torch.inf, device=points.device)
    nearest = torch.zeros(least.shape, dtype=torch.int16, device=points.device)
    gone = points.abs().amax(-1) > FAR  # (B, K)
    for number, (a, b) in enumerate(edges.tolist()):
        off_x, off_y = x - points[:, a, 0:1], y - points[:, a, 1:2]  # (B, S)
        edge = points[:, b] - points[:, a]
        length = edge.square().sum(-1, keepdim=True).clamp_min(_SHORTEST)  # (B, 1)
        across, down = off_x * (edge[:, 0:1] / length), off_y * (edge[:, 1:2] / length)
        place = across.unsqueeze(1) + down.unsqueeze(2)  # (B, S, S): s
        kept = place.clamp(0, 1)
        squared = kept.mul_(kept.sub(place, alpha=2)).mul_(length.unsqueeze(-1))
        squared += off_x.square().unsqueeze(1)
        squared += off_y.square().unsqueeze(2)
        squared.masked_fill_((gone[:, a] | gone[:, b])[:, None, None], torch.inf)
        nearer = squared < least
        torch.minimum(least, squared, out=least)
        nearest.masked_fill_(nearer, number)
    return nearest.flatten(1).long(), least.isfinite().flatten(1)
