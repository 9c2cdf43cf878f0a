"""One frame warped onto another, as the window and the command line have it.

Made by `warp_session`, sent through the pipe by `warp_answers`. Without torch and without PyAV, so
that the window can name them.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from limner_engine.inference.protocol import crop_from_json, crop_to_json
from limner_engine.types import Crop, Floats, Image


@dataclass(frozen=True, slots=True)
class CroppedFrame:
    """A frame of a video, and what of it is looked at.

    Attributes:
        video: The file.
        frame: Which of its frames, from 0.
        crop: The square of it that the network sees.
    """

    video: Path
    frame: int
    crop: Crop

    def to_json(self) -> list[Any]:
        """The frame as ``[video, frame, crop]``."""
        return [str(self.video), self.frame, crop_to_json(self.crop)]

    @classmethod
    def from_json(cls, data: Any) -> CroppedFrame:
        """The inverse of `to_json`.

        Raises:
            ValueError: It is no frame.
        """
        if not isinstance(data, list) or len(data) != 3:
            raise ValueError(f"not a frame: {data!r}")
        return cls(Path(data[0]), int(data[1]), crop_from_json(data[2]))


@dataclass(frozen=True, slots=True)
class WarpPair:
    """What is warped: a request about a warp names it whole, so that no other one can answer.

    Attributes:
        model: The model file.
        source: Where the colours come from.
        target: What is redrawn from them.
    """

    model: Path
    source: CroppedFrame
    target: CroppedFrame

    def to_json(self) -> dict[str, Any]:
        """The pair as plain values, for the header of a request."""
        return {
            "model": str(self.model),
            "source": self.source.to_json(),
            "target": self.target.to_json(),
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> WarpPair:
        """The inverse of `to_json`.

        Raises:
            ValueError, KeyError: Something is missing, or is no frame.
        """
        frames = (CroppedFrame.from_json(data[name]) for name in ("source", "target"))
        return cls(Path(data["model"]), *frames)


@dataclass(frozen=True, slots=True, eq=False)
class FrameWarp:
    """One level of a warp from a source to a target. ``W`` is the level's side.

    Its arrays lie over the target's crop; pixels are those of the redrawn picture.

    Attributes:
        level: Which level, from 0, the coarsest.
        sides: Sides of all levels that the model has.
        redrawn: ``(W, W, 3)``: the target, from the colours of the source.
        flow_px: ``(W, W, 2)`` float32 ``(x, y)``: from each pixel of the target to its likeliest
            place in the source.
        expected_px: ``(W, W, 2)`` float32: the same to the expected place. Of two possible places
            that is the middle, where nothing may be.
        peak: ``(W, W)`` float32 in 0..1: how likely the likeliest place is.
        spread_px: ``(W, W)`` float32: standard deviation of the place in the source.
        difference: ``(W, W)`` float32 in 0..1: how far the redrawn colours are from the target's,
            on average.
        confidence: ``(W, W)`` float32 in 0..1: how far the model trusts the redrawn colours; None
            where it has no opinion of them.
    """

    level: int
    sides: tuple[int, ...]
    redrawn: Image
    flow_px: Floats
    expected_px: Floats
    peak: Floats
    spread_px: Floats
    difference: Floats
    confidence: Floats | None

    @property
    def side(self) -> int:
        """``W``."""
        return int(self.redrawn.shape[0])

    def target_px(self, crop: Crop) -> Floats:
        """``(W, W, 2)`` float32: where the target's pixels lie in its video.

        Args:
            crop: The target's.
        """
        return _in_frame(self._pixels(), self.side, crop)

    def source_px(self, crop: Crop) -> Floats:
        """``(W, W, 2)`` float32: where the target's pixels come from, in the source's video.

        Args:
            crop: The source's.
        """
        return _in_frame(self._pixels() + self.flow_px, self.side, crop)

    def to_message(self) -> tuple[dict[str, Any], Sequence[NDArray[Any]]]:
        """Header and arrays, for the pipe."""
        return {"level": self.level, "sides": list(self.sides)}, self._arrays()

    @classmethod
    def from_message(cls, header: dict[str, Any], arrays: Sequence[NDArray[Any]]) -> FrameWarp:
        """The inverse of `to_message`.

        Raises:
            ValueError, KeyError: It is no warp.
        """
        names = [field.name for field in dataclasses.fields(cls)][2:]
        if len(arrays) == len(names) - 1:
            arrays = [*arrays, None]  # type: ignore[list-item]
        values: dict[str, Any] = dict(zip(names, arrays, strict=True))
        return cls(int(header["level"]), tuple(int(side) for side in header["sides"]), **values)

    def _pixels(self) -> Floats:
        """``(W, W, 2)``: ``(x, y)`` of every pixel."""
        rows, columns = np.mgrid[: self.side, : self.side]
        return np.stack([columns, rows], -1).astype(np.float32)

    def _arrays(self) -> list[NDArray[Any]]:
        named = [getattr(self, field.name) for field in dataclasses.fields(self)][2:]
        return [array for array in named if array is not None]


class Alternative(NamedTuple):
    """A place in the source where a pixel of the target may come from.

    Attributes:
        x_px: Pixels of the source's video.
        y_px: Pixels of the source's video.
        share: How likely it is, with its near surroundings, 0..1.
    """

    x_px: float
    y_px: float
    share: float


@dataclass(frozen=True, slots=True, eq=False)
class SourcePlaces:
    """Where one pixel of a target may come from. ``W`` is the level's side.

    Attributes:
        level: Which level of the warp, from 0, the coarsest.
        share: ``(W, W)`` float32 over the source's crop: how likely each cell is; sums to one.
        alternatives: The likeliest places, the best one first; it is where the flow leads.
    """

    level: int
    share: Floats
    alternatives: tuple[Alternative, ...]


def _in_frame(cut_px: Floats, side: int, crop: Crop) -> Floats:
    """Pixels of a cut as pixels of the video it was cut from."""
    # Who only sends and shows warps must not load OpenCV, which comes along.
    from limner_engine.coordinates import crop_to_frame, pixel_to_norm

    return crop_to_frame(pixel_to_norm(cut_px, side), crop)
