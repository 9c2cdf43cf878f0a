"""Which frame each label belongs to."""

from __future__ import annotations

import contextlib
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from limner_engine.errors import VideoError
from limner_engine.formats.labels import LabelledPlace, LabelTable
from limner_engine.importing.folders import Folders
from limner_engine.importing.frame_match import find_frame
from limner_engine.importing.gathered import LARGEST_BYTES, Picture
from limner_engine.importing.report import ImportReport
from limner_engine.project import Project
from limner_engine.types import Image
from limner_engine.video.reader import VideoReader

NOT_THERE = "whose video or picture is not at hand"

Opened = Callable[[Path], VideoReader]


@dataclass
class Footage:
    """A video that labels may belong to.

    Attributes:
        name: Of its file.
        id: The project's number of it; None while the project does not have it.
        frame_count: Frames that are shown.
        size: Width and height, pixels.
        reader: Reads it; None where the file is missing.
    """

    name: str
    id: int | None
    frame_count: int
    size: tuple[int, int]
    reader: VideoReader | None

    def read(self, frame: int) -> Image | None:
        """A frame, or None where it cannot be read."""
        if self.reader is None:
            return None
        return next((image for _, image in self.reader.read(frame, frame + 1)), None)


@dataclass
class Placed:
    """Where every place of a table is.

    Attributes:
        frames: Video and frame by the number of the place.
        pictures: Pictures that stand for themselves, by the number of the place.
    """

    frames: dict[int, tuple[Footage, int]] = field(default_factory=dict)
    pictures: dict[int, Picture] = field(default_factory=dict)


class Placer:
    """Finds videos and pictures; close it when the labels are stored.

    Args:
        project: Whose videos come first.
        table: The labels.
        folders: Where to look for what the project does not have.
        opened: Opens a video.
        report: Told what is left out.
    """

    def __init__(
        self,
        project: Project,
        table: LabelTable,
        folders: Folders,
        opened: Opened,
        report: ImportReport,
    ) -> None:
        self._project, self._table, self._folders = project, table, folders
        self._opened, self._report = opened, report
        self._footage: dict[str, Footage | None] = {}
        self._by_print: dict[str, Footage] = {}
        self._stack = contextlib.ExitStack()
        names = [PurePosixPath(place.picture).name for place in table.places]
        self._alone = {name for name, count in Counter(names).items() if count == 1}

    def close(self) -> None:
        """Close every video."""
        self._stack.close()

    def place(self, progress: Callable[[float], bool] | None = None) -> Placed:
        """Find all places.

        Args:
            progress: Told the share done, 0..1.
        """
        placed = Placed()
        for number, place in enumerate(self._table.places):
            self._one(number, place, placed)
            if progress is not None:
                progress((number + 1) / len(self._table.places))
        return placed

    def _one(self, number: int, place: LabelledPlace, placed: Placed) -> None:
        picture = self._picture(place) if place.picture else None
        image = None if picture is None else picture.decoded()
        left = self._report.left_out
        if picture is not None and image is None:
            left["that cannot be read as a picture"] += 1
            return
        told = self._table.sizes.get(place.picture)
        if image is not None and told is not None and told != (image.shape[1], image.shape[0]):
            left["whose picture has another size than the labels say"] += 1
            return
        footage = self._video_of(place) if place.frame >= 0 else None
        if footage is not None:
            frame = self._frame(footage, place, image)
            if frame is not None:
                placed.frames[number] = (footage, frame)
                return
        if picture is not None:
            placed.pictures[number] = picture
        elif footage is None:
            left[NOT_THERE] += 1

    def _frame(self, footage: Footage, place: LabelledPlace, image: Image | None) -> int | None:
        """The frame of a video that was labelled; None, and a count in the report, for none."""
        if image is not None and footage.reader is not None:
            found = find_frame(image, place.frame, footage.read, footage.frame_count)
            if found is None:
                self._report.unlike += 1
            elif found != place.frame:
                self._report.moved += 1
            return found
        left = self._report.left_out
        if place.frame >= footage.frame_count:
            left[f"beyond the end of {footage.name}"] += 1
            return None
        if place.picture and not place.video:
            # A number in a name may count anything, from 0 or from 1.
            left[f"that may be of {footage.name}, but whose picture is not at hand"] += 1
            return None
        told = self._table.sizes.get(place.video)
        if told is not None and told != footage.size:
            left[f"labelled in another size than that of {footage.name}"] += 1
            return None
        self._report.unchecked += bool(place.picture)
        return place.frame

    def _picture(self, place: LabelledPlace) -> Picture | None:
        if place.picture in self._table.inside:
            data, sound = self._table.inside[place.picture]
            return Picture(place.picture, data, sound)
        name = PurePosixPath(place.picture).name
        path = self._folders.picture(place.picture, alone=name in self._alone)
        if path is None or path.stat().st_size > LARGEST_BYTES:
            return None
        return Picture(place.picture, path)

    def _video_of(self, place: LabelledPlace) -> Footage | None:
        names = [place.video] if place.video else _guesses(place.picture)
        for name in names:
            if name not in self._footage:
                self._footage[name] = self._find(name)
            if self._footage[name] is not None:
                return self._footage[name]
        return None

    def _find(self, name: str) -> Footage | None:
        wanted = PurePosixPath(name.replace("\\", "/")).name.casefold()
        videos = self._project.videos()
        for known in (
            [video for video in videos if video.path.name.casefold() == wanted],
            [video for video in videos if video.path.stem.casefold() == wanted],
        ):
            if len(known) == 1:
                (video,) = known
                size = (video.width, video.height)
                if video.missing:
                    return Footage(video.path.name, video.id, video.frame_count, size, None)
                return self._open(video.path)
        found = self._folders.videos(name)
        if len(found) > 1:
            self._report.notes += (f"Several files may be the video {wanted}, so none was taken.",)
        return self._open(found[0]) if len(found) == 1 else None

    def _open(self, path: Path) -> Footage | None:
        try:
            reader = self._stack.enter_context(self._opened(path))
        except VideoError as error:
            self._report.notes += (str(error),)
            return None
        known = self._by_print.get(reader.fingerprint)
        if known is not None:
            return known
        there = {video.fingerprint: video.id for video in self._project.videos()}
        footage = Footage(
            path.name,
            there.get(reader.fingerprint),
            reader.frame_count,
            (reader.width, reader.height),
            reader,
        )
        self._by_print[reader.fingerprint] = footage
        return footage


def _guesses(picture: str) -> list[str]:
    """Names of the video that a picture may be of: what stands before its number, its folder."""
    path = PurePosixPath(picture)
    before = re.sub(r"(?:[_\-. ]*frame)?[_\-. ]*\d+$", "", path.stem)
    return [name for name in (before, path.parent.name) if name]
