"""Limner's own tidy table as a labelled set: places that a person said, in frames of videos.

Where every place in the table is a model's or nobody's, all of them count as labels: such tables
are written by other programs. Videos are looked for beside the table, by the names in it. What is
seen are crops that are found in the videos, as for any video.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, cast

import numpy as np

from limner_engine.errors import FormatError
from limner_engine.formats.tidy import read_tidy
from limner_training.data.datasets.labelled import Doubles, LabelledSet, Progress
from limner_training.data.datasets.own_sets import OWN_MEASURES, split_own, torso_of
from limner_training.data.datasets.video_pictures import frames_of

if TYPE_CHECKING:
    from limner_engine.cropping.find import CropMode
    from limner_engine.formats.table import LandmarkTable

NAME = "tidy"
EXPECTS = "a tidy table (.csv) beside the videos it names"


def load(folder: Path, progress: Progress | None = None, crop: str = "") -> LabelledSet:
    """Read a table; frames are read from its videos when they are looked at.

    Args:
        folder: The table.
        progress: Told the share of videos done.
        crop: ``auto``, ``face``, ``motion`` or ``whole``; empty for ``auto``.

    Raises:
        FormatError: It is no tidy table, a video is missing, or nothing is labelled.
        VideoError: A video cannot be read, or has no such crop.
    """
    from limner_engine.cropping import find_crops
    from limner_engine.video.reader import VideoReader

    if not folder.is_file():
        raise FormatError(f"There is no table {folder}.", f"Name {EXPECTS}.")
    tables = read_tidy(folder)
    names = tuple(dict.fromkeys(name for table in tables for name in table.names))
    asked = any(str(cell).startswith("person:") for table in tables for cell in table.source.flat)
    sources: list[tuple[Path, int]] = []
    points: list[Doubles] = []
    visible: list[Doubles] = []
    views: list[list[float]] = []
    for done, table in enumerate(tables):
        marked, seen = _labels(table, names, asked)
        told = np.flatnonzero(np.isfinite(seen).any(axis=1))
        if len(told):
            video = _video(folder, table.video)
            with VideoReader(video) as reader:
                track = find_crops(reader, cast("CropMode", crop or "auto"))
            frames = table.frames[told].tolist()
            crops = [track.at(frame) for frame in frames]
            sources += [(video, frame) for frame in frames]
            views += [
                [c.centre_x_px - c.side_px / 2, c.centre_y_px - c.side_px / 2, c.side_px]
                for c in crops
            ]
            points.append(marked[told])
            visible.append(seen[told])
        if progress is not None:
            progress((done + 1) / len(tables))
    if not sources:
        raise FormatError(f"Nothing is labelled in {folder.name}.", "Label some frames.")
    split = split_own([str(video) for video, _ in sources])
    torso = torso_of(names)
    squares = np.array(views)
    return LabelledSet(
        layout=NAME,
        picture=frames_of(sources, "Name the videos that were labelled."),
        views=squares[:, [0, 1, 2, 2]],
        points_px=np.concatenate(points),
        part=split.part,
        people=split.people,
        measures=tuple(name for name in OWN_MEASURES if name != "torso" or torso),
        joints=names,
        visible=np.concatenate(visible),
        torso=torso,
        angles_rad=np.zeros(len(sources)),
        split=split.text,
        sources=tuple(sources),
    )


def _labels(table: LandmarkTable, names: tuple[str, ...], asked: bool) -> tuple[Doubles, Doubles]:
    """Places and visibility in the order of ``names``; NaN for what is no label.

    Args:
        table: Of one video and subject.
        names: Of all landmarks.
        asked: Only what a person said is a label.
    """
    marked = np.full((len(table.frames), len(names), 2), np.nan)
    seen = np.full((len(table.frames), len(names)), np.nan)
    for column, name in enumerate(table.names):
        source = table.source[:, column]
        told = np.array([not asked or str(cell).startswith("person:") for cell in source])
        there = np.isfinite(table.points[:, column]).all(axis=1)
        shown = np.where(np.isnan(table.visible[:, column]), there, table.visible[:, column])
        at = names.index(name)
        known = told & (there | (table.visible[:, column] == 0))
        seen[known, at] = shown[known]
        kept = known & there & (shown == 1)
        marked[kept, at] = table.points[kept, column]
    return marked, seen


def _video(table: Path, name: str) -> Path:
    candidates = [table.parent / name, table.parent / Path(name).name]
    found = next((path for path in candidates if path.is_file()), None)
    if found is None:
        raise FormatError(
            f"The video {name} of {table.name} is not beside it.",
            "Put the table into the folder of its videos.",
        )
    return found
