"""Landmark tables out of a project; the window and the command line both go through here."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from limner_app.table_names import free_names
from limner_engine.errors import ProjectError, VideoError
from limner_engine.formats import (
    LandmarkTable,
    Smoothing,
    TableReport,
    fill_gaps,
    project_table,
    smooth,
    write_dlc,
    write_tidy,
)
from limner_engine.importing.gathered import GATHERED
from limner_engine.project import Project, Video
from limner_engine.video.reader import VideoReader

Layout = Literal["dlc", "tidy"]


def project_tables(
    project: Project,
    videos: Sequence[Video],
    *,
    shown: VideoReader | None = None,
    opened: Callable[[Path], VideoReader] = VideoReader,
    longest_gap: int = 0,
    smoothing: Smoothing | None = None,
) -> list[LandmarkTable]:
    """A table for each video and each subject that has anything in it.

    Gaps are filled first, and then all but a person's corrections is smoothed; what the project
    keeps stays as it is. Pictures that were gathered into a video follow on nothing, so they are
    left as they are.

    Args:
        project: The open project; its current model's landmarks are taken.
        videos: Which of its videos.
        shown: A reader that is open already, of one of them.
        opened: Opens the others, for the stream's own times and the unreadable frames.
        longest_gap: Frames of the longest gap that is filled by a straight line; 0 fills none.
        smoothing: How landmarks are smoothed in time; not at all if None.

    Raises:
        ProjectError: there are no videos.
        FormatError: a video has no landmarks yet.
        VideoError: a file is no video, or another one than the project knows.
    """
    if not videos:
        raise ProjectError(f"{project.path.name} has no videos.", "Add some in the window first.")
    tables = []
    gathered, subjects = project.setting(GATHERED, {}), project.subjects()
    for video in videos:
        times, unreadable = _facts_of(video, shown, opened)
        for subject in subjects:
            table = project_table(
                project, video.id, subject.id, time_s=times, unreadable=unreadable
            )
            # Every video has its first subject; the others only where they were seen.
            if subject != subjects[0] and not (table.source != "").any():
                continue
            if str(video.id) not in gathered:
                table = fill_gaps(table, longest_gap)
                table = table if smoothing is None else smooth(table, smoothing)
            tables.append(table)
    return tables


def _facts_of(
    video: Video, shown: VideoReader | None, opened: Callable[[Path], VideoReader]
) -> tuple[NDArray[np.float64] | None, tuple[int, ...]]:
    """Times of the frames and which cannot be read; without the file, times by its frame rate."""
    if shown is not None and shown.fingerprint == video.fingerprint:
        return _checked(video, shown)
    if video.missing:
        return None, ()
    with opened(video.path) as reader:
        return _checked(video, reader)


def _checked(video: Video, reader: VideoReader) -> tuple[NDArray[np.float64], tuple[int, ...]]:
    if reader.frame_count != video.frame_count:
        raise VideoError(
            f"{video.path} has {reader.frame_count} frames, and had {video.frame_count} when it "
            "was added.",
            "Put the file back as it was, or remove the video and add it again.",
        )
    return frame_times(reader), reader.health.unreadable


def frame_times(reader: VideoReader) -> NDArray[np.float64]:
    """``(N,)`` seconds of every frame from the first one, by the stream's own timestamps."""
    return np.array([reader.time_s(index) for index in range(reader.frame_count)], np.float64)


def scorer_of(project: Project) -> str:
    """Who found the landmarks, for DeepLabCut's header."""
    for model in project.models():
        if model.id == project.current_model_id:
            return model.info.name
    return "limner"


def table_names(tables: Sequence[LandmarkTable]) -> list[str]:
    """A file name without its end for each table: its video's, with the subject's where needed."""
    videos = [table.video for table in tables]
    return free_names(
        [
            Path(table.video).stem
            if videos.count(table.video) == 1
            else f"{Path(table.video).stem}-{table.subject.replace(' ', '-')}"
            for table in tables
        ]
    )


def write_tables(
    files: Sequence[Path], tables: Sequence[LandmarkTable], layout: Layout, scorer: str
) -> list[TableReport]:
    """Write tables, one file each for DeepLabCut, one for all in the tidy layout.

    Args:
        files: One for each table, or one for all.
        tables: What is written.
        layout: ``dlc`` or ``tidy``.
        scorer: Who found the landmarks, for DeepLabCut's header.

    Raises:
        FormatError: a file cannot be written.
    """
    if layout == "tidy":
        (file,) = files
        return write_tidy(file, tables)
    return [write_dlc(file, table, scorer) for file, table in zip(files, tables, strict=True)]
