"""The crop of a video over time."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from limner_engine.errors import FormatError
from limner_engine.types import Crop, Floats


@dataclass(frozen=True, eq=False)
class CropTrack:
    """What the network sees of each frame of a video.

    Attributes:
        frames: ``(N,)`` int64, the frames in which the crop is known; rising, N at least 1.
        values: ``(N, 4)`` float32: centre x, centre y and side in pixels of the video, angle in
            radians.
        mode: How it came about: ``face``, ``motion``, ``turning``, ``box`` (a box that a person
            drew was followed), ``whole``, ``hand``, or ``keys``: by hand in each of ``frames``.
    """

    frames: NDArray[np.int64]
    values: Floats
    mode: str

    def __post_init__(self) -> None:
        if self.frames.ndim != 1 or len(self.frames) == 0:
            raise ValueError("a track of crops needs at least one frame")
        if self.values.shape != (len(self.frames), 4):
            raise ValueError(f"a track needs 4 values a frame, not {self.values.shape}")
        if not np.isfinite(self.values).all() or not (self.values[:, 2] > 0).all():
            raise ValueError("a track's values must be finite and its sides above 0")
        if not (np.diff(self.frames) > 0).all():
            raise ValueError("a track's frames must rise")

    @classmethod
    def fixed(cls, crop: Crop, mode: str = "hand") -> CropTrack:
        """The same crop in every frame."""
        row = [crop.centre_x_px, crop.centre_y_px, crop.side_px, crop.angle_rad]
        return cls(np.zeros(1, np.int64), np.array([row], np.float32), mode)

    @classmethod
    def whole(cls, width: int, height: int) -> CropTrack:
        """The smallest square that holds the frame, in every frame."""
        return cls.fixed(Crop.whole(width, height), "whole")

    @cached_property
    def _path(self) -> NDArray[np.float64]:
        """Frames and values, the angles without jumps: from 179 to -179 degrees is a turn of 2."""
        made = np.column_stack([self.frames, self.values]).astype(np.float64)
        made[:, 4] = np.unwrap(made[:, 4])
        return made

    def at(self, frame_index: int) -> Crop:
        """The crop of a frame: linear between known frames, constant before and after them."""
        path = self._path
        after = int(np.searchsorted(self.frames, frame_index, side="right"))
        first, last = max(0, after - 1), min(after, len(path) - 1)
        row = path[first]
        if last > first and frame_index > row[0]:
            share = (frame_index - row[0]) / (path[last, 0] - row[0])
            row = row + share * (path[last] - row)
        x, y, side, angle = (float(value) for value in row[1:])
        return Crop(x, y, side, math.remainder(angle, 2 * math.pi))

    def with_key(self, frame_index: int, crop: Crop) -> CropTrack:
        """With a person's crop in one frame; others of a person's in other frames stay.

        What is no track of ``keys`` yet becomes one with this key alone, whatever it was.
        """
        row = [crop.centre_x_px, crop.centre_y_px, crop.side_px, crop.angle_rad]
        if self.mode != "keys":
            return CropTrack(np.array([frame_index]), np.array([row], np.float32), "keys")
        others = self.frames != frame_index
        frames = np.append(self.frames[others], frame_index)
        values = np.append(self.values[others], np.array([row], np.float32), axis=0)
        order = np.argsort(frames)
        return CropTrack(frames[order], values[order], "keys")

    def without_key(self, frame_index: int) -> CropTrack | None:
        """Without the key of one frame; None where that is the only one, or none is there."""
        others = self.frames != frame_index
        if self.mode != "keys" or others.all() or not others.any():
            return None
        return CropTrack(self.frames[others], self.values[others], "keys")

    def to_json(self) -> str:
        """The track as one JSON object, as it stands in projects."""
        data = {
            "mode": self.mode,
            "frames": self.frames.tolist(),
            "values": [[round(float(v), 4) for v in row] for row in self.values],
        }
        return json.dumps(data)

    @classmethod
    def from_json(cls, text: str) -> CropTrack:
        """The inverse of `to_json`.

        Raises:
            FormatError: not a track.
        """
        try:
            data: Any = json.loads(text)
            frames = np.array(data["frames"], np.int64)
            values = np.array(data["values"], np.float32)
            return cls(frames, values, str(data["mode"]))
        except (ValueError, TypeError, KeyError, OverflowError) as error:
            raise FormatError(f"These are not the crops of a video: {error}.") from error
