"""What persons decided in which frames of a video, for timelines and counts. Arrays only."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from limner_engine.project import Project
from limner_engine.project.matching import matched_predictions
from limner_engine.types import Floats


@dataclass(frozen=True, slots=True, eq=False)
class FrameMarks:
    """Frames by what was decided there, each rising.

    Attributes:
        labelled: ``(N,)`` int64, where a person said something anew, by hand here or elsewhere.
        accepted: ``(A,)`` int64, where predictions were accepted.
        rejected: ``(R,)`` int64, where predictions of the current model were rejected.
        left: ``(R,)`` float32, the least confidence of what is left there; NaN where all went.
    """

    labelled: NDArray[np.int64]
    accepted: NDArray[np.int64]
    rejected: NDArray[np.int64]
    left: Floats

    @classmethod
    def none(cls) -> FrameMarks:
        """Nothing was decided."""
        empty = np.zeros(0, np.int64)
        return cls(empty, empty, empty, np.zeros(0, np.float32))

    @classmethod
    def of(cls, project: Project, video_id: int, model_id: int | None, subject: int) -> FrameMarks:
        """What was decided of one subject in one video.

        Args:
            project: The open project.
            video_id: The video.
            model_id: Whose predictions are shown; None for nobody's.
            subject: The subject.
        """
        rejected, left = np.zeros(0, np.int64), np.zeros(0, np.float32)
        if model_id is not None:
            rejected = np.unique(project.rejections(video_id, model_id, subject)[0])
        if model_id is not None and len(rejected):
            first, last = int(rejected[0]), int(rejected[-1])
            points, confidence = matched_predictions(
                project,
                video_id,
                model_id,
                subject,
                skeleton=project.skeleton(),
                frame_count=last - first + 1,
                start=first,
            )
            confidence[~np.isfinite(points).all(axis=2)] = np.nan
            left = np.fmin.reduce(confidence[rejected - first], axis=1, initial=np.nan)
        return cls(
            project.labelled_frames(video_id, subject),
            project.accepted_frames(video_id, subject),
            rejected,
            left,
        )

    @property
    def emptied(self) -> NDArray[np.int64]:
        """Frames of whose predictions nothing is left, rising."""
        return self.rejected[np.isnan(self.left)]
