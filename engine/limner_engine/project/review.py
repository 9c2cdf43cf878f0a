"""Which predictions wait for a person's word, and that word for many of them at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from limner_engine.project.matching import matched_predictions
from limner_engine.project.origins import accepted_origin
from limner_engine.project.store import Project
from limner_engine.types import Floats


@dataclass(frozen=True, eq=False)
class OpenPredictions:
    """Predictions on which nobody has decided: neither annotated nor rejected.

    Attributes:
        video_id: The video.
        model_id: Whose predictions.
        subject: The subject.
        frames: ``(N,)`` int64, rising.
        landmarks: ``(N,)`` int64, the project's numbers.
        points: ``(N, 2)`` float32, pixels of the video.
        confidence: ``(N,)`` float32, 0..1; NaN where the model told none.
    """

    video_id: int
    model_id: int
    subject: int
    frames: NDArray[np.int64]
    landmarks: NDArray[np.int64]
    points: Floats
    confidence: Floats

    def __len__(self) -> int:
        return len(self.frames)

    @property
    def frame_count(self) -> int:
        """In how many frames they are."""
        return len(np.unique(self.frames))

    def where(self, chosen: NDArray[np.bool_]) -> Self:
        """Those for which ``chosen``, ``(N,)``, is true."""
        return type(self)(
            self.video_id,
            self.model_id,
            self.subject,
            self.frames[chosen],
            self.landmarks[chosen],
            self.points[chosen],
            self.confidence[chosen],
        )

    def of_landmark(self, landmark: int) -> Self:
        """Those of one landmark."""
        return self.where(self.landmarks == landmark)

    def at_least(self, confidence: float) -> Self:
        """Those of which the model is at least so sure; none without a confidence."""
        return self.where(self.confidence >= confidence)

    def below(self, confidence: float) -> Self:
        """Those of which the model is less sure; none without a confidence."""
        return self.where(self.confidence < confidence)


def open_predictions(
    project: Project,
    video_id: int,
    model_id: int,
    subject: int = 0,
    start: int = 0,
    stop: int | None = None,
) -> OpenPredictions:
    """The predictions of frames ``start`` to ``stop - 1`` that wait for a word.

    Args:
        project: The open project.
        video_id: The video.
        model_id: Whose predictions.
        subject: The subject.
        start: First frame.
        stop: Behind the last frame; the end of the video unless given.
    """
    count = project.video(video_id).frame_count
    stop = count if stop is None else min(stop, count)
    start = max(0, start)
    points, confidence = matched_predictions(
        project,
        video_id,
        model_id,
        subject,
        skeleton=project.skeleton(),
        frame_count=max(0, stop - start),
        start=start,
    )
    waiting = np.asarray(np.isfinite(points).all(axis=2))
    frames, landmarks = project.annotated_cells(video_id, subject, start, stop)
    inside = landmarks < waiting.shape[1]
    waiting[frames[inside] - start, landmarks[inside]] = False
    at = np.nonzero(waiting)
    return OpenPredictions(
        video_id,
        model_id,
        subject,
        at[0].astype(np.int64) + start,
        at[1].astype(np.int64),
        points[at],
        confidence[at],
    )


def accept(project: Project, found: OpenPredictions, author: str, text: str) -> int:
    """Make predictions annotations that keep their origin: one edit, however many.

    What somebody annotated or rejected since they were looked up stays.

    Args:
        project: The open project.
        found: Which.
        author: Who accepts them.
        text: What is done, in words.

    Returns:
        How many they were.
    """
    name = next(m.info.name for m in project.models() if m.id == found.model_id)
    return project.add_annotations(
        found.video_id,
        found.subject,
        found.frames,
        found.landmarks,
        found.points,
        [accepted_origin(name, sure) for sure in found.confidence.tolist()],
        author=author,
        text=text,
    )


def reject(project: Project, found: OpenPredictions, text: str) -> int:
    """Reject predictions: one edit, however many; gives how many they were.

    Args:
        project: The open project.
        found: Which.
        text: What is done, in words.
    """
    return project.add_rejections(
        found.video_id, found.model_id, found.subject, found.frames, found.landmarks, text
    )
