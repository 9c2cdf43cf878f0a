"""Labels in Limner's own tidy table, brought into a project whose videos it names."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from limner_engine.errors import FormatError
from limner_engine.types import FrameKey

if TYPE_CHECKING:
    from limner_engine.formats import LandmarkTable
    from limner_engine.project import Project, Video


def import_tidy(project: Project, path: Path) -> list[str]:
    """Write what a person said in a tidy table as annotations: one step.

    Where no place in the table is a person's, all of them count. What somebody annotated in the
    project stays.

    Returns:
        Sentences on what was done.

    Raises:
        FormatError: the table is damaged, or names none of the project's videos or landmarks.
    """
    from limner_engine.formats import read_tidy
    from limner_engine.importing.naming import match_landmarks
    from limner_engine.types import Skeleton

    tables = read_tidy(path)
    names = tuple(dict.fromkeys(name for table in tables for name in table.names))
    asked = any(str(cell).startswith("person:") for table in tables for cell in table.source.flat)
    videos = {video.path.name: video for video in project.videos()}
    found = [(table, videos.get(Path(table.video).name)) for table in tables]
    matched = match_landmarks(project, Skeleton(names), add=True)
    frames = kept = 0
    with project.grouped(f"Import labels from {path.name}"):
        if matched.skeleton != project.skeleton():
            project.set_skeleton(matched.skeleton)
        place = dict(zip(names, matched.place.tolist(), strict=True))
        for table, video in found:
            if video is not None:
                written, left = _write(project, table, video, place, asked, path.name)
                frames, kept = frames + written, kept + left
    if not frames and not kept:
        raise FormatError(
            f"None of the frames that {path.name} labels is in a video here.",
            "Name the videos of the table too.",
        )
    said = [f"{frames} frames imported from {path.name}."]
    if kept:
        said.append(f"{kept} landmarks left as you have them.")
    lost = sorted({table.video for table, video in found if video is None})
    return [*said, *(f"The video {name} is not here; its labels are left out." for name in lost)]


def _write(
    project: Project,
    table: LandmarkTable,
    video: Video,
    place: dict[str, int],
    asked: bool,
    name: str,
) -> tuple[int, int]:
    """Annotate the frames of one video; gives how many, and the landmarks that were left."""
    frames = kept = 0
    said = np.isfinite(table.points).all(axis=2) | (table.visible == 0)
    if asked:
        said &= np.array(
            [[str(cell).startswith("person:") for cell in row] for row in table.source]
        )
    for row in np.flatnonzero(said.any(axis=1)).tolist():
        frame = int(table.frames[row])
        if frame >= video.frame_count:
            raise FormatError(
                f"{name} labels frame {frame} of {table.video}, which has {video.frame_count}.",
                "Name the video that was labelled.",
            )
        key = FrameKey(video.id, frame)
        known = project.annotations(key)
        new: dict[int, tuple[float, float, bool]] = {}
        for column in np.flatnonzero(said[row]).tolist():
            landmark = place[table.names[column]]
            if landmark in known:
                kept += 1
            else:
                x, y = table.points[row, column].tolist()
                new[landmark] = (x, y, bool(table.visible[row, column] != 0))
        if new:
            project.annotate(key, new, author=f"import:{name}", text="Import labels")
            frames += 1
    return frames, kept
