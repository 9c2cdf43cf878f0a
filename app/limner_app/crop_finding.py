"""What the network is to look at in a video, as its project has it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Protocol

import numpy as np

from limner_engine.coordinates import frame_to_crop
from limner_engine.cropping import CropMode, CropSetting, CropTrack
from limner_engine.cropping.setting import PROJECT_SETTING
from limner_engine.errors import FormatError, VideoError
from limner_engine.importing.gathered import GATHERED
from limner_engine.project import Project, Video

ENOUGH_INSIDE = 0.995
"""Share of the labelled points that crops which nobody asked for have to hold."""


class CropEngine(Protocol):
    """What is asked of the engine here."""

    async def find_crops(
        self,
        video: Path,
        setting: CropMode | CropSetting,
        on_progress: Callable[[float], None] | None = None,
        *,
        apart: bool = False,
    ) -> CropTrack:
        """What to look at."""
        ...


def project_setting(project: Project) -> CropSetting:
    """How crops of videos that are new to a project are found."""
    stored = project.setting(PROJECT_SETTING)
    if stored is None:
        return CropSetting()
    try:
        return CropSetting.from_json(stored)
    except FormatError:
        # Another version of the program may know other ways; the project is of use all the same.
        return CropSetting()


def is_gathered(project: Project, video: Video) -> bool:
    """Whether the frames of a video are separate pictures."""
    return str(video.id) in project.setting(GATHERED, {})


async def found_crops(
    engine: CropEngine,
    project: Project,
    video: Video,
    subject: int,
    on_progress: Callable[[float], None] | None = None,
    *,
    setting: CropSetting | None = None,
) -> CropTrack:
    """The crops that the project's setting finds in a video that has none.

    Where a video shows no such thing, what ``auto`` finds is taken; and where found crops leave
    labelled points out, the whole frame, since nobody has looked at them yet.

    Args:
        engine: Finds them.
        project: Tells how, and what is labelled.
        video: Which.
        subject: Whose labels.
        on_progress: Called with the share done, 0 to 1.
        setting: In place of the project's.
    """
    setting, apart = setting or project_setting(project), is_gathered(project, video)
    try:
        track = await engine.find_crops(video.path, setting, on_progress, apart=apart)
    except VideoError:
        if setting.mode in ("auto", "whole"):
            raise
        other = CropSetting("auto", setting.margin, setting.least_side_px)
        track = await engine.find_crops(video.path, other, on_progress, apart=apart)
    inside, labelled = labels_inside(project, video.id, subject, track)
    if inside < ENOUGH_INSIDE * labelled:
        return CropTrack.whole(video.width, video.height)
    return track


def labels_inside(
    project: Project, video_id: int, subject: int, track: CropTrack
) -> tuple[int, int]:
    """How many of the visible labelled points of a video lie inside their crops, and how many are.

    Args:
        project: Has the labels.
        video_id: The project's number of the video.
        subject: The project's number of the subject.
        track: The crops.
    """
    marks = project.all_annotations(video_id, subject)
    seen = marks["visible"] & np.isfinite(marks["x"])
    frames = marks["frame"][seen]
    points = np.stack([marks["x"][seen], marks["y"][seen]], axis=1)
    inside = 0
    for frame in np.unique(frames).tolist():
        crop = track.at(frame)
        place = frame_to_crop(points[frames == frame], crop)
        inside += int((abs(place) <= 1).all(axis=1).sum())
    return inside, len(frames)


def set_tracks(project: Project, subject: int, tracks: dict[int, CropTrack], text: str) -> None:
    """Change the crops of several videos as one step that undo takes back.

    Predictions made with other crops are dropped.

    Args:
        project: Whose.
        subject: The project's number of the subject.
        tracks: The crops by the project's numbers of the videos.
        text: What is done, in words.
    """
    with project.grouped(text):
        for video_id, track in tracks.items():
            known = project.crop_track_json(video_id, subject)
            if known == track.to_json():
                continue
            project.set_crop_track_json(video_id, subject, track.to_json())
            if known is not None:
                project.clear_predictions(video_id, subject=subject)
