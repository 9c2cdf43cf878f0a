"""Finding what to look at in a video: faces, else what moves, else everything."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from numpy.typing import NDArray

from limner_engine.cropping.sampling import close_frames, sample_frames, sampled
from limner_engine.cropping.setting import MODES, CropMode, CropSetting
from limner_engine.cropping.sightings import FACES_SHARE, Sightings
from limner_engine.cropping.smoothing import Doubles
from limner_engine.cropping.track import CropTrack
from limner_engine.errors import VideoError

if TYPE_CHECKING:
    from limner_engine.cropping.motion import MotionFinder
    from limner_engine.video.reader import VideoReader

__all__ = ["FACES_SHARE", "MODES", "CropMode", "CropsCancelledError", "find_crops", "look"]

Progress: TypeAlias = Callable[[float], bool]

READING = 0.4
"""Share of the work after which the samples are read, where other work follows."""
SEARCHING = 0.7
"""Share of the work after which faces are searched."""


class CropsCancelledError(Exception):
    """The caller's ``progress`` said to stop."""


def find_crops(
    reader: VideoReader,
    setting: CropMode | CropSetting = "auto",
    *,
    samples: int | None = None,
    apart: bool = False,
    progress: Progress | None = None,
) -> CropTrack:
    """Find the square around the object in frames spread over a video, and smooth it over time.

    Args:
        reader: The video.
        setting: ``face``; ``motion``; ``turning``; ``whole``; or ``auto``: faces where they are
            seen in at least half of the samples, else motion, else everything; turning where a
            long body runs about and turns, seen from above. With a margin and a least side, or a
            mode alone.
        samples: How many frames are looked at; as the length of the video asks when not given.
        apart: The frames are separate pictures: each gets a square of its own, and what moves is
            upright.
        progress: Called with the share done, 0 to 1; returns False to stop.

    Raises:
        VideoError: ``face``, ``motion`` or ``turning`` was asked for by name and there is none.
        CropsCancelledError: ``progress`` said to stop.
        ValueError: Unknown mode.
    """
    wanted = setting if isinstance(setting, CropSetting) else CropSetting(setting)
    if wanted.mode == "whole":
        return CropTrack.whole(reader.width, reader.height)
    seen = look(reader, wanted.mode, samples=samples, apart=apart, progress=progress)
    return seen.track(wanted)


def look(
    reader: VideoReader,
    mode: CropMode = "auto",
    *,
    samples: int | None = None,
    apart: bool = False,
    progress: Progress | None = None,
) -> Sightings:
    """Look through a video once, so that crops of any margin follow without looking again.

    Something that runs about is looked at often enough to be followed.

    Args:
        reader: The video.
        mode: What the crops will be asked for; `Sightings.modes` says what else is known then.
        samples: As in `find_crops`.
        apart: Likewise.
        progress: Likewise.

    Raises:
        VideoError: No frame can be read.
        CropsCancelledError: ``progress`` said to stop.
    """
    # OpenCV is slow to import and the window needs nothing but tracks.
    from limner_engine.cropping.faces import FaceFinder, one_face
    from limner_engine.cropping.motion import MotionFinder

    def report(share: float) -> None:
        if progress is not None and not progress(share):
            raise CropsCancelledError

    faces = FaceFinder(reader.width, reader.height, thorough=mode == "face")
    motion = MotionFinder(reader.width, reader.height)
    frames: list[int] = []
    wanted = sample_frames(reader, samples)
    for done, (index, frame) in enumerate(sampled(reader, wanted)):
        if frame is not None:
            frames.append(index)
            if mode in ("auto", "face"):
                faces.look(frame)
            if mode != "face":
                motion.look(frame)
        report(READING * (done + 1) / len(wanted))
    if not frames:
        raise VideoError(f"No frame of {reader.path.name} can be read.")
    indices = np.array(frames, np.int64)
    boxes, modes = np.empty((0, 3)), {"whole"}
    if mode in ("auto", "face"):
        span = SEARCHING - READING
        found = faces.search(lambda share: report(READING + span * share))
        boxes = _largest(found) if apart else one_face(found)
        if mode == "face" or np.isfinite(boxes[:, 2]).mean() >= FACES_SHARE:
            modes |= {"face", "auto"} - ({"auto"} if mode == "face" else set())
            report(1.0)
            none = np.zeros(0, np.int64)
            return _sightings(reader, (indices, boxes), (none, None), False, modes, apart)
    if mode != "face":
        modes |= {"motion", "turning"} | ({"auto"} if mode == "auto" else set())
    start = SEARCHING if mode == "auto" else READING
    seen, moving = _followed(
        reader, motion, indices, mode, apart, lambda s: report(start + (1 - start) * s)
    )
    report(1.0)
    face_frames = indices if len(boxes) else indices[:0]
    still = motion.background.still
    return _sightings(reader, (face_frames, boxes), (seen, moving), still, modes, apart)


def _followed(
    reader: VideoReader,
    motion: MotionFinder,
    frames: NDArray[np.int64],
    mode: CropMode,
    apart: bool,
    report: Callable[[float], None],
) -> tuple[NDArray[np.int64], Doubles]:
    """What moves in the samples, or in frames closer together where it runs about."""
    from limner_engine.cropping.motion import runs_about
    from limner_engine.cropping.turning import may_turn

    moving = motion.silhouettes()
    if apart:
        wanted = np.arange(reader.frame_count)
    else:
        seconds = np.array([reader.time_s(int(index)) for index in frames])
        may = mode == "auto" and motion.background.still and may_turn(moving, motion.size)
        if mode != "turning" and not may and not runs_about(moving, seconds):
            return frames, moving
        wanted = close_frames(reader)
    if len(wanted) < 1.5 * len(frames):
        return frames, moving
    seen: list[int] = []
    rows: list[Doubles] = []
    for done, (index, frame) in enumerate(sampled(reader, wanted)):
        if frame is not None:
            seen.append(index)
            rows.append(motion.silhouette(frame))
        report((done + 1) / len(wanted))
    return np.array(seen, np.int64), np.stack(rows)


def _largest(found: list[Doubles]) -> Doubles:
    """The largest face of each picture, ``(N, 3)``; NaN where there is none."""
    none = np.full(3, np.nan)
    return np.array([boxes[np.argmax(boxes[:, 2])] if len(boxes) else none for boxes in found])


def _sightings(
    reader: VideoReader,
    faces: tuple[NDArray[np.int64], Doubles],
    moving: tuple[NDArray[np.int64], Doubles | None],
    still: bool,
    modes: set[str],
    apart: bool,
) -> Sightings:
    from limner_engine.cropping.silhouette import COLUMNS

    return Sightings(
        name=reader.path.name,
        size=(reader.width, reader.height),
        face_frames=faces[0],
        faces=faces[1],
        frames=moving[0],
        moving=np.empty((0, COLUMNS)) if moving[1] is None else moving[1],
        seconds=tuple(  # type: ignore[arg-type]
            np.array([reader.time_s(int(index)) for index in part[0]]) for part in (faces, moving)
        ),
        still=still,
        modes=frozenset(modes),
        apart=apart,
    )
