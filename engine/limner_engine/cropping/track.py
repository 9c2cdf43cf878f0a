"""The crop of a video over time."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
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
        mode: How it came about: ``face``, ``motion``, ``whole`` or ``hand``.
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

    def at(self, frame_index: int) -> Crop:
        """The crop of a frame: linear between known frames, constant before and after them."""
        columns = [np.interp(frame_index, self.frames, self.values[:, i]) for i in range(3)]
        # The short way round between two angles, so that 179 to -179 degrees is a turn of 2.
        turned = np.unwrap(self.values[:, 3].astype(np.float64))
        angle = math.remainder(float(np.interp(frame_index, self.frames, turned)), 2 * math.pi)
        return Crop(float(columns[0]), float(columns[1]), float(columns[2]), angle)

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
