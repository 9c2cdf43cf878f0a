"""Following a box that a person drew, where nothing else finds the thing: by what is in it.

The filter is the minimum output sum of squared error filter of Bolme, Beveridge, Draper and Lui
(Visual object tracking using adaptive correlation filters, CVPR 2010), with three sizes tried.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

import cv2
import numpy as np
from numpy.typing import NDArray

from limner_engine.coordinates import cut
from limner_engine.cropping.find import CropsCancelledError, Progress
from limner_engine.cropping.motion import smoothing_s
from limner_engine.cropping.sampling import close_frames, sampled
from limner_engine.cropping.sightings import make_track
from limner_engine.cropping.smoothing import Doubles, smooth
from limner_engine.cropping.track import CropTrack
from limner_engine.types import Crop, Image

if TYPE_CHECKING:
    from limner_engine.video.reader import VideoReader

SIZE = 64
CONTEXT = 1.25
"""Side of what is compared, in sides of the box: what moves out of the box is still in it."""
PEAK_SIGMA = 2.0
"""Width of the wanted answer, pixels of the comparison."""
VIEWS = 12
"""Slightly turned and shifted views of the first picture that the filter is made from."""
LEARNING = 0.08
SIZES = (0.97, 1.0, 1.03)
SIZE_LIKING = 0.95
"""What an answer at another size counts, so that sizes change only for a reason."""
SURE = 5.5
"""Height of the peak over the rest of the answer, in its standard deviations, from which on the
thing is seen; below, the box stays where it is and learns nothing."""
LEAST_SIDE, MOST_SIDE = 0.4, 2.5
"""How much smaller and larger than at first the box may become."""


class BoxFollower:
    """Follows what is in a box from frame to frame.

    Args:
        frame: ``(H, W, 3)`` uint8, in which the box was drawn.
        box: The box.
    """

    def __init__(self, frame: Image, box: Crop) -> None:
        self.box, self._side = box, box.side_px
        window = np.hanning(SIZE)
        self._window = np.outer(window, window)
        place = np.arange(SIZE) - SIZE // 2
        answer = np.exp(-(place[:, None] ** 2 + place[None] ** 2) / (2 * PEAK_SIGMA**2))
        self._answer = np.fft.fft2(answer)
        self._above = self._below = np.zeros((SIZE, SIZE), np.complex128)
        random = np.random.default_rng(0)
        for view in range(VIEWS):
            turn, grow = (0.0, 1.0) if view == 0 else random.normal([0, 1], [0.06, 0.03])
            turned = replace(box, angle_rad=box.angle_rad + turn, side_px=box.side_px * grow)
            self._learn(self._seen(frame, turned), 1.0 if view == 0 else 1 / (view + 1))

    def step(self, frame: Image) -> bool:
        """Find the box in the next frame; whether the thing is seen there."""
        best, place, sure, factor = -np.inf, (0.0, 0.0), 0.0, 1.0
        for size in SIZES:
            seen = self._seen(frame, replace(self.box, side_px=self.box.side_px * size))
            answer = np.fft.ifft2(self._above / (self._below + 1e-3) * seen).real
            row, column = np.unravel_index(int(np.argmax(answer)), answer.shape)
            peak = float(answer[row, column]) * (1.0 if size == 1 else SIZE_LIKING)
            if peak > best:
                best, factor = peak, size
                place = float(column) - SIZE // 2, float(row) - SIZE // 2
                rest = answer.copy()
                rest[max(0, row - 5) : row + 6, max(0, column - 5) : column + 6] = np.nan
                sure = (answer[row, column] - np.nanmean(rest)) / (np.nanstd(rest) + 1e-9)
        if sure < SURE:
            return False
        pixel = self.box.side_px * factor * CONTEXT / SIZE
        cos, sin = np.cos(self.box.angle_rad), np.sin(self.box.angle_rad)
        side = float(
            np.clip(self.box.side_px * factor, LEAST_SIDE * self._side, MOST_SIDE * self._side)
        )
        self.box = Crop(
            self.box.centre_x_px + float(cos * place[0] - sin * place[1]) * pixel,
            self.box.centre_y_px + float(sin * place[0] + cos * place[1]) * pixel,
            side,
            self.box.angle_rad,
        )
        self._learn(self._seen(frame, self.box), LEARNING)
        return True

    def _seen(self, frame: Image, box: Crop) -> NDArray[np.complex128]:
        around = replace(box, side_px=box.side_px * CONTEXT)
        grey = cv2.cvtColor(cut(frame, around, SIZE), cv2.COLOR_RGB2GRAY)
        light = np.log1p(grey.astype(np.float64))
        light = (light - light.mean()) / (light.std() + 1e-5)
        return np.asarray(np.fft.fft2(light * self._window), np.complex128)

    def _learn(self, seen: NDArray[np.complex128], rate: float) -> None:
        self._above = (1 - rate) * self._above + rate * self._answer * np.conj(seen)
        self._below = (1 - rate) * self._below + rate * seen * np.conj(seen)


def follow_box(
    reader: VideoReader, drawn: CropTrack, *, progress: Progress | None = None
) -> CropTrack:
    """Follow what is in drawn boxes through the whole video.

    Each box is followed to both sides; between two of them both ways count, the nearer more.

    Args:
        reader: The video.
        drawn: The boxes, in the frames in which they were drawn.
        progress: Called with the share done, 0 to 1; returns False to stop.

    Raises:
        CropsCancelledError: ``progress`` said to stop.
        FrameUnreadableError: A frame in which a box was drawn cannot be read.
    """
    frames = np.union1d(close_frames(reader), drawn.frames)
    total = np.zeros((len(frames), 3))
    weights = np.zeros(len(frames))
    keys = np.searchsorted(frames, drawn.frames)
    between = 2 * int((np.diff(keys) - 1).sum())
    work = max(1, int(keys[0]) + len(frames) - 1 - int(keys[-1]) + between)
    done = 0
    for number, key in enumerate(keys.tolist()):
        first = reader[int(frames[key])]
        for way in (1, -1):
            last = number + way
            ends_at_key = 0 <= last < len(keys)
            stop = int(keys[last]) if ends_at_key else (len(frames) - 1 if way > 0 else 0)
            follower = BoxFollower(first, drawn.at(int(frames[key])))
            if way > 0:
                _add(total, weights, key, follower.box, 1.0)
            path = np.arange(key + way, stop + (0 if ends_at_key else way), way)
            pictures = _read(reader, frames[path], way)
            for at, picture in zip(path.tolist(), pictures, strict=True):
                if picture is not None and follower.step(picture):
                    weight = abs(stop - at) / abs(stop - key) if ends_at_key else 1.0
                    _add(total, weights, at, follower.box, weight)
                done += 1
                if progress is not None and not progress(done / work):
                    raise CropsCancelledError
    seen = weights > 0
    boxes = total[seen] / weights[seen, None]
    times = np.array([reader.time_s(int(index)) for index in frames[seen]])
    if len(times) > 2:
        sigma = smoothing_s(float(np.median(np.diff(times))))
        boxes = np.column_stack([smooth(times, column, sigma) for column in boxes.T])
    angle = np.full((len(boxes), 1), float(drawn.values[0, 3]))
    return make_track(frames[seen], np.concatenate([boxes, angle], axis=1), "box")


def _add(total: Doubles, weights: Doubles, at: int, box: Crop, weight: float) -> None:
    total[at] += weight * np.array([box.centre_x_px, box.centre_y_px, box.side_px])
    weights[at] += weight


def _read(reader: VideoReader, frames: NDArray[np.int64], way: int) -> Iterable[Image | None]:
    if way > 0:
        return (picture for _, picture in sampled(reader, frames))
    return (next(iter(sampled(reader, frames[i : i + 1])))[1] for i in range(len(frames)))
