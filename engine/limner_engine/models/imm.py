"""IMM: landmarks from conditional image generation.

Jakab, Gupta, Bilen and Vedaldi, "Unsupervised Learning of Object Landmarks through Conditional
Image Generation", NeurIPS 2018. A detector reduces the target picture to K points; a generator
redraws the target from those points and the *looks* of another picture of the same object. Points
are all that passes from the target, so they come to mark what moves.

    appearance = encode(source)
    points     = detect(target).points_norm
    redrawn    = render(appearance, points)      # is to equal target

Letters in shape comments as in `blocks`.
"""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

import torch
from torch import Tensor, nn

from limner_engine.models.blocks import Decoder, Encoder, Initial, initialise
from limner_engine.models.bottlenecks import (
    Marginals,
    VectorBottleneck,
    gaussian_maps,
    marginals,
    moments,
)

Grid = Literal["centres", "corners"]
Bottleneck = Literal["landmarks", "vector"]

_ADDED_LATER = ("bottleneck",)
"""Sizes that older model files do not name."""


@dataclass(frozen=True, kw_only=True, slots=True)
class IMMConfig:
    """Sizes of an IMM.

    Attributes:
        image_size: ``S``: side of the pictures; a power of two from ``grid_size`` up.
        width: Channels of the first convolutions.
        landmark_count: ``K``.
        grid_size: ``G``: side of the grid on which landmarks are read and drawn.
        sigma: Landmarks are drawn as ``exp(-d^2 / sigma^2)``, d in units of half the picture.
            The authors' program has 0.1; the paper's Eq. (3) has a factor 1/2 besides.
        marginals: How logits become coordinates. ``mean_logit`` averages them over the other
            axis, as the authors' program does, and measures best; ``sum_logit`` is the paper's
            sum, 16 times sharper on a 16-grid; ``softmax2d`` is one softmax over all cells.
        grid: ``centres`` puts coordinates at the centres of cells; ``corners`` spreads them from
            the first pixel's centre to the last one's, as the authors' program does.
        bottleneck: What passes from the target: ``landmarks``, or, to compare with, a ``vector``
            of ``d = 2 K`` numbers without places (paper, Table 2, d = 10, 20, 60).
    """

    image_size: int = 128
    width: int = 32
    landmark_count: int = 30
    grid_size: int = 16
    sigma: float = 0.1
    marginals: Marginals = "mean_logit"
    grid: Grid = "centres"
    bottleneck: Bottleneck = "landmarks"

    def __post_init__(self) -> None:
        ratio = self.image_size // max(self.grid_size, 1)
        if not (4 <= self.grid_size <= 64 and ratio * self.grid_size == self.image_size):
            raise ValueError("image_size must be a multiple of grid_size, and that 4 to 64")
        if not (1 <= ratio <= 32 and ratio & (ratio - 1) == 0):
            raise ValueError("image_size over grid_size must be a power of two up to 32")
        if not (1 <= self.width <= 256 and 1 <= self.landmark_count <= 200):
            raise ValueError("width must be 1 to 256, landmark_count 1 to 200")
        if not (0.001 <= self.sigma <= 2.0):
            raise ValueError("sigma must be 0.001 to 2")
        if self.marginals not in ("mean_logit", "sum_logit", "softmax2d"):
            raise ValueError(f"unknown marginals {self.marginals!r}")
        if self.grid not in ("centres", "corners"):
            raise ValueError(f"unknown grid {self.grid!r}")
        if self.bottleneck not in ("landmarks", "vector"):
            raise ValueError(f"unknown bottleneck {self.bottleneck!r}")

    @classmethod
    def paper(cls, landmark_count: int = 30) -> IMMConfig:
        """The paper's size: 128 px, 32 channels first, about 4.2 M weights."""
        return cls(landmark_count=landmark_count)

    @classmethod
    def medium(cls, landmark_count: int = 20) -> IMMConfig:
        """As fine as the paper's, with half its channels: a third of the time, 1.1 M weights."""
        return cls(width=16, landmark_count=landmark_count)

    @classmethod
    def lite(cls, landmark_count: int = 10) -> IMMConfig:
        """A size that learns in minutes on a processor: 64 px, 16 channels first."""
        return cls(image_size=64, width=16, landmark_count=landmark_count)

    def to_json(self) -> dict[str, Any]:
        """Plain values, as they stand in a model file."""
        return dataclasses.asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> IMMConfig:
        """The inverse of `to_json`; what older files do not name has its default.

        Raises:
            ValueError: A value is missing, unknown, of the wrong type or out of range.
        """
        wanted = {field.name: type(field.default) for field in dataclasses.fields(cls)}
        missing = wanted.keys() - data.keys() - {*_ADDED_LATER}
        unknown = data.keys() - wanted.keys()
        if missing or unknown:
            raise ValueError(f"missing or unknown: {', '.join(sorted(missing | unknown))}")
        for name, value in data.items():
            if type(value) is not wanted[name]:
                raise ValueError(f"{name} cannot be {value!r}")
        return cls(**data)


class Detection(NamedTuple):
    """What the detector gives.

    Attributes:
        points_norm: ``(B, K, 2)`` float32, ``(x, y)`` in -1..1; of a ``vector`` bottleneck, pairs
            of unbounded numbers, with confidence 1 and spread 0.
        confidence: ``(B, K)`` float32 in 0..1: how narrow the landmark's distribution is against
            the usual width of that landmark.
        spread_norm: ``(B, K)`` float32: standard deviation of the distribution, mean of the axes.
    """

    points_norm: Tensor
    confidence: Tensor
    spread_norm: Tensor


class IMM(nn.Module):
    """The three networks of the paper's Figure 1: detector, appearance encoder, generator.

    Args:
        config: Sizes.
        initial: See `initialise`. With ``fast``, the heat maps start ten times wider than with
            ``paper``, which spreads the landmarks sooner.
    """

    grid: Tensor
    typical_spread: Tensor

    def __init__(self, config: IMMConfig, *, initial: Initial = "fast") -> None:
        super().__init__()
        self.config = config
        count, side = config.landmark_count, config.grid_size
        self.detector = Encoder(config.image_size, config.width, side)
        self.vector: VectorBottleneck | None = None
        if config.bottleneck == "vector":
            self.vector = VectorBottleneck(self.detector.channels, count, side)
        else:
            self.heatmaps = nn.Conv2d(self.detector.channels, count, 1)
        self.appearance = Encoder(config.image_size, config.width, side)
        channels = self.appearance.channels
        self.generator = Decoder(
            channels + count, channels, side, config.image_size, smallest=config.width
        )
        self.register_buffer("grid", _grid(config), persistent=False)
        # Where nothing is known yet, a flat distribution is the measure.
        flat = torch.full((count,), 1 / math.sqrt(3))
        self.register_buffer("typical_spread", flat)
        initialise(self, initial)
        if self.vector is None and initial == "fast":
            nn.init.normal_(self.heatmaps.weight, std=0.1)

    def detect(self, images: Tensor) -> Detection:
        """Find the landmarks of pictures.

        Args:
            images: ``(B, 3, S, S)`` in 0..1.
        """
        return self.look(images)[0]

    def look(self, images: Tensor) -> tuple[Detection, Tensor]:
        """What `detect` gives, and the features it is read from, ``(B, C, G, G)``."""
        features = self.detector(2 * images - 1)
        return self.read(features), features

    @property
    def feature_channels(self) -> int:
        """``C`` of the features that `look` gives."""
        return self.detector.channels

    def forget_drawing(self) -> None:
        """Drop what only redrawing needs: three quarters of the weights."""
        del self.appearance, self.generator

    def read(self, features: Tensor) -> Detection:
        """The landmarks in what the detector saw.

        Args:
            features: ``(B, C, G, G)``, the detector's.
        """
        if self.vector is not None:
            numbers = self.vector.read(features)
            plain = numbers[..., 0]
            return Detection(numbers, torch.ones_like(plain), torch.zeros_like(plain))
        logits = self.heatmaps(features).float()  # (B, K, G, G)
        along_y, along_x = marginals(logits, self.config.marginals)  # (B, K, G) each
        x, spread_x = moments(along_x, self.grid)
        y, spread_y = moments(along_y, self.grid)
        spread = (spread_x + spread_y) / 2
        confidence = (self.typical_spread / spread.clamp_min(1e-6)).clamp(0, 1)
        return Detection(torch.stack([x, y], -1), confidence, spread)

    def encode(self, images: Tensor) -> Tensor:
        """The looks of pictures.

        Args:
            images: ``(B, 3, S, S)`` in 0..1.

        Returns:
            ``(B, C, G, G)``.
        """
        looks: Tensor = self.appearance(2 * images - 1)
        return looks

    def render(self, appearance: Tensor, points_norm: Tensor) -> Tensor:
        """Redraw looks with the landmarks elsewhere.

        Args:
            appearance: ``(B, C, G, G)`` from `encode`.
            points_norm: ``(B, K, 2)``, ``(x, y)`` in -1..1.

        Returns:
            ``(B, 3, S, S)`` float32 about 0..1; not clamped: the loss must see what lies outside.
        """
        if self.vector is not None:
            maps = self.vector.draw(points_norm)  # (B, K, G, G)
        else:
            maps = gaussian_maps(points_norm, self.grid, self.config.sigma)
        joined = torch.cat([appearance, maps.to(appearance.dtype)], 1)
        redrawn: Tensor = self.generator(joined).float() * 0.5 + 0.5
        return redrawn

    def forward(self, source: Tensor, target: Tensor) -> tuple[Tensor, Detection]:
        """Redraw ``target`` from its landmarks and ``source``'s looks; both ``(B, 3, S, S)``."""
        found = self.detect(target)
        return self.render(self.encode(source), found.points_norm), found


def _grid(config: IMMConfig) -> Tensor:
    """Coordinates of cells, ``(G,)``, in the program's normalised units."""
    cells = torch.arange(config.grid_size, dtype=torch.float32)
    if config.grid == "centres":
        return (2 * cells + 1) / config.grid_size - 1
    # -1 and 1 of the authors' program are centres of corner pixels; here they are outer edges.
    inward = (config.image_size - 1) / config.image_size
    return (2 * cells / (config.grid_size - 1) - 1) * inward
