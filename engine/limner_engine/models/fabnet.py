"""FAb-Net: the baseline of class embeddings, which moves pixels by one offset each.

Wiles, Koepke and Zisserman, "Self-supervised learning of a facial attribute embedding from video",
BMVC 2018, with one source frame. The decoder gives for each place of the target an offset to where
in the source it is sampled. Where parts move further than they are large, no gradient leads there.

Letters in shape comments as in `warps`, and E numbers of an embedding.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from limner_engine.models.blocks import initialise
from limner_engine.models.embedding_blocks import EmbeddingEncoder, PairDecoder
from limner_engine.models.warps import Flow, cell_places, shrunk


@dataclass(frozen=True, kw_only=True, slots=True)
class FAbNetConfig:
    """Sizes of a FAb-Net.

    Attributes:
        image_size: ``S``: side of the pictures that are embedded; a power of two.
        width: Channels of the encoder's first convolution.
        embedding_size: ``E``.
        side: ``W``: side of the flow and of redrawn targets; a power of two, at most ``S``.
    """

    image_size: int = 128
    width: int = 16
    embedding_size: int = 256
    side: int = 64

    def __post_init__(self) -> None:
        for name, least, most in (("image_size", 8, 512), ("side", 4, self.image_size)):
            value = getattr(self, name)
            if not (least <= value <= most and value & (value - 1) == 0):
                raise ValueError(f"{name} must be a power of two from {least} to {most}")
        if not (1 <= self.width <= 256 and 1 <= self.embedding_size <= 4096):
            raise ValueError("width must be 1 to 256, embedding_size 1 to 4096")

    @property
    def last_side(self) -> int:
        """Side of redrawn targets."""
        return self.side

    @property
    def landmark_count(self) -> int:
        """It knows of no landmarks."""
        return 0

    @classmethod
    def paper(cls) -> FAbNetConfig:
        """The paper's: 256 px in and out."""
        return cls(image_size=256, width=32, side=256)

    @classmethod
    def medium(cls) -> FAbNetConfig:
        """As fine as the class embedding of that name."""
        return cls(side=128)

    @classmethod
    def lite(cls) -> FAbNetConfig:
        """As fine as the class embedding of that name."""
        return cls()

    def to_json(self) -> dict[str, Any]:
        """Plain values, as they stand in a model file."""
        return dataclasses.asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> FAbNetConfig:
        """The inverse of `to_json`.

        Raises:
            ValueError: A value is missing, unknown, of the wrong type or out of range.
        """
        wanted = {field.name for field in dataclasses.fields(cls)}
        different = wanted ^ data.keys()
        if different:
            raise ValueError(f"missing or unknown: {', '.join(sorted(different))}")
        for name, value in data.items():
            if type(value) is not int:
                raise ValueError(f"{name} cannot be {value!r}")
        return cls(**data)


class FAbNet(nn.Module):
    """Encoder and the decoder of the flow.

    Args:
        config: Sizes.
    """

    places: Tensor

    def __init__(self, config: FAbNetConfig) -> None:
        super().__init__()
        self.config = config
        self.encoder = EmbeddingEncoder(config.image_size, config.width, config.embedding_size)
        first = min(32, config.side)
        self.decoder = PairDecoder(config.embedding_size, config.width, first, config.side)
        self.head = nn.Conv2d(self.decoder.channels[-1], 2, 3, padding=1)
        self.register_buffer("places", cell_places(config.side), persistent=False)
        initialise(self)
        nn.init.normal_(self.head.weight, std=0.001)

    def embed(self, images: Tensor) -> Tensor:
        """Pose and shape of pictures: ``(B, 3, S, S)`` in 0..1 to ``(B, E)`` float32."""
        embedded: Tensor = self.encoder(images)
        return embedded

    def warp(self, source: Tensor, target: Tensor) -> Tensor:
        """Where the places of the target lie in the source.

        Args:
            source: ``(B, E)``, from `embed`.
            target: ``(B, E)``.

        Returns:
            ``(B, W, W, 2)`` float32 ``(x, y)`` in -1..1.
        """
        stages = self.decoder(target, source, len(self.decoder.channels))
        offsets = torch.tanh(self.head(F.relu(stages[-1].normal)).float())
        return (self.places + offsets.permute(0, 2, 3, 1)).clamp(-1, 1)

    def redraw(self, source: Tensor, warp: Tensor) -> Tensor:
        """The target, from the colours of the source: ``(B, 3, W, W)`` float32."""
        colours = shrunk(source.float(), self.config.side)
        return F.grid_sample(colours, warp, padding_mode="border", align_corners=False)

    def flow(self, warp: Tensor) -> Flow:
        """The same as of a class embedding; there is one place, and no doubt of it."""
        moved = warp - self.places
        sure = torch.ones_like(warp[..., 0])
        return Flow(moved, moved, sure, torch.zeros_like(sure))

    def forward(self, source: Tensor, target: Tensor) -> tuple[Tensor, Tensor]:
        """Redraw ``target`` from ``source``, both ``(B, 3, S, S)`` in 0..1."""
        embedded = self.embed(torch.cat([source, target]))
        warp = self.warp(*embedded.chunk(2))
        return self.redraw(source, warp), warp
