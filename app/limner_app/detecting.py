"""From a video to its landmarks: crop, model, the frame on screen, then the whole video."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any, Protocol

from PySide6.QtCore import QObject, Signal

from limner_app.crop_finding import found_crops
from limner_app.document import Document
from limner_app.fitting_model import fitting_model
from limner_app.flows import Flows
from limner_app.sweeping import RangeEngine
from limner_engine.cropping import CropTrack
from limner_engine.project import Video
from limner_engine.types import Crop, Floats, Landmarks

_SETTLE_S = 0.12
"""A frame must stay on screen this long before it is worth a detection of its own."""


class Engine(RangeEngine, Protocol):
    """What this needs of the engine's client."""

    async def detect(self, model: Path, video: Path, frame: int, crop: Crop) -> Landmarks | None:
        """Landmarks of one frame; None if a newer one was asked for."""
        ...


class Detector(QObject):
    """Keeps the frame on screen detected, and detects ranges on demand.

    Signals:
        work_began(str), work_progress(float), work_ended(): Long work, for the status bar.
        frame_detected: The frame on screen just got its landmarks.
        range_detected(int): So many frames of a range are done.
        no_model_fits: None of the models is for a video like this one, and nothing was imported
            for it.

    Args:
        document: Gives videos and takes predictions.
        engine: The engine's client.
        flows: Runs the work.
        bundled: Finds the models that ship with the program, by name.
        sample: The sample clip.
    """

    work_began = Signal(str)
    work_progress = Signal(float)
    work_ended = Signal()
    frame_detected = Signal()
    range_detected = Signal(int)
    no_model_fits = Signal()

    def __init__(
        self,
        document: Document,
        engine: Engine,
        flows: Flows,
        bundled: Callable[[], dict[str, Path]],
        sample: Path,
    ) -> None:
        super().__init__(document)
        self.document, self.engine, self._flows = document, engine, flows
        self._bundled, self._sample = bundled, sample
        self._playing, self._watching = False, True
        self._prepared: set[tuple[Path, int]] = set()
        self._following: asyncio.Task[None] | None = None
        self._work: asyncio.Task[None] | None = None
        document.frame_changed.connect(self._follow)
        document.models_changed.connect(self._follow)
        document.crop_changed.connect(self._follow)
        document.video_changed.connect(self._video_changed)

    @property
    def working(self) -> bool:
        """Whether long work goes on that can be cancelled."""
        return self._work is not None and not self._work.done()

    def set_playing(self, playing: bool) -> None:
        """While frames fly by none of them is detected."""
        self._playing = playing
        self._follow()

    def set_watching(self, watching: bool) -> None:
        """Whether the place on screen shows landmarks that this has to find.

        In Edit the engine holds a frame and gives its landmarks itself; a detection beside that
        would only keep the person who drags waiting.
        """
        self._watching = watching
        self._follow()

    def cancel(self) -> None:
        """End the long work; what it has found is kept."""
        if self._work is not None:
            self._work.cancel()

    # --- the frame on screen -------------------------------------------------------------

    def _video_changed(self) -> None:
        self.cancel()
        document = self.document
        if document.video is None or document.project is None:
            return
        key = (document.project.path, document.video.id)
        if key not in self._prepared:
            self._prepared.add(key)
            self._begin(self.tr("Finding what to look at"), self.prepare())
        else:
            self._follow()

    async def prepare(self) -> None:
        """Find the crop of the video on screen where there is none, choose a model, detect."""
        document = self.document
        video, subject = document.video, document.subject
        if video is None:
            return
        if document.crop_track is None:
            self.work_began.emit(self.tr("Finding what to look at"))
            track = await self._found_crops(video)
            if document.video is not video:
                return
            # A person may have drawn one meanwhile, or turned to another subject.
            if document.subject == subject and document.crop_track is None:
                document.set_crop_track(track, automatic=True)
        if document.imported:
            # No model takes the place of what somebody imported, unless a person chooses one.
            if not document.predicted_here():
                self.no_model_fits.emit()
        elif document.model_path is None:
            chosen = self._fitting_model(video.path, document.crop_track)
            if chosen is not None:
                document.set_model(chosen)
            else:
                self.no_model_fits.emit()
        await self._detect_shown()

    def find_crops(self) -> None:
        """Find the crop of the video on screen anew, as the project does."""
        self._begin(self.tr("Finding what to look at"), self._find_again())

    async def _find_again(self) -> None:
        video, subject = self.document.video, self.document.subject
        if video is None:
            return
        track = await self._found_crops(video)
        if self.document.video is video and self.document.subject == subject:
            self.document.set_crop_track(track)

    async def _found_crops(self, video: Video) -> CropTrack:
        project, subject = self.document.project, self.document.subject
        assert project is not None
        return await found_crops(self.engine, project, video, subject, self.work_progress.emit)

    def _fitting_model(self, video: Path, track: CropTrack | None) -> Path | None:
        is_sample = video.resolve() == self._sample.resolve()
        mode = None if track is None else track.mode
        return fitting_model(self._bundled(), mode, is_sample=is_sample)

    def _follow(self) -> None:
        """Detect the frame on screen, unless that is known or frames are flying by."""
        if self._following is not None:
            self._following.cancel()
            self._following = None
        if self._playing or not self._watching or self.working or not self._wanted():
            return
        self._following = self._flows.start(self._settled())

    def _wanted(self) -> bool:
        document = self.document
        if document.video is None or document.project is None or document.model_id is None:
            return False
        if document.model_path is None:
            return False
        if document.crop_track is None or document.image() is None:
            return False
        known = document.project.predictions(
            document.video.id, document.model_id, document.subject, document.frame_index
        )
        return known is None

    async def _settled(self) -> None:
        await asyncio.sleep(_SETTLE_S)
        await self._detect_shown()

    async def _detect_shown(self) -> None:
        document = self.document
        video, model, path = document.video, document.model_id, document.model_path
        if video is None or model is None or path is None or not self._wanted():
            return
        frame, subject = document.frame_index, document.subject
        found = await self.engine.detect(path, video.path, frame, document.crop(frame))
        # The answer is of use even if another frame is on screen by now: it is stored by its key.
        if found is not None and document.project is not None and document.model_id == model:
            document.store_frame(video.id, model, frame, found, subject)
            if document.frame_index == frame:
                self.frame_detected.emit()

    def detect_frame(self) -> None:
        """Detect the frame on screen now."""
        self._flows.start(self._again())

    async def _again(self) -> None:
        document = self.document
        video, model, path = document.video, document.model_id, document.model_path
        if video is None or model is None or path is None:
            return
        frame, subject = document.frame_index, document.subject
        found = await self.engine.detect(path, video.path, frame, document.crop(frame))
        if found is not None and document.project is not None:
            document.store_frame(video.id, model, frame, found, subject)
            self.frame_detected.emit()

    # --- ranges --------------------------------------------------------------------------

    def detect_range(self, start: int, stop: int) -> None:
        """Detect the frames from ``start`` up to ``stop``; progress is told by signals."""
        words = self.tr("Detecting {n} frames").format(n=stop - start)
        self._begin(words, self._range(start, stop))

    async def _range(self, start: int, stop: int) -> None:
        document = self.document
        video, model, path = document.video, document.model_id, document.model_path
        if video is None or model is None or path is None:
            return
        track = document.crop_track or CropTrack.fixed(document.crop(), "whole")
        subject, done = document.subject, 0

        def take(first: int, points: Floats, confidence: Floats) -> None:
            nonlocal done
            if document.project is not None:
                document.store_predictions(video.id, model, first, points, confidence, subject)
                done += len(points)

        try:
            await self.engine.detect_range(
                path, video.path, start, stop, track, take, self.work_progress.emit
            )
        finally:
            self.range_detected.emit(done)

    def _begin(self, words: str, work: Coroutine[Any, Any, None]) -> None:
        self.cancel()
        self._work = self._flows.start(self._told(words, work))

    async def _told(self, words: str, work: Coroutine[Any, Any, None]) -> None:
        self.work_began.emit(words)
        try:
            await work
        finally:
            self.work_ended.emit()
