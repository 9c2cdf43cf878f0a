"""Whether the pose picture has collapsed, and what helps.

Three ways are known. It is *empty*: the judges are satisfied by background. It is *frozen*: one
pose of the prior is drawn whatever the picture shows. It is *mirrored*: the regressor has drifted,
and reads left for right. Against the first two the judges count for less for a while, so that the
content loss draws the pose to the picture, and pose pictures are asked to look as their landmarks
drawn again; against the third the regressor begins again from what it knew of loose poses.
"""

from __future__ import annotations

import torch
from torch import Tensor

EMPTY = 0.3
"""Share of the prior's ink below which a pose picture counts as empty."""
FROZEN = 0.2
"""Share of the prior's variety below which poses count as frozen."""
MIRRORED = 0.6
"""Share of pictures with sides exchanged above which the regressor counts as mirrored."""

GRACE_STEPS = 300
"""Nothing is judged before: everything starts empty."""
LOOK_EVERY = 100
"""Steps between looks."""
RELIEF_STEPS = 500
"""How long the remedy lasts before it is judged again."""
RELIEF = 0.25
"""Share of the judges' weight that is left meanwhile."""
RELIEF_AGREEMENT = 5.0
"""Weight of the agreement meanwhile."""


class Watch:
    """Looks at held-back pictures from time to time.

    Attributes:
        figures: The last look, by name: ``ink`` and ``variety`` as shares of the prior's, and
            ``sides_wrong``.
        mirrored: Whether the last look found the regressor mirrored.
    """

    def __init__(self) -> None:
        self.figures: dict[str, float] = {}
        self.mirrored = False
        self._relieved_until = 0

    def weight(self, adversarial: float, step: int) -> float:
        """The judges' weight at a step."""
        return adversarial * (RELIEF if step < self._relieved_until else 1.0)

    def agreement(self, agreement: float, step: int) -> float:
        """The weight of the agreement at a step."""
        return max(agreement, RELIEF_AGREEMENT if step < self._relieved_until else 0.0)

    def look(
        self,
        pictures: Tensor,
        points: Tensor,
        real: Tensor,
        poses: Tensor,
        wrong: Tensor | None,
        step: int,
    ) -> list[str]:
        """Judge how it goes, and begin a remedy.

        Args:
            pictures: ``(B, 1, S, S)``: pose pictures of held-back frames, about -1..1.
            points: ``(B, K, 2)``: what is read off them.
            real: ``(N, 1, S, S)``: poses of the prior, drawn.
            poses: ``(N, K, 2)``: those poses.
            wrong: ``(B,)`` bool: which have their sides exchanged; None without sides.
            step: Number of the step.

        Returns:
            Sentences: what was found and what is done.
        """
        ink = _ink(pictures) / max(_ink(real), 1e-6)
        variety = _variety(points) / max(_variety(poses), 1e-6)
        sides = 0.0 if wrong is None else float(wrong.float().mean())
        self.figures = {"ink": ink, "variety": variety, "sides_wrong": sides}
        self.mirrored = False
        if step < max(GRACE_STEPS, self._relieved_until):
            return []
        relief = "the judges count for less for a while."
        if ink < EMPTY:
            self._relieved_until = step + RELIEF_STEPS
            return [f"The pose picture is nearly empty ({ink:.0%} of the prior's lines): {relief}"]
        if variety < FROZEN:
            self._relieved_until = step + RELIEF_STEPS
            return [f"The pose hardly moves ({variety:.0%} of the prior's variety): {relief}"]
        if sides > MIRRORED:
            self.mirrored = True
            self._relieved_until = step + RELIEF_STEPS
            return [
                f"Left and right are exchanged in {sides:.0%} of the pictures: the regressor "
                "begins again from the loose poses."
            ]
        return []

    def tensors(self) -> dict[str, Tensor]:
        """What a checkpoint must hold."""
        return {"relieved_until": torch.tensor(self._relieved_until)}

    def load(self, tensors: dict[str, Tensor]) -> None:
        """Go on from what `tensors` gave."""
        self._relieved_until = int(tensors["relieved_until"])


def _ink(pictures: Tensor) -> float:
    return float((pictures.float().clamp(-1, 1) + 1).mean()) / 2


def _variety(points: Tensor) -> float:
    """Standard deviation of landmarks over pictures, mean of landmarks and axes."""
    return float(points.float().std(dim=0).mean())
