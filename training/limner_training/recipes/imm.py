"""Learning an IMM: what one step does, what is measured, shown and saved.

A step redraws targets from their landmarks and the looks of other frames of the same videos, and
lowers the pixel loss. Nothing is labelled.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from limner_engine.inference.device import DeviceSpec
from limner_engine.model_file import load_model
from limner_engine.models.imm import IMM, IMMConfig
from limner_engine.types import Image, ModelInfo, Skeleton
from limner_training.config import TrainConfig
from limner_training.data.augment import NONE, Jitter, compose, sample
from limner_training.data.frames import MARGIN, FrameSet
from limner_training.data.pairs import Pairs, held_back_pairs, split
from limner_training.evaluation.metrics import (
    Redrawing,
    equivariance_error,
    plain,
    redrawing,
    typical_spread,
)
from limner_training.losses.landmarks import equivariance, separation
from limner_training.losses.pixel import PixelLoss, pixel_loss
from limner_training.preview import preview_sheet

SHARED = Jitter(shift=0.05, turn_rad=0.10, scale=0.06)
"""Placement that source and target share, at ``jitter`` 1."""

OWN = Jitter(shift=0.03, turn_rad=0.06, scale=0.03)
"""Placement of each by itself, at ``jitter`` 1, where no equivariance is asked for: with that term
the pair lies still and landmarks learn to move from `WIDE`."""

WIDE = Jitter(shift=0.12, turn_rad=0.15, scale=0.08)
"""Placement of the picture on which landmarks must agree, at any ``jitter``: it is never redrawn,
so it may lie as far off as a crop found badly."""

_HELD_BACK_PAIRS = 96
_PREVIEW_PAIRS = 6


class IMMRecipe:
    """One IMM and the frames it learns from.

    Attributes:
        model: The network, on the device.
    """

    def __init__(self, config: TrainConfig, device: DeviceSpec) -> None:
        self.config = config
        self.device = device
        torch.manual_seed(config.seed)
        if config.start_from:
            self._start = load_model(Path(config.start_from))
            if not isinstance(self._start.model, IMM):
                raise TypeError("load_model gave another network than the file names")
            self.model = self._start.model
            self._skeleton = self._start.info.skeleton
        else:
            sizes = {"lite": IMMConfig.lite, "medium": IMMConfig.medium, "paper": IMMConfig.paper}
            self.model = IMM(sizes[config.size](config.landmarks))
            self._skeleton = Skeleton.numbered(config.landmarks)
        self.model = self.model.to(device.device, memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.model.train()

    @property
    def image_size(self) -> int:
        """``S``: what the network sees."""
        return self.model.config.image_size

    def use(self, frames: FrameSet) -> None:
        """Take the frames to learn from and hold some back."""
        self.frames = frames
        self.learned, self.held_back = split(frames, self.config.held_back)
        gaps = (self.config.gap_min, self.config.gap_max)
        self.pairs = Pairs.of(frames, self.learned, *gaps, self.config.seed)
        self._held_pairs = held_back_pairs(
            frames, self.held_back, _HELD_BACK_PAIRS, self.config.seed
        )

    def loss(self, step: int, batch: int, share: float) -> Tensor:
        """The loss of one step; a function of the weights, the seed and the arguments alone.

        Args:
            step: Number of the step.
            batch: Pairs in it.
            share: How much of the run is done, 0..1.
        """
        sources, targets = self.pairs.draw(step, batch)
        rng = np.random.default_rng((self.config.seed, step, 1))
        shared = _scaled(SHARED, self.config.jitter).draw(rng, batch)
        own = _scaled(OWN, self.config.jitter)
        mirrored = rng.random(batch) < 0.5 if self.config.mirror else np.zeros(batch, bool)
        mirror = torch.from_numpy(mirrored).to(self.device.device)
        apart = NONE if self.config.equivariance > 0 else own
        source = self._sampled(sources, compose(shared, apart.draw(rng, batch)), mirror)
        target_map = compose(shared, apart.draw(rng, batch))
        target = self._sampled(targets, target_map, mirror)
        half = self.device.dtype == torch.bfloat16
        with torch.autocast(self.device.device, torch.bfloat16, enabled=half):
            redrawn, found = self.model(source, target)
            form: PixelLoss = "l2" if self.config.loss == "l2" else "l1"
            loss = pixel_loss(redrawn, target, form)
            if self.config.separation > 0:
                loss = loss + self.config.separation * separation(found.points_norm)
            if self.config.equivariance > 0:
                again_map = compose(shared, WIDE.draw(rng, batch))
                again = self.model.detect(self._sampled(targets, again_map, mirror)).points_norm
                agreement = equivariance(
                    self._in_crop(found.points_norm, target_map), self._in_crop(again, again_map)
                )
                loss = loss + self.config.equivariance * _ramp(share) * agreement
        return loss

    def measure(self) -> Redrawing:
        """Redrawing of the held-back pairs, which are the same all through the run."""
        return redrawing(self.model, self.frames, *self._held_pairs, device=self.device.device)

    def preview(self) -> Image:
        """Source, target, redrawn and landmarks of a few held-back pairs."""
        sources, targets = (indices[:_PREVIEW_PAIRS] for indices in self._held_pairs)
        source = plain(self.frames, sources, self.image_size, self.device.device)
        target = plain(self.frames, targets, self.image_size, self.device.device)
        self.model.eval()
        with torch.inference_mode():
            redrawn, found = self.model(source, target)
        self.model.train()
        return preview_sheet(source, target, redrawn, found.points_norm)

    def finish(self) -> dict[str, float]:
        """Measure the finished model and note in it how wide its landmarks usually are."""
        rng = np.random.default_rng(self.config.seed)
        few = rng.permutation(self.learned)[:256]

        def spread(pictures: Tensor) -> Tensor:
            with torch.inference_mode():
                return self.model.detect(pictures.to(self.device.device)).spread_norm

        self.model.eval()
        usual = typical_spread(spread, self.frames, few, self.image_size)
        self.model.typical_spread.copy_(torch.from_numpy(usual))
        figures: dict[str, float] = {}
        whole = self.measure()
        figures["held_back_l1"], figures["held_back_ratio"] = whole.redrawn, whole.ratio
        held = rng.permutation(self.held_back)[:192]
        figures["known_move_error"] = equivariance_error(
            self.model, self.frames, held, device=self.device.device
        )
        videos = np.unique(self.frames.video[self.held_back])
        if len(videos) <= 8:
            for video in videos:
                members = self.held_back[self.frames.video[self.held_back] == video]
                pairs = held_back_pairs(self.frames, members, _HELD_BACK_PAIRS, self.config.seed)
                of_one = redrawing(self.model, self.frames, *pairs, device=self.device.device)
                figures[f"held_back_ratio of {self.frames.names[video]}"] = of_one.ratio
        return figures

    def describe(self, steps: int, minutes: float, figures: dict[str, float]) -> ModelInfo:
        """What the model file says of itself."""
        config = self.config
        names = self.frames.names
        return ModelInfo(
            kind="imm",
            name=config.name or _name_after(names),
            config=self.model.config.to_json(),
            skeleton=self._skeleton,
            provenance={
                "learned_from": list(names[:20])
                + ([f"and {len(names) - 20} more"] if len(names) > 20 else []),
                "frames": len(self.learned),
                "started_from": self._start.info.name if config.start_from else "",
                "steps": steps,
                "minutes": round(minutes, 2),
                "loss": config.loss,
                "seed": config.seed,
                "date": datetime.now(UTC).date().isoformat(),
                "figures": {name: round(value, 5) for name, value in figures.items()},
            },
            licence="Apache-2.0",
        )

    def _sampled(self, indices: np.ndarray, maps: np.ndarray, mirror: Tensor) -> Tensor:
        cuts = torch.from_numpy(np.ascontiguousarray(self.frames.pixels[indices]))
        where = self.device.device
        pictures = sample(
            cuts.to(where), torch.from_numpy(maps).to(where), self.image_size, MARGIN, mirror
        )
        return pictures.contiguous(memory_format=torch.channels_last)

    def _in_crop(self, points_norm: Tensor, maps: np.ndarray) -> Tensor:
        """Where points of an augmented picture lie in the crop: ``(B, K, 2)``."""
        move = torch.from_numpy(maps).to(points_norm)
        return points_norm @ move[:, :, :2].transpose(1, 2) + move[:, :, 2].unsqueeze(1)


def _ramp(share: float) -> float:
    """Weight of equivariance: it sets in once landmarks have spread.

    From the first step on it holds them together on the one point that moves most surely.
    """
    return min(1.0, max(0.0, (share - 0.1) / 0.4))


def _scaled(jitter: Jitter, strength: float) -> Jitter:
    return Jitter(jitter.shift * strength, jitter.turn_rad * strength, jitter.scale * strength)


def _name_after(names: tuple[str, ...]) -> str:
    first = names[0].rsplit(".", 1)[0]
    return first if len(names) == 1 else f"{first} and {len(names) - 1} more"
