"""The landmark table of a project's video."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from limner_engine.errors import FormatError
from limner_engine.formats.table import LandmarkTable, merge
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
    names = list(project.skeleton().names)
    predictions = None
    model = ""
    if model_id is not None:
        info = next(stored.info for stored in project.models() if stored.id == model_id)
        model = info.name
        points, confidence = project.predictions_range(
            video_id, model_id, subject, 0, video.frame_count
        )
        found = points.shape[1]
        # A model may know more landmarks than the skeleton names, or fewer.
        for number in range(len(names), found):
            own = info.skeleton.names
            wanted = own[number] if number < len(own) else f"point {number + 1}"
            names.append(wanted if wanted not in names else f"{wanted} ({number + 1})")
        gap = len(names) - found
        predictions = (
            np.pad(points, ((0, 0), (0, gap), (0, 0)), constant_values=np.nan),
            np.pad(confidence, ((0, 0), (0, gap)), constant_values=np.nan),
        )
    if not names:
        raise FormatError(
            f"{video.path.name} has no landmarks yet.",
            "Run a model on it, or name landmarks and place them.",
        )
    name = next((known.name for known in project.subjects() if known.id == subject), None)
    if name is None:
        raise FormatError(f"The project has no subject {subject}.")
    return merge(
        predictions,
        project.all_annotations(video_id, subject),
        video=video.path.name,
        subject=name,
        names=names,
        time_s=time_s,
        model=model,
        unreadable=unreadable,
    )
