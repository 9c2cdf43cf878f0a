"""Crops of one video for any choice, looked for no oftener than needed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from limner_app.crop_finding import CropEngine
from limner_app.views.crop_form import BOX, HAND
from limner_app.views.render_parts import off_thread
from limner_engine.cropping import CropMode, CropSetting, CropTrack, Sightings

Progress = Callable[[float], None]


class SearchEngine(CropEngine, Protocol):
    """What is asked of the engine here."""

    async def look_for_crops(
        self,
        video: Path,
        mode: CropMode,
        on_progress: Progress | None = None,
        *,
        apart: bool = False,
    ) -> Sightings:
        """What is seen in a video."""
        ...

    async def follow_box(
        self, video: Path, drawn: CropTrack, on_progress: Progress | None = None
    ) -> CropTrack:
        """What is in drawn boxes, followed."""
        ...


class CropSearch:
    """Finds the crops of one video; what was seen once serves for every margin.

    Args:
        engine: Looks through the video.
        video: The file.
        size: Width and height of its frames.
        apart: Its frames are separate pictures.
        drawn: The crops that a person drew, if there are some.
        boxes: Those frames of it in which a box was drawn, to follow it from there.
    """

    def __init__(
        self,
        engine: SearchEngine,
        video: Path,
        size: tuple[int, int],
        *,
        apart: bool,
        drawn: CropTrack | None,
        boxes: CropTrack | None,
    ) -> None:
        self._engine, self._video, self._size = engine, video, size
        self._apart, self._drawn, self._boxes = apart, drawn, boxes
        self._seen: list[Sightings] = []
        self._followed: CropTrack | None = None

    def waits(self, mode: str) -> bool:
        """Whether the video must be looked through before a way to crop can be shown."""
        if mode == BOX:
            return self._followed is None
        return mode not in (HAND, "whole") and self._known(mode) is None

    async def track(self, mode: str, setting: CropSetting | None, told: Progress) -> CropTrack:
        """The crops of a choice.

        Args:
            mode: A mode of crops, or ``hand`` or ``box``.
            setting: With margin and least side; None for the latter two.
            told: Told the share done where the video has to be looked through.

        Raises:
            LimnerError: There is no such thing in the video, or it cannot be read.
        """
        if mode == HAND:
            assert self._drawn is not None
            return self._drawn
        if mode == BOX:
            assert self._boxes is not None
            if self._followed is None:
                self._followed = await self._engine.follow_box(self._video, self._boxes, told)
            return self._followed
        assert setting is not None
        if mode == "whole":
            return CropTrack.whole(*self._size)
        seen = self._known(mode)
        if seen is None:
            seen = await self._engine.look_for_crops(
                self._video, setting.mode, told, apart=self._apart
            )
            self._seen.append(seen)
        # Thousands of places take a while to smooth.
        return await off_thread(seen.track, setting)

    def _known(self, mode: str) -> Sightings | None:
        return next((seen for seen in self._seen if mode in seen.modes), None)
