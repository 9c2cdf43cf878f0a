"""Labelled pictures gathered into one lossless video, so that a project can hold them.

Other programs label pictures that were taken out of videos, and often only the pictures are at
hand. A project holds videos; ninety videos of one picture each would be ninety crops, ninety lines
in every list and ninety files to open. So all pictures of an import become the frames of one video
beside the project, each pixel as it was, a second for each.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np

from limner_engine.errors import FormatError, VideoError
from limner_engine.project import Project
from limner_engine.types import Image

GATHERED = "gathered_pictures"
"""The project's setting that names, for each video made here, the pictures in it."""

LARGEST_SIDE_PX = 8192
LARGEST_BYTES = 100_000_000
"""Of one picture's file; what is larger is no picture that somebody labelled by hand."""


@dataclass(frozen=True, slots=True)
class Picture:
    """An encoded picture.

    Attributes:
        name: As the labels call it.
        held: A PNG, JPEG, TIFF or BMP file, or the contents of one.
        sound: False where red and blue were swapped when it was encoded.
    """

    name: str
    held: Path | bytes
    sound: bool = True

    @property
    def data(self) -> bytes:
        """The contents of the file."""
        return self.held if isinstance(self.held, bytes) else self.held.read_bytes()

    @property
    def digest(self) -> str:
        """Tells it from other pictures, whatever their names."""
        return hashlib.sha256(self.data).hexdigest()[:32]

    def decoded(self) -> Image | None:
        """The picture as stored, not turned by what a camera noted.

        Returns:
            ``(H, W, 3)`` uint8 RGB, or None where it is no picture, or too large for one.
        """
        flags = cv2.IMREAD_COLOR | cv2.IMREAD_IGNORE_ORIENTATION
        try:
            found = cv2.imdecode(np.frombuffer(self.data, np.uint8), flags)
        except cv2.error:  # it refuses, among others, sizes beyond any sense
            return None
        if found is None or max(found.shape[:2]) > LARGEST_SIDE_PX:
            return None
        return np.ascontiguousarray(found[..., ::-1] if self.sound else found, np.uint8)


def write_gathered(
    path: Path,
    pictures: Sequence[Picture],
    progress: Callable[[float], bool] | None = None,
) -> Path:
    """Write pictures as the frames of one lossless video, a second each.

    Pictures smaller than the largest stand at its top left, so that places in them hold; the rest
    is black.

    Args:
        path: Where the video shall be, ``.mkv``. No file is replaced: where there is another one
            of that name, a number is added; where there is the very same, it is taken.
        pictures: What goes in, in this order; each can be decoded.
        progress: Told the share done, 0..1; its False stops the work.

    Returns:
        The file.

    Raises:
        FormatError: a picture cannot be decoded, or somebody stopped it.
        VideoError: the file cannot be written.
    """
    import av

    from limner_engine.video.log import resting

    sizes = [_size(picture) for picture in pictures]
    height, width = (max(size[axis] for size in sizes) for axis in (0, 1))
    beside = path.with_name(f".{path.stem}-{secrets.token_hex(4)}.part.mkv")
    try:
        # The same pictures make the same file: no random numbers, no date.
        options = {"fflags": "+bitexact"}
        with resting, av.open(str(beside), "w", format="matroska", options=options) as container:
            stream = container.add_stream("ffv1", rate=Fraction(1))
            stream.width, stream.height = width, height
            stream.pix_fmt = "bgr0"
            stream.codec_context.gop_size = 1
            for position, picture in enumerate(pictures):
                canvas = np.zeros((height, width, 3), np.uint8)
                image = _decoded(picture)
                canvas[: image.shape[0], : image.shape[1]] = image
                frame = av.VideoFrame.from_ndarray(canvas, format="rgb24").reformat(format="bgr0")
                frame.pts, frame.time_base = position, Fraction(1)
                container.mux(stream.encode(frame))
                if progress is not None and not progress((position + 1) / len(pictures)):
                    raise FormatError("The import was stopped.", "Start it again when you like.")
            container.mux(stream.encode(None))
        return _named(beside, path)
    except (OSError, av.FFmpegError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise VideoError(
            f"{path} cannot be written: {reason}.",
            "Choose another folder for the project, or make room on the disk.",
        ) from error
    finally:
        beside.unlink(missing_ok=True)


def _named(beside: Path, wanted: Path) -> Path:
    """Give a file its name, or a number with it; the same file from before is as good."""
    from limner_engine.video.fingerprint import fingerprint

    made, path, number = fingerprint(beside), wanted, 1
    while path.exists():
        if path.is_file() and fingerprint(path) == made:
            return path
        number += 1
        path = wanted.with_name(f"{wanted.stem}-{number}{wanted.suffix}")
    return beside.rename(path)


def _decoded(picture: Picture) -> Image:
    image = picture.decoded()
    if image is None:
        raise FormatError(
            f"{picture.name} is no picture that can be read.", "Check that the file is whole."
        )
    return image


def _size(picture: Picture) -> tuple[int, int]:
    height, width = _decoded(picture).shape[:2]
    return height, width


def known_pictures(project: Project) -> dict[str, tuple[int, int]]:
    """Where pictures are that were gathered before: video and frame by `Picture.digest`."""
    there = {video.id for video in project.videos() if not video.missing}
    found: dict[str, tuple[int, int]] = {}
    for video_id, entries in project.setting(GATHERED, {}).items():
        if int(video_id) in there:
            for frame, entry in enumerate(entries):
                found.setdefault(str(entry["digest"]), (int(video_id), frame))
    return found


def note_gathered(project: Project, video_id: int, pictures: Sequence[Picture]) -> None:
    """Remember which pictures the frames of a gathered video are."""
    known = dict(project.setting(GATHERED, {}))
    known[str(video_id)] = [
        {"name": picture.name, "digest": picture.digest} for picture in pictures
    ]
    project.set_setting(GATHERED, known)
