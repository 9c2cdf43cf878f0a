"""What the loop asks of a recipe: one step, what is measured, shown and saved."""

from __future__ import annotations

from typing import Protocol, TypeVar

import torch
from torch import Tensor, nn

from limner_engine.types import Image, ModelInfo
from limner_training.config import TrainConfig
from limner_training.control import Control
from limner_training.data.frames import FrameSet
from limner_training.data.pairs import Indices, Pairs, held_back_pairs, split
from limner_training.evaluation.metrics import Redrawing
from limner_training.events import Say
from limner_training.run_folder import RunFolder

HELD_BACK_PAIRS = 96
"""Pairs that are measured on all through a run."""

Network = TypeVar("Network", bound=nn.Module)


class Recipe(Protocol):
    """One network and the frames it learns from.

    Attributes:
        config: What the run was told.
        grown: Whether the network has its whole size; False while it learns at half of it.
        learned: Which frames it learns from.
        held_back: Which it never learns from.
    """

    config: TrainConfig
    grown: bool
    learned: Indices
    held_back: Indices

    @property
    def model(self) -> nn.Module:
        """The network, on the device."""

    @property
    def image_size(self) -> int:
        """Side of the pictures that the network sees when it is done."""

    def grow(self) -> None:
        """Double the network's picture; everything it has learned is carried over."""

    def use(self, frames: FrameSet) -> None:
        """Take the frames to learn from and hold some back."""

    def prepare(self, folder: RunFolder, say: Say, control: Control) -> None:
        """Make ready what must be there, or learn, before the first step."""

    def optimiser(self) -> torch.optim.Adam:
        """A fresh one for the weights as they are now."""

    def learn(self, optimiser: torch.optim.Adam, step: int, batch: int, rate: float) -> float:
        """One change of the weights.

        Args:
            optimiser: The one that `optimiser` gave.
            step: Number of the step.
            batch: Pairs in it.
            rate: Step size.

        Returns:
            L1 of the pictures just redrawn, in 0..1.

        Raises:
            TrainingError: The loss is not a finite number; no weight has changed.
        """

    def extras(self) -> dict[str, Tensor]:
        """What a checkpoint must hold beside the model and its optimiser."""

    def load_extras(self, tensors: dict[str, Tensor]) -> None:
        """Go on from what `extras` gave."""

    def measure(self) -> Redrawing:
        """Redrawing of the held-back pairs, which are the same all through the run."""

    def warnings(self) -> list[str]:
        """What went wrong since the last call and what was done about it; sentences."""

    def preview(self) -> Image:
        """A picture of how it does on a few held-back pairs."""

    def finish(self) -> dict[str, float]:
        """Measure the finished model and note in it what it needs to answer; figures by name."""

    def describe(self, steps: int, minutes: float, figures: dict[str, float]) -> ModelInfo:
        """What the model file says of itself."""


def parted(
    frames: FrameSet, config: TrainConfig
) -> tuple[Indices, Indices, Pairs, tuple[Indices, Indices]]:
    """Frames to learn from, frames held back, pairs of the first, and pairs to measure on."""
    learned, held_back = split(frames, config.held_back)
    pairs = Pairs.of(
        frames,
        learned,
        config.gap_min,
        config.gap_max,
        config.seed,
        warp_share=config.warp_share,
    )
    held_pairs = held_back_pairs(frames, held_back, HELD_BACK_PAIRS, config.seed)
    return learned, held_back, pairs, held_pairs


def placed(model: Network, device: str) -> Network:
    """A network on a device, channels last in memory, ready to learn."""
    model = model.to(device, memory_format=torch.channels_last)  # type: ignore[call-overload]
    return model.train()


def name_after(names: tuple[str, ...]) -> str:
    """What a model is called that learned from videos of these names."""
    first = names[0].rsplit(".", 1)[0]
    return first if len(names) == 1 else f"{first} and {len(names) - 1} more"
