"""One heat-map network learns: a step, its schedule, and the mean of its weights."""

from __future__ import annotations

import copy
import math
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from limner_engine.errors import TrainingError
from limner_engine.inference.device import DeviceSpec
from limner_engine.models.heatmaps import HeatmapNet
from limner_training.naming.looks import change_looks
from limner_training.naming.placing import Placing
from limner_training.naming.targets import SIGHT_WEIGHT, place_loss, sight_loss

HIGHEST_RATE = 3e-3
WARM_UP = 0.1
FINAL_RATE = 0.01
"""One cycle: up over this share of the steps, down along a cosine to this share of the highest."""

WEIGHT_DECAY = 1e-4
MEAN_DECAY = 0.99
"""Of the running mean of weights, which is what answers: it is ahead of the weights by far while
the rate is high."""


@dataclass(frozen=True, slots=True, eq=False)
class Lessons:
    """Pictures and what is to be found in them.

    Attributes:
        pixels: ``(N, Q, Q, 3)`` uint8.
        points_norm: ``(N, P, 2)`` float32, NaN where nothing is known.
        weight: ``(N, P)`` float32: how much each point counts, 0..1.
        visible: ``(N, P)`` float32: 1, 0 or NaN.
    """

    pixels: NDArray[np.uint8]
    points_norm: NDArray[np.float32]
    weight: NDArray[np.float32]
    visible: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.pixels)


class Learning:
    """A network on its way.

    A step is a function of the seed and its number alone.

    Args:
        net: Is changed.
        lessons: What a person labelled.
        batch: Of these in a step.
        placing: How pictures are placed.
        swap: ``(P,)``: which landmark each is in a mirrored picture.
        device: Where.
        seed: Of all draws.
    """

    def __init__(
        self,
        net: HeatmapNet,
        lessons: Lessons,
        batch: int,
        *,
        placing: Placing,
        swap: Tensor,
        device: DeviceSpec,
        seed: int,
    ) -> None:
        self.net = net.to(device.device).train()
        self.net.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.mean = copy.deepcopy(self.net).eval().requires_grad_(False)
        self.step_count = 0
        self._parts = [(lessons, batch)]
        self._placing, self._swap = placing, swap
        self._device, self._seed = device, seed
        self._optimiser = _optimiser(net)

    def teach(self, taught: Lessons, batch: int) -> None:
        """Learn also from what networks labelled, in place of what they labelled before.

        Args:
            taught: At least one picture.
            batch: Of these in a step.
        """
        self._parts[1:] = [(taught, batch)]

    def step(self, share: float) -> float:
        """Change the weights once.

        Args:
            share: How much of the run is done, 0..1; gives the step size.

        Returns:
            The loss.

        Raises:
            TrainingError: The loss is not a finite number; no weight has changed.
        """
        for group in self._optimiser.param_groups:
            group["lr"] = HIGHEST_RATE * rate(share)
        pictures, points, weight, visible = self._draw()
        half = self._device.dtype == torch.bfloat16
        with torch.autocast(self._device.device, torch.bfloat16, enabled=half):
            logits, sight = self.net(pictures)
        loss = place_loss(logits, points, self.net.cells, weight)
        loss = loss + SIGHT_WEIGHT * sight_loss(sight, visible)
        if not math.isfinite(float(loss.detach())):
            raise TrainingError(
                f"The loss is not a number at step {self.step_count}; no weight has taken it on.",
                "Look at the labels, or start again.",
            )
        self._optimiser.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(self.net.parameters(), 1.0)
        self._optimiser.step()
        self._follow()
        self.step_count += 1
        return float(loss.detach())

    def _draw(self) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Pictures of a step, their points, the points' weights, and visibility."""
        rng = np.random.default_rng((self._seed, self.step_count))
        size, drawn = self.net.config.image_size, []
        for lessons, count in self._parts:
            rows = self._turn_of(len(lessons), count)
            places = self._placing.draw(rng, count)
            cuts = to_pictures(lessons.pixels[rows])
            points = places.points(torch.from_numpy(lessons.points_norm[rows]), size)
            told = (
                points,
                torch.from_numpy(lessons.weight[rows]),
                torch.from_numpy(lessons.visible[rows]),
            )
            for part in told:
                part[places.mirrored] = part[places.mirrored][:, self._swap]
            drawn.append((change_looks(places.pictures(cuts, size), rng), *told))
        pictures, points, weight, visible = (
            torch.cat(parts) for parts in zip(*drawn, strict=True)
        )
        where = self._device.device
        pictures = pictures.to(where).contiguous(memory_format=torch.channels_last)
        return pictures, points.to(where), weight.to(where), visible.to(where)

    def _turn_of(self, length: int, count: int) -> NDArray[np.int64]:
        """Whose turn it is: each comes once before any comes again."""
        first = self.step_count * count
        rounds = range(first // length, (first + count - 1) // length + 1)
        order = [np.random.default_rng((self._seed, 1, r)).permutation(length) for r in rounds]
        start = first - rounds.start * length
        return np.concatenate(order)[start : start + count]

    @torch.no_grad()
    def _follow(self) -> None:
        decay = min(MEAN_DECAY, (1 + self.step_count) / (10 + self.step_count))
        pairs = zip(self.mean.state_dict().values(), self.net.state_dict().values(), strict=True)
        for kept, new in pairs:
            if kept.dtype.is_floating_point:
                kept.lerp_(new, 1 - decay)
            else:
                kept.copy_(new)


def rate(share: float) -> float:
    """Step size over the highest one, at a share of the run."""
    if share < WARM_UP:
        return max(share / WARM_UP, 0.02)
    down = 0.5 * (1 + math.cos(math.pi * min(1.0, (share - WARM_UP) / (1 - WARM_UP))))
    return FINAL_RATE + (1 - FINAL_RATE) * down


def to_pictures(pixels: NDArray[np.uint8]) -> Tensor:
    """``(B, Q, Q, 3)`` uint8 to ``(B, 3, Q, Q)`` float32 in 0..1."""
    return torch.from_numpy(np.ascontiguousarray(pixels)).permute(0, 3, 1, 2).float().div_(255)


def _optimiser(net: HeatmapNet) -> torch.optim.AdamW:
    weights = list(net.parameters())
    groups = [
        {"params": [w for w in weights if w.dim() > 1], "weight_decay": WEIGHT_DECAY},
        {"params": [w for w in weights if w.dim() <= 1], "weight_decay": 0.0},
    ]
    return torch.optim.AdamW(groups, lr=HIGHEST_RATE)
