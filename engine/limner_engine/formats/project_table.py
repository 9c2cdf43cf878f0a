"""The landmark table of a project's video."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from limner_engine.errors import FormatError
from limner_engine.formats.table import LandmarkTable, merge
from limner_engine.project.matching import matched_predictions
from limner_engine.project.store import Project


def project_table(
    project: Project,
    video_id: int,
    subject: int = 0,
    *,
    model_id: int | None = None,
    time_s: NDArray[np.float64] | None = None,
    unreadable: Iterable[int] = (),
) -> LandmarkTable:
    """All that a project knows of one subject in one video.

    The columns are the project's landmarks, and a model's stand in them as on the screen (see
    `landmark_map`). Window and command line both export this.

    Args:
        project: The open project.
        video_id: The video.
        subject: The subject.
        model_id: Whose predictions; the project's current model unless given.
        time_s: ``(frame_count,)`` seconds from the first frame, by the stream's own timestamps;
            counted by the average frame rate unless given.
        unreadable: Frames that could not be read, as the reader's health report tells.

    Raises:
        ProjectError: the project has no such video.
        FormatError: there are neither landmarks nor predictions to write.
    """
    video = project.video(video_id)
    if time_s is None:
        time_s = np.arange(video.frame_count) / video.frame_rate
    if len(time_s) != video.frame_count:
        raise ValueError(f"{len(time_s)} times for {video.frame_count} frames")
    if model_id is None:
        model_id = project.current_model_id
    skeleton, predictions, model = project.skeleton(), None, ""
    if model_id is not None:
        info = next(stored.info for stored in project.models() if stored.id == model_id)
        model = info.name
        if not skeleton.names:  # nobody has named any, so the model's own stand for themselves
            skeleton = info.skeleton
        predictions = matched_predictions(
            project,
            video_id,
            model_id,
            subject,
            skeleton=skeleton,
            frame_count=video.frame_count,
        )
    if not skeleton.names:
        raise FormatError(
            f"{video.path.name} has no landmarks yet.",
            "Detect them, or name and place some.",
        )
    name = next((known.name for known in project.subjects() if known.id == subject), None)
    if name is None:
        raise FormatError(f"The project has no subject {subject}.")
    return merge(
        predictions,
        project.all_annotations(video_id, subject),
        video=video.path.name,
        subject=name,
        names=skeleton.names,
        time_s=time_s,
        model=model,
        unreadable=unreadable,
    )
