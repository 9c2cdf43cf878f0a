"""Random changes of what labelled pictures look like: light, sharpness, noise, things in front."""

from __future__ import annotations

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

LIGHT = 0.3
"""Largest logarithm of gamma, of contrast and of brightness."""

BLURRED = 0.3
"""Share of pictures that are softened, or sharpened."""

NOISE = 0.03
"""Largest deviation of the noise."""

COVERED = 0.5
"""Share of pictures of which a rectangle is covered."""


def change_looks(pictures: Tensor, rng: np.random.Generator) -> Tensor:
    """Change each picture by itself.

    Args:
        pictures: ``(B, 3, S, S)`` in 0..1.
        rng: Draws everything.

    Returns:
        The same shape, in 0..1.
    """
    count, side = len(pictures), pictures.shape[-1]

    def each(numbers: np.ndarray) -> Tensor:
        return torch.from_numpy(numbers.astype(np.float32)).view(-1, 1, 1, 1)

    gamma, contrast, light = (each(np.exp(rng.uniform(-LIGHT, LIGHT, count))) for _ in range(3))
    x = pictures.clamp(1e-4, 1) ** gamma
    mean = x.mean((2, 3), keepdim=True)
    x = (x - mean) * contrast + mean * light
    soft = F.avg_pool2d(F.pad(x, (1, 1, 1, 1), mode="replicate"), 3, 1)
    x = x + each((rng.random(count) < BLURRED) * rng.uniform(-1, 1, count)) * (soft - x)
    grain = rng.standard_normal(x.shape, dtype=np.float32)
    x = x + each(rng.uniform(0, NOISE, count)) * torch.from_numpy(grain)
    for number in np.flatnonzero(rng.random(count) < COVERED):
        height, width = rng.integers(side // 16, side // 5 + 1, 2)
        top, left = rng.integers(0, side - height), rng.integers(0, side - width)
        x[number, :, top : top + height, left : left + width] = float(rng.random())
    return x.clamp(0, 1)
