"""Which landmark of a project each landmark of a model is: the same on the screen and in files."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from limner_engine.project.store import Project
from limner_engine.types import Floats, Skeleton


def landmark_map(skeleton: Skeleton, found: Skeleton) -> NDArray[np.int64]:
    """Which landmark of the project each landmark of a model is.

    Where all names are known, names match, in whatever order they stand. Otherwise the same count
    means the same landmarks, so that numbered ones can be renamed. Failing that too, only equal
    names match.

    Returns:
        For each of the model's landmarks its place in ``skeleton``, or -1.
    """
    place = {name: i for i, name in enumerate(skeleton.names)}
    known = all(name in place for name in found.names)
    if not known and len(found.names) == len(skeleton.names):
        return np.arange(len(found.names), dtype=np.int64)
    return np.array([place.get(name, -1) for name in found.names], np.int64)


def matched_predictions(
    project: Project,
    video_id: int,
    model_id: int,
    subject: int,
    *,
    skeleton: Skeleton,
    frame_count: int,
    start: int = 0,
) -> tuple[Floats, Floats]:
    """What a model found in a run of frames, as landmarks of a skeleton.

    What a person has rejected is left out.

    Args:
        project: The open project.
        video_id: The video.
        model_id: The model.
        subject: Whose landmarks.
        skeleton: Of the project, with K landmarks.
        frame_count: How many frames.
        start: The first of them.

    Returns:
        ``(frame_count, K, 2)`` float32 pixels and ``(frame_count, K)`` float32 confidence, 0..1;
        NaN where there is nothing, and for landmarks that the model does not know.
    """
    named = len(skeleton.names)
    points = np.full((frame_count, named, 2), np.nan, np.float32)
    confidence = np.full((frame_count, named), np.nan, np.float32)
    info = next(stored.info for stored in project.models() if stored.id == model_id)
    stop = start + frame_count
    found, sure = project.predictions_range(video_id, model_id, subject, start, stop)
    place = landmark_map(skeleton, info.skeleton)[: found.shape[1]]
    known = np.flatnonzero(place >= 0)
    points[:, place[known]] = found[:, known]
    confidence[:, place[known]] = sure[:, known]
    frames, landmarks = project.rejections(video_id, model_id, subject, start, stop)
    inside = landmarks < named
    points[frames[inside] - start, landmarks[inside]] = np.nan
    confidence[frames[inside] - start, landmarks[inside]] = np.nan
    return points, confidence
