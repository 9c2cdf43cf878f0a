"""Landmarks of a range of frames: decoding and the network side by side, on two threads in all.

One thread decodes and cuts, the caller's runs the network. Where the network is the slower of the
two, the decoding thread does not wait but runs the network on a batch itself, so that both cores
stay busy whatever the video and the model.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch
from numpy.typing import NDArray

from limner_engine.coordinates import crop_to_frame, cut
from limner_engine.inference.session import Session
from limner_engine.types import Crop, Floats

if TYPE_CHECKING:
    from limner_engine.cropping.track import CropTrack
    from limner_engine.video.reader import VideoReader

RANGE_BATCH = 16
"""Frames of a chunk on a processor: short enough that a person's request does not wait long."""
GPU_RANGE_BATCH = 64
HELP_FROM = 2
"""Batches that wait before the decoding thread helps."""
UNFETCHED_LIMIT = 4
"""Batches, waiting and done, at which the decoding thread rests until the caller fetches."""


@dataclass(frozen=True, slots=True, eq=False)
class Chunk:
    """Landmarks of some frames in a row.

    Attributes:
        start: The first frame.
        points_px: ``(n, K, 2)`` float32, pixels of the video; NaN where a frame is unreadable.
        confidence: ``(n, K)`` float32; NaN likewise.
        gap_px: ``(n, K)`` float32: how far the two layers of a named model are apart, pixels of
            the video; NaN likewise, and where there is one answer. None for other models.
    """

    start: int
    points_px: Floats
    confidence: Floats
    gap_px: Floats | None = None


@dataclass(frozen=True, slots=True, eq=False)
class _Batch:
    number: int
    start: int
    crops: list[Crop | None]  # None where the frame is unreadable
    cuts: NDArray[np.uint8]  # (readable, S, S, 3)


def detect_range(
    session: Session,
    reader: VideoReader,
    track: CropTrack,
    start: int,
    stop: int,
    *,
    batch: int | None = None,
) -> Iterator[Chunk]:
    """Detect on the frames from ``start`` up to ``stop``; close the iterator to stop earlier.

    Args:
        session: The model; nobody else uses it between two chunks' making, but between two
            ``next()`` the caller may.
        reader: Used by the decoding thread until the iterator ends.
        track: What to look at in each frame.
        start: First frame.
        stop: The frame after the last.
        batch: Frames of a chunk.

    Yields:
        Chunks in order, without gaps.
    """
    size = batch or (RANGE_BATCH if session.on_processor else GPU_RANGE_BATCH)
    if session.threads < 2:
        for waiting in _batches(session, reader, track, start, stop, size):
            yield _compute(session, waiting)
        return
    work = _Overlap(session, reader, track, start, stop, size)
    try:
        yield from work.chunks()
    finally:
        work.close()
        torch.set_num_threads(session.threads)


def _batches(
    session: Session, reader: VideoReader, track: CropTrack, start: int, stop: int, size: int
) -> Iterator[_Batch]:
    crops: list[Crop | None] = []
    cuts: list[NDArray[np.uint8]] = []
    none = np.empty((0, session.image_size, session.image_size, 3), np.uint8)
    number = 0
    for index, frame in reader.read(start, stop):
        crop = None if frame is None else track.at(index)
        crops.append(crop)
        if frame is not None and crop is not None:
            cuts.append(cut(frame, crop, session.image_size))
        if len(crops) == size or index + 1 == stop:
            first = index + 1 - len(crops)
            yield _Batch(number, first, crops, np.stack(cuts) if cuts else none)
            crops, cuts, number = [], [], number + 1


def _compute(session: Session, batch: _Batch) -> Chunk:
    points = np.full((len(batch.crops), session.landmark_count, 2), np.nan, np.float32)
    confidence = np.full((len(batch.crops), session.landmark_count), np.nan, np.float32)
    found, sure, apart = session.inspect_part(batch.cuts)
    gap = None if apart is None else np.full(confidence.shape, np.nan, np.float32)
    readable = ((i, crop) for i, crop in enumerate(batch.crops) if crop is not None)
    for row, (i, crop) in enumerate(readable):
        points[i] = crop_to_frame(found[row], crop)
        confidence[i] = sure[row]
        if gap is not None and apart is not None:
            gap[i] = apart[row] * (crop.side_px / 2)
    return Chunk(batch.start, points, confidence, gap)


class _Overlap:
    """The two threads and what lies between them."""

    def __init__(
        self,
        session: Session,
        reader: VideoReader,
        track: CropTrack,
        start: int,
        stop: int,
        size: int,
    ) -> None:
        self._session = session
        self._source = _batches(session, reader, track, start, stop, size)
        self._changed = threading.Condition()
        self._waiting: deque[_Batch] = deque()
        self._done: dict[int, Chunk] = {}
        self._decoded_all = False
        self._stopped = False
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._decode, name="decode", daemon=True)
        self._thread.start()

    def chunks(self) -> Iterator[Chunk]:
        number = 0
        while True:
            with self._changed:
                while not (
                    self._error or number in self._done or self._waiting or self._ended(number)
                ):
                    self._changed.wait()
                if self._error:
                    raise self._error
                chunk = self._done.pop(number, None)
                batch = None if chunk is not None or not self._waiting else self._waiting.popleft()
                self._changed.notify_all()
            if chunk is not None:
                number += 1
                yield chunk
            elif batch is not None:
                # Between two chunks the caller may have used all threads for something else.
                torch.set_num_threads(1)
                self._finish(batch)
            else:
                return

    def close(self) -> None:
        with self._changed:
            self._stopped = True
            self._changed.notify_all()
        self._thread.join()

    def _ended(self, number: int) -> bool:
        """Everything was decoded and chunk ``number`` is not being made by the other thread."""
        return self._decoded_all and number not in self._done and not self._waiting

    def _finish(self, batch: _Batch) -> None:
        chunk = _compute(self._session, batch)
        with self._changed:
            self._done[batch.number] = chunk
            self._changed.notify_all()

    def _decode(self) -> None:
        torch.set_num_threads(1)
        try:
            for batch in self._source:
                with self._changed:
                    self._waiting.append(batch)
                    self._changed.notify_all()
                if not self._make_room():
                    return
        except BaseException as error:
            # Whatever it is, it belongs to the caller's thread.
            with self._changed:
                self._error = error
                self._changed.notify_all()
        finally:
            self._source.close()  # type: ignore[attr-defined]
            with self._changed:
                self._decoded_all = True
                self._changed.notify_all()

    def _make_room(self) -> bool:
        """Help with the network, or rest, until another batch is wanted; False: stop."""
        while True:
            with self._changed:
                if self._stopped:
                    return False
                waiting, done = len(self._waiting), len(self._done)
                may_help = self._session.on_processor and done < UNFETCHED_LIMIT
                if not (may_help and waiting >= HELP_FROM):
                    if waiting + done < UNFETCHED_LIMIT:
                        return True
                    self._changed.wait()
                    continue
                batch = self._waiting.popleft()
            self._finish(batch)
