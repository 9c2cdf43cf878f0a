"""Class embeddings: pose and shape as a row of numbers, and a warp between any two frames.

Wiles, Koepke and Zisserman, "Self-supervised learning of class embeddings from video", ICCV
workshops 2019. Each frame becomes an embedding of its own. From two embeddings one decoder (the
paper's M-branch) makes a warp that says for each place of the target where in the source it comes
from, at up to three levels; another says how far the redrawn target may be trusted.

    e  = embed(image)
    A  = warp(e_source, e_target)
    I' = redraw(source, A)               # is to equal the target

Letters in shape comments as in `warps`, and E numbers of an embedding.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any, Literal

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from limner_engine.models.blocks import initialise
from limner_engine.models.embedding_blocks import EmbeddingEncoder, PairDecoder
from limner_engine.models.warps import (
    Children,
    Flow,
    Order,
    Refine,
    Warp,
    first_level,
    refined,
    shrunk,
)

Doubt = Literal["exp", "softplus"]

SOFTPLUS_BETA = 0.1
"""Of the authors' program: sigma is 6.9 at the start and learns slowly."""

HALF_TRUSTED = 0.05
"""Expected error of a redrawn colour, 0..1, at which the confidence is one half."""

_EXP_LIMIT = 3.0


@dataclass(frozen=True, kw_only=True, slots=True)
class ClassEmbeddingConfig:
    """Sizes of a class embedding and forms of its equations.

    Attributes:
        image_size: ``S``: side of the pictures that are embedded; a power of two.
        width: Channels of the encoder's first convolution; a quarter of the decoders' at the
            first level.
        embedding_size: ``E``.
        first_side: Side of the first level; a power of two.
        levels: How many levels there are, 1 to 3; each doubles the side.
        candidates: ``K``: source cells whose children the next level looks at.
        refine: How a level refines the one before: see `warps`. ``printed`` is the paper's.
        order: Order of the candidates: see `warps`. ``rank`` is the authors' program's.
        children: Order of a candidate's children: see `warps`. ``absolute`` is the authors'
            program's.
        fine_kernel: Side of the last convolution of levels 2 and 3: 5 in the paper, 3 in the
            authors' program.
        doubt: How sigma comes from the decoder: ``softplus``, as in the authors' program, or
            ``exp``, which starts at 1 and learns sooner.
        floor: Least sigma. Without one, places that never change would count without bound.
    """

    image_size: int = 128
    width: int = 16
    embedding_size: int = 256
    first_side: int = 16
    levels: int = 3
    candidates: int = 9
    refine: Refine = "log"
    order: Order = "rank"
    children: Children = "relative"
    fine_kernel: int = 3
    doubt: Doubt = "exp"
    floor: float = 0.02

    def __post_init__(self) -> None:
        for name, least, most in (("image_size", 8, 512), ("first_side", 4, 64)):
            value = getattr(self, name)
            if not (least <= value <= most and value & (value - 1) == 0):
                raise ValueError(f"{name} must be a power of two from {least} to {most}")
        if not 1 <= self.levels <= 3:
            raise ValueError("levels must be 1 to 3")
        if self.last_side > self.image_size:
            raise ValueError("the last level must not be finer than the picture")
        if not (1 <= self.width <= 256 and 1 <= self.embedding_size <= 4096):
            raise ValueError("width must be 1 to 256, embedding_size 1 to 4096")
        if not 1 <= self.candidates <= min(self.first_side**2, 256):
            raise ValueError("candidates must be 1 to 256, and no more than there are cells")
        if self.refine not in ("printed", "log"):
            raise ValueError(f"unknown refine {self.refine!r}")
        if self.order not in ("rank", "raster"):
            raise ValueError(f"unknown order {self.order!r}")
        if self.children not in ("absolute", "relative"):
            raise ValueError(f"unknown children {self.children!r}")
        if self.fine_kernel not in (3, 5):
            raise ValueError("fine_kernel must be 3 or 5")
        if self.doubt not in ("exp", "softplus"):
            raise ValueError(f"unknown doubt {self.doubt!r}")
        if not 1e-4 <= self.floor <= 1:
            raise ValueError("floor must be 0.0001 to 1")

    @property
    def last_side(self) -> int:
        """Side of the finest level: of redrawn targets."""
        return self.first_side << (self.levels - 1)

    @property
    def landmark_count(self) -> int:
        """It knows of no landmarks."""
        return 0

    @classmethod
    def paper(cls, levels: int = 3) -> ClassEmbeddingConfig:
        """The authors' program's: 256 px, levels of 32, 64 and 128, about 14.9 M weights."""
        return cls(
            image_size=256,
            width=32,
            first_side=32,
            levels=levels,
            refine="printed",
            children="absolute",
            doubt="softplus",
            floor=0.01,
        )

    @classmethod
    def medium(cls, levels: int = 3) -> ClassEmbeddingConfig:
        """Levels as fine as the paper's, with half its channels."""
        return cls(first_side=32, levels=levels)

    @classmethod
    def lite(cls, levels: int = 3) -> ClassEmbeddingConfig:
        """Levels of 16, 32 and 64, for two cores."""
        return cls(levels=levels)

    def to_json(self) -> dict[str, Any]:
        """Plain values, as they stand in a model file."""
        return dataclasses.asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> ClassEmbeddingConfig:
        """The inverse of `to_json`.

        Raises:
            ValueError: A value is missing, unknown, of the wrong type or out of range.
        """
        wanted = {field.name: type(field.default) for field in dataclasses.fields(cls)}
        different = wanted.keys() ^ data.keys()
        if different:
            raise ValueError(f"missing or unknown: {', '.join(sorted(different))}")
        for name, value in data.items():
            if type(value) is not wanted[name]:
                raise ValueError(f"{name} cannot be {value!r}")
        return cls(**data)


class ClassEmbedding(nn.Module):
    """Encoder and the decoders of warp and confidence.

    Args:
        config: Sizes.
    """

    def __init__(self, config: ClassEmbeddingConfig) -> None:
        super().__init__()
        self.config = config
        self.encoder = EmbeddingEncoder(config.image_size, config.width, config.embedding_size)
        sides = (config.width, config.first_side, config.last_side)
        self.matcher = PairDecoder(config.embedding_size, *sides)
        self.doubter = PairDecoder(config.embedding_size, *sides)
        self.warp_heads, self.doubt_heads = nn.ModuleList(), nn.ModuleList()
        for level, channels in enumerate(self.matcher.channels):
            outputs = config.first_side**2 if level == 0 else 4 * config.candidates
            kernel = 5 if level == 0 else config.fine_kernel
            self.warp_heads.append(nn.Conv2d(channels, outputs, kernel, padding=kernel // 2))
            self.doubt_heads.append(nn.Conv2d(channels, 1, 5, padding=2))
        initialise(self)
        for level, head in enumerate(self.warp_heads):
            # All cells are nearly alike at first. In the log form a finer level begins as the one
            # before; printed, it would have no gradient but the candidates' own.
            still = level > 0 and config.refine == "log"
            nn.init.normal_(head.weight, std=0.0 if still else 0.01)  # type: ignore[arg-type]
        for head in self.doubt_heads:
            nn.init.normal_(head.weight, std=0.001)  # type: ignore[arg-type]

    def embed(self, images: Tensor) -> Tensor:
        """Pose and shape of pictures.

        Args:
            images: ``(B, 3, S, S)`` in 0..1.

        Returns:
            ``(B, E)`` float32.
        """
        embedded: Tensor = self.encoder(images)
        return embedded

    def warp(self, source: Tensor, target: Tensor, *, levels: int = 0, doubt: bool = True) -> Warp:
        """The warp between two frames.

        Args:
            source: ``(B, E)``, from `embed`.
            target: ``(B, E)``.
            levels: How many levels are wanted, from the coarsest; 0 for all.
            doubt: Whether sigma is wanted as well.
        """
        config = self.config
        many = min(levels or config.levels, config.levels)
        stages = self.matcher(target, source, many)
        made = [first_level(self.warp_heads[0](stages[0].normal))]
        for head, stage in zip(self.warp_heads[1:many], stages[1:], strict=True):
            forms = (config.refine, config.order, config.children)
            made.append(refined(made[-1], head(stage.plain), *forms))
        sigmas: tuple[Tensor, ...] = ()
        if doubt:
            doubts = self.doubter(target, source, many)
            heads = self.doubt_heads[:many]
            sigmas = tuple(
                self._sigma(head(stage.normal)) for head, stage in zip(heads, doubts, strict=True)
            )
        return Warp(tuple(made), sigmas)

    def redraw(self, source: Tensor, warp: Warp) -> Tensor:
        """The target, from the colours of the source.

        Args:
            source: ``(B, 3, S, S)``.
            warp: From `warp`.

        Returns:
            ``(B, 3, W, W)`` float32, W of the warp's finest level.
        """
        return warp.finest.carry(shrunk(source, warp.finest.side))

    def flow(self, warp: Warp) -> Flow:
        """Where the places of the target come from; see `Flow`."""
        return warp.finest.flow()

    def confidence(self, warp: Warp) -> Tensor:
        """How far the redrawn target is to be trusted.

        The expected error of a colour is ``sigma / (3 sqrt 2)``; where it is `HALF_TRUSTED`, the
        confidence is one half.

        Args:
            warp: With sigmas.

        Returns:
            ``(B, W, W)`` float32 in 0..1.
        """
        expected = warp.sigmas[-1].squeeze(1) / (3 * 2**0.5)
        return HALF_TRUSTED / (HALF_TRUSTED + expected)

    def forward(self, source: Tensor, target: Tensor) -> tuple[Tensor, Warp]:
        """Redraw ``target`` from ``source``, both ``(B, 3, S, S)`` in 0..1."""
        embedded = self.embed(torch.cat([source, target]))
        warp = self.warp(*embedded.chunk(2))
        return self.redraw(source, warp), warp

    def _sigma(self, raw: Tensor) -> Tensor:
        plain, floor = raw.float(), self.config.floor
        if self.config.doubt == "softplus":
            return F.softplus(plain, beta=SOFTPLUS_BETA).clamp_min(floor)
        # Added and not cut off: from the floor there must be a way back.
        return floor + plain.clamp_max(_EXP_LIMIT).exp()
