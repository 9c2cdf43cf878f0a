"""What networks said of labels that they had not seen: the honest measure of the second layer."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from limner_engine.errors import TrainingError
from limner_engine.models.heatmaps import Reading
from limner_engine.types import Floats
from limner_training.data.array_file import stored_arrays
from limner_training.naming.settings import write_arrays

_NAMES = ("points_norm", "peak", "spread", "visible", "apart")


@dataclass(frozen=True, slots=True, eq=False)
class HeldBack:
    """For N labelled pictures, what a network that had not learned from each found in it.

    Attributes:
        points_norm: ``(N, P, 2)`` float32, -1..1 of the crop; NaN of pictures whose turn has not
            come.
        peak: ``(N, P)`` float32, NaN likewise; this and the next three as in `Reading`.
        spread: ``(N, P)``.
        visible: ``(N, P)``: log odds.
        apart: ``(N, P)``.
    """

    points_norm: Floats
    peak: Floats
    spread: Floats
    visible: Floats
    apart: Floats

    @classmethod
    def empty(cls, pictures: int, landmarks: int) -> HeldBack:
        """Nothing is known yet."""
        alone = (np.full((pictures, landmarks), np.nan, np.float32) for _ in range(4))
        return cls(np.full((pictures, landmarks, 2), np.nan, np.float32), *alone)

    def put(self, rows: NDArray[np.int64], found: Reading) -> None:
        """Keep what was found in some of the pictures."""
        for name in _NAMES:
            getattr(self, name)[rows] = getattr(found, name).numpy()

    def error_px(self, points_norm: Floats, px_per_unit: Floats) -> list[float | None]:
        """Median error of each landmark in pixels of the video; None where there is none.

        Args:
            points_norm: ``(N, P, 2)``: the labels.
            px_per_unit: ``(N,)``.
        """
        away = np.linalg.norm(self.points_norm - points_norm, axis=-1) * px_per_unit[:, None]
        known = [column[np.isfinite(column)] for column in away.T]
        return [float(np.median(column)) if len(column) else None for column in known]

    def save(self, path: Path) -> None:
        """Write into an ``.npz`` file."""
        write_arrays(path, {name: getattr(self, name) for name in _NAMES})

    @classmethod
    def open(cls, path: Path) -> HeldBack:
        """Read what `save` wrote.

        Raises:
            TrainingError: It is missing or damaged.
        """
        try:
            stored = stored_arrays(path, _NAMES)
            return cls(*(stored[name] for name in _NAMES))
        except (ValueError, KeyError) as error:
            raise TrainingError(f"{path.name} cannot be read: {error}.") from error


def folds(group: NDArray[np.int64], count: int, seed: int) -> list[NDArray[np.int64]]:
    """Which pictures each of some networks does not learn from.

    Every picture is in one fold. Where there are at least as many videos or people as folds, all
    of one are in the same: what is measured then holds for one never seen.

    Args:
        group: ``(N,)``: from which video, or of whom.
        count: How many; fewer where there are fewer pictures.
        seed: Of the order.

    Returns:
        Rising numbers of pictures, none empty.
    """
    rng = np.random.default_rng((seed, 2))
    names, sizes = np.unique(group, return_counts=True)
    count = min(count, len(group))
    # A video with most of the labels would leave the others too few to learn from.
    if len(names) >= count and sizes.max() <= 2 * len(group) / count:
        fold = np.zeros(len(group), np.int64)
        filled = np.zeros(count, np.int64)
        for number in rng.permutation(len(names)):
            smallest = int(filled.argmin())
            fold[group == names[number]] = smallest
            filled[smallest] += sizes[number]
    else:
        fold = rng.permutation(len(group)) % count
    parts = [np.flatnonzero(fold == number) for number in range(count)]
    return [part for part in parts if len(part)]
