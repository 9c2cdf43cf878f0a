"""A Limner project as a labelled set: the person's own corrections are what is measured against.

A project is one file, ``NAME.limner``; its folder may be named too where it is the only one there.
Every frame with an annotation is a picture, once for every subject. A visible annotation is a
labelled point. A hidden one is none, but counts for visibility; of landmarks without an annotation
nothing is said. Predictions that were accepted are a model's words, and left out. What is seen are
the crops that the project keeps, or those found in the video where it keeps none.

The project is opened as the window opens it, so it has to be closed there.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np
from numpy.typing import NDArray

from limner_engine.errors import FormatError
from limner_engine.types import Crop
from limner_training.data.datasets.labelled import Doubles, LabelledSet, Progress
from limner_training.data.datasets.own_sets import OWN_MEASURES, split_own, torso_of
from limner_training.data.datasets.video_pictures import frames_of

if TYPE_CHECKING:
    from limner_engine.cropping.find import CropMode
    from limner_engine.cropping.track import CropTrack
    from limner_engine.project import Project, Video

NAME = "project"
EXPECTS = "one project of Limner (NAME.limner) in which frames were corrected"
SUFFIX = ".limner"


def load(folder: Path, progress: Progress | None = None, crop: str = "") -> LabelledSet:
    """Read a project; frames are read from its videos when they are looked at.

    Args:
        folder: The project, or the folder of one.
        progress: Told the share of videos done.
        crop: ``auto``, ``face``, ``motion`` or ``whole`` to find crops anew; empty for those that
            the project keeps.

    Raises:
        FormatError: There is no project, it has too few corrected frames, or a video is missing.
        ProjectError: It cannot be opened.
        VideoError: A video cannot be read, or has no such crop.
    """
    # The store needs SQLite, which no other set does.
    from limner_engine.project import Project

    path = _project_file(folder)
    sources: list[tuple[Path, int]] = []
    videos: list[str] = []
    views: list[list[float]] = []
    points: list[Doubles] = []
    visible: list[Doubles] = []
    with Project.open(path) as project:
        names = project.skeleton().names
        known = project.videos()
        for done, video in enumerate(known):
            for subject in project.subjects():
                columns = _by_hand(project.all_annotations(video.id, subject.id))
                frames, places = np.unique(columns["frame"], return_inverse=True)
                if not len(frames):
                    continue
                track = _track(project, video, subject.id, crop)
                marked = np.full((len(frames), len(names), 2), np.nan)
                seen = np.full((len(frames), len(names)), np.nan)
                shown = columns["visible"]
                where = places.ravel(), columns["landmark"]
                seen[where] = shown
                marked[where] = np.where(
                    shown[:, None], np.column_stack([columns["x"], columns["y"]]), np.nan
                )
                sources += [(video.path, int(frame)) for frame in frames]
                videos += [f"{video.id} {video.path.name}"] * len(frames)
                views += [_view(track.at(int(frame))) for frame in frames]
                points.append(marked)
                visible.append(seen)
            if progress is not None:
                progress((done + 1) / len(known))
    if not sources:
        raise FormatError(
            f"{path.name} has no corrected frames to measure on.",
            "Place landmarks by hand in some frames, best in several videos.",
        )
    split = split_own(videos)
    boxes = np.array(views)
    torso = torso_of(names)
    return LabelledSet(
        layout=NAME,
        picture=frames_of(sources, "Relink the video in the project."),
        views=boxes[:, :4],
        points_px=np.concatenate(points),
        part=split.part,
        people=split.people,
        measures=tuple(name for name in OWN_MEASURES if name != "torso" or torso),
        joints=names,
        visible=np.concatenate(visible),
        torso=torso,
        angles_rad=boxes[:, 4],
        split=split.text,
        sources=tuple(sources),
    )


def _by_hand(columns: dict[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
    """Columns of annotations without those that were accepted from a model."""
    from limner_engine.project.origins import accepted_from

    own = np.array([accepted_from(str(origin)) is None for origin in columns["origin"]], np.bool_)
    return {name: column[own] for name, column in columns.items()}


def _project_file(folder: Path) -> Path:
    if folder.is_file():
        return folder
    found = sorted(folder.glob(f"*{SUFFIX}"))
    if len(found) != 1:
        what = "several projects" if found else "no project"
        raise FormatError(f"{folder} holds {what}.", "Name the project file itself.")
    return found[0]


def _track(project: Project, video: Video, subject: int, crop: str) -> CropTrack:
    from limner_engine.cropping import CropTrack, find_crops
    from limner_engine.video.reader import VideoReader

    if video.missing:
        raise FormatError(
            f"The video {video.path.name} of the project is missing.",
            "Open the project in the window and say where the video is.",
        )
    stored = project.crop_track_json(video.id, subject)
    if stored is not None and not crop:
        return CropTrack.from_json(stored)
    with VideoReader(video.path) as reader:
        return find_crops(reader, cast("CropMode", crop or "auto"))


def _view(crop: Crop) -> list[float]:
    """Left, top, width, height and angle."""
    side = crop.side_px
    return [
        crop.centre_x_px - side / 2,
        crop.centre_y_px - side / 2,
        side,
        side,
        crop.angle_rad,
    ]
