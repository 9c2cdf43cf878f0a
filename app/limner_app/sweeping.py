"""Detects on all frames of all videos, unasked and in the background, the nearest ones first."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, QTimer, Signal

from limner_app.crop_finding import CropEngine
from limner_app.document import Document
from limner_app.flows import Flows
from limner_app.views.video_crops import VideoCrops
from limner_engine.cropping import CropTrack
from limner_engine.project import Project, Video
from limner_engine.types import Floats

SETTLE_MS = 1500
"""After a label the next one mostly follows at once, and makes what was swept stale again."""


class RangeEngine(CropEngine, Protocol):
    """What this needs of the engine's client."""

    async def detect_range(
        self,
        model: Path,
        video: Path,
        start: int,
        stop: int,
        track: CropTrack,
        on_chunk: Callable[[int, Floats, Floats], None],
        on_progress: Callable[[float], None] | None = None,
        on_gap: Callable[[int, Floats], None] | None = None,
    ) -> None:
        """Landmarks of a range, chunk by chunk."""
        ...


def missing_stretches(known: NDArray[np.bool_], first: int) -> list[tuple[int, int]]:
    """Stretches of frames that are not known yet, from one frame to the end and then before it.

    Args:
        known: ``(n,)``, one for each frame.
        first: The frame to begin with.

    Returns:
        Pairs (first frame, the frame after the last).
    """
    split = min(max(0, first), len(known))
    found: list[tuple[int, int]] = []
    for low, high in ((split, len(known)), (0, split)):
        open_frames = np.concatenate([[False], ~known[low:high], [False]])
        edges = (np.flatnonzero(open_frames[1:] != open_frames[:-1]) + low).tolist()
        found += zip(edges[::2], edges[1::2], strict=True)
    return found


class Sweep(QObject):
    """Fills in what a model has not been asked about yet; any other request passes it.

    Signals:
        began(str), progressed(float), ended(): For the status bar.
        done: Everything is detected.

    Attributes:
        gaps: How far the two layers of a named model were apart, pixels: ``(n, P)`` float32 by
            video and subject; NaN where this was not seen since the window was opened.

    Args:
        document: Gives videos and takes predictions.
        engine: The engine's client.
        flows: Runs the work.
        crops: What to look at in videos that are not on screen.
    """

    began = Signal(str)
    progressed = Signal(float)
    ended = Signal()
    done = Signal()

    def __init__(
        self, document: Document, engine: RangeEngine, flows: Flows, crops: VideoCrops
    ) -> None:
        super().__init__(document)
        self._document, self._engine, self._flows, self._crops = document, engine, flows, crops
        self._work: asyncio.Task[None] | None = None
        self.gaps: dict[tuple[int, int], Floats] = {}
        self._anew = False
        self._resting = self._postponed = False
        self._timer = QTimer(self, singleShot=True, interval=SETTLE_MS)
        self._timer.timeout.connect(self._start)

    @property
    def working(self) -> bool:
        """Whether frames are being detected, or are about to be."""
        return self._timer.isActive() or (self._work is not None and not self._work.done())

    def soon(self, *, anew: bool = False) -> None:
        """Begin once the person has stopped labelling for a moment.

        Args:
            anew: Also frames that are known: a better model would say something better.
        """
        self.cancel()
        self._anew = self._anew or anew
        self._timer.start()

    def cancel(self) -> None:
        """End it; what was found is kept."""
        self._timer.stop()
        if self._work is not None:
            self._work.cancel()
            self._work = None

    def set_resting(self, resting: bool) -> None:
        """While a video plays the processor is needed for its frames."""
        if resting == self._resting:
            return
        self._resting = resting
        if resting and self.working:
            self.cancel()
            self._postponed = True
        elif not resting and self._postponed:
            self._postponed = False
            self._timer.start()

    def _start(self) -> None:
        if self._resting:
            self._postponed = True
            return
        self._work = self._flows.start(self._told())

    async def _told(self) -> None:
        document = self._document
        project, model, path = document.project, document.model_id, document.model_path
        if project is None or model is None or path is None:
            return
        parts = self._parts(project, model)
        total = sum(stop - start for _, start, stop in parts)
        if total:
            self.began.emit(self.tr("Naming landmarks on {n} frames").format(n=total))
            try:
                await self._detect(project, model, path, parts, total)
            finally:
                self.ended.emit()
        self._anew = False
        self.done.emit()

    def _parts(self, project: Project, model: int) -> list[tuple[Video, int, int]]:
        """What is to be detected, the video on screen and the frames after this one first."""
        shown = self._document.video
        videos = [video for video in project.videos() if not video.missing]
        videos.sort(key=lambda video: shown is None or video.id != shown.id)
        parts = []
        for video in videos:
            here = shown is not None and video.id == shown.id
            if here and self._document.crop_track is None:
                continue  # it is being found; whoever finds it tells
            known = project.predicted_mask(video.id, model, self._document.subject)
            if self._anew:
                known = np.zeros_like(known)
            first = self._document.frame_index if here else 0
            parts += [(video, start, stop) for start, stop in missing_stretches(known, first)]
        return parts

    async def _detect(
        self,
        project: Project,
        model: int,
        path: Path,
        parts: list[tuple[Video, int, int]],
        total: int,
    ) -> None:
        document, subject, found = self._document, self._document.subject, 0

        for video, start, stop in parts:
            track = await self._crops.track(video)

            def take(
                first: int, points: Floats, confidence: Floats, video_id: int = video.id
            ) -> None:
                nonlocal found
                if document.project is project:
                    document.store_predictions(
                        video_id, model, first, points, confidence, subject=subject
                    )
                    found += len(points)
                    self.progressed.emit(found / total)

            def take_gap(first: int, apart: Floats, seen: Video = video) -> None:
                key = (seen.id, subject)
                if key not in self.gaps or self.gaps[key].shape[1] != apart.shape[1]:
                    shape = (seen.frame_count, apart.shape[1])
                    self.gaps[key] = np.full(shape, np.nan, np.float32)
                self.gaps[key][first : first + len(apart)] = apart

            await self._engine.detect_range(
                path, video.path, start, stop, track, take, on_gap=take_gap
            )
