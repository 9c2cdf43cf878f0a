"""Asks the engine for redrawn pictures and puts them back into the frame; no Qt."""

from __future__ import annotations

import asyncio
import math
from pathlib import Path
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from limner_engine.types import Crop, Floats, Image, Landmarks

_REMEMBERED = 256
"""Frames whose landmarks are kept at hand."""


class Engine(Protocol):
    """What is asked of the engine here."""

    async def hold(
        self,
        model: Path,
        video: Path,
        frame: int,
        crop: Crop,
        looks: tuple[Path, int, Crop] | None = None,
    ) -> Landmarks:
        """Keep the appearance of a frame, or of ``looks``, and find the frame's landmarks."""
        ...

    async def redraw(self, points_px: NDArray[np.floating], *, sharp: bool = True) -> Image | None:
        """The held appearance with landmarks elsewhere; None where a newer wish came."""
        ...


class Target(NamedTuple):
    """What is edited, and whose looks are drawn.

    Attributes:
        model: The model that draws; another one finds other landmarks.
        video: The video's file.
        frame_index: The edited frame.
        crop: The square of it that the network sees.
        looks_frame: The frame whose appearance is drawn; usually the same.
        looks_crop: The square of that frame.
        looks_video: The file that frame is in; None for the same video.
    """

    model: Path
    video: Path
    frame_index: int
    crop: Crop
    looks_frame: int
    looks_crop: Crop
    looks_video: Path | None = None

    @property
    def plain(self) -> Target:
        """The same frame with its own looks."""
        return Target(*self[:4], self.frame_index, self.crop)


class Patch(NamedTuple):
    """A part of the frame, drawn anew.

    Attributes:
        x: Column of its first pixel in the frame.
        y: Row of its first pixel in the frame.
        image: ``(h, w, 3)`` uint8.
    """

    x: int
    y: int
    image: Image


def from_crop_to_crop(points_px: Floats, old: Crop, new: Crop) -> Floats:
    """The same places in another square, ``(K, 2)`` pixels of the video."""
    from limner_engine.coordinates import crop_to_frame, frame_to_crop

    return points_px if old == new else crop_to_frame(frame_to_crop(points_px, old), new)


def crop_bounds(crop: Crop, width: int, height: int) -> tuple[int, int, int, int]:
    """The pixels of a frame that a crop touches: left, top, right, bottom, ends outside."""
    reach = abs(math.cos(crop.angle_rad)) + abs(math.sin(crop.angle_rad))
    half = crop.side_px * reach / 2
    return (
        max(0, math.floor(crop.centre_x_px - half)),
        max(0, math.floor(crop.centre_y_px - half)),
        min(width, math.ceil(crop.centre_x_px + half) + 1),
        min(height, math.ceil(crop.centre_y_px + half) + 1),
    )


def patch_of(frame: Image, redrawn: Image, crop: Crop) -> Patch | None:
    """Put a redrawn crop back, giving only the part of the frame that changes.

    The pixels are those of `limner_engine.inference.detail.lay_over` over the whole frame; only
    the rest is not computed.

    Args:
        frame: ``(H, W, 3)`` uint8.
        redrawn: ``(N, N, 3)`` uint8.
        crop: Where it belongs.

    Returns:
        None where the crop lies outside the frame.
    """
    from limner_engine.coordinates import paste
    from limner_engine.inference.detail import FEATHER_SHARE, changed

    left, top, right, bottom = crop_bounds(crop, frame.shape[1], frame.shape[0])
    if left >= right or top >= bottom:
        return None
    shifted = Crop(crop.centre_x_px - left, crop.centre_y_px - top, crop.side_px, crop.angle_rad)
    part = np.ascontiguousarray(frame[top:bottom, left:right])
    feather, weight = FEATHER_SHARE * redrawn.shape[0], changed(frame, redrawn, crop)
    return Patch(left, top, paste(part, redrawn, shifted, feather, weight))


def apply_patch(frame: Image, patch: Patch | None) -> Image:
    """A copy of the frame with a patch laid over it."""
    made = frame.copy()
    if patch is not None:
        height, width = patch.image.shape[:2]
        made[patch.y : patch.y + height, patch.x : patch.x + width] = patch.image
    return made


class Redrawer:
    """Keeps the engine holding the right appearance and asks for one thing at a time."""

    def __init__(self, engine: Engine) -> None:
        """Make one that holds nothing yet.

        Args:
            engine: Answers.
        """
        self._engine = engine
        self._held: Target | None = None
        self._found: dict[Target, Floats] = {}
        self._turn = asyncio.Lock()

    def forget(self) -> None:
        """The engine holds nothing any more, as after another model was loaded."""
        self._held = None
        self._found.clear()

    async def find(self, target: Target) -> Floats:
        """Where the model finds the landmarks of a frame, ``(K, 2)`` pixels; asked once.

        Whatever the looks, they are held on the way, ready to be redrawn.
        """
        async with self._turn:
            if target.plain not in self._found:
                await self._hold(target)
            return self._found[target.plain]

    async def hold(self, target: Target) -> None:
        """Encode what `redraw` needs, if the engine does not hold it already."""
        async with self._turn:
            await self._hold(target)

    async def redraw(
        self, target: Target, points_px: Floats, *, sharp: bool = True
    ) -> Image | None:
        """The crop, drawn with landmarks elsewhere.

        Args:
            target: What is edited.
            points_px: ``(K, 2)`` where the landmarks should be, pixels of the video.
            sharp: With the video's detail; the network's bare picture if not.

        Returns:
            ``(N, N, 3)`` uint8, or None where the engine was given a newer wish by someone else.
        """
        async with self._turn:
            await self._hold(target)
            return await self._engine.redraw(points_px, sharp=sharp)

    async def _hold(self, target: Target) -> None:
        if self._held == target:
            return
        self._held = None
        looks = None
        if target != target.plain:
            video = target.looks_video or target.video
            looks = (video, target.looks_frame, target.looks_crop)
        found = await self._engine.hold(
            target.model, target.video, target.frame_index, target.crop, looks
        )
        if len(self._found) > _REMEMBERED:
            self._found.clear()
        self._found[target.plain] = found.points_px
        self._held = target
