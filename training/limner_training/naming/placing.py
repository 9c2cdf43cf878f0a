"""Random placements of labelled pictures: turned, scaled, shifted and gently bent.

Ten pictures teach a network nothing of places that it never saw; placed anew at each step they do.
A fixed camera wants small turns, an animal seen from above whole ones: `turn_of` judges by the
labels. The bend moves neighbouring parts apart a little, as another pose does.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor

from limner_training.data.frames import MARGIN

FINER = 1.5
"""Cuts are stored with this many pixels to one that the network sees, so that resampling them does
not blur."""

LEAST_TURN = 10.0
"""Degrees; cameras and heads tilt, labelled so or not."""

_KNOTS = 5
_ROUNDS = 4
"""Of finding where a bend has taken a point: it moves by a tenth, so each gains a digit."""


def stored_size(image_size: int) -> int:
    """Side of the stored cuts, margin included."""
    return 2 * round(image_size * MARGIN * FINER / 2)


@dataclass(frozen=True, slots=True)
class Placing:
    """Largest changes; all are drawn evenly between plus and minus, bends normally.

    Attributes:
        turn_deg: Degrees.
        scale: Logarithm of the scale.
        stretch: Logarithm of width over height.
        shift: Units of half the crop's side.
        bend: Standard deviation of the displacement at each of 5 x 5 knots, same units.
        mirror: Whether half of the pictures are mirrored left to right.
    """

    turn_deg: float = LEAST_TURN
    scale: float = 0.15
    stretch: float = 0.06
    shift: float = 0.15
    bend: float = 0.05
    mirror: bool = False

    def draw(self, rng: np.random.Generator, count: int) -> Places:
        """Placements of ``count`` pictures."""
        turn = np.deg2rad(rng.uniform(-self.turn_deg, self.turn_deg, count))
        scale = np.exp(rng.uniform(-self.scale, self.scale, count))
        stretch = np.exp(rng.uniform(-self.stretch, self.stretch, count))
        shift = rng.uniform(-self.shift, self.shift, (count, 2))
        cos, sin = scale * np.cos(turn), scale * np.sin(turn)
        mirrored = (rng.random(count) < 0.5) & self.mirror
        wide = np.where(mirrored, -stretch, stretch)
        rows = np.array([[cos * wide, -sin / stretch], [sin * wide, cos / stretch]])
        maps = np.concatenate([rows.transpose(2, 0, 1), shift[:, :, None]], 2)
        knots = rng.normal(0, self.bend, (count, 2, _KNOTS, _KNOTS))
        return Places(
            torch.from_numpy(maps.astype(np.float32)),
            torch.from_numpy(knots.astype(np.float32)),
            torch.from_numpy(mirrored),
        )


@dataclass(frozen=True, slots=True, eq=False)
class Places:
    """Where the places of B pictures come from in their crops, both in -1..1.

    ``crop = A (x, y, 1) + bend(x, y)``.

    Attributes:
        maps: ``(B, 2, 3)``: ``A``.
        knots: ``(B, 2, 5, 5)``: the bend, between its knots by cubics.
        mirrored: ``(B,)`` bool: whose maps mirror; there, left landmarks are right ones.
    """

    maps: Tensor
    knots: Tensor
    mirrored: Tensor

    @classmethod
    def plain(cls, count: int) -> Places:
        """Pictures as they are."""
        return cls(
            torch.eye(2, 3).repeat(count, 1, 1),
            torch.zeros(count, 2, _KNOTS, _KNOTS),
            torch.zeros(count, dtype=torch.bool),
        )

    def pictures(self, cuts: Tensor, size: int) -> Tensor:
        """Resample.

        Args:
            cuts: ``(B, 3, Q, Q)`` in 0..1, `MARGIN` wider than the crops.
            size: ``S``.

        Returns:
            ``(B, 3, S, S)``; beyond a cut its edge goes on.
        """
        grid = F.affine_grid(self.maps, [len(cuts), 3, size, size], align_corners=False)
        grid = grid + self._bends(size).permute(0, 2, 3, 1)
        return F.grid_sample(cuts, grid / MARGIN, padding_mode="border", align_corners=False)

    def points(self, points_norm: Tensor, size: int) -> Tensor:
        """Where points of the crops are in the pictures, by fixed-point iteration.

        Args:
            points_norm: ``(B, P, 2)``, NaN where missing.
            size: As for `pictures`.
        """
        back, wanted = (
            torch.linalg.inv(self.maps[:, :, :2]),
            points_norm - self.maps[:, None, :, 2],
        )
        bends, placed = self._bends(size), wanted @ back.transpose(1, 2)
        for _ in range(_ROUNDS):
            there = placed.nan_to_num(0.0)[:, None]  # (B, 1, P, 2)
            moved = F.grid_sample(bends, there, padding_mode="border", align_corners=False)
            placed = (wanted - moved[:, :, 0].transpose(1, 2)) @ back.transpose(1, 2)
        found: Tensor = placed
        return found

    def _bends(self, size: int) -> Tensor:
        """``(B, 2, S, S)``."""
        return F.interpolate(self.knots, (size, size), mode="bicubic", align_corners=False)


def turn_of(points: NDArray[np.floating]) -> float:
    """Largest turn to learn with: what poses are turned by among themselves, or all the way round.

    Each pose is turned upon their mean, which is made anew from the turned ones (Procrustes).
    Poses that lie in all directions are seen from above: any direction is as likely.

    Args:
        points: ``(N, P, 2)``, NaN where missing.

    Returns:
        Degrees, `LEAST_TURN` to 180.
    """
    poses = np.asarray(points, np.float64)
    middles = np.nanmean(poses, 1, keepdims=True) if np.isfinite(poses).any() else 0.0
    flat = (poses - middles) @ np.array([1, 1j])  # (N, P)
    there = np.isfinite(flat)
    flat = np.where(there, flat, 0)[there.sum(1) >= 2]
    if len(flat) < 2:
        return LEAST_TURN
    angles = np.zeros(len(flat))
    mean = flat[np.argmax((flat != 0).sum(1))]
    for _ in range(10):
        angles = np.angle((flat * mean.conj()).sum(1))
        turned = flat * np.exp(-1j * angles)[:, None]
        mean = turned.sum(0) / np.maximum((flat != 0).sum(0), 1)
    agreed = abs(np.exp(1j * angles).mean())
    if agreed < 0.75:  # a circular deviation of about 43 degrees
        return 180.0
    deviation = np.rad2deg(np.sqrt(-2 * np.log(agreed)))
    return float(np.clip(1.5 * deviation, LEAST_TURN, 180.0))
