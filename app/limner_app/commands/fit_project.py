"""The project that ``limner fit`` works in: made or opened, its labels brought in, crops found."""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from limner_app.commands.looking import choose_crops, opened
from limner_app.commands.parsing import UsageError, crop_square
from limner_app.progress import long_work
from limner_engine.errors import FormatError, LimnerError, ProjectError
from limner_engine.types import Crop

if TYPE_CHECKING:
    from limner_engine.cropping import CropTrack
    from limner_engine.project import Project, Video

SUFFIX = ".limner"


@dataclass(frozen=True, slots=True)
class Place:
    """Where everything is.

    Attributes:
        project: The project file.
        videos: Videos to add to it.
        is_new: Whether the project has to be made.
    """

    project: Path
    videos: tuple[Path, ...]
    is_new: bool


def place_of(chosen: argparse.Namespace) -> Place:
    """What the words name, checked before any work is done.

    Raises:
        LimnerError: something named is not there, or does not go together.
    """
    paths = [Path(name) for name in chosen.sources]
    for path in paths:
        if not path.exists():
            what = "project" if path.suffix == SUFFIX else "video"
            raise LimnerError(f"There is no {what} {path}.", "Check the name and the folder.")
    if chosen.labels and not Path(chosen.labels).is_file():
        raise LimnerError(f"There is no file {chosen.labels}.", "Check the name and the folder.")
    crop_square(chosen.crop or "auto")
    if any(path.suffix == SUFFIX for path in paths):
        if len(paths) > 1:
            raise UsageError("name one project, or videos. See: limner fit --help")
        if chosen.out:
            raise UsageError(
                "--out has no meaning beside a project, which has a place of its own."
            )
        return Place(paths[0], (), False)
    folder = Path(chosen.out) if chosen.out else Path(f"{paths[0].stem}-names")
    if folder.is_file():
        raise LimnerError(f"--out {folder} is a file.", "Name a folder.")
    project = folder / f"{paths[0].stem}{SUFFIX}"
    is_new = not project.exists()
    if is_new and not chosen.labels:
        raise UsageError("videos need --labels; a project may have labels of its own.")
    return Place(project, tuple(paths), is_new)


def prepared(chosen: argparse.Namespace, place: Place, project: Project) -> list[str]:
    """Bring videos, labels and crops into an open project.

    Returns:
        Sentences on what was imported.

    Raises:
        LimnerError: nothing is labelled, or a video or the labels cannot be read.
    """
    for path in place.videos:
        _add(project, path)
    said = _import(chosen, place, project) if chosen.labels else []
    if not any(len(project.labelled_frames(video.id)) for video in project.videos()):
        raise ProjectError(
            f"Nothing is labelled in {project.path.name}.",
            "Name the labels with --labels, or place landmarks in some frames in the window.",
        )
    for video in project.videos():
        if video.missing:
            said.append(f"{video.path.name} is missing and left out.")
        elif chosen.crop or project.crop_track_json(video.id, 0) is None:
            track = _crops(chosen, project, video)
            with project.automatic():
                project.set_crop_track_json(video.id, 0, track.to_json())
    return said


def _add(project: Project, path: Path) -> None:
    with opened(path, 2) as reader:
        if any(video.fingerprint == reader.fingerprint for video in project.videos()):
            return
        project.add_video(
            path.resolve(),
            fingerprint=reader.fingerprint,
            frame_count=reader.frame_count,
            width=reader.width,
            height=reader.height,
            frame_rate=float(reader.frame_rate),
        )


def _import(chosen: argparse.Namespace, place: Place, project: Project) -> list[str]:
    from limner_engine.importing.labels import Wishes, import_labels

    path = Path(chosen.labels)
    folders = [Path(name) for name in chosen.videos]
    folders += [video.parent for video in place.videos]
    for folder in folders:
        if not folder.is_dir():
            raise LimnerError(f"--videos {folder} is no folder.", "Name the folder of the videos.")
    if _is_tidy(path):
        from limner_app.commands.fit_tidy import import_tidy

        return import_tidy(project, path)
    with long_work(f"Importing {path.name}") as advance:
        report = import_labels(
            project,
            path,
            Wishes(folders=folders, add_landmarks=place.is_new),
            opened=lambda video: opened(video, 2),
            progress=advance,
        )
    return report.sentences()


def _is_tidy(path: Path) -> bool:
    if path.suffix.lower() != ".csv":
        return False
    try:
        with path.open(encoding="utf-8-sig") as file:
            return file.readline(1000).startswith("video,frame")
    except (OSError, UnicodeDecodeError) as error:
        raise FormatError(f"{path.name} cannot be read as text: {error}.") from error


def _crops(chosen: argparse.Namespace, project: Project, video: Video) -> CropTrack:
    """What to look at; pictures that were gathered into a video have no neighbours in time."""
    from limner_engine.cropping import CropTrack, find_crops
    from limner_engine.importing.gathered import GATHERED

    text = chosen.crop or "auto"
    words = f"Finding what to look at in {video.path.name}"
    with opened(video.path, 2) as reader, long_work(words) as advance:
        if str(video.id) not in project.setting(GATHERED, {}):
            return choose_crops(reader, text, advance)
        square = crop_square(text)
        if square is not None:
            return CropTrack.fixed(Crop(*square))
        return find_crops(reader, text, apart=True, progress=advance)  # type: ignore[arg-type]
