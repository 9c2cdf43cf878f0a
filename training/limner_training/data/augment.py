"""Turning, shifting, scaling and mirroring of cuts, on whole batches.

Source and target of a pair share one random placement, so that the network sees many. Landmarks
must move with the object and not with the frame; which placements teach that is the recipe's
business.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor


@dataclass(frozen=True, slots=True)
class Jitter:
    """Standard deviations of random placements.

    Attributes:
        shift: In units of half the crop's side.
        turn_rad: Angle.
        scale: Logarithm of the scale.
    """

    shift: float
    turn_rad: float
    scale: float

    def draw(self, rng: np.random.Generator, count: int) -> NDArray[np.float32]:
        """``(count, 2, 3)`` affine maps from places in the picture to places in the crop."""
        turn = rng.normal(0, self.turn_rad, count)
        scale = np.exp(rng.normal(0, self.scale, count))
        shift = rng.normal(0, self.shift, (count, 2))
        # Rare far draws would leave the stored margin.
        turn, shift = np.clip(turn, -0.5, 0.5), np.clip(shift, -0.3, 0.3)
        return affine(turn, np.clip(scale, 0.7, 1.3), shift)


NONE = Jitter(0.0, 0.0, 0.0)


def affine(
    turn_rad: NDArray[np.float64], scale: NDArray[np.float64], shift: NDArray[np.float64]
) -> NDArray[np.float32]:
    """Similarity maps ``place in crop = A @ (x, y, 1)``.

    Args:
        turn_rad: ``(B,)``.
        scale: ``(B,)``.
        shift: ``(B, 2)``, units of half the crop's side.

    Returns:
        ``(B, 2, 3)`` float32.
    """
    cos, sin = np.cos(turn_rad) * scale, np.sin(turn_rad) * scale
    rows = np.stack([np.stack([cos, -sin], -1), np.stack([sin, cos], -1)], 1)
    return np.concatenate([rows, shift[..., None]], -1).astype(np.float32)


def compose(outer: NDArray[np.float32], inner: NDArray[np.float32]) -> NDArray[np.float32]:
    """``outer`` after ``inner``, both ``(B, 2, 3)``."""
    linear = outer[:, :, :2] @ inner[:, :, :2]
    moved = outer[:, :, :2] @ inner[:, :, 2:] + outer[:, :, 2:]
    return np.concatenate([linear, moved], -1)


def sample(
    cuts: Tensor, maps: Tensor, image_size: int, margin: float, mirror: Tensor | None = None
) -> Tensor:
    """Resample stored cuts to what the network sees.

    Cuts stored at twice the wanted size or more are averaged over blocks first: bilinear
    resampling alone would drop pixels and let fine stripes flicker.

    Args:
        cuts: ``(B, P, P, 3)`` uint8.
        maps: ``(B, 2, 3)``: from places in the picture to places in the crop, both in -1..1.
        image_size: ``S``.
        margin: How much wider the cuts are than the crop.
        mirror: ``(B,)`` bool: which pictures are mirrored left to right.

    Returns:
        ``(B, 3, S, S)`` float32 in 0..1.
    """
    x = cuts.permute(0, 3, 1, 2).float().div_(255)
    block = _block(x.shape[-1], image_size, margin)
    if block > 1:
        x = F.avg_pool2d(x, block)
    theta = maps / margin
    if mirror is not None:
        sign = torch.where(mirror, -1.0, 1.0).to(theta)
        theta = theta * torch.stack([sign, torch.ones_like(sign)], -1).unsqueeze(-1)
    size = [len(x), 3, image_size, image_size]
    grid = F.affine_grid(theta, size, align_corners=False)
    return F.grid_sample(x, grid, padding_mode="border", align_corners=False)


def tints(rng: np.random.Generator, count: int, strength: float) -> NDArray[np.float32]:
    """Random changes of colour: how each of red, green and blue is mixed anew from all three.

    Args:
        rng: What is random.
        count: ``B``.
        strength: At 1, each colour's brightness varies by a factor with a standard deviation of a
            fifth, a tenth of each other colour is mixed in, and a tenth of white added or taken.

    Returns:
        ``(B, 3, 4)`` float32: a matrix, and what is added.
    """
    gains = np.exp(
        rng.normal(0, 0.2 * strength, (count, 1)) + rng.normal(0, 0.15, (count, 3)) * strength
    )
    mixed = rng.normal(0, 0.1 * strength, (count, 3, 3))
    mixed *= 1 - np.eye(3)
    matrix = np.eye(3) + mixed - np.eye(3) * mixed.sum(-1, keepdims=True)
    matrix = matrix * gains[:, :, None]
    added = rng.normal(0, 0.1 * strength, (count, 3, 1))
    return np.concatenate([matrix, added], -1).astype(np.float32)


def tinted(pictures: Tensor, tint: Tensor) -> Tensor:
    """Pictures ``(B, 3, S, S)`` in 0..1 with their colours changed by ``(B, 3, 4)`` of `tints`."""
    mixed = torch.einsum("bij,bjhw->bihw", tint[:, :, :3], pictures)
    return (mixed + tint[:, :, 3, None, None]).clamp(0, 1)


def _block(stored: int, image_size: int, margin: float) -> int:
    """Side of the largest blocks that tile a cut and are no larger than a pixel that is wanted."""
    most = int(stored / (margin * image_size) + 1e-6)
    return next((side for side in range(most, 1, -1) if stored % side == 0), 1)
