"""Loose poses as a file tells them, before they are of one skeleton and on a canvas."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from limner_engine.types import Skeleton


@dataclass(frozen=True, eq=False)
class LoosePoses:
    """Poses of one source.

    Attributes:
        source: Name of the file or project.
        skeleton: Names, edges and left/right pairs of the ``J`` joints, as far as the file knows
            them; numbered names where it has none.
        points: ``(N, J, 2)`` float64, x right, y down, any unit; or ``(N, J, 3)``: x to the left
            of somebody who looks along z, y up. NaN where a joint is missing.
        takes: ``(N,)`` int64: which recording each pose is of; poses of one follow each other.
        named: Whether the file tells names.
        laid: Whether they lie on the canvas of crops already, as those of a prior do.
    """

    source: str
    skeleton: Skeleton
    points: NDArray[np.float64]
    takes: NDArray[np.int64]
    named: bool = True
    laid: bool = False

    def __post_init__(self) -> None:
        count = len(self.skeleton.names)
        if self.points.ndim != 3 or self.points.shape[1] != count or self.dimensions not in (2, 3):
            raise ValueError(f"poses must be (N, {count}, 2 or 3), not {self.points.shape}")
        if self.takes.shape != self.points.shape[:1]:
            raise ValueError("every pose is of one take")

    def __len__(self) -> int:
        return len(self.points)

    @property
    def dimensions(self) -> int:
        """2: from pictures; 3: from motion capture."""
        return int(self.points.shape[2])

    def kept(self, rows: NDArray[Any]) -> LoosePoses:
        """Some of the poses.

        Args:
            rows: Indices, or ``(N,)`` bool.
        """
        return replace(self, points=self.points[rows], takes=self.takes[rows])

    def whole(self) -> LoosePoses:
        """The poses of which no joint is missing."""
        return self.kept(np.asarray(np.isfinite(self.points).all(axis=(1, 2))))
