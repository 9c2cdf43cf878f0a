"""The frame that colours are taken from: found, read and kept while the target goes on."""

from __future__ import annotations

import asyncio
from typing import NamedTuple

from PySide6.QtCore import QObject, Signal

from limner_app.crop_finding import CropEngine
from limner_app.document import Document
from limner_app.flows import Flows
from limner_app.views.frame_reading import FrameReading
from limner_app.views.video_crops import VideoCrops
from limner_app.views.warp_choices import WarpChoices
from limner_engine.errors import LimnerError
from limner_engine.inference.frame_warp import CroppedFrame
from limner_engine.project import Video
from limner_engine.types import Image


class SourceFrame(NamedTuple):
    """The source.

    Attributes:
        video_id: The project's number of its video.
        where: The frame and what of it is looked at.
        image: ``(H, W, 3)`` uint8.
    """

    video_id: int
    where: CroppedFrame
    image: Image


class WarpSource(QObject):
    """Reads the chosen source.

    Signals:
        changed: There is another source, or none.

    Args:
        document: The open project.
        engine: Finds crops of videos that have none.
        flows: Runs what takes time.
        choices: Which frame is the source.
        parent: Qt's owner.
    """

    changed = Signal()

    def __init__(
        self,
        document: Document,
        engine: CropEngine,
        flows: Flows,
        choices: WarpChoices,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._document, self._flows, self._choices = document, flows, choices
        self._crops = VideoCrops(document, engine)
        self._frames = FrameReading()
        self._task: asyncio.Task[None] | None = None
        self.frame: SourceFrame | None = None
        """What was read last; None before, and where there is none."""

    def read(self) -> None:
        """Read what is chosen; `changed` tells where that is another frame or another crop."""
        self.drop()
        video = self._choices.video()
        if video is None:
            self._take(None)
        else:
            index = min(self._choices.now.frame, video.frame_count - 1)
            self._task = self._flows.start(self._read(video, index))

    def drop(self) -> None:
        """Nobody wants it any more."""
        if self._task is not None:
            self._task.cancel()
            self._task = None

    async def _read(self, video: Video, index: int) -> None:
        try:
            crop = (await self._crops.track(video)).at(index)
            where = CroppedFrame(video.path, index, crop)
            if self.frame is not None and self.frame.where == where:
                # The same picture, and perhaps another video on screen beside it.
                self._take(self.frame)
                return
            loop = asyncio.get_running_loop()
            image = await loop.run_in_executor(None, self._frames.read, video.path, index)
        except LimnerError as error:
            self._document.message.emit("error", error.message, error.mend)
            self._take(None)
            return
        self._take(SourceFrame(video.id, where, image))

    def _take(self, frame: SourceFrame | None) -> None:
        self.frame = frame
        self.changed.emit()
