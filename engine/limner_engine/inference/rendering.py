"""Redrawn videos: an edit along a range of frames, or the looks of one picture moved by a video.

First the landmarks of all frames are found, then the frames are redrawn one after another and
written as H.264. Sound is not kept.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import ExitStack, closing
from dataclasses import dataclass
from itertools import repeat
from pathlib import Path
from typing import TypeAlias

import cv2
import numpy as np

from limner_engine.coordinates import frame_to_crop
from limner_engine.errors import EngineError, VideoError
from limner_engine.inference.detail import lay_over
from limner_engine.inference.detect import detect_range
from limner_engine.inference.found_again import FoundAgain
from limner_engine.inference.redrawer import Redrawer
from limner_engine.inference.render_job import (
    Clip,
    EditJob,
    Looks,
    RenderJob,
    SwapJob,
    ramp_weights,
)
from limner_engine.inference.session import Session
from limner_engine.types import Crop, Floats, Image
from limner_engine.video.reader import VideoReader
from limner_engine.video.writer import VideoWriter

Progress = Callable[[float], object]
Drawing: TypeAlias = Generator[Image | None, None, None]
"""Pictures in order; None where the frame is unreadable."""

FINDING_SHARE = 0.25
"""Share of the time that finding the landmarks takes, for the progress alone."""
SMOOTH_FRAMES = 1.0
"""Standard deviation of a swap's smoothing in time, frames."""
_REACH = 3


@dataclass(frozen=True, slots=True)
class Rendered:
    """What came of a job.

    Attributes:
        frames: Frames written.
        unreadable: Frames that could not be read; each shows the picture before it again.
        geometry_error: Mean distance between the driving landmarks and those that the model finds
            on the result, as a share of the crop's side; None where it was not measured.
    """

    frames: int
    unreadable: int
    geometry_error: float | None = None


def render(
    session: Session,
    job: RenderJob,
    out: Path,
    progress: Progress,
    *,
    measure: bool = False,
) -> Rendered:
    """Write a redrawn video.

    Args:
        session: The model. Others may use it inside ``progress``.
        job: What is drawn.
        out: The video, ``.mp4``; an older one stays until the new one is whole.
        progress: Told the share done, 0 to 1, after every frame; what it raises ends the work and
            leaves nothing behind.
        measure: Find the landmarks of a swap's result again.

    Raises:
        VideoError: A video cannot be read, has not these frames, or cannot be written.
        EngineError: The job does not fit the model.
        ModelError: The model only finds landmarks.
    """
    session.painter()  # before a long video is looked through in vain
    clip = job.geometry if isinstance(job, SwapJob) else job.clip
    # One thread decodes, since decoding and the network share the budget of two.
    with VideoReader(clip.video, threads=1) as reader:
        check_frame(reader, clip.stop - 1)
        found = clip_points(session, reader, clip, lambda share: progress(FINDING_SHARE * share))
        again: FoundAgain | None = None
        if isinstance(job, SwapJob):
            swap = Swap(session, job.looks, sharp=job.sharp)
            wanted = swap.wanted(found, relative=job.relative)
            again = FoundAgain(session, job.looks.crop) if measure else None
            drawn = _swapped(swap, job, reader, wanted, again)
        else:
            drawn = _edited(session, job, reader, found)
        with closing(drawn):
            written = _write(drawn, len(clip), reader, out, progress)
    return Rendered(*written, None if again is None else again.error())


def render_picture(session: Session, job: SwapJob) -> tuple[Image, Rendered]:
    """A swap by the one frame that its clip holds, as a picture and always measured.

    Raises:
        VideoError: A video cannot be read, or has not this frame.
    """
    clip = job.geometry
    with VideoReader(clip.video, threads=1) as reader:
        check_frame(reader, clip.start)
        frame = reader[clip.start]
    swap = Swap(session, job.looks, sharp=job.sharp)
    found = own_points(session, frame, clip.track.at(clip.start))
    wanted = swap.wanted(found[None], relative=job.relative)[0]
    picture, again = swap.draw(wanted), FoundAgain(session, job.looks.crop)
    again.look(picture, wanted)
    made = beside(frame, picture) if job.beside else picture
    return made, Rendered(1, 0, again.error())


def check_frame(reader: VideoReader, index: int) -> None:
    """Refuse a frame that a video does not have.

    Raises:
        VideoError: It has none of that number.
    """
    if not 0 <= index < reader.frame_count:
        raise VideoError(
            f"{reader.path.name} has no frame {index}.",
            f"Its frames go from 0 to {reader.frame_count - 1}.",
        )


def clip_points(session: Session, reader: VideoReader, clip: Clip, progress: Progress) -> Floats:
    """The landmarks of a clip.

    Returns:
        ``(n, K, 2)`` -1..1 of each frame's crop; rows of NaN where a frame is unreadable.

    Raises:
        VideoError: No frame of it can be read.
    """
    points = np.full((len(clip), session.landmark_count, 2), np.nan, np.float32)
    chunks = detect_range(session, reader, clip.track, clip.start, clip.stop)
    with closing(chunks):  # type: ignore[type-var]
        for chunk in chunks:
            for index, points_px in enumerate(chunk.points_px, chunk.start):
                points[index - clip.start] = frame_to_crop(points_px, clip.track.at(index))
            progress((chunk.start + len(chunk.points_px) - clip.start) / len(clip))
    if not np.isfinite(points).any():
        raise VideoError(f"None of these frames of {reader.path.name} can be read.")
    return points


def smoothed(points: Floats, sigma: float = SMOOTH_FRAMES) -> Floats:
    """Points without their trembling: each averaged with those before and after it.

    Neighbours count only in pairs, one before and one after, so that steady motion stays where it
    is, at the ends and beside gaps as well.

    Args:
        points: ``(n, K, 2)``; NaN stays NaN.
        sigma: Standard deviation of the Gaussian weights, frames.
    """
    total, weights = points.astype(np.float64), np.ones(points.shape)
    for step in range(1, min(_REACH, (len(points) - 1) // 2) + 1):
        pairs = points[: -2 * step].astype(np.float64) + points[2 * step :]
        weight = np.where(np.isfinite(pairs), np.exp(-0.5 * (step / sigma) ** 2), 0)
        total[step:-step] += weight * np.nan_to_num(pairs)
        weights[step:-step] += 2 * weight
    return np.asarray(total / weights, np.float32)


class Swap:
    """One frame, its crop redrawn with landmarks from elsewhere.

    Args:
        session: The model.
        looks: Whose looks are drawn.
        sharp: Keep their detail; the network's bare picture if not.

    Attributes:
        frame: ``(H, W, 3)`` uint8: the frame of the looks.
        points_norm: ``(K, 2)`` -1..1: its own landmarks.

    Raises:
        VideoError: The frame cannot be read.
    """

    def __init__(self, session: Session, looks: Looks, *, sharp: bool) -> None:
        self.frame = looks_frame(looks)
        self.points_norm = own_points(session, self.frame, looks.crop)
        self._crop, self._sharp = looks.crop, sharp
        self._redrawer = Redrawer(session, self.frame, looks.crop, self.points_norm)

    def wanted(self, found: Floats, *, relative: bool) -> Floats:
        """Where the landmarks are to be.

        Args:
            found: ``(n, K, 2)`` -1..1: the driving landmarks.
            relative: See `SwapJob`.
        """
        if not relative:
            return found
        first = int(np.isfinite(found).any(axis=(1, 2)).argmax())
        return np.asarray(self.points_norm + (found - found[first]), np.float32)

    def draw(self, points_norm: Floats) -> Image:
        """The frame, ``(H, W, 3)``, with its landmarks at ``(K, 2)`` -1..1."""
        redrawn = self._redrawer.redraw(points_norm, sharp=self._sharp)
        return lay_over(self.frame, redrawn, self._crop)


def looks_frame(looks: Looks) -> Image:
    """The frame that has the looks.

    Raises:
        VideoError: It cannot be read.
    """
    with VideoReader(looks.video, threads=1) as reader:
        check_frame(reader, looks.frame)
        return reader[looks.frame]


def own_points(session: Session, frame: Image, crop: Crop) -> Floats:
    """The landmarks of one frame, ``(K, 2)`` -1..1 of the crop."""
    return frame_to_crop(session.detect([frame], [crop])[0].points_px, crop)


def _swapped(
    swap: Swap, job: SwapJob, reader: VideoReader, wanted: Floats, again: FoundAgain | None
) -> Drawing:
    """The pictures of a swap."""
    places = smoothed(wanted) if job.smooth else wanted
    clip = job.geometry
    # Without the driving frames beside them there is no need to decode them once more.
    frames = reader.read(clip.start, clip.stop) if job.beside else zip(repeat(0), repeat(None))
    for (_, frame), asked, place in zip(frames, wanted, places, strict=job.beside):
        if not np.isfinite(place).any() or (job.beside and frame is None):
            yield None
            continue
        picture = swap.draw(place)
        if again is not None:
            again.look(picture, asked)
        yield picture if frame is None else beside(frame, picture)


def beside(left: Image, right: Image) -> Image:
    """Two pictures side by side, the left one brought to the right one's height."""
    height = right.shape[0]
    width = max(1, round(left.shape[1] * height / left.shape[0]))
    how = cv2.INTER_AREA if height < left.shape[0] else cv2.INTER_CUBIC
    return np.concatenate([cv2.resize(left, (width, height), interpolation=how), right], axis=1)


def _edited(session: Session, job: EditJob, reader: VideoReader, found: Floats) -> Drawing:
    """The pictures of an edit."""
    clip, other = job.clip, None
    offsets = edit_offsets(job.offsets, session.landmark_count)
    if job.looks is not None:
        source = looks_frame(job.looks)
        crop = job.looks.crop
        other = Redrawer(session, source, crop, own_points(session, source, crop))
    weights = ramp_weights(len(clip), job.ramp)
    frames = reader.read(clip.start, clip.stop)
    for (index, frame), points, weight in zip(frames, found, weights, strict=True):
        if frame is None or not np.isfinite(points).any():
            yield None
            continue
        crop = clip.track.at(index)
        moved = np.asarray(points + weight * offsets, np.float32)
        redrawer = other or Redrawer(session, frame, crop, points)
        picture = lay_over(frame, redrawer.redraw(moved, sharp=job.sharp), crop)
        if other is not None and weight < 1:
            # Other looks come in as a dissolve, since no motion leads to them.
            picture = np.asarray(cv2.addWeighted(picture, weight, frame, 1 - weight, 0), np.uint8)
        yield picture


def edit_offsets(offsets: dict[int, tuple[float, float]], count: int) -> Floats:
    """An edit's offsets, ``(K, 2)``.

    Raises:
        EngineError: It names a landmark that the model does not have.
    """
    made = np.zeros((count, 2), np.float32)
    for landmark, offset in offsets.items():
        if not 0 <= landmark < count:
            raise EngineError(
                f"The model has {count} landmarks; the edit moves number {landmark + 1}.",
                "Choose the model that the edit was made with.",
            )
        made[landmark] = offset
    return made


def _write(
    drawn: Drawing, count: int, reader: VideoReader, out: Path, progress: Progress
) -> tuple[int, int]:
    """Write pictures; where one is missing, the one before, or else the next one, stands again."""
    written = missing = 0
    last: Image | None = None
    with ExitStack() as open_files:
        writer: VideoWriter | None = None
        for number, picture in enumerate(drawn, 1):
            if picture is None:
                missing += 1
            else:
                last = picture
            if last is not None:
                if writer is None:
                    height, width = last.shape[:2]
                    writer = VideoWriter(out, width, height, reader.frame_rate)
                    open_files.enter_context(writer)
                while written < number:
                    writer.write(last)
                    written += 1
            progress(FINDING_SHARE + (1 - FINDING_SHARE) * number / count)
    if not written:
        raise VideoError(f"None of these frames of {reader.path.name} can be read.")
    return written, missing
