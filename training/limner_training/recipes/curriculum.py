"""What is learned first, and when the next sets in: once a held-back figure stays as it is."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from limner_engine.errors import TrainingError

LEAST_GAIN = 1e-4
"""A figure is better when it is lower by this. Absolute: the confidence loss goes below 0."""

_DAMPED = 0.1
"""Factor of the step size at each plateau after the last stage has set in (authors' programs)."""


class Curriculum:
    """Counts how long a figure has not got better, and goes from stage to stage.

    Args:
        latest: For each stage but the first, the share of the run at which it sets in at the
            latest, 0..1, rising: a short run must not end with stages that were never learned.
        patience: Looks without a better figure after which the next stage sets in.
        stage: Where to begin.
    """

    def __init__(self, latest: tuple[float, ...], patience: int, stage: int = 0) -> None:
        self._latest, self._patience = latest, patience
        self.stage = stage
        self._best, self._waited, self._plateaus = math.inf, 0, 0

    @property
    def done(self) -> bool:
        """Whether the last stage has set in."""
        return self.stage == len(self._latest)

    @property
    def damping(self) -> float:
        """Factor of the step size, which falls at each plateau of the last stage."""
        return float(_DAMPED**self._plateaus)

    def look(self, figure: float, share: float) -> None:
        """Take a new figure.

        Args:
            figure: Less is better. It may jump where a stage sets in.
            share: How much of the run is done, 0..1.
        """
        if figure < self._best - LEAST_GAIN:
            self._best, self._waited = figure, 0
        else:
            self._waited += 1
        due = not self.done and share >= self._latest[self.stage]
        if self._waited <= self._patience and not due:
            return
        if self.done:
            self._plateaus += 1
        else:
            self.stage += 1
        self._best, self._waited = math.inf, 0

    def tensors(self) -> dict[str, Tensor]:
        """All there is to go on from."""
        numbers = [self.stage, self._best, self._waited, self._plateaus]
        return {"counts": torch.tensor(numbers, dtype=torch.float64)}

    def load(self, tensors: dict[str, Tensor]) -> None:
        """Go on from what `tensors` gave.

        Raises:
            TrainingError: It is not there, or is of another curriculum.
        """
        counts = tensors.get("counts")
        numbers = counts.tolist() if counts is not None else []
        if len(numbers) != 4 or not 0 <= numbers[0] <= len(self._latest):
            raise TrainingError(
                "The checkpoint does not say what was being learned.", "Start the run afresh."
            )
        self.stage, self._waited, self._plateaus = (int(numbers[i]) for i in (0, 2, 3))
        self._best = numbers[1]
