"""A loaded model that warps frames onto one another, and embeds them.

Pixels come in here; places go out of `held_warp` in pixels of the videos.
"""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from pathlib import Path
from typing import cast

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from limner_engine.coordinates import cut
from limner_engine.errors import EngineError, ModelError
from limner_engine.inference.device import choose_device, out_of_memory
from limner_engine.inference.held_warp import EncodedFrame, HeldWarp
from limner_engine.model_file import WARPS, load_model
from limner_engine.models.class_embedding import ClassEmbedding
from limner_engine.models.fabnet import FAbNet
from limner_engine.types import Crop, Floats, Image, ModelInfo

CPU_BATCH = 4
GPU_BATCH = 64


class WarpSession:
    """One model, ready to warp; used from one thread at a time.

    Args:
        model_path: The model file.
        device: See `choose_device`.
        threads: Processor threads of a single question.

    Attributes:
        info: What the model says of itself.
        image_size: ``S``: side of the cuts that the network sees.
        embedding_size: ``E``.
        label: Where and how it runs, for people.

    Raises:
        ModelError: The file is refused, or the model warps nothing.
        EngineError: The device is not there.
    """

    def __init__(self, model_path: str | Path, device: str = "auto", threads: int = 2) -> None:
        torch.set_num_threads(threads)
        self._spec = choose_device(device)
        loaded = load_model(Path(model_path), self._spec.device)
        if loaded.info.kind not in WARPS:
            raise ModelError(
                f"{loaded.info.name} finds landmarks, but does not warp frames onto one another.",
                "Choose a model of class embeddings, or let one learn: "
                "limner train VIDEO --out run --method class_embedding",
            )
        network = cast("ClassEmbedding | FAbNet", loaded.model)
        self.info: ModelInfo = loaded.info
        self.image_size = network.config.image_size
        self.embedding_size = network.config.embedding_size
        self.label = self._spec.label
        self._batch = CPU_BATCH if self._spec.device == "cpu" else GPU_BATCH
        for part in network.modules():
            if isinstance(part, nn.Conv2d):
                # Once, and not at every question as automatic casting would.
                part.to(dtype=self._spec.dtype, memory_format=torch.channels_last)  # type: ignore[call-overload]
        self._network = network.requires_grad_(False)

    def embed_cuts(self, cuts: NDArray[np.uint8]) -> Floats:
        """Embed pictures that were cut already.

        Args:
            cuts: ``(N, S, S, 3)`` uint8 RGB.

        Returns:
            ``(N, E)`` float32.

        Raises:
            EngineError: Not even one picture fits into memory.
        """
        embeddings = np.empty((len(cuts), self.embedding_size), np.float32)
        at = 0
        while at < len(cuts):
            part = cuts[at : at + self._batch]
            try:
                embeddings[at : at + len(part)] = self._embed(self._to_units(part)).cpu().numpy()
            except RuntimeError as error:
                if not out_of_memory(error):
                    raise
                if len(part) == 1:
                    raise EngineError(
                        "There is not enough memory to look at even one picture.",
                        "Close other programs, or choose a smaller model.",
                    ) from error
                self._batch = max(1, len(part) // 2)
                continue
            at += len(part)
        return embeddings

    def embed(self, frames: Sequence[Image], crops: Sequence[Crop]) -> Floats:
        """Pose and shape of what is in crops.

        Args:
            frames: ``(H, W, 3)`` uint8 each.
            crops: What to look at in each.

        Returns:
            ``(N, E)`` float32.
        """
        pairs = zip(frames, crops, strict=True)
        cuts = [cut(frame, crop, self.image_size) for frame, crop in pairs]
        size = self.image_size
        return self.embed_cuts(np.stack(cuts) if cuts else np.empty((0, size, size, 3), np.uint8))

    def encode(self, frame: Image, crop: Crop) -> EncodedFrame:
        """Make a frame ready to be warped, from or onto others.

        Args:
            frame: ``(H, W, 3)`` uint8.
            crop: What to look at.
        """
        units = self._to_units(cut(frame, crop, self.image_size)[None])
        return EncodedFrame(crop, units, self._embed(units))

    def warp(self, source: EncodedFrame, target: EncodedFrame) -> HeldWarp:
        """Warp one frame onto another.

        Args:
            source: Where the colours come from.
            target: What is redrawn from them.
        """
        with torch.inference_mode(), self._in_format():
            made = self._network.warp(source.embedding, target.embedding)
        return HeldWarp(self._network, made, source, target)

    def _embed(self, units: Tensor) -> Tensor:
        with torch.inference_mode(), self._in_format():
            return self._network.embed(units)

    def _in_format(self) -> contextlib.AbstractContextManager[object]:
        """Convolutions in the device's number format, all else as the network says."""
        if self._spec.dtype == torch.float32:
            return contextlib.nullcontext()
        return torch.autocast(self._spec.device, self._spec.dtype)

    def _to_units(self, cuts: NDArray[np.uint8]) -> Tensor:
        """``(N, S, S, 3)`` uint8 to ``(N, 3, S, S)`` float32 in 0..1, channels last in memory."""
        # The permuted view of (N, S, S, 3) *is* channels_last, so nothing is moved about.
        pixels = torch.from_numpy(np.require(cuts, requirements=["C", "W"])).permute(0, 3, 1, 2)
        return pixels.to(self._spec.device).float() / 255
