"""What the recipes of class embeddings and FAb-Net share: pairs, measuring, what is saved.

Both redraw a target from the colours of a source, by a warp decoded from two embeddings. What is
embedded may have other colours than what is redrawn, so that embeddings heed them less.
"""

from __future__ import annotations

import abc
import contextlib
import dataclasses
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, ClassVar

import numpy as np
import torch
from torch import Tensor

from limner_engine.inference.device import DeviceSpec
from limner_engine.models.class_embedding import ClassEmbedding
from limner_engine.models.fabnet import FAbNet
from limner_engine.models.warps import shrunk
from limner_engine.types import ModelInfo, Skeleton
from limner_training.config import TrainConfig
from limner_training.control import Control
from limner_training.data.augment import tinted, tints
from limner_training.data.frames import FrameSet
from limner_training.evaluation.metrics import Redrawing
from limner_training.events import Say
from limner_training.recipes.curriculum import Curriculum
from limner_training.recipes.descent import descend
from limner_training.recipes.recipe import name_after, parted, placed
from limner_training.recipes.views import PairViews, Views
from limner_training.run_folder import RunFolder

PREVIEW_PAIRS = 6
MEASURED_TOGETHER = 16
"""Pairs that go through together where nothing is learned."""

_WATCHED_PAIRS = 32
"""Of those, on which plateaus are told."""
_TINTS = 11
"""Which of a step's streams of random numbers the colours of what is embedded are drawn from."""


class WarpingRecipe(abc.ABC):
    """One network that warps, and the frames it learns from; see `Recipe`.

    Attributes:
        model: The network, on the device.
        grown: Always: it has one size.
        curriculum: What is being learned now.
    """

    kind: ClassVar[str]
    grown = True

    def __init__(
        self,
        config: TrainConfig,
        device: DeviceSpec,
        model: ClassEmbedding | FAbNet,
        started_from: str,
        curriculum: Curriculum,
    ) -> None:
        self.config, self.device = config, device
        self.model = placed(model, device.device)
        self.curriculum = curriculum
        self._started_from = started_from
        self._spent_s = 0.0

    @property
    def image_size(self) -> int:
        """``S``: what the network sees."""
        return self.model.config.image_size

    @abc.abstractmethod
    def loss(self, source: Tensor, target: Tensor, views: PairViews) -> tuple[Tensor, Tensor]:
        """The loss of one step.

        Args:
            source: ``(B, E)``: the source's embedding.
            target: ``(B, E)``.
            views: The pictures.

        Returns:
            A scalar, and the redrawn targets ``(B, 3, W, W)``.
        """

    @abc.abstractmethod
    def redrawn(self, source: Tensor, target: Tensor) -> Tensor:
        """Targets redrawn as far as has been learned: ``(B, 3, W, W)``; nothing learns."""

    @abc.abstractmethod
    def watched(self, source: Tensor, target: Tensor) -> Tensor:
        """The figure that tells plateaus, on some pairs; less is better; nothing learns."""

    @abc.abstractmethod
    def terms(self) -> dict[str, Any]:
        """Settings of the loss that a model file names."""

    def grow(self) -> None:  # noqa: B027 - doing nothing is the answer
        """Nothing: it has its whole size from the start."""

    def use(self, frames: FrameSet) -> None:
        """Take the frames to learn from and hold some back."""
        config = self.config
        self.frames = frames
        self.learned, self.held_back, self.pairs, held = parted(frames, config)
        # Nothing is asked of landmarks here: no third picture, and each placed by itself.
        plain = dataclasses.replace(config, equivariance=0.0)
        self._views = Views(frames, plain, self.image_size, self.device.device)
        self._held_views: PairViews = self._views.plain(*held)

    def prepare(  # noqa: B027 - doing nothing is the answer
        self, folder: RunFolder, say: Say, control: Control
    ) -> None:
        """Nothing: pictures are compared by their pixels."""

    def optimiser(self) -> torch.optim.Adam:
        """Adam of all weights."""
        return torch.optim.Adam(self.model.parameters(), lr=self.config.learning_rate)

    def learn(self, optimiser: torch.optim.Adam, step: int, batch: int, rate: float) -> float:
        """One change of the weights; see `Recipe`."""
        began = time.monotonic()
        views = self._views.draw(*self.pairs.draw(step, batch), step)
        with self.autocast():
            embedded = self.model.embed(self._tinted(views, step))
        source, target = embedded.chunk(2)
        loss, redrawn = self.loss(source, target, views)
        if self.config.schedule == "constant":
            rate *= self.curriculum.damping
        descend(loss, optimiser, self.model.parameters(), rate, step)
        if (step + 1) % self.config.plateau_steps == 0:
            self.curriculum.look(self._watched(), self._share(step + 1))
        self._spent_s += time.monotonic() - began
        wanted = shrunk(views.target, redrawn.shape[-1])
        return float((redrawn.detach() - wanted).abs().mean())

    def extras(self) -> dict[str, Tensor]:
        """What a checkpoint must hold beside the model and its optimiser."""
        spent = torch.tensor([self._spent_s], dtype=torch.float64)
        return self.curriculum.tensors() | {"spent_s": spent}

    def load_extras(self, tensors: dict[str, Tensor]) -> None:
        """Go on from what `extras` gave."""
        self.curriculum.load(tensors)
        self._spent_s = float(tensors["spent_s"])

    def measure(self) -> Redrawing:
        """Redrawing of the held-back pairs, as finely as has been learned.

        Copying is told of the same size, so that the ratio can be compared as levels set in.
        """
        views = self._held_views
        ours = copied = 0.0
        with self.evaluating():
            for start in range(0, len(views.target), MEASURED_TOGETHER):
                part = slice(start, start + MEASURED_TOGETHER)
                source, target = views.source[part], views.target[part]
                redrawn = self.redrawn(source, target).clamp(0, 1)
                wanted = shrunk(target, redrawn.shape[-1])
                plain = shrunk(source, redrawn.shape[-1])
                ours += float((redrawn - wanted).abs().mean()) * len(target)
                copied += float((plain - wanted).abs().mean()) * len(target)
        return Redrawing(ours / len(views.target), copied / len(views.target))

    def warnings(self) -> list[str]:
        """Nothing that is worth a sentence goes wrong by itself."""
        return []

    def finish(self) -> dict[str, float]:
        """Measure the finished model."""
        whole = self.measure()
        return {"held_back_l1": whole.redrawn, "held_back_ratio": whole.ratio}

    def describe(self, steps: int, minutes: float, figures: dict[str, float]) -> ModelInfo:
        """What the model file says of itself."""
        config, names = self.config, self.frames.names
        return ModelInfo(
            kind=self.kind,
            name=config.name or name_after(names),
            config=self.model.config.to_json(),
            skeleton=Skeleton(()),
            provenance={
                "learned_from": list(names[:20])
                + ([f"and {len(names) - 20} more"] if len(names) > 20 else []),
                "frames": len(self.learned),
                "started_from": self._started_from,
                "steps": steps,
                "minutes": round(minutes, 2),
                "terms": self.terms(),
                "seed": config.seed,
                "date": datetime.now(UTC).date().isoformat(),
                "figures": {name: round(value, 5) for name, value in figures.items()},
            },
            licence="Apache-2.0",
        )

    def autocast(self) -> torch.autocast:
        """Half precision, where the device is faster in it."""
        half = self.device.dtype == torch.bfloat16
        return torch.autocast(self.device.device, torch.bfloat16, enabled=half)

    def shown(self) -> tuple[Tensor, Tensor]:
        """Sources and targets of the preview."""
        views = self._held_views
        return views.source[:PREVIEW_PAIRS], views.target[:PREVIEW_PAIRS]

    @contextlib.contextmanager
    def evaluating(self) -> Iterator[None]:
        """Inside, nothing learns."""
        self.model.eval()
        try:
            with torch.inference_mode():
                yield
        finally:
            self.model.train()

    def _tinted(self, views: PairViews, step: int) -> Tensor:
        """What is embedded: ``(2 B, 3, S, S)``, sources first."""
        both = torch.cat([views.source, views.target])
        strength = self.config.embedding_tint
        if strength == 0:
            return both
        rng = np.random.default_rng((self.config.seed, step, _TINTS))
        changed = torch.from_numpy(tints(rng, len(both), strength)).to(both.device)
        return tinted(both, changed).contiguous(memory_format=torch.channels_last)

    def _watched(self) -> float:
        views, total = self._held_views, 0.0
        with self.evaluating():
            for start in range(0, _WATCHED_PAIRS, MEASURED_TOGETHER):
                part = slice(start, start + MEASURED_TOGETHER)
                total += float(self.watched(views.source[part], views.target[part]))
        return total * MEASURED_TOGETHER / _WATCHED_PAIRS

    def _share(self, step: int) -> float:
        """How much of the run is done; the budget that ends first counts, as in the loop."""
        config = self.config
        by_steps = step / config.steps if config.steps else 0.0
        by_time = self._spent_s / (60 * config.minutes) if config.minutes else 0.0
        return max(by_steps, by_time)
