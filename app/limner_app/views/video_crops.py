"""What the network sees of videos that need not be on screen."""

from __future__ import annotations

import asyncio
from pathlib import Path

from limner_app.crop_finding import CropEngine, found_crops
from limner_app.document import Document
from limner_engine.cropping import CropTrack
from limner_engine.project import Video


class VideoCrops:
    """The crops of the project's videos, and of files outside it.

    Crops that the project has are taken from it. Others are found, which takes a while for a long
    video, and kept as long as the window is open; the project itself is not changed, as nobody
    has opened that video.

    Args:
        document: The open project.
        engine: Finds crops.
    """

    def __init__(self, document: Document, engine: CropEngine) -> None:
        self._document, self._engine = document, engine
        self._found: dict[Path, CropTrack] = {}
        self._turn = asyncio.Lock()

    def known(self, video: Video) -> CropTrack | None:
        """The crops of a video of the project; None before they are found."""
        document = self._document
        if document.video is not None and document.video.id == video.id:
            return document.crop_track or CropTrack.fixed(document.crop(), "whole")
        text = None
        if document.project is not None:
            text = document.project.crop_track_json(video.id, document.subject)
        return self._found.get(video.path) if text is None else CropTrack.from_json(text)

    async def track(self, video: Video) -> CropTrack:
        """The crops of a video of the project.

        Raises:
            LimnerError: The file cannot be read.
        """
        known, project = self.known(video), self._document.project
        if known is not None:
            return known
        async with self._turn:
            if video.path not in self._found and project is not None:
                subject = self._document.subject
                self._found[video.path] = await found_crops(self._engine, project, video, subject)
        return await self.track_of(video.path)

    async def track_of(self, path: Path) -> CropTrack:
        """The crops of any video or picture.

        Raises:
            LimnerError: The file cannot be read.
        """
        async with self._turn:
            if path not in self._found:
                self._found[path] = await self._engine.find_crops(path, "auto")
            return self._found[path]
