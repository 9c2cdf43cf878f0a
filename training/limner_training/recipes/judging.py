"""Judges at work: their optimiser, their replay pool, and their part of a checkpoint."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from limner_training.checkpoint import load_momenta, momenta
from limner_training.losses.judges import Judges, ReplayPool, passing, telling
from limner_training.recipes.descent import descend, frozen
from limner_training.recipes.recipe import placed

BETAS = (0.5, 0.999)
"""Adam's, of all networks of the paper."""

POOL = 50
"""Pictures in the replay pool, as in the authors' program."""

_REPLAY = 6
"""Which of a step's streams of random numbers the pool draws from."""


class Judging:
    """Judges of one kind of picture.

    Args:
        channels: Of the picture.
        side: ``S``.
        width: See `Judges`.
        seed: Of the pool's choices.
        device: Where they are.
    """

    def __init__(self, channels: int, side: int, width: int, seed: int, device: str) -> None:
        self.network = placed(Judges(channels, side, width), device)
        self._optimiser = torch.optim.Adam(self.network.parameters(), betas=BETAS)
        self._pool = ReplayPool(POOL, (channels, side, side), device)
        self._seed = seed

    def passing(self, pictures: Tensor) -> Tensor:
        """How far pictures are from passing as real; the judges' weights get no gradient."""
        with frozen(self.network):
            return passing(self.network(pictures))

    def learn(
        self, real: Tensor, drawn: Tensor, step: int, rate: float, autocast: torch.autocast
    ) -> None:
        """Let the judges learn from one batch.

        Args:
            real: ``(B, C, S, S)``.
            drawn: ``(B, C, S, S)``; its history is not followed.
            step: Number of the step.
            rate: Step size.
            autocast: How to compute.

        Raises:
            TrainingError: Their loss is not a finite number.
        """
        draws = np.random.default_rng((self._seed, step, _REPLAY)).random((len(drawn), 2))
        older = self._pool.exchange(drawn, torch.from_numpy(draws))
        count = len(real)
        with autocast:
            both = self.network(torch.cat([real.detach().float(), older]))
        loss = telling([one[:count] for one in both], [one[count:] for one in both])
        descend(loss, self._optimiser, self.network.parameters(), rate, step)

    def tensors(self) -> dict[str, Tensor]:
        """What a checkpoint must hold, by name."""
        named = {f"network.{name}": value for name, value in self.network.state_dict().items()}
        named |= {f"optimiser.{name}": value for name, value in momenta(self._optimiser).items()}
        named["pool.pictures"] = self._pool.pictures
        named["pool.count"] = torch.tensor(self._pool.count)
        return {name: tensor.detach().clone() for name, tensor in named.items()}

    def load(self, tensors: dict[str, Tensor]) -> None:
        """Go on from what `tensors` gave.

        Raises:
            KeyError, ValueError, RuntimeError: They are of other judges.
        """
        parts: dict[str, dict[str, Tensor]] = {"network": {}, "optimiser": {}, "pool": {}}
        for name, tensor in tensors.items():
            part, _, rest = name.partition(".")
            parts[part][rest] = tensor
        self.network.load_state_dict(parts["network"])
        load_momenta(self._optimiser, parts["optimiser"])
        self._pool.pictures.copy_(parts["pool"]["pictures"])
        self._pool.count = int(parts["pool"]["count"])
