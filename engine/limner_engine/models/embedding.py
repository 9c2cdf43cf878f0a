"""What the first layer of named landmarks looks at: a few hundred numbers of a picture.

With a base model these are its landmarks, plain and as a shape freed of place, turn and size, and
its detector's features, averaged over coarse cells. Without one they are the brightness and the
directions of edges in coarse cells of the picture (Dalal and Triggs 2005, without their blocks),
which know nothing but ask for no learning.

Letters in shape comments as in `blocks`, and F numbers of a picture.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from limner_engine.models.imm import IMM, IMMConfig
from limner_engine.models.keypointgan import KeypointGAN, KeypointGANConfig

PICTURE_SIDE = 64
CELLS = 8
DIRECTIONS = 8
POOLED_SIDE = 4
PLACEMENT = 4
"""Numbers of a similarity: scaled cosine and sine, shift along x and y."""


class Seen(NamedTuple):
    """What is seen in pictures, before anything is known of labels.

    Attributes:
        points_norm: ``(B, K, 2)`` landmarks of the base, -1..1; K is 0 without one.
        confidence: ``(B, K)`` 0..1.
        looks: ``(B, E)``: the averaged features, or those of the plain picture.
    """

    points_norm: Tensor
    confidence: Tensor
    looks: Tensor


class Features(NamedTuple):
    """What the first layer's linear map is applied to.

    Attributes:
        columns: ``(B, F)``.
        placement: ``(B, 4)``: how the object lies, see `similarity`.
        doubt: ``(B,)`` 0..1: how little the base knows of its landmarks; 0 without a base.
    """

    columns: Tensor
    placement: Tensor
    doubt: Tensor


class Embedding(nn.Module):
    """Pictures to numbers.

    Args:
        base: Sizes of the model that finds landmarks; None for none.
    """

    reference: Tensor
    _directions: Tensor

    def __init__(self, base: IMMConfig | KeypointGANConfig | None) -> None:
        super().__init__()
        self.base: IMM | KeypointGAN | None = None
        count = 0
        if base is not None:
            if base.bottleneck == "vector":
                raise ValueError("a model without landmarks cannot be a base")
            self.base = KeypointGAN(base) if isinstance(base, KeypointGANConfig) else IMM(base)
            # Nothing is redrawn here: what draws would be most of the file.
            self.base.forget_drawing()
            count = base.landmark_count
        self.landmark_count = count
        # The shape that others are laid upon.
        self.register_buffer("reference", torch.zeros(count, 2))
        self.register_buffer("_directions", _directions(), persistent=False)

    @property
    def looks_count(self) -> int:
        """``E``."""
        if self.base is None:
            return CELLS * CELLS * (DIRECTIONS + 1)
        return self.base.feature_channels * POOLED_SIDE * POOLED_SIDE

    @property
    def shape_count(self) -> int:
        """How many of the columns are about places: they come first."""
        return 4 * self.landmark_count + PLACEMENT if self.landmark_count else 0

    @property
    def feature_count(self) -> int:
        """``F``."""
        return self.shape_count + self.looks_count

    def see(self, images: Tensor) -> Seen:
        """Look at pictures.

        Args:
            images: ``(B, 3, S, S)`` in 0..1; of another size than the base's, they are resampled.
        """
        if self.base is None:
            empty = images.new_zeros((len(images), 0, 2), dtype=torch.float32)
            return Seen(empty, empty[..., 0], self._plain_looks(images.float()))
        found, maps = self.base.look(resized(images, self.base.config.image_size))
        looks = functional.adaptive_avg_pool2d(maps.float(), POOLED_SIDE).flatten(1)
        return Seen(found.points_norm, found.confidence, looks)

    def columns(self, seen: Seen) -> Features:
        """What is seen, as the columns of a regression."""
        if not self.landmark_count:
            still = seen.looks.new_tensor([1.0, 0.0, 0.0, 0.0])
            doubt = seen.looks.new_zeros(len(seen.looks))
            return Features(seen.looks, still.expand(len(seen.looks), -1), doubt)
        points = seen.points_norm
        placement = similarity(self.reference, points, seen.confidence)
        shape = take_back(points, placement)
        parts = [points.flatten(1), shape.flatten(1), placement, seen.looks]
        return Features(torch.cat(parts, 1), placement, 1 - seen.confidence.mean(1))

    def _plain_looks(self, images: Tensor) -> Tensor:
        grey = resized(images, PICTURE_SIDE).mean(1, keepdim=True)
        dx = functional.pad(grey[..., 2:] - grey[..., :-2], (1, 1))
        dy = functional.pad(grey[..., 2:, :] - grey[..., :-2, :], (0, 0, 1, 1))
        # How much of an edge runs across each direction; both signs apart.
        along = torch.relu(dx * self._directions[0] + dy * self._directions[1])
        edges = functional.adaptive_avg_pool2d(along, CELLS)
        edges = edges / (edges.square().mean((1, 2, 3), keepdim=True).sqrt() + 1e-3)
        light = functional.adaptive_avg_pool2d(grey, CELLS)
        light = light - light.mean((2, 3), keepdim=True)
        light = light / (light.square().mean((2, 3), keepdim=True).sqrt() + 1e-2)
        return torch.cat([edges, light], 1).flatten(1)


def resized(images: Tensor, side: int) -> Tensor:
    """Pictures resampled to ``side``; areas are averaged where they shrink by a whole number."""
    size = images.shape[-1]
    if size == side:
        return images
    if size % side == 0:
        return functional.avg_pool2d(images, size // side)
    wanted = (side, side)
    # In float32: not every device resamples other formats.
    smooth = functional.interpolate(images.float(), wanted, mode="bilinear", antialias=size > side)
    return smooth.to(images.dtype)


def similarity(reference: Tensor, points: Tensor, weights: Tensor) -> Tensor:
    """The turn, size and shift that lay a shape upon points with the least squared error.

    With plane points as complex numbers, ``points ~ a reference + b`` has the closed form
    ``a = sum w conj(r - mean r) (p - mean p) / sum w |r - mean r|^2``.

    Args:
        reference: ``(K, 2)``.
        points: ``(B, K, 2)``.
        weights: ``(B, K)``, at least 0.

    Returns:
        ``(B, 4)``: real and imaginary part of a, then b. A shape that is one point is only
        shifted.
    """
    share = weights.float().clamp_min(1e-3)
    share = (share / share.sum(1, keepdim=True))[..., None]
    middle = (share * points).sum(1, keepdim=True)
    centre = (share * reference).sum(1, keepdim=True)
    p, r = points - middle, reference - centre
    size = (share * r.square()).sum((1, 2))
    real = (share * (r * p)).sum((1, 2))
    imaginary = (share[..., 0] * (r[..., 0] * p[..., 1] - r[..., 1] * p[..., 0])).sum(1)
    known = (size > 1e-8) & (real.square() + imaginary.square() > 1e-4 * size.square())
    safe = torch.where(known, size, 1.0)
    real = torch.where(known, real / safe, 1.0)
    imaginary = torch.where(known, imaginary / safe, 0.0)
    turned = _times(centre[:, 0], real, imaginary)
    return torch.stack([real, imaginary, *(middle[:, 0] - turned).unbind(1)], 1)


def lay(points: Tensor, placement: Tensor) -> Tensor:
    """Points of the reference's frame where the object lies: ``(B, P, 2)``."""
    real, imaginary = placement[:, None, 0], placement[:, None, 1]
    return _times(points, real, imaginary) + placement[:, None, 2:]


def take_back(points: Tensor, placement: Tensor) -> Tensor:
    """The inverse of `lay`."""
    real, imaginary = placement[:, None, 0], placement[:, None, 1]
    size = real.square() + imaginary.square()
    return _times(points - placement[:, None, 2:], real / size, -imaginary / size)


def _times(points: Tensor, real: Tensor, imaginary: Tensor) -> Tensor:
    x, y = points[..., 0], points[..., 1]
    return torch.stack([real * x - imaginary * y, imaginary * x + real * y], -1)


def _directions() -> Tensor:
    angles = torch.arange(DIRECTIONS) * (2 * math.pi / DIRECTIONS)
    return torch.stack([angles.cos(), angles.sin()])[:, :, None, None]
