"""What is known of one frame: a person's annotations over a model's predictions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from limner_engine.project.origins import Accepted, accepted_from
from limner_engine.types import Floats, Landmarks

Origin = Literal["person", "model"]


class _Annotated(Protocol):
    @property
    def x(self) -> float: ...
    @property
    def y(self) -> float: ...
    @property
    def visible(self) -> bool: ...
    @property
    def author(self) -> str: ...
    @property
    def origin(self) -> str: ...


@dataclass(frozen=True, slots=True, eq=False)
class FrameLandmarks:
    """All K landmarks of the skeleton in one frame, whoever put them there.

    Attributes:
        points: ``(K, 2)`` float32, pixels of the video; NaN where missing.
        confidence: ``(K,)`` float32, 0..1; 1 for a person's, NaN where missing.
        visible: ``(K,)`` bool; False only where a person hid the landmark.
        unseen: ``(K,)`` bool; the model says that the landmark is hidden, and nobody else a thing.
            It has no place, but the model's confidence.
        origin: ``"person"``, ``"model"`` or None for each landmark.
        author: The person's or the model's name for each landmark, or None.
        accepted: A person's landmarks that are accepted predictions, and from which model.
        rejected: Landmarks whose prediction a person has rejected, so that it is left out.
    """

    points: Floats
    confidence: Floats
    visible: NDArray[np.bool_]
    unseen: NDArray[np.bool_]
    origin: tuple[Origin | None, ...]
    author: tuple[str | None, ...]
    accepted: Mapping[int, Accepted] = field(default_factory=dict)
    rejected: frozenset[int] = frozenset()

    def __len__(self) -> int:
        return len(self.origin)

    def missing(self) -> list[int]:
        """Landmarks that nobody has placed yet."""
        return [i for i, origin in enumerate(self.origin) if origin is None]


def merge_frame(
    count: int,
    predicted: Landmarks | None,
    mapping: NDArray[np.int64] | None,
    model_name: str,
    annotated: Mapping[int, _Annotated],
    rejected: frozenset[int] = frozenset(),
) -> FrameLandmarks:
    """Lay annotations over predictions.

    Args:
        count: K of the skeleton.
        predicted: A model's landmarks, or None.
        mapping: See `limner_engine.project.matching.landmark_map`; None for the same order.
        model_name: Who made the predictions.
        annotated: A person's, by landmark.
        rejected: Landmarks whose prediction is left out.
    """
    points = np.full((count, 2), np.nan, np.float32)
    confidence = np.full(count, np.nan, np.float32)
    visible = np.ones(count, np.bool_)
    unseen = np.zeros(count, np.bool_)
    origin: list[Origin | None] = [None] * count
    author: list[str | None] = [None] * count
    accepted: dict[int, Accepted] = {}
    if predicted is not None:
        order = np.arange(len(predicted)) if mapping is None else mapping
        for j, i in enumerate(order[: len(predicted)].tolist()):
            if i in rejected:
                continue
            if 0 <= i < count and np.isfinite(predicted.points_px[j]).all():
                points[i] = predicted.points_px[j]
                confidence[i] = predicted.confidence[j]
                origin[i], author[i] = "model", model_name
            elif 0 <= i < count and np.isfinite(predicted.confidence[j]):
                confidence[i], unseen[i], author[i] = predicted.confidence[j], True, model_name
    for i, mark in annotated.items():
        if 0 <= i < count:
            points[i] = (mark.x, mark.y)
            confidence[i], unseen[i] = 1.0, False
            visible[i] = mark.visible
            origin[i], author[i] = "person", mark.author
            told = accepted_from(mark.origin)
            if told is not None:
                accepted[i] = told
    return FrameLandmarks(
        points,
        confidence,
        visible,
        unseen,
        tuple(origin),
        tuple(author),
        accepted,
        frozenset(i for i in rejected if i not in annotated),
    )
