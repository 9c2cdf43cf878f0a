"""Thin-plate splines that bend still pictures, so that one gives a pair (Jakab et al. 2018).

The target is a bent picture, and the source is the target bent once more, as in the authors'
program; their paper bends one picture twice. What came from outside the picture is no part of the
loss: a mask of the picture's border is bent along with the target.
"""

from __future__ import annotations

import dataclasses
import math
import zlib
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

CONTROLS = 10
"""Control points a side, evenly from -1 to 1."""

_LEAST_SQUARE = 1e-8
"""Squared distances are at least this, where the logarithm would leave."""

_STRIP_OF = 128
_STRIP_ZEROS = 10
_STRIP_RAMP = 20
_RAMP_WIDTH = 0.4


@dataclass(frozen=True, slots=True)
class ThinPlate:
    """Standard deviations of a random bend; all lengths in units of half the picture's side.

    Coefficients are drawn themselves, no displacement of control points is solved for.

    Attributes:
        turn_rad: Of the angle.
        scale: Of the scale around 1.
        shift: Of the shift along each axis.
        fine: Of every control point's weight, along each axis.
        coarse: Of what half of the weights get on top of that.
    """

    turn_rad: float
    scale: float
    shift: float
    fine: float
    coarse: float


TARGET = ThinPlate(turn_rad=0.0, scale=0.0, shift=0.1, fine=0.001, coarse=0.005)
"""From a picture to a target, by the authors' program."""

SOURCE = ThinPlate(turn_rad=math.radians(5), scale=0.1, shift=0.1, fine=0.001, coarse=0.01)
"""From a target to its source, by the authors' program."""


class WarpCache:
    """Draws grids of one kind fast, by keeping the kernel between pixels and control points.

    With it a draw is one product of matrices. The authors' program keeps a thousand grids instead
    and renews some of them. The product takes a few milliseconds more for a batch, but needs no
    hundred megabytes, runs on the device, and makes every grid afresh.

    Args:
        plate: What is drawn.
        image_size: ``S``.
        seed: Of all draws. Two kinds of bend draw different numbers from one seed.
        device: Where grids are made and kept.
    """

    def __init__(self, plate: ThinPlate, image_size: int, seed: int, device: str = "cpu") -> None:
        self._plate = plate
        self._image_size = image_size
        values = np.array(dataclasses.astuple(plate), "<f8")
        self._key = (seed, zlib.crc32(values.tobytes()))
        self._basis = _basis(image_size).to(device)

    def draw(self, step: int, count: int) -> Tensor:
        """Grids of a step: a function of the plate, the seed, the step and the count alone.

        Args:
            step: Number of the step, at least 0.
            count: How many.

        Returns:
            ``(count, S, S, 2)`` float32 on the device; see `grids`.
        """
        seed, kind = self._key
        rng = np.random.default_rng((seed, step, kind))
        drawn = _coefficients(self._plate, rng, count).to(self._basis.device)
        return _evaluated(drawn, self._basis, self._image_size)


def grids(plate: ThinPlate, rng: np.random.Generator, count: int, image_size: int) -> Tensor:
    """Random bends, as `warp` takes them.

    A place p shows the place ``scale R(turn) p + shift + sum_i w_i U(|p - c_i|)`` of the picture,
    with ``U(r) = r^2 log r^2``.

    Args:
        plate: How strong they are.
        rng: Where from.
        count: How many.
        image_size: ``S``.

    Returns:
        ``(count, S, S, 2)`` float32: for each pixel the place (x, y) that it shows; -1 and 1 are
        the outer edges of the picture.
    """
    return _evaluated(_coefficients(plate, rng, count), _basis(image_size), image_size)


def warp(pictures: Tensor, grids: Tensor) -> Tensor:
    """Bend pictures, bilinearly; black is what came from outside.

    Args:
        pictures: ``(B, C, S, S)``.
        grids: ``(B, S, S, 2)`` of `grids` or `WarpCache.draw`.

    Returns:
        ``(B, C, S, S)`` of the pictures' type.
    """
    return F.grid_sample(pictures, grids, padding_mode="zeros", align_corners=False)


def border_mask(image_size: int) -> Tensor:
    """How much each pixel of an unbent picture counts: nothing at the border, all in the middle.

    Along each axis, of 128 px: 10 of zeros, a ramp of 20, ``0.5 + 0.5 tanh(t / 0.4)`` with t from
    -1 to 1, ones, and the same back. Other sizes in proportion.

    Returns:
        ``(S, S)`` float32 in 0..1.
    """
    zeros = round(_STRIP_ZEROS * image_size / _STRIP_OF)
    ramp = round(_STRIP_RAMP * image_size / _STRIP_OF)
    rising = 0.5 + 0.5 * torch.tanh(torch.linspace(-1, 1, ramp) / _RAMP_WIDTH)
    ones = torch.ones(image_size - 2 * (zeros + ramp))
    none = torch.zeros(zeros)
    strip = torch.cat([none, rising, ones, rising.flip(0), none])
    return torch.outer(strip, strip)


def still_pair(
    cuts: Tensor, target_grids: Tensor, source_grids: Tensor, mask: Tensor
) -> tuple[Tensor, Tensor, Tensor]:
    """A pair from each still picture.

    Args:
        cuts: ``(B, 3, S, S)``: the pictures.
        target_grids: ``(B, S, S, 2)``, drawn from `TARGET`: from pictures to targets.
        source_grids: ``(B, S, S, 2)``, drawn from `SOURCE`: from targets to sources.
        mask: ``(S, S)`` of `border_mask`, on the same device.

    Returns:
        Source and target, ``(B, 3, S, S)`` each, and how much each pixel of the target counts,
        ``(B, 1, S, S)`` in 0..1.
    """
    counted = mask.to(cuts.dtype).expand(len(cuts), 1, -1, -1)
    bent = warp(torch.cat([cuts, counted], 1), target_grids)
    target, weight = bent[:, :3], bent[:, 3:]
    return warp(target, source_grids), target, weight


def _basis(image_size: int) -> Tensor:
    """What coefficients are multiplied by, for every pixel: ``(CONTROLS^2 + 3, S^2)`` float32."""
    at = (2 * np.arange(image_size) + 1) / image_size - 1
    y, x = (axis.ravel() for axis in np.meshgrid(at, at, indexing="ij"))
    control = np.linspace(-1, 1, CONTROLS)
    control_y, control_x = (axis.ravel() for axis in np.meshgrid(control, control, indexing="ij"))
    square = (x - control_x[:, None]) ** 2 + (y - control_y[:, None]) ** 2
    square = np.maximum(square, _LEAST_SQUARE)
    kernel = square * np.log(square)
    rows = np.concatenate([kernel, x[None], y[None], np.ones((1, len(x)))])
    return torch.from_numpy(rows.astype(np.float32))


def _coefficients(plate: ThinPlate, rng: np.random.Generator, count: int) -> Tensor:
    """``(count, 2, CONTROLS^2 + 3)`` float32: weights, then the row of the affine map."""
    shape = (count, 2, CONTROLS**2)
    weights = rng.normal(0, plate.fine, shape)
    weights += (rng.random(shape) < 0.5) * rng.normal(0, plate.coarse, shape)
    turn = rng.normal(0, plate.turn_rad, count)
    scale = 1 + rng.normal(0, plate.scale, count)
    shift = rng.normal(0, plate.shift, (count, 2))
    cos, sin = scale * np.cos(turn), scale * np.sin(turn)
    linear = np.stack([np.stack([cos, -sin], -1), np.stack([sin, cos], -1)], 1)
    rows = np.concatenate([weights, linear, shift[..., None]], -1)
    return torch.from_numpy(rows.astype(np.float32))


def _evaluated(coefficients: Tensor, basis: Tensor, image_size: int) -> Tensor:
    places = coefficients.flatten(0, 1) @ basis
    places = places.view(len(coefficients), 2, image_size, image_size)
    return places.permute(0, 2, 3, 1)
