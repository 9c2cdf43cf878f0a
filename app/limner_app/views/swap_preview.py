"""A few frames of a swap, drawn as the video will show them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from limner_app.views.preview_tile import tile_picture
from limner_app.views.redrawer import Target, apply_patch, patch_of
from limner_app.views.render_parts import RenderParts, off_thread
from limner_engine.coordinates import crop_to_frame, frame_to_crop
from limner_engine.inference.render_job import SwapJob
from limner_engine.types import Floats, Image, Skeleton


@dataclass(frozen=True, slots=True)
class SwapPreview:
    """Draws single frames of a swap through Edit's engine.

    Attributes:
        parts: What it works with.
        model: Draws.
        job: The swap.
    """

    parts: RenderParts
    model: Path
    job: SwapJob

    def target(self, index: int) -> Target:
        """What the engine should hold to draw one frame of the driving video."""
        clip, looks = self.job.geometry, self.job.looks
        crop = clip.track.at(index)
        return Target(
            self.model, clip.video, index, crop, looks.frame, looks.crop, looks_video=looks.video
        )

    async def driving(self, index: int, side_px: int) -> Image:
        """The driving frame, small."""
        clip = self.job.geometry
        frame = await self.parts.frame(clip.video, index)
        return await off_thread(tile_picture, frame, clip.track.at(index), side_px)

    async def pose(self, index: int, side_px: int, skeleton: Skeleton) -> Image:
        """The pose of a driving frame as the network draws it on the way."""
        # Drawing poses brings OpenCV along, which the window starts without.
        from limner_engine.inference.pose_picture import pose_picture

        target = self.target(index)
        points = frame_to_crop(await self.parts.redrawer.find(target), target.crop)
        return await off_thread(pose_picture, points, skeleton, side_px)

    async def looks(self, side_px: int) -> Image:
        """The frame whose looks are drawn, small."""
        looks = self.job.looks
        frame = await self.parts.frame(looks.video, looks.frame)
        return await off_thread(tile_picture, frame, looks.crop, side_px)

    async def result(self, index: int, side_px: int) -> Image | None:
        """What the video will show instead of a driving frame, small; None where it must wait."""
        redrawn = await self._redrawn(index)
        if redrawn is None:
            return None
        looks = self.job.looks
        frame = await self.parts.frame(looks.video, looks.frame)
        return await off_thread(tile_picture, frame, looks.crop, side_px, redrawn)

    async def picture(self, index: int) -> Image | None:
        """One whole frame as the video will show it; None where it must wait."""
        redrawn = await self._redrawn(index)
        if redrawn is None:
            return None
        looks, clip = self.job.looks, self.job.geometry
        frame = await self.parts.frame(looks.video, looks.frame)
        made = await off_thread(lambda: apply_patch(frame, patch_of(frame, redrawn, looks.crop)))
        if self.job.beside:
            made = await off_thread(_beside, await self.parts.frame(clip.video, index), made)
        return made

    async def _redrawn(self, index: int) -> Image | None:
        target = self.target(index)
        points = frame_to_crop(await self.parts.redrawer.find(target), target.crop)
        if self.job.relative:
            points = await self._own() + (points - await self._first())
        wanted: Floats = crop_to_frame(points, target.crop)
        return await self.parts.redrawn(target, wanted, self.job.sharp)

    async def _own(self) -> Floats:
        """The landmarks of the looks, ``(K, 2)`` -1..1 of their crop."""
        looks = self.job.looks
        target = Target(self.model, looks.video, looks.frame, looks.crop, looks.frame, looks.crop)
        return frame_to_crop(await self.parts.redrawer.find(target), looks.crop)

    async def _first(self) -> Floats:
        """The landmarks of the first driving frame, ``(K, 2)`` -1..1 of its crop."""
        target = self.target(self.job.geometry.start).plain
        return frame_to_crop(await self.parts.redrawer.find(target), target.crop)

    def frames(self, count: int) -> list[int]:
        """Driving frames along the clip, from the first to the last."""
        clip = self.job.geometry
        along = np.linspace(clip.start, clip.stop - 1, count)
        return [int(frame) for frame in np.unique(along.round())]


def _beside(left: Image, right: Image) -> Image:
    """Two pictures side by side, the left one brought to the right one's height."""
    import cv2

    height = right.shape[0]
    size = max(1, round(left.shape[1] * height / left.shape[0])), height
    how = cv2.INTER_AREA if height < left.shape[0] else cv2.INTER_CUBIC
    return np.concatenate([cv2.resize(left, size, interpolation=how), right], axis=1)
