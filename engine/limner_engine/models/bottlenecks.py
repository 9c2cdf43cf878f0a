"""What passes from the target's picture to the drawing: landmarks, or bare numbers.

Landmarks are read off the detector's logits and drawn as bumps (IMM's Eqs. 2 and 3). The numbers
are what the paper compares them with: as many of them, but free to mean anything.

Letters in shape comments as in `blocks`.
"""

from __future__ import annotations

from typing import Literal

import torch
from torch import Tensor, nn

Marginals = Literal["mean_logit", "sum_logit", "softmax2d"]


def marginals(logits: Tensor, form: Marginals) -> tuple[Tensor, Tensor]:
    """Distributions of each landmark along y and along x (paper, Eq. 2).

    Args:
        logits: ``(B, K, G, G)``.
        form: ``mean_logit`` averages logits over the other axis, ``sum_logit`` sums them;
            ``softmax2d`` is one softmax over all cells.

    Returns:
        Along y, along x: ``(B, K, G)`` each, summing to one.
    """
    if form == "softmax2d":
        joint = logits.flatten(2).softmax(-1).view_as(logits)
        return joint.sum(3), joint.sum(2)
    if form == "sum_logit":
        return logits.sum(3).softmax(-1), logits.sum(2).softmax(-1)
    return logits.mean(3).softmax(-1), logits.mean(2).softmax(-1)


def moments(distribution: Tensor, grid: Tensor) -> tuple[Tensor, Tensor]:
    """Mean and standard deviation of distributions over a grid.

    Args:
        distribution: ``(B, K, G)``, summing to one.
        grid: ``(G,)``: coordinates of the cells.

    Returns:
        ``(B, K)`` each, in units of the grid.
    """
    mean = (distribution * grid).sum(-1)
    variance = (distribution * (grid - mean.unsqueeze(-1)) ** 2).sum(-1)
    return mean, variance.clamp_min(1e-12).sqrt()


def gaussian_maps(points_norm: Tensor, grid: Tensor, sigma: float) -> Tensor:
    """Draw points as bumps of height one (paper, Eq. 3).

    Args:
        points_norm: ``(B, K, 2)``, ``(x, y)``.
        grid: ``(G,)``: coordinates of the columns, and of the rows.
        sigma: Width; the bump is ``exp(-d^2 / sigma^2)``.

    Returns:
        ``(B, K, G, G)``.
    """
    # The bump is separable: two rows of G exponentials, not G * G of them.
    bumps = torch.exp(-((points_norm.unsqueeze(-1) - grid) ** 2) / sigma**2)  # (B, K, 2, G)
    return bumps[:, :, 1, :, None] * bumps[:, :, 0, None, :]


class VectorBottleneck(nn.Module):
    """Fully connected in place of landmarks: ``d = 2 K`` numbers (paper, Table 2).

    The paper gives no more of it than d. Here one linear layer reads the numbers from all features
    at once, and one draws them, so that nothing but the bottleneck differs from the landmarks.

    Args:
        channels: Channels of the features.
        pairs: ``K``: pairs of numbers, and maps.
        grid_size: ``G``.
    """

    def __init__(self, channels: int, pairs: int, grid_size: int) -> None:
        super().__init__()
        self.pairs = pairs
        self.grid_size = grid_size
        self.reading = nn.Linear(channels * grid_size**2, 2 * pairs)
        self.drawing = nn.Linear(2 * pairs, pairs * grid_size**2)

    def read(self, features: Tensor) -> Tensor:
        """``(B, C, G, G)`` to ``(B, K, 2)`` float32, unbounded: numbers, not places."""
        numbers: Tensor = self.reading(features.flatten(1))
        return numbers.float().view(-1, self.pairs, 2)

    def draw(self, numbers: Tensor) -> Tensor:
        """``(B, K, 2)`` to maps, ``(B, K, G, G)``."""
        maps: Tensor = self.drawing(numbers.flatten(1))
        return maps.view(-1, self.pairs, self.grid_size, self.grid_size)
