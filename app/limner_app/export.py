"""Landmark tables out of a project; the window and the command line both go through here."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import numpy as np

from limner_app.frame_landmarks import landmark_map
from limner_engine.errors import FormatError
from limner_engine.formats.dlc import write_dlc
from limner_engine.formats.table import LandmarkTable, TableReport, merge
from limner_engine.formats.tidy import write_tidy
from limner_engine.project import Project, Video
from limner_engine.video.reader import VideoReader

Layout = Literal["dlc", "tidy"]


def build_table(
    project: Project,
    video: Video,
    model_id: int | None,
    subject: int = 0,
    reader: VideoReader | None = None,
) -> LandmarkTable:
    """All that is known of one subject in a video, annotations over predictions.

    Landmarks of the model are matched to those of the project as on the screen.

    Args:
        project: The open project.
        video: One of its videos.
        model_id: Whose predictions; None for annotations alone.
        subject: Whose landmarks.
        reader: Gives the stream's own times and the unreadable frames; counted by the average
            frame rate without it, as when the file has moved.

    Raises:
        FormatError: the project has no landmarks yet.
    """
    skeleton = project.skeleton()
    if not skeleton.names:
        raise FormatError(
            f"{video.path.name} has no landmarks yet.", "Detect them, or name and place some."
        )
    count = video.frame_count
    predictions, model = None, ""
    if model_id is not None:
        info = next(stored.info for stored in project.models() if stored.id == model_id)
        model = info.name
        points, confidence = project.predictions_range(video.id, model_id, subject, 0, count)
        place = landmark_map(skeleton, info.skeleton)
        if points.shape[1] == len(place):
            known = place >= 0
            all_points = np.full((count, len(skeleton.names), 2), np.nan)
            all_confidence = np.full((count, len(skeleton.names)), np.nan)
            all_points[:, place[known]] = points[:, known]
            all_confidence[:, place[known]] = confidence[:, known]
            predictions = (all_points, all_confidence)
    times = (
        np.arange(count) / video.frame_rate
        if reader is None
        else np.array([float(reader.time_s(i)) for i in range(count)])
    )
    name = next((known.name for known in project.subjects() if known.id == subject), str(subject))
    return merge(
        predictions,
        project.all_annotations(video.id, subject),
        video=video.path.name,
        subject=name,
        names=skeleton.names,
        time_s=times,
        model=model,
        unreadable=() if reader is None else reader.health.unreadable,
    )


def export_tables(
    path: Path, tables: Sequence[LandmarkTable], layout: Layout, scorer: str
) -> list[TableReport]:
    """Write tables, one file each for DeepLabCut, one for all in the tidy layout.

    Args:
        path: The file; with several DeepLabCut tables each one's video is added to its name.
        tables: What is written.
        layout: ``dlc`` or ``tidy``.
        scorer: Who found the landmarks, for DeepLabCut's header.

    Raises:
        FormatError: a file cannot be written.
    """
    if layout == "tidy":
        return write_tidy(path, tables)
    reports = []
    for table in tables:
        own = path
        if len(tables) > 1:
            own = path.with_name(f"{path.stem}-{Path(table.video).stem}{path.suffix}")
        reports.append(write_dlc(own, table, scorer))
    return reports
