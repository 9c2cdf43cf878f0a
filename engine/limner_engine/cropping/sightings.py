"""What was seen in the sampled frames of a video, from which every kind of crop follows."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from limner_engine.cropping.setting import MARGIN, CropMode, CropSetting
from limner_engine.cropping.smoothing import Doubles, thinned
from limner_engine.cropping.track import CropTrack
from limner_engine.errors import FormatError, VideoError

FACES_SHARE = 0.5
"""Share of samples with a face from which ``auto`` looks at faces."""
TOLERANCE_SHARE = 0.004
"""How far a track may be off what was found, in sides of the crop."""
TOLERANCE_RAD = 0.015
MOST_TURN_RAD = 1.5


@dataclass(frozen=True, eq=False)
class Sightings:
    """What was seen.

    Attributes:
        name: Of the video, for people.
        size: Width and height of its frames.
        face_frames: ``(F,)`` int64, frames in which faces were looked for; rising.
        faces: ``(F, 3)``: centre x, centre y and side of the face, NaN where there is none.
        frames: ``(N,)`` int64, frames in which motion was looked for; rising.
        moving: ``(N, COLUMNS)``: as `limner_engine.cropping.silhouette` measures it.
        seconds: ``(F,)`` and ``(N,)``: times of both.
        still: Whether the camera stands still.
        modes: For which modes this is enough.
        apart: The frames are separate pictures, and nothing goes on from one to the next.
    """

    name: str
    size: tuple[int, int]
    face_frames: NDArray[np.int64]
    faces: Doubles
    frames: NDArray[np.int64]
    moving: Doubles
    seconds: tuple[Doubles, Doubles]
    still: bool
    modes: frozenset[str]
    apart: bool = False

    @property
    def face_share(self) -> float:
        """Share of the frames in which a face was found."""
        return float(np.isfinite(self.faces[:, 2]).mean()) if len(self.faces) else 0.0

    def chosen(self, mode: CropMode) -> CropMode:
        """What ``auto`` stands for here; every other mode for itself."""
        if mode != "auto":
            return mode
        from limner_engine.cropping.motion import moves
        from limner_engine.cropping.turning import turning_suits

        if self.face_share >= FACES_SHARE:
            return "face"
        if not moves(self.moving) or (self.apart and not self.still):
            return "whole"
        suits = self.still and not self.apart
        if suits and turning_suits(self.moving, self.seconds[1], self.size):
            return "turning"
        return "motion"

    def track(self, setting: CropSetting) -> CropTrack:
        """The crops that a setting asks for.

        Raises:
            VideoError: Something was asked for by name and there is none.
            ValueError: Nobody looked for that.
        """
        if setting.mode not in self.modes:
            raise ValueError(f"nobody has looked for {setting.mode}")
        mode = self.chosen(setting.mode)
        if mode == "whole":
            return CropTrack.whole(*self.size)
        if mode == "face":
            return self._face_track(setting)
        if self.apart:
            return self._apart(self._boxes(setting), "motion")
        if mode == "turning":
            from limner_engine.cropping.turning import turning_crops

            crops = turning_crops(self.moving, self.seconds[1], self.size, setting)
        else:
            crops = self._boxes(setting)
        if crops is None:
            raise self._nothing_moves()
        return make_track(self.frames, crops, mode)

    def _boxes(self, setting: CropSetting) -> Doubles | None:
        from limner_engine.cropping.motion import moving_crops

        return moving_crops(self.moving, self.seconds[1], self.size, setting, apart=self.apart)

    def _face_track(self, setting: CropSetting) -> CropTrack:
        from limner_engine.cropping.faces import face_crops

        if self.face_share == 0:
            raise VideoError(
                f"No face was found in {self.name}.", "Choose motion, or draw the crop by hand."
            )
        factor = (1 + setting.margin) / (1 + MARGIN)
        crops = face_crops(self.faces, self.seconds[0])
        crops[:, 2] = np.maximum(crops[:, 2] * factor, setting.least_side_px)
        return make_track(self.face_frames, crops, "face")

    def _apart(self, crops: Doubles | None, mode: str) -> CropTrack:
        """Each picture its own square; the whole of it where nothing was found."""
        if crops is None:
            raise self._nothing_moves()
        whole = CropTrack.whole(*self.size).values[0, :3]
        return make_track(
            self.frames, np.where(np.isfinite(crops), crops, whole), mode, thin=False
        )

    def _nothing_moves(self) -> VideoError:
        return VideoError(
            f"Nothing moves in {self.name}.", "Choose whole, or draw the crop by hand."
        )

    def to_json(self) -> str:
        """As one JSON object, in which NaN is null."""
        data = {
            "name": self.name,
            "size": self.size,
            "face_frames": self.face_frames.tolist(),
            "faces": _rows(self.faces),
            "frames": self.frames.tolist(),
            "moving": _rows(self.moving),
            "seconds": [times.tolist() for times in self.seconds],
            "still": self.still,
            "modes": sorted(self.modes),
            "apart": self.apart,
        }
        return json.dumps(data)

    @classmethod
    def from_json(cls, text: str) -> Sightings:
        """The inverse of `to_json`.

        Raises:
            FormatError: It is no such thing.
        """
        from limner_engine.cropping.silhouette import COLUMNS

        try:
            data: Any = json.loads(text)
            width, height = data["size"]
            return cls(
                str(data["name"]),
                (int(width), int(height)),
                np.array(data["face_frames"], np.int64),
                np.array(data["faces"], np.float64).reshape(-1, 3),
                np.array(data["frames"], np.int64),
                np.array(data["moving"], np.float64).reshape(-1, COLUMNS),
                (
                    np.array(data["seconds"][0], np.float64),
                    np.array(data["seconds"][1], np.float64),
                ),
                bool(data["still"]),
                frozenset(data["modes"]),
                bool(data["apart"]),
            )
        except (ValueError, TypeError, KeyError, OverflowError) as error:
            raise FormatError(f"This is not what was seen in a video: {error}.") from error


def _rows(values: Doubles) -> list[list[float | None]]:
    return [[None if np.isnan(v) else round(float(v), 4) for v in row] for row in values]


def make_track(
    frames: NDArray[np.int64], crops: Doubles, mode: str, *, thin: bool = True
) -> CropTrack:
    """A track of squares, ``(N, 3)``, or turned ones, ``(N, 4)``; NaN where nothing is known."""
    known = np.isfinite(crops).all(axis=1)
    places, values = frames[known], crops[known]
    if values.shape[1] == 3:
        values = np.concatenate([values, np.zeros((len(values), 1))], axis=1)
    if thin and len(places) > 2:
        near = TOLERANCE_SHARE * float(np.median(values[:, 2]))
        allowed = np.array([near, near, near, TOLERANCE_RAD])
        kept = thinned(np.column_stack([places, values]), allowed)
        # Turns are taken the short way between two places, so none may be long.
        turns = np.flatnonzero(np.diff(np.floor(values[:, 3] / MOST_TURN_RAD)))
        kept = np.union1d(kept, np.concatenate([turns, turns + 1]))
        places, values = places[kept], values[kept]
    return CropTrack(places, values.astype(np.float32), mode)
