"""The first layer in the comparison of few labels: ridge regression from what a base sees."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch

from limner_engine.coordinates import crop_to_frame, cut
from limner_engine.models.embedding import Embedding, lay
from limner_engine.naming.embedding import Embedder, SeenFrames
from limner_engine.naming.first_layer import FirstLayer, fit_first_layer, folds
from limner_engine.types import Floats
from limner_training.data.datasets.labelled import Doubles, Indices, LabelledSet
from limner_training.evaluation.few_shot import Lesson
from limner_training.evaluation.labelled_frames import crops_of, frames_of

_BATCH = 32


class FirstAnswer(NamedTuple):
    """What the first layer makes of a lesson.

    Attributes:
        points_norm: ``(n, P, 2)`` of the tested pictures, -1..1 of their crops.
        left_out_px: ``(N, P)``: error on each picture that it learned from, left out; pixels.
    """

    points_norm: Floats
    left_out_px: Doubles


class FirstShots:
    """The first layer; what the base sees of a picture is kept for all lessons.

    Args:
        base: The model that finds landmarks; None for small pictures alone.
        device: See `choose_device`.
        name: What the line is called.
    """

    expected_s = 5.0

    def __init__(self, base: Path | None, device: str = "auto", name: str = "first") -> None:
        self.name = name
        self._embedder = Embedder(base, device)
        info = self._embedder.info
        self.settings: Mapping[str, Any] = {"base": "" if info is None else info.sha256}
        self._seen: dict[tuple[int, int], SeenFrames] = {}

    def answer(self, lesson: Lesson, progress: Callable[[float], bool]) -> dict[str, Doubles]:
        """See `few_shot.Layer`."""
        return {self.name: to_pixels(self.learn(lesson, progress).points_norm, lesson)}

    def learn(self, lesson: Lesson, progress: Callable[[float], bool]) -> FirstAnswer:
        """Fit to a lesson's pictures and answer."""
        train = lesson.shots.train
        seen = self._look(train, lesson.learned, progress)
        asked = self._look(lesson.shots.test, lesson.tested, progress)
        labelled = frames_of(train, lesson.learned)
        points = labelled.crop_points()
        frames = np.array([frame for _, frame in labelled.sources], np.int64)
        # Separate pictures have no frame that would say which of them are neighbours.
        if not frames.any():
            frames = np.arange(len(frames)) * 1_000_000
        embedding = self._embedder.embedding
        said = np.where(labelled.told, labelled.visible, np.nan)
        fitted = fit_first_layer(embedding, seen, points, said, folds(labelled.group, frames))
        off = np.linalg.norm(fitted.left_out - points, axis=2)
        return FirstAnswer(
            _applied(embedding, fitted, asked), off * labelled.px_per_unit()[:, None]
        )

    def _look(
        self, labelled: LabelledSet, members: Indices, progress: Callable[[float], bool]
    ) -> SeenFrames:
        """What the base sees of some pictures."""
        size, of = self._embedder.image_size, id(labelled)
        new = [int(i) for i in members if (of, int(i)) not in self._seen]
        for start in range(0, len(new), _BATCH):
            part = np.array(new[start : start + _BATCH], np.int64)
            crops = crops_of(labelled, part)
            pairs = zip(part.tolist(), crops, strict=True)
            found = self._embedder.see(
                np.stack([cut(labelled.picture(i), crop, size) for i, crop in pairs])
            )
            for row, number in enumerate(part.tolist()):
                one = SeenFrames(*(array[row : row + 1] for array in found))
                self._seen[of, number] = one
            progress(0.9 * start / len(new))
        return SeenFrames.join([self._seen[of, int(i)] for i in members])


def _applied(embedding: Embedding, fitted: FirstLayer, seen: SeenFrames) -> Floats:
    """As `Named` answers: ``(n, P, 2)``."""
    with torch.inference_mode():
        features = embedding.columns(seen.seen())
        weights = torch.from_numpy(fitted.weights).float()
        points = (features.columns @ weights[:-1] + weights[-1]).reshape(len(seen.looks), -1, 2)
        laid = torch.from_numpy(fitted.laid)[:, None]
        points = torch.where(laid, lay(points, features.placement), points)
    answer: Floats = points.numpy()
    return answer


def to_pixels(points_norm: Floats, lesson: Lesson) -> Doubles:
    """From -1..1 of the crops of the tested pictures to their pixels: ``(n, P, 2)``."""
    crops = crops_of(lesson.shots.test, lesson.tested)
    pairs = zip(points_norm, crops, strict=True)
    return np.stack([crop_to_frame(points, crop) for points, crop in pairs]).astype(np.float64)
