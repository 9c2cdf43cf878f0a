"""Finding what to look at in a video: faces, else what moves, else everything."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from limner_engine.cropping.smoothing import Doubles
from limner_engine.cropping.track import CropTrack
from limner_engine.errors import VideoError
from limner_engine.types import Image

if TYPE_CHECKING:
    from limner_engine.video.reader import VideoReader

CropMode: TypeAlias = Literal["auto", "face", "motion", "whole"]
Progress: TypeAlias = Callable[[float], bool]

MODES = ("auto", "face", "motion", "whole")
SAMPLES = 150
MOST_SAMPLES = 600
"""Samples of a long video: one a second from `SAMPLES` up to this many."""
FACES_SHARE = 0.5
"""Share of samples with a face from which ``auto`` looks at faces."""


class CropsCancelledError(Exception):
    """The caller's ``progress`` said to stop."""


def find_crops(
    reader: VideoReader,
    mode: CropMode = "auto",
    *,
    samples: int | None = None,
    progress: Progress | None = None,
) -> CropTrack:
    """Find the square around the object in frames spread over a video, and smooth it over time.

    Args:
        reader: The video.
        mode: ``face``, ``motion``, ``whole``, or ``auto``: faces where they are seen in at least
            half of the samples, else motion, else everything.
        samples: How many frames are looked at; as the length of the video asks when not given.
        progress: Called with the share done, 0 to 1; returns False to stop.

    Raises:
        VideoError: ``face`` or ``motion`` was asked for by name and there is none.
        CropsCancelledError: ``progress`` said to stop.
        ValueError: Unknown mode.
    """
    if mode not in MODES:
        raise ValueError(f"there is no crop mode {mode!r}")
    whole = CropTrack.whole(reader.width, reader.height)
    if mode == "whole":
        return whole
    # OpenCV is slow to import and the window needs nothing but tracks.
    from limner_engine.cropping.faces import FaceFinder, one_face
    from limner_engine.cropping.motion import MotionFinder

    faces = FaceFinder(reader.width, reader.height, thorough=mode == "face")
    motion = MotionFinder(reader.width, reader.height)

    def report(share: float) -> None:
        if progress is not None and not progress(share):
            raise CropsCancelledError

    read_share = 1.0 if mode == "motion" else 0.5
    frames: list[int] = []
    wanted = sample_frames(reader, samples)
    for done, (index, frame) in enumerate(_sampled(reader, wanted)):
        if frame is not None:
            frames.append(index)
            if mode != "motion":
                faces.look(frame)
            if mode != "face":
                motion.look(frame)
        report(read_share * (done + 1) / len(wanted))
    if not frames:
        raise VideoError(f"No frame of {reader.path.name} can be read.")
    seconds = np.array([reader.time_s(index) for index in frames])
    indices = np.array(frames, np.int64)
    if mode != "motion":
        found = faces.search(lambda share: report(read_share + (1 - read_share) * share))
        boxes = one_face(found)
        share = float(np.isfinite(boxes[:, 2]).mean())
        if share > 0 and (mode == "face" or share >= FACES_SHARE):
            return _track(indices, faces.crops(boxes, seconds), "face")
        if mode == "face":
            raise VideoError(
                f"No face was found in {reader.path.name}.",
                "Choose motion, or draw the crop by hand.",
            )
    crops = motion.crops(seconds)
    if crops is not None:
        return _track(indices, crops, "motion")
    if mode == "motion":
        raise VideoError(
            f"Nothing moves in {reader.path.name}.", "Choose whole, or draw the crop by hand."
        )
    return whole


def sample_frames(reader: VideoReader, samples: int | None = None) -> NDArray[np.int64]:
    """Frames spread evenly over a video, each moved to a keyframe near it where that is cheaper.

    Args:
        reader: The video.
        samples: How many.

    Returns:
        Rising frame indices.
    """
    count = reader.frame_count
    if samples is None:
        seconds = count / max(float(reader.frame_rate), 1e-6)
        samples = int(np.clip(seconds, SAMPLES, MOST_SAMPLES))
    even = np.linspace(0, count - 1, min(count, samples)).round().astype(np.int64)
    step = count / len(even)
    keyframes = np.asarray(reader.index.keyframes, np.int64)
    if step > 8 and len(keyframes):
        # To decode one frame is to decode all since its keyframe. In a long video a keyframe
        # close by tells as much and costs a hundredth.
        after = np.clip(np.searchsorted(keyframes, even), 1, max(1, len(keyframes) - 1))
        pair = keyframes[np.stack([after - 1, np.minimum(after, len(keyframes) - 1)])]
        nearest = np.where(abs(pair[0] - even) <= abs(pair[1] - even), pair[0], pair[1])
        even = np.where(abs(nearest - even) <= step / 2, nearest, even)
    return np.unique(even)


def _sampled(reader: VideoReader, wanted: NDArray[np.int64]) -> Iterator[tuple[int, Image | None]]:
    from limner_engine.errors import FrameUnreadableError

    step = np.diff(wanted)
    if len(step) == 0 or step.max() <= 8:
        keep = set(wanted.tolist())
        for index, frame in reader.read(0, int(wanted[-1]) + 1):
            if index in keep:
                yield index, frame
        return
    for index in wanted.tolist():
        try:
            yield index, reader[index]
        except FrameUnreadableError:
            yield index, None


def _track(frames: NDArray[np.int64], crops: Doubles, mode: str) -> CropTrack:
    """``(N, 3)`` squares, NaN where unknown, as a track."""
    known = np.isfinite(crops).all(axis=1)
    values = np.concatenate([crops[known], np.zeros((int(known.sum()), 1))], axis=1)
    return CropTrack(frames[known], values.astype(np.float32), mode)
