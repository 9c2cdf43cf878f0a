"""What the project hands out: frozen records, one for each kind of thing it keeps."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from limner_engine.types import FrameKey, ModelInfo, Skeleton


@dataclass(frozen=True, slots=True)
class Video:
    """A video of the project.

    Attributes:
        id: The project's number of it; never used twice.
        path: Where it is now, or where it was last when it is missing; absolute.
        relative_path: From the project's folder, with forward slashes; None on another drive.
        fingerprint: Tells the file from others whatever its name.
        frame_count: Frames that are shown.
        width: Pixels, as shown.
        height: Pixels, as shown.
        frame_rate: Average, frames per second.
        missing: No file is at ``path``.
        size_bytes: Length of the file when it was added.
    """

    id: int
    path: Path
    relative_path: str | None
    fingerprint: str
    frame_count: int
    width: int
    height: int
    frame_rate: float
    missing: bool
    size_bytes: int


@dataclass(frozen=True, slots=True)
class Subject:
    """One animal, person or thing that carries landmarks."""

    id: int
    name: str


@dataclass(frozen=True, slots=True)
class Annotation:
    """Where a person says that a landmark is.

    Attributes:
        landmark: Number of the landmark in the skeleton, from 0.
        x: Pixels; NaN for a hidden landmark whose place nobody told.
        y: Pixels; NaN likewise.
        visible: False for hidden.
        author: Who said so.
        created: When, ISO 8601 in UTC.
        origin: Where it was said. ``"person"`` for by hand in this program; a prediction that a
            person accepted has ``accepted:``, its confidence and its model
            (`limner_engine.project.origins` reads it); a label that was imported has its layout
            (``dlc``, ``slp`` or ``coco``) and what it was made on: a picture, as in
            ``dlc:labeled-data/mouse/img007.png``, or a frame, as in ``slp:mouse.mp4#7``. Moving
            or copying any of these makes it a person's.
    """

    landmark: int
    x: float
    y: float
    visible: bool
    author: str
    created: str
    origin: str = "person"


@dataclass(frozen=True, slots=True)
class StoredModel:
    """A model that the project has used.

    Attributes:
        id: The project's number of it.
        info: What its file said of itself.
        path: Where the file is, or was last.
        missing: No file is at ``path``.
    """

    id: int
    info: ModelInfo
    path: Path
    missing: bool


@dataclass(frozen=True, slots=True)
class StoredPrior:
    """A pose prior that the project keeps, without its poses.

    Attributes:
        id: The project's number of it; never used twice.
        name: What people call it.
        sha256: Hash of skeleton and poses, hexadecimal.
        pose_count: How many poses it has.
        skeleton: Names, edges and pairs of its landmarks.
        joints: Of which joints each landmark was made, as JSON of a joint map has it, where it
            came from motion capture; else empty.
    """

    id: int
    name: str
    sha256: str
    pose_count: int
    skeleton: Skeleton
    joints: dict[str, Any]


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """One edit of the past.

    Attributes:
        id: Grows with every edit.
        text: What was done, in words.
        created: When, ISO 8601 in UTC.
        undone: It has been undone and could be redone.
        place: The frame it touched; None where it was not about one frame.
    """

    id: int
    text: str
    created: str
    undone: bool
    place: FrameKey | None
