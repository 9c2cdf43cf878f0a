"""Keeps the redrawn picture of the frame on screen in step with its edit.

Looks and pose may come from another video of the project. Everything that draws in Edit goes
through the one redrawer here, since the engine holds one picture.
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal

from limner_app.document import Document
from limner_app.views.frame_edits import FrameEdit
from limner_app.views.picture_edits import PictureEdits
from limner_app.views.redrawer import (
    Engine,
    Patch,
    Redrawer,
    Target,
    from_crop_to_crop,
    patch_of,
)
from limner_engine.errors import LimnerError
from limner_engine.project import Video
from limner_engine.types import Crop, Floats


class LiveDrawing(QObject):
    """One picture is made at a time; meanwhile only the newest wish waits.

    Attributes:
        found: ``(K, 2)`` where the model finds the landmarks of the frame on screen, pixels of
            the video; None before that is known.
        dragged: The edit while the mouse holds a landmark; None otherwise.
        patch: The part of the frame that is drawn anew, or None.
        sharp: Whether pictures keep the video's detail; see `set_sharp`.

    Signals:
        found_changed: The landmarks of the frame on screen are known.
        looking: Whether the engine is being asked for them.
        drawn: A patch or None, and the milliseconds since it was wished.
    """

    found_changed = Signal()
    looking = Signal(bool)
    drawn = Signal(object, float)

    def __init__(
        self,
        document: Document,
        engine: Engine,
        edits: PictureEdits,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._document, self._edits = document, edits
        self._redrawer = Redrawer(engine)
        self.found: Floats | None = None
        self.dragged: FrameEdit | None = None
        self.patch: Patch | None = None
        self.sharp = True
        self._dirty = False
        self._drawing: asyncio.Task[None] | None = None
        self._asked_at_s = 0.0
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def redrawer(self) -> Redrawer:
        """Knows what the engine holds."""
        return self._redrawer

    def clear(self) -> None:
        """Another frame is on screen; nothing is known of it yet."""
        self.found, self.patch = None, None

    def forget(self) -> None:
        """Another model draws from now on."""
        self._redrawer.forget()
        self.clear()

    def cancel(self) -> None:
        """Nobody looks any more: leave off whatever is being made."""
        for task in self._tasks:
            task.cancel()

    def looks_video(self) -> Video | None:
        """The other video whose looks are drawn; None for the same one, or where it is gone."""
        other, project = self._edits.edit.looks_video, self._document.project
        if other is None or project is None:
            return None
        known = {video.id: video for video in project.videos()}
        video = known.get(other.video_id)
        return None if video is None or video.missing else video

    def aim(self) -> Target | None:
        """What the engine should hold for the frame on screen; None where it cannot draw.

        Looks of a video that is no longer there are left out; Edit says so below the pictures.
        """
        document, edit = self._document, self._edits.edit
        if document.video is None or document.model_path is None or document.image() is None:
            return None
        if document.model_info is not None and document.model_info.kind == "named":
            return None
        index = document.frame_index
        crop = document.crop(index)
        own = Target(document.model_path, document.video.path, index, crop, index, crop)
        if edit.looks_from is None:
            return own
        if edit.looks_video is None:
            looks = min(edit.looks_from, document.frame_count - 1)
            return own._replace(looks_frame=looks, looks_crop=document.crop(looks))
        video = self.looks_video()
        if video is None:
            return own
        looks = min(edit.looks_from, video.frame_count - 1)
        return own._replace(
            looks_frame=looks, looks_crop=edit.looks_video.crop, looks_video=video.path
        )

    def prepare(self) -> None:
        """Find the landmarks of the frame on screen."""
        self.spawn(self._find())

    def hold(self) -> None:
        """Encode the looks that a drag will need, before the mouse moves."""
        target = self.aim()
        if target is not None:
            self.spawn(self._redrawer.hold(target))

    def ask(self) -> None:
        """Draw what the edit says now."""
        self._dirty, self._asked_at_s = True, time.perf_counter()
        if self._drawing is None or self._drawing.done():
            self._drawing = self.spawn(self._draw())

    def set_sharp(self, sharp: bool) -> None:
        """Draw with the video's detail, or the network's bare picture, from now on."""
        self.sharp = sharp
        self.ask()

    async def landmarks_of(self, frame_index: int) -> Floats | None:
        """Another frame's landmarks, moved into the crop of the frame on screen.

        Returns:
            ``(K, 2)`` pixels of the video; None where another frame has come on screen meanwhile.
        """
        target = self.aim()
        if target is None:
            return None
        there = self._document.crop(frame_index)
        other = target._replace(frame_index=frame_index, crop=there)
        return await self._moved_here(other, target)

    async def pose_of(self, video: Path, frame_index: int, crop: Crop) -> Floats | None:
        """The landmarks of any frame, moved from its crop into that of the frame on screen.

        Args:
            video: The file.
            frame_index: Which of its frames.
            crop: What the network sees of that frame.

        Returns:
            ``(K, 2)`` pixels of the video on screen; None where another frame has come on screen
            meanwhile.
        """
        target = self.aim()
        if target is None:
            return None
        other = Target(target.model, video, frame_index, crop, frame_index, crop)
        return await self._moved_here(other, target)

    async def _moved_here(self, other: Target, target: Target) -> Floats | None:
        """Landmarks of another frame in the crop of the one on screen, if it still is."""
        found = from_crop_to_crop(await self._redrawer.find(other), other.crop, target.crop)
        return found if self._still(target) else None

    def spawn(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Start work whose failure a person is told of."""
        task = asyncio.get_event_loop().create_task(self._guard(work))
        self._tasks.add(task)
        task.add_done_callback(self._ended)
        # A task that is cancelled before it has begun leaves its work unbegun.
        task.add_done_callback(lambda _task: work.close())
        return task

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        error = None if task.cancelled() else task.exception()
        if error is not None:
            # A bug: it belongs to the program's one hook, not into a log that nobody reads.
            sys.excepthook(type(error), error, error.__traceback__)

    async def _guard(self, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        except LimnerError as error:
            self._document.message.emit("error", error.message, error.mend)

    def _still(self, target: Target) -> bool:
        """Whether this is still the picture on screen, whoever's looks it has."""
        now = self.aim()
        return now is not None and now[:4] == target[:4]

    async def _find(self) -> None:
        target = self.aim()
        if target is None:
            return
        self.looking.emit(True)
        try:
            found = await self._redrawer.find(target)
        finally:
            self.looking.emit(False)
        if self._still(target):
            self.found = found
            self.found_changed.emit()

    async def _draw(self) -> None:
        while self._dirty:
            self._dirty = False
            await self._draw_once(self._asked_at_s)

    async def _draw_once(self, asked_at_s: float) -> None:
        edit = self._edits.edit if self.dragged is None else self.dragged
        target, found, frame = self.aim(), self.found, self._document.image()
        if edit.empty or target is None or found is None or frame is None:
            self.patch = None
            self.drawn.emit(None, 0.0)
            return
        redrawn = await self._redrawer.redraw(target, edit.points(found), sharp=self.sharp)
        if redrawn is None:
            return
        # Pasting a large crop takes longer than a display frame; the window must not wait.
        loop = asyncio.get_event_loop()
        patch = await loop.run_in_executor(None, patch_of, frame, redrawn, target.crop)
        if self._still(target) and self._document.image() is frame:
            self.patch = patch
            self.drawn.emit(patch, (time.perf_counter() - asked_at_s) * 1000)
