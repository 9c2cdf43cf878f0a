"""What is to be rendered as a video: an edit along a range of frames, or a swap of looks.

Jobs are made by the window and the command line, travel as JSON, and are done by `rendering`.
Without torch and without PyAV, so that the window can name them.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from limner_engine.cropping.track import CropTrack
from limner_engine.inference.protocol import crop_from_json, crop_to_json
from limner_engine.types import Crop


@dataclass(frozen=True, slots=True)
class Clip:
    """Some frames of a video in a row, and what to look at in each.

    Attributes:
        video: The file.
        track: The crops.
        start: The first frame.
        stop: The frame after the last; above ``start``.
    """

    video: Path
    track: CropTrack
    start: int
    stop: int

    def __post_init__(self) -> None:
        if not 0 <= self.start < self.stop:
            raise ValueError(f"no frames from {self.start} up to {self.stop}")

    def __len__(self) -> int:
        return self.stop - self.start


@dataclass(frozen=True, slots=True)
class Looks:
    """One frame whose looks are drawn.

    Attributes:
        video: The file.
        frame: Which of its frames, from 0.
        crop: The square of it that the network sees.
    """

    video: Path
    frame: int
    crop: Crop


@dataclass(frozen=True, slots=True)
class EditJob:
    """Landmarks are moved in every frame of a clip, and the frames are redrawn.

    Attributes:
        clip: The frames; the result has their size and rate.
        offsets: By landmark: ``(dx, dy)`` in units of half the crop's side, along the crop's own
            axes, added to where the landmark is found in each frame.
        looks: Whose looks are drawn; each frame's own if None.
        ramp: Frames over which the edit comes in at the start and goes out at the end; 0 for at
            once.
        sharp: Keep the video's own detail where it only moves; the network's bare picture if not.
    """

    clip: Clip
    offsets: dict[int, tuple[float, float]]
    looks: Looks | None
    ramp: int
    sharp: bool

    def __post_init__(self) -> None:
        if self.ramp < 0:
            raise ValueError(f"an edit cannot come in over {self.ramp} frames")
        if not all(math.isfinite(v) for offset in self.offsets.values() for v in offset):
            raise ValueError("an edit's offsets must be finite")


@dataclass(frozen=True, slots=True)
class SwapJob:
    """The looks of one frame, moved by the landmarks of a clip.

    Attributes:
        geometry: The driving frames; the result has as many, at their rate.
        looks: Whose looks are drawn; the result has this frame's size.
        relative: False: landmarks stand where the driving video has them, in coordinates of the
            crop. True: the looks' own landmarks plus the driving ones' motion since the clip's
            first frame.
        sharp: Keep the looks' own detail where it only moves; the network's bare picture if not.
        beside: Show the driving frame on the left and the result on the right.
        smooth: Take the trembling out of the driving landmarks.
    """

    geometry: Clip
    looks: Looks
    relative: bool
    sharp: bool
    beside: bool
    smooth: bool = True


RenderJob: TypeAlias = EditJob | SwapJob


def ramp_weights(count: int, ramp: int) -> NDArray[np.float64]:
    """How much of an edit each frame gets, ``(count,)`` in 0..1: in and out smoothly.

    Args:
        count: Frames.
        ramp: Frames over which it comes in, and goes out.
    """
    at = np.arange(count)
    share = np.minimum(1, np.minimum(at + 1, count - at) / (ramp + 1))
    return np.asarray(share * share * (3 - 2 * share), np.float64)


def job_to_json(job: RenderJob) -> dict[str, Any]:
    """A job as plain JSON."""
    if isinstance(job, EditJob):
        return {
            "kind": "edit",
            "clip": _clip_to_json(job.clip),
            "offsets": {str(landmark): list(by) for landmark, by in job.offsets.items()},
            "looks": None if job.looks is None else _looks_to_json(job.looks),
            "ramp": job.ramp,
            "sharp": job.sharp,
        }
    return {
        "kind": "swap",
        "geometry": _clip_to_json(job.geometry),
        "looks": _looks_to_json(job.looks),
        "relative": job.relative,
        "sharp": job.sharp,
        "beside": job.beside,
        "smooth": job.smooth,
    }


def job_from_json(data: dict[str, Any]) -> RenderJob:
    """The inverse of `job_to_json`.

    Raises:
        ValueError, KeyError, TypeError: It is no job.
        FormatError: Its crops are none.
    """
    if data["kind"] == "edit":
        offsets = {int(k): (float(x), float(y)) for k, (x, y) in data["offsets"].items()}
        looks = None if data["looks"] is None else _looks_from_json(data["looks"])
        clip = _clip_from_json(data["clip"])
        return EditJob(clip, offsets, looks, int(data["ramp"]), bool(data["sharp"]))
    if data["kind"] == "swap":
        return SwapJob(
            _clip_from_json(data["geometry"]),
            _looks_from_json(data["looks"]),
            bool(data["relative"]),
            bool(data["sharp"]),
            bool(data["beside"]),
            bool(data["smooth"]),
        )
    raise ValueError(f"there is no rendering of kind {data['kind']!r}")


def _clip_to_json(clip: Clip) -> dict[str, Any]:
    frames = {"start": clip.start, "stop": clip.stop}
    return {"video": str(clip.video), "track": clip.track.to_json(), **frames}


def _clip_from_json(data: dict[str, Any]) -> Clip:
    track = CropTrack.from_json(data["track"])
    return Clip(Path(data["video"]), track, int(data["start"]), int(data["stop"]))


def _looks_to_json(looks: Looks) -> list[Any]:
    return [str(looks.video), looks.frame, crop_to_json(looks.crop)]


def _looks_from_json(data: list[Any]) -> Looks:
    video, frame, crop = data
    return Looks(Path(video), int(frame), crop_from_json(crop))
