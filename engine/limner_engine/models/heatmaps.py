"""Heat maps of named landmarks: a small network that learns from few labels, and several as one.

Down to an 8 x 8 bottom that sees the whole picture, and up again by sums with what was seen on the
way: a U-Net (Ronneberger, Fischer and Brox, 2015) with sums for joins, which are half the work.
The way down to 16 x 16 is the encoder of an IMM, so that it can start from a self-supervised one.

    logits, visible = net(images)
    found           = ensemble.read(images)      # mean of maps, relations, centre of mass

Letters in shape comments: B pictures, P landmarks, S side of a picture, M side of a heat map.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from limner_engine.models.blocks import ConvBlock, Encoder, initialise
from limner_engine.models.imm import IMM
from limner_engine.models.relations import Relations
from limner_engine.naming.pose_filter import PoseFilter

WINDOW = 2
"""Cells on each side of the highest one that its centre of mass is taken over."""

ALWAYS = 6.0
"""Log odds of being visible for a landmark that nobody ever called hidden."""


@dataclass(frozen=True, kw_only=True, slots=True)
class HeatmapConfig:
    """Sizes of a heat-map network.

    Attributes:
        landmark_count: ``P``.
        image_size: ``S``: side of the pictures; a power of two.
        width: Channels of the first convolutions.
        grid_size: Side of the grid that an IMM's encoder ends with.
        map_size: ``M``: side of the heat maps.
        features: Channels at the heat maps' side.
        bottom: Channels at the bottom, half the side of ``grid_size``.
        neighbours: How many others tell of each landmark's place; see `Relations`.
    """

    landmark_count: int
    image_size: int = 128
    width: int = 16
    grid_size: int = 16
    map_size: int = 64
    features: int = 32
    bottom: int = 128
    neighbours: int = 2

    def __post_init__(self) -> None:
        if not (1 <= self.landmark_count <= 200 and 0 <= self.neighbours <= 16):
            raise ValueError("landmark_count must be 1 to 200, neighbours 0 to 16")
        for name in ("image_size", "grid_size", "map_size"):
            side = getattr(self, name)
            if side < 1 or side & (side - 1):
                raise ValueError(f"{name} must be a power of two")
        if not 4 <= self.grid_size <= self.map_size <= self.image_size <= 512:
            raise ValueError("grid_size, map_size, image_size must rise, from 4 to 512")
        for name in ("width", "features", "bottom"):
            if not 1 <= getattr(self, name) <= 512:
                raise ValueError(f"{name} must be 1 to 512")

    def to_json(self) -> dict[str, Any]:
        """Plain values, as they stand in a model file."""
        return dataclasses.asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> HeatmapConfig:
        """The inverse of `to_json`.

        Raises:
            ValueError: A value is missing, unknown, of the wrong type or out of range.
        """
        if wrong := {field.name for field in dataclasses.fields(cls)} ^ data.keys():
            raise ValueError(f"missing or unknown: {', '.join(sorted(wrong))}")
        for name, value in data.items():
            if type(value) is not int:
                raise ValueError(f"{name} cannot be {value!r}")
        return cls(**data)


class Reading(NamedTuple):
    """What is read from heat maps; all float32.

    Attributes:
        points_norm: ``(B, P, 2)``, ``(x, y)`` in -1..1.
        peak: ``(B, P)``, 0..1: share of the map that lies about its highest cell.
        spread: ``(B, P)``: standard deviation of the map, mean of the axes, in -1..1.
        visible: ``(B, P)``: log odds that the landmark is to be seen.
        apart: ``(B, P)``: root mean square distance of the networks' own points, each read from
            its own map alone, from the one that is believed.
    """

    points_norm: Tensor
    peak: Tensor
    spread: Tensor
    visible: Tensor
    apart: Tensor


class HeatmapNet(nn.Module):
    """One network.

    Args:
        config: Sizes.

    Attributes:
        hideable: ``(P,)`` bool buffer: landmarks that were called hidden somewhere.
        cells: ``(M,)`` buffer: coordinates of the cells' centres, -1..1.
    """

    hideable: Tensor
    cells: Tensor

    def __init__(self, config: HeatmapConfig) -> None:
        super().__init__()
        self.config = config
        self.encoder = Encoder(config.image_size, config.width, config.grid_size)
        channels = self.encoder.channels
        # Two more channels say where in the picture a place is: left paws differ by little else.
        self.down = nn.Sequential(
            ConvBlock(channels + 2, config.bottom, stride=2),
            ConvBlock(config.bottom, config.bottom),
            ConvBlock(config.bottom, config.bottom),
        )
        self.seen, self.risen, self.mixed = nn.ModuleList(), nn.ModuleList(), nn.ModuleList()
        below, side = config.bottom, config.grid_size
        while side <= config.map_size:
            passed = config.width * config.image_size // side
            here = min(below, config.features * config.map_size // side)
            self.seen.append(nn.Conv2d(passed, here, 1))
            self.risen.append(nn.Conv2d(below, here, 1))
            self.mixed.append(ConvBlock(here, here))
            below, side = here, 2 * side
        self.heatmaps = nn.Conv2d(below, config.landmark_count, 1)
        self.sight = nn.Linear(config.bottom, config.landmark_count)
        self.register_buffer("cells", _centres(config.map_size), persistent=False)
        self.register_buffer("hideable", torch.zeros(config.landmark_count, dtype=torch.bool))
        initialise(self)
        nn.init.normal_(self.heatmaps.weight, std=0.01)
        nn.init.normal_(self.sight.weight, std=0.01)

    def start_from(self, base: IMM) -> None:
        """Take over the encoder of a self-supervised model's detector.

        Raises:
            ValueError: It has another image size, width or grid.
        """
        own, other = self.config, base.config
        if (own.image_size, own.width, own.grid_size) != (
            other.image_size,
            other.width,
            other.grid_size,
        ):
            raise ValueError("the base model has other sizes")
        self.encoder.load_state_dict(base.detector.state_dict())

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """Heat maps before their softmax, and log odds of being visible.

        Args:
            images: ``(B, 3, S, S)`` in 0..1.

        Returns:
            ``(B, P, M, M)`` and ``(B, P)``, float32.
        """
        x = 2 * images - 1
        passed: list[Tensor] = []
        for number, layer in enumerate(self.encoder.layers):
            x = layer(x)
            # The second of each pair; what is finer than the heat maps is not needed again.
            if number % 2 and x.shape[-1] <= self.config.map_size:
                passed.append(x)
        line = torch.linspace(-1, 1, x.shape[-1], device=x.device)
        places = torch.stack(torch.meshgrid(line, line, indexing="xy")).to(x.dtype)
        x = self.down(torch.cat([x, places.expand(len(x), -1, -1, -1)], 1))
        visible = self.sight(x.float().mean((2, 3))).float()
        visible = torch.where(self.hideable, visible, ALWAYS)
        for seen, risen, mixed, finer in zip(
            self.seen, self.risen, self.mixed, reversed(passed), strict=True
        ):
            x = F.interpolate(risen(x), scale_factor=2, mode="bilinear", align_corners=False)
            x = mixed(torch.relu(x + seen(finer)))
        logits: Tensor = self.heatmaps(x.to(self.heatmaps.weight.dtype))
        return logits.float(), visible


class HeatmapEnsemble(nn.Module):
    """Networks of one size that learned apart, and what the labels say of poses.

    Args:
        config: Sizes of each.
        members: How many networks.

    Attributes:
        swap: ``(P,)`` int64 buffer: which landmark each is in a mirrored picture. Where that is
            another one for any, mirrored pictures are looked at too.
        cells: ``(M,)`` buffer: coordinates of the cells' centres, -1..1.
        pose_matrix: ``(2 P, 2 P)`` buffer: with the next, what found points are put through, see
            `PoseFilter`; at first they stay as they are.
        pose_offset: ``(2 P,)`` buffer.
    """

    swap: Tensor
    cells: Tensor
    pose_matrix: Tensor
    pose_offset: Tensor

    def __init__(self, config: HeatmapConfig, members: int) -> None:
        super().__init__()
        self.config = config
        self.register_buffer("cells", _centres(config.map_size), persistent=False)
        self.register_buffer("swap", torch.arange(config.landmark_count))
        self.register_buffer("pose_matrix", torch.eye(2 * config.landmark_count))
        self.register_buffer("pose_offset", torch.zeros(2 * config.landmark_count))
        self.members = nn.ModuleList(HeatmapNet(config) for _ in range(members))
        self.relations = Relations(config.landmark_count, config.neighbours)

    @classmethod
    def of(cls, members: Iterable[HeatmapNet]) -> HeatmapEnsemble:
        """Networks that exist already as one, without relations."""
        nets = list(members)
        joined = cls(nets[0].config, 0)
        joined.members.extend(nets)
        return joined

    def read(self, images: Tensor) -> Reading:
        """Find the landmarks of pictures.

        The maps are averaged, not the points: where one network takes a left paw for a right one,
        a mean of points lies between the two, on neither.

        Args:
            images: ``(B, 3, S, S)`` in 0..1.
        """
        answers = [self._answer(member, images) for member in self.members]
        maps = [one for one, _ in answers]
        visible = torch.stack([seen for _, seen in answers]).mean(0)
        cells = self.cells
        alone = torch.stack([centre_of_mass(one, cells)[0] for one in maps])
        believed = self.relations(torch.stack(maps).mean(0), cells)
        points, peak = centre_of_mass(believed, cells)
        posed = points.flatten(1) @ self.pose_matrix.T + self.pose_offset
        points = posed.view_as(points)
        apart = (alone - points).square().sum(-1).mean(0).sqrt()
        return Reading(points, peak, spread(believed, cells), visible, apart)

    def put_through(self, pose: PoseFilter) -> None:
        """Answer with the likeliest poses from now on."""
        self.pose_matrix.copy_(torch.from_numpy(pose.matrix))
        self.pose_offset.copy_(torch.from_numpy(pose.offset))

    def _answer(self, member: nn.Module, images: Tensor) -> tuple[Tensor, Tensor]:
        """Maps that sum to one and log odds of being visible, of one network."""
        logits, visible = member(images)
        maps = likelihood(logits)
        if bool((self.swap == torch.arange(len(self.swap), device=self.swap.device)).all()):
            return maps, visible
        logits, seen = member(images.flip(-1))
        mirrored = likelihood(logits).flip(-1)[:, self.swap]
        return (maps + mirrored) / 2, (visible + seen[:, self.swap]) / 2


def likelihood(logits: Tensor) -> Tensor:
    """One softmax over all cells of each map; ``(B, P, M, M)`` to the same, float32."""
    return logits.float().flatten(2).softmax(-1).view_as(logits)


def centre_of_mass(maps: Tensor, cells: Tensor, window: int = WINDOW) -> tuple[Tensor, Tensor]:
    """Where the highest cell is, finer than a cell.

    Args:
        maps: ``(B, P, M, M)``, not negative.
        cells: ``(M,)``: coordinates of the cells.
        window: Cells on each side of the highest that count.

    Returns:
        Centres ``(B, P, 2)``, and the sum within the window, ``(B, P)``.
    """
    side = maps.shape[-1]
    highest = maps.flatten(2).argmax(-1)  # (B, P)
    numbers = torch.arange(side, device=maps.device)
    rows = ((numbers - (highest // side)[..., None]).abs() <= window).to(maps.dtype)
    columns = ((numbers - (highest % side)[..., None]).abs() <= window).to(maps.dtype)
    along_y = (maps @ columns[..., None])[..., 0] * rows  # (B, P, M)
    along_x = (rows[..., None, :] @ maps)[..., 0, :] * columns
    mass = along_x.sum(-1).clamp_min(1e-12)
    centre = torch.stack([(along_x * cells).sum(-1), (along_y * cells).sum(-1)], -1)
    return centre / mass[..., None], mass


def spread(maps: Tensor, cells: Tensor) -> Tensor:
    """Standard deviation of maps that sum to one, mean of the axes; ``(B, P)``."""
    deviations = []
    for along in (maps.sum(2), maps.sum(3)):
        mean = (along * cells).sum(-1, keepdim=True)
        deviations.append((along * (cells - mean) ** 2).sum(-1).clamp_min(0).sqrt())
    return (deviations[0] + deviations[1]) / 2


def _centres(side: int) -> Tensor:
    """Coordinates of the centres of cells, ``(M,)``, -1..1."""
    return (2 * torch.arange(side, dtype=torch.float32) + 1) / side - 1
