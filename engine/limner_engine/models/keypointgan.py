"""KeypointGAN: landmarks that mean something, from unlabelled video and a box of loose poses.

Jakab, Gupta, Bilen and Vedaldi, "Self-supervised Learning of Interpretable Keypoints from
Unlabelled Videos", CVPR 2020. A picture is translated into a picture of a skeleton; a regressor
reads the landmarks off it, which are drawn anew, so that nothing but the pose can pass; a decoder
redraws the picture from that and the looks of another frame. Judges that know drawn poses of the
prior make the skeleton one of the prior's.

    y  = Phi(x)           pose picture of the target
    p  = eta(y)           its landmarks
    y* = beta(p)          the same, drawn: clean
    x^ = Psi(y*, x')      redrawn with the looks of x'; is to equal x

Letters in shape comments as in `blocks`.
"""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass
from typing import Any, Literal

import torch
from torch import Tensor, nn

from limner_engine.models.blocks import Decoder, Encoder
from limner_engine.models.imm import Detection
from limner_engine.models.pose_networks import PoseDrawer, PoseReader
from limner_engine.models.skeleton_picture import Renderer, pixel_centres, skeleton_pictures

PoseBottleneck = Literal["landmarks", "picture"]
Pairs = tuple[tuple[int, int], ...]

_MOST_EDGES = 2000


@dataclass(frozen=True, kw_only=True, slots=True)
class KeypointGANConfig:
    """Sizes of a KeypointGAN and the skeleton that it draws.

    Attributes:
        image_size: ``S``: side of the pictures; a power of two from ``grid_size`` up.
        width: Channels of the first convolutions of `Phi` and `Psi`.
        reader_width: Channels of the first convolutions of the regressor.
        landmark_count: ``K``.
        edges: Pairs of landmarks that are drawn joined; at least one.
        symmetries: Pairs of landmarks, left and right.
        grid_size: ``G``: side of the grid on which the regressor reads.
        renderer: See `skeleton_picture`.
        bottleneck: ``landmarks``, or, to compare with, the ``picture`` as `Phi` drew it (paper,
            Table 4, without bottleneck).
        conditional: Whether redrawing sees another frame (without, CycleGAN).
        correct_sides: Whether `detect` asks the regressor of the loose poses which side is left.
    """

    image_size: int = 128
    width: int = 32
    reader_width: int = 32
    landmark_count: int = 13
    edges: Pairs = ((0, 1),)
    symmetries: Pairs = ()
    grid_size: int = 16
    renderer: Renderer = "distance"
    bottleneck: PoseBottleneck = "landmarks"
    conditional: bool = True
    correct_sides: bool = True

    def __post_init__(self) -> None:
        ratio = self.image_size // max(self.grid_size, 1)
        if not (4 <= self.grid_size <= 64 and ratio * self.grid_size == self.image_size):
            raise ValueError("image_size must be a multiple of grid_size, and that 4 to 64")
        if not (1 <= ratio <= 32 and ratio & (ratio - 1) == 0):
            raise ValueError("image_size over grid_size must be a power of two up to 32")
        if not (1 <= self.width <= 256 and 1 <= self.reader_width <= 256):
            raise ValueError("widths must be 1 to 256")
        if not 2 <= self.landmark_count <= 200:
            raise ValueError("landmark_count must be 2 to 200")
        if not 1 <= len(self.edges) <= _MOST_EDGES:
            raise ValueError(f"a skeleton has 1 to {_MOST_EDGES} edges")
        for first, second in (*self.edges, *self.symmetries):
            if not (0 <= first < self.landmark_count and 0 <= second < self.landmark_count):
                raise ValueError(f"({first}, {second}) names a landmark that is not there")
        sides = [number for pair in self.symmetries for number in pair]
        if len(set(sides)) != len(sides):
            raise ValueError("a landmark stands in two left/right pairs")
        if self.renderer not in ("distance", "squared"):
            raise ValueError(f"unknown renderer {self.renderer!r}")
        if self.bottleneck not in ("landmarks", "picture"):
            raise ValueError(f"unknown bottleneck {self.bottleneck!r}")

    def to_json(self) -> dict[str, Any]:
        """Plain values, as they stand in a model file."""
        plain = dataclasses.asdict(self)
        for name in ("edges", "symmetries"):
            plain[name] = [list(pair) for pair in plain[name]]
        return plain

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> KeypointGANConfig:
        """The inverse of `to_json`.

        Raises:
            ValueError: A value is missing, unknown, of the wrong type or out of range.
        """
        wanted = {field.name: type(field.default) for field in dataclasses.fields(cls)}
        if wanted.keys() != data.keys():
            odd = ", ".join(sorted(wanted.keys() ^ data.keys()))
            raise ValueError(f"missing or unknown: {odd}")
        given = dict(data)
        for name in ("edges", "symmetries"):
            given[name] = _pairs(data[name], name)
        for name, value in given.items():
            if type(value) is not wanted[name]:
                raise ValueError(f"{name} cannot be {value!r}")
        return cls(**given)


class KeypointGAN(nn.Module):
    """The networks of the paper's Figure 2, without the judges, which only learning needs.

    Args:
        config: Sizes.
    """

    typical_spread: Tensor
    edges: Tensor
    pixels: Tensor
    swapped: Tensor

    def __init__(self, config: KeypointGANConfig) -> None:
        super().__init__()
        self.config = config
        size, width, side = config.image_size, config.width, config.grid_size
        self.drawer = PoseDrawer(size, width, side)
        sizes = (size, config.reader_width, side, config.landmark_count)
        self.reader = PoseReader(*sizes)
        # As the reader was before it saw pictures of `Phi`: it knows the loose poses' sides.
        self.first_reader = PoseReader(*sizes)
        self.pose_encoder = Encoder(size, width, side, inputs=1)
        inputs = self.pose_encoder.channels
        self.appearance: Encoder | None = None
        if config.conditional:
            self.appearance = Encoder(size, width, side)
            inputs += self.appearance.channels
        channels = self.pose_encoder.channels
        self.generator = Decoder(inputs, channels, side, size, smallest=width)
        self.register_buffer("edges", torch.tensor(config.edges), persistent=False)
        self.register_buffer("pixels", pixel_centres(size), persistent=False)
        order = torch.arange(config.landmark_count)
        for left, right in config.symmetries:
            order[left], order[right] = right, left
        self.register_buffer("swapped", order, persistent=False)
        flat = torch.full((config.landmark_count,), 1 / math.sqrt(3))
        self.register_buffer("typical_spread", flat)
        self._initialise()

    def picture(self, images: Tensor) -> Tensor:
        """The pose picture as it is drawn from a picture.

        Args:
            images: ``(B, 3, S, S)`` in 0..1.

        Returns:
            ``(B, 1, S, S)``, about -1 (background) to 1 (lines).
        """
        drawn: Tensor = self.drawer(2 * images - 1)[0]
        return drawn

    def draw(self, points_norm: Tensor) -> Tensor:
        """The clean pose picture of landmarks: ``(B, K, 2)`` to ``(B, 1, S, S)`` in -1..1."""
        drawn = skeleton_pictures(points_norm, self.edges, self.pixels, self.config.renderer)
        return 2 * drawn - 1

    def detect(self, images: Tensor) -> Detection:
        """Find the landmarks of pictures.

        Args:
            images: ``(B, 3, S, S)`` in 0..1.
        """
        return self.look(images)[0]

    def look(self, images: Tensor) -> tuple[Detection, Tensor]:
        """What `detect` gives, and what `Phi` sees at its waist, ``(B, C, G, G)``."""
        picture, features = self.drawer(2 * images - 1)
        points, spread = self.reader(picture)
        if self.config.correct_sides and self.config.symmetries:
            wrong = self.sides_wrong(points)
            points = torch.where(wrong[:, None, None], points[:, self.swapped], points)
            spread = torch.where(wrong[:, None], spread[:, self.swapped], spread)
        confidence = (self.typical_spread / spread.clamp_min(1e-6)).clamp(0, 1)
        return Detection(points, confidence, spread), features

    @property
    def feature_channels(self) -> int:
        """``C`` of the features that `look` gives."""
        return self.drawer.encoder.channels

    def forget_drawing(self) -> None:
        """Drop what only redrawing needs."""
        del self.appearance, self.generator, self.pose_encoder

    def sides_wrong(self, points_norm: Tensor) -> Tensor:
        """Whether left and right are mistaken for one another, read from the drawing alone.

        The reader of the loose poses reads the drawn landmarks again; where what it reads is
        nearer to them with sides swapped, they were wrong (authors' program).

        Args:
            points_norm: ``(B, K, 2)``.

        Returns:
            ``(B,)`` bool.
        """
        drawn = self.draw(points_norm).to(next(self.first_reader.parameters()).dtype)
        again, _ = self.first_reader(drawn)
        as_they_are = (again - points_norm).norm(dim=-1).mean(-1)
        as_swapped = (again - points_norm[:, self.swapped]).norm(dim=-1).mean(-1)
        wrong: Tensor = as_swapped < as_they_are
        return wrong

    def encode(self, images: Tensor) -> Tensor:
        """The looks of pictures.

        Args:
            images: ``(B, 3, S, S)`` in 0..1.

        Returns:
            ``(B, C, G, G)``; of no channels where redrawing sees no other frame.
        """
        if self.appearance is None:
            side = self.config.grid_size
            return images.new_zeros(len(images), 0, side, side)
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
        return self.render_picture(appearance, self.draw(points_norm))

    def render_picture(self, appearance: Tensor, picture: Tensor) -> Tensor:
        """Redraw looks in the pose of a pose picture ``(B, 1, S, S)`` in -1..1; see `render`."""
        geometry = self.pose_encoder(picture.to(appearance.dtype))
        redrawn: Tensor = self.generator(torch.cat([appearance, geometry], 1))
        return redrawn.float() * 0.5 + 0.5

    def forward(self, source: Tensor, target: Tensor) -> tuple[Tensor, Detection]:
        """Redraw ``target`` from its pose and ``source``'s looks; both ``(B, 3, S, S)``."""
        found = self.detect(target)
        looks = self.encode(source)
        if self.config.bottleneck == "picture":
            return self.render_picture(looks, self.picture(target)), found
        return self.render(looks, found.points_norm), found

    def _initialise(self) -> None:
        """N(0, 0.02) is the program's; He's starts sooner and is as good in the end."""
        for part in self.modules():
            if isinstance(part, nn.Conv2d):
                nn.init.kaiming_normal_(part.weight, nonlinearity="relu")
                if part.bias is not None:
                    nn.init.zeros_(part.bias)
        for head in (self.drawer.last, self.generator.layers[-1]):
            nn.init.normal_(head.weight, std=0.02)  # type: ignore[arg-type]
        for reader in (self.reader, self.first_reader):
            nn.init.normal_(reader.heatmaps.weight, std=0.1)


def _pairs(data: Any, name: str) -> Pairs:
    if not isinstance(data, list):
        raise ValueError(f"{name} must be a list of pairs")
    for pair in data:
        whole = isinstance(pair, list) and len(pair) == 2 and all(type(n) is int for n in pair)
        if not whole:
            raise ValueError(f"{name} must be a list of pairs")
    return tuple((first, second) for first, second in data)
