"""What the first layer sees of labelled frames, by a base model or without one."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from limner_engine.errors import ModelError
from limner_engine.inference.device import choose_device
from limner_engine.inference.fold import fold_normalisation
from limner_engine.model_file import load_model
from limner_engine.models.embedding import PICTURE_SIDE, Embedding, Seen
from limner_engine.models.imm import IMM, IMMConfig
from limner_engine.models.keypointgan import KeypointGAN, KeypointGANConfig
from limner_engine.types import Floats, ModelInfo

BATCH = 8


class SeenFrames(NamedTuple):
    """What is seen of N labelled frames; as `Seen`, in float32 arrays.

    Attributes:
        points_norm: ``(N, K, 2)``.
        confidence: ``(N, K)``.
        looks: ``(N, E)``.
    """

    points_norm: Floats
    confidence: Floats
    looks: Floats

    def seen(self) -> Seen:
        """For the network."""
        return Seen(*(torch.from_numpy(np.ascontiguousarray(part)) for part in self))

    def take(self, rows: NDArray[np.integer]) -> SeenFrames:
        """Some of the frames."""
        return SeenFrames(*(part[rows] for part in self))

    @classmethod
    def join(cls, parts: list[SeenFrames]) -> SeenFrames:
        """Frames after one another."""
        return cls(*(np.concatenate(column) for column in zip(*parts, strict=True)))


class Embedder:
    """A base model, ready to look at frames.

    Args:
        base: The file of a model that finds landmarks; None to go by the picture alone.
        device: See `choose_device`.

    Attributes:
        config: The base's sizes, or None.
        info: What the base's file says, or None.
        image_size: Side of the cuts it is made for.
        embedding: As it is saved, on the processor. Fits lay their reference shape into it.

    Raises:
        ModelError: The file is refused, or holds no model that finds landmarks by itself.
    """

    def __init__(self, base: Path | None, device: str = "auto") -> None:
        self._spec = choose_device(device)
        self.config: IMMConfig | KeypointGANConfig | None = None
        self.info: ModelInfo | None = None
        self.image_size = PICTURE_SIDE
        network: IMM | KeypointGAN | None = None
        if base is not None:
            loaded = load_model(base)
            if not isinstance(loaded.model, IMM | KeypointGAN) or (
                loaded.model.config.bottleneck == "vector"
            ):
                raise ModelError(
                    f"{loaded.info.name} has no landmarks of its own to name.",
                    "Choose a model that discovered its landmarks, or none.",
                )
            network, self.info = loaded.model, loaded.info
            self.config, self.image_size = network.config, network.config.image_size
        self.embedding = Embedding(self.config).eval().requires_grad_(False)
        if network is not None and self.embedding.base is not None:
            wanted = self.embedding.base.state_dict().keys()
            self.embedding.base.load_state_dict(
                {name: tensor for name, tensor in network.state_dict().items() if name in wanted}
            )
        # As a session answers: so the map is fitted to what it will be applied to.
        quick = copy.deepcopy(self.embedding).to(self._spec.device)
        self._quick = fold_normalisation(quick, self._spec.dtype)

    def see(self, cuts: NDArray[np.uint8]) -> SeenFrames:
        """Look at pictures that were cut already.

        Args:
            cuts: ``(N, S, S, 3)`` uint8 RGB; any ``S``.
        """
        parts: list[SeenFrames] = []
        for start in range(0, len(cuts), BATCH):
            pixels = torch.from_numpy(np.ascontiguousarray(cuts[start : start + BATCH]))
            images = pixels.permute(0, 3, 1, 2).to(self._spec.device).float() / 255
            with torch.inference_mode():
                seen = self._quick.see(images.to(self._spec.dtype))
            parts.append(SeenFrames(*(part.float().cpu().numpy() for part in seen)))
        return SeenFrames.join(parts)
