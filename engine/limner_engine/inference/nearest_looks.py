"""Which frame of a video gives its looks to a swap: the one whose pose needs the least moving."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np

from limner_engine.coordinates import cut
from limner_engine.cropping.sampling import sample_frames
from limner_engine.cropping.track import CropTrack
from limner_engine.errors import FrameUnreadableError, VideoError
from limner_engine.inference.render_job import Clip, Looks
from limner_engine.inference.session import Session
from limner_engine.types import Floats
from limner_engine.video.reader import VideoReader

SAMPLES = 50
"""Frames of either video that are compared."""

Progress = Callable[[float], object]


def nearest_looks(
    session: Session,
    appearance: tuple[VideoReader, CropTrack],
    geometry: tuple[VideoReader, Clip],
    progress: Progress,
    *,
    relative: bool = False,
) -> Looks:
    """The frame whose landmarks are nearest to the driving ones, on average over the clip.

    Args:
        session: The model.
        appearance: The video of the looks, and its crops.
        geometry: The driving video, and which frames drive.
        progress: Told the share done, 0 to 1.
        relative: Only motion since the clip's first readable frame counts: so nearest to that one.

    Raises:
        VideoError: None of the frames can be read.
    """
    driving_reader, clip = geometry
    reader, track = appearance
    at = np.linspace(clip.start, clip.stop - 1, min(SAMPLES, len(clip))).round().astype(np.int64)
    if relative:
        at = np.array([_first_readable(driving_reader, clip)])
    candidates = sample_frames(reader, SAMPLES).tolist()
    whole = len(at) + len(candidates)
    _, driving = _points(
        session, driving_reader, clip.track, at.tolist(), lambda n: progress(n / whole)
    )
    frames, points = _points(
        session, reader, track, candidates, lambda n: progress((len(at) + n) / whole)
    )
    apart = np.linalg.norm(points[:, None] - driving, axis=-1).mean(axis=(1, 2))
    best = frames[int(apart.argmin())]
    return Looks(reader.path, best, track.at(best))


def _first_readable(reader: VideoReader, clip: Clip) -> int:
    """From which frame on a clip's motion counts."""
    for index in range(clip.start, clip.stop):
        try:
            _ = reader[index]
        except FrameUnreadableError:
            continue
        return index
    raise VideoError(f"None of these frames of {reader.path.name} can be read.")


def _points(
    session: Session,
    reader: VideoReader,
    track: CropTrack,
    wanted: Iterable[int],
    progress: Progress,
) -> tuple[list[int], Floats]:
    """Those frames that can be read, and their landmarks, ``(n, K, 2)`` -1..1 of the crop."""
    frames, cuts = [], []
    for done, index in enumerate(wanted, 1):
        try:
            frame = reader[index]
        except FrameUnreadableError:
            continue
        frames.append(index)
        cuts.append(cut(frame, track.at(index), session.image_size))
        progress(done)
    if not frames:
        raise VideoError(f"No frame of {reader.path.name} can be read.")
    return frames, session.detect_cuts(np.stack(cuts))[0]
