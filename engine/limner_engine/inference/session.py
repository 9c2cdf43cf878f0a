"""A loaded model that answers many questions: encode once, redraw cheaply.

Pixels come in and go out here. `_to_units` and `_to_picture` are the only places that know how
pictures become the network's numbers; what is between them computes in those numbers alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import cast

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from limner_engine.coordinates import crop_to_frame, cut, frame_to_crop
from limner_engine.errors import EngineError, ModelError
from limner_engine.inference.device import choose_device, out_of_memory
from limner_engine.inference.fold import fold_normalisation
from limner_engine.inference.redrawer import Redrawer
from limner_engine.model_file import NAMED, SELF_TAUGHT, load_model
from limner_engine.models.imm import IMM, Detection
from limner_engine.models.keypointgan import KeypointGAN
from limner_engine.models.named import Named
from limner_engine.types import Crop, Floats, Image, Landmarks, ModelInfo

CPU_BATCH = 2
"""Pictures that go through the network together on one core: more leave its caches."""
GPU_BATCH = 64

FAR_NORM = 100.0
"""Where a missing landmark is put: so far outside that nothing of it is drawn."""


class Session:
    """One model, ready to answer; used from one thread at a time but for `detect_part`.

    Args:
        model_path: The model file.
        device: See `choose_device`.
        threads: Processor threads of a single question.

    Attributes:
        info: What the model says of itself.
        image_size: ``S``: side of the cuts that the network sees.
        landmark_count: ``K``.
        label: Where and how it runs, for people.
        threads: As given.

    Raises:
        ModelError: The file is refused.
        EngineError: The device is not there.
    """

    def __init__(self, model_path: str | Path, device: str = "auto", threads: int = 2) -> None:
        torch.set_num_threads(threads)
        self._spec = choose_device(device)
        loaded = load_model(Path(model_path), self._spec.device)
        if loaded.info.kind not in (*SELF_TAUGHT, NAMED):
            raise ModelError(
                f"{loaded.info.name} warps frames onto one another and knows no landmarks.",
                "Choose a model that finds landmarks.",
            )
        network = cast("IMM | Named | KeypointGAN", loaded.model)
        if isinstance(network, IMM) and network.config.bottleneck == "vector":
            raise ModelError(
                f"{loaded.info.name} was made to compare with: it has no landmarks to show.",
                "Measure it with `limner evaluate`, or choose another model.",
            )
        self.info: ModelInfo = loaded.info
        self.image_size = network.config.image_size
        self.landmark_count = network.config.landmark_count
        self.label = self._spec.label
        self.threads = threads
        self.on_processor = self._spec.device == "cpu"
        self._network = fold_normalisation(network, self._spec.dtype)
        self._layered = isinstance(network, Named) and network.layered
        self._batch = CPU_BATCH if self.on_processor else GPU_BATCH
        self._held: tuple[Crop, Redrawer] | None = None

    def detect_cuts(self, cuts: NDArray[np.uint8]) -> tuple[Floats, Floats]:
        """Find landmarks in pictures that were cut already, on all threads.

        Args:
            cuts: ``(N, S, S, 3)`` uint8 RGB.

        Returns:
            ``(N, K, 2)`` points in -1..1 of the cut and ``(N, K)`` confidence in 0..1, float32.

        Raises:
            EngineError: Not even one picture fits into memory.
        """
        if not self.on_processor or self.threads < 2 or len(cuts) <= CPU_BATCH:
            return self.detect_part(cuts)
        # Each core takes pictures of its own: so none waits for another after every layer, which
        # is a fifth faster on an idle computer and several times on a busy one.
        parts = np.array_split(cuts, self.threads)
        pool = ThreadPoolExecutor(self.threads, initializer=torch.set_num_threads, initargs=(1,))
        with pool:
            found = list(pool.map(self.detect_part, parts))
        return np.concatenate([p for p, _ in found]), np.concatenate([c for _, c in found])

    def detect_part(self, cuts: NDArray[np.uint8]) -> tuple[Floats, Floats]:
        """As `detect_cuts`, but on the calling thread alone; several may call it at once."""
        return self.inspect_part(cuts)[:2]

    def inspect_part(self, cuts: NDArray[np.uint8]) -> tuple[Floats, Floats, Floats | None]:
        """As `detect_part`, and how far the layers of named landmarks are apart.

        Returns:
            Points, confidence, and ``(N, K)`` distances in units of half the cut; NaN where a
            landmark has one answer, None where the model has one layer.
        """
        points = np.empty((len(cuts), self.landmark_count, 2), np.float32)
        confidence = np.empty((len(cuts), self.landmark_count), np.float32)
        gap = np.empty_like(confidence) if self._layered else None
        at = 0
        while at < len(cuts):
            size = self._batch
            part = cuts[at : at + size]
            try:
                with torch.inference_mode():
                    found = self._found(self._to_units(part), None if gap is None else gap[at:])
                    points[at : at + size] = found.points_norm.float().cpu().numpy()
                    confidence[at : at + size] = found.confidence.float().cpu().numpy()
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
        return points, confidence, gap

    def _found(self, images: Tensor, gap: Floats | None) -> Detection:
        """What is detected; the layers' distances go into the first rows of ``gap``."""
        if gap is None or not isinstance(self._network, Named):
            return self._network.detect(images)
        found, apart = self._network.inspect(images)
        gap[: len(images)] = apart.float().cpu().numpy()
        return found

    def detect(self, frames: Sequence[Image], crops: Sequence[Crop]) -> list[Landmarks]:
        """Find landmarks.

        Args:
            frames: ``(H, W, 3)`` uint8 each.
            crops: What to look at in each.

        Returns:
            Landmarks in pixels of the frames.
        """
        pairs = list(zip(frames, crops, strict=True))
        cuts = [cut(frame, crop, self.image_size) for frame, crop in pairs]
        if not cuts:
            return []
        points, confidence = self.detect_cuts(np.stack(cuts))
        return [
            Landmarks(crop_to_frame(points[i], crop), confidence[i])
            for i, (_, crop) in enumerate(pairs)
        ]

    def hold(self, frame: Image, crop: Crop, looks: tuple[Image, Crop] | None = None) -> Landmarks:
        """Keep the looks of a frame for `redraw`.

        Args:
            frame: Where the landmarks are.
            crop: The square that will be redrawn.
            looks: Another frame and its crop to take the looks from.

        Returns:
            The landmarks of ``frame``.

        Raises:
            ModelError: The model only finds landmarks.
        """
        self.painter()
        landmarks = self.detect([frame], [crop])[0]
        source, source_crop = looks or (frame, crop)
        own = self.detect([source], [source_crop])[0] if looks else landmarks
        points = frame_to_crop(own.points_px, source_crop)
        redrawer = Redrawer(self, source, source_crop, points)
        redrawer.prepare()
        self._held = crop, redrawer
        return landmarks

    def redraw(self, points_px: NDArray[np.floating], *, sharp: bool = True) -> Image:
        """Redraw the held crop with its landmarks elsewhere.

        Args:
            points_px: ``(K, 2)`` pixels of the held frame; NaN leaves a landmark out.
            sharp: Keep the video's detail where it only moves (`detail`); the network's bare
                picture if not.

        Returns:
            ``(N, N, 3)`` uint8: ``N`` is the side of the crop whose looks are drawn, pixels of the
            video, from ``S`` to `detail.LARGEST_SIDE`; ``S`` if not ``sharp``.

        Raises:
            EngineError: Nothing is held, or the number of points is another.
        """
        if self._held is None:
            raise EngineError("No frame is held to be redrawn.", "Choose the frame again.")
        crop, redrawer = self._held
        return redrawer.redraw(frame_to_crop(points_px, crop), sharp=sharp)

    def encode(self, cut_image: Image) -> Tensor:
        """The looks of one picture, ``(1, C, G, G)``.

        Args:
            cut_image: ``(S, S, 3)`` uint8.
        """
        with torch.inference_mode():
            return self.painter().encode(self._to_units(cut_image[None]))

    def render(self, appearance: Tensor, points_norm: Floats) -> Image:
        """The network's picture of looks and landmarks.

        Args:
            appearance: As from `encode`.
            points_norm: ``(K, 2)`` -1..1; NaN leaves a landmark out.

        Returns:
            ``(S, S, 3)`` uint8.
        """
        units = points_norm.copy()
        units[~np.isfinite(units).all(axis=1)] = FAR_NORM
        with torch.inference_mode():
            points = torch.from_numpy(units)[None].to(self._spec.device)
            return _to_picture(self.painter().render(appearance, points))

    def painter(self) -> IMM | KeypointGAN:
        """The network, where it can draw.

        Raises:
            ModelError: The model only finds landmarks.
        """
        if not isinstance(self._network, Named):
            return self._network
        raise ModelError(
            f"{self.info.name} finds landmarks by name, but cannot redraw them.",
            "To redraw, choose the model it was made from.",
        )

    def _to_units(self, cuts: NDArray[np.uint8]) -> Tensor:
        """``(N, S, S, 3)`` uint8 to ``(N, 3, S, S)`` in 0..1, channels last in memory."""
        # The permuted view of (N, S, S, 3) *is* channels_last, so nothing is moved about.
        pixels = torch.from_numpy(np.require(cuts, requirements=["C", "W"])).permute(0, 3, 1, 2)
        pixels = pixels.to(self._spec.device)
        return (pixels.float() / 255).to(self._spec.dtype)


def _to_picture(redrawn: Tensor) -> Image:
    """``(1, 3, S, S)`` about 0..1 to ``(S, S, 3)`` uint8."""
    pixels = redrawn[0].mul(255).round_().clamp_(0, 255).to(torch.uint8)
    return np.ascontiguousarray(pixels.permute(1, 2, 0).cpu().numpy())
