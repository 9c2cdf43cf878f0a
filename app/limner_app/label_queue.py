"""Which frames are worth labelling next, over all videos, and the way to them."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtGui import QImage

from limner_app.document import Document
from limner_app.flows import Flows
from limner_app.naming import Namer
from limner_app.thumbnails import small_picture
from limner_app.views.frame_reading import FrameReading
from limner_engine.errors import LimnerError
from limner_engine.importing.gathered import GATHERED
from limner_engine.naming.queue import Suggested, VideoFindings, Why, label_next
from limner_engine.project import Project, Video
from limner_engine.types import Crop, Floats, FrameKey
from limner_engine.video.reader import VideoReader

COUNT = 8
"""So many frames are listed."""
_WAIT_MS = 700
"""What models find comes in chunks; the list is made anew when they have stopped for so long."""
_PICTURE_PX = 80
_READ_AT_ONCE = 10_000
"""Frames whose predictions are read in one go: a few milliseconds."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A frame that is worth labelling.

    Attributes:
        video_id: The project's number of the video.
        video: Its name, where the project has several; else empty.
        frame: The frame.
        reasons: Why, in words, the most striking first.
    """

    video_id: int
    video: str
    frame: int
    reasons: tuple[str, ...]


class _Found(NamedTuple):
    """What a model found in one video.

    Attributes:
        path: The file.
        points_px: ``(n, P, 2)`` pixels; NaN where there is none.
        confidence: ``(n, P)``, 0..1 or NaN.
        labelled: Frames with a person's word, ascending.
        gathered: No frame follows on another.
        gap_px: ``(n, P)``, how far two layers are apart; None where there is one.
    """

    path: Path
    points_px: Floats
    confidence: Floats
    labelled: NDArray[np.int64]
    gathered: bool
    gap_px: Floats | None = None


class LabelQueue(QObject):
    """Makes the list anew when labels or predictions have changed and come to rest.

    Attributes:
        entries: The list, the best first.
        labelled: How many frames are labelled.
        looked: A model has gone through the videos, whether or not anything is left to suggest.

    Signals:
        changed: Another list, or more is labelled.
        pictured(object): The picture of a suggestion is there.

    Args:
        document: The open project.
        namer: While it is detecting, the list waits.
        flows: Runs the work.
    """

    changed = Signal()
    pictured = Signal(object)

    def __init__(self, document: Document, namer: Namer, flows: Flows) -> None:
        super().__init__(document)
        self.document, self._namer, self._flows = document, namer, flows
        self.entries: list[Suggestion] = []
        self.labelled = 0
        self.looked = False
        self._pictures: dict[tuple[int, int], QImage] = {}
        self._frames = FrameReading()
        self._work: asyncio.Task[None] | None = None
        self._project: Project | None = None
        self._timer = QTimer(self, singleShot=True, interval=_WAIT_MS)
        self._timer.timeout.connect(self._start)
        document.project_changed.connect(self._project_changed)
        document.annotations_changed.connect(self._annotated)
        for signal in (
            document.predictions_changed,
            document.models_changed,
            document.video_changed,
            document.subjects_changed,
            namer.sweep.done,
        ):
            signal.connect(self._later)

    def frames_here(self) -> NDArray[np.int64]:
        """The suggested frames of the video on screen, ascending."""
        here = {entry.frame for entry in self.entries if self._shown(entry)}
        return np.array(sorted(here), np.int64)

    def is_here(self, entry: Suggestion) -> bool:
        """Whether a frame of the list is on screen."""
        return self._shown(entry) and entry.frame == self.document.frame_index

    def picture(self, entry: Suggestion) -> QImage | None:
        """The small picture of a suggestion; None before it is there."""
        return self._pictures.get((entry.video_id, entry.frame))

    def go(self, entry: Suggestion) -> None:
        """Bring a frame on screen, whichever video it is of."""
        if not self._shown(entry):
            self.document.show_video(entry.video_id)
        self.document.show(entry.frame)

    def go_next(self) -> bool:
        """To the frame that teaches the most; False where the list is empty.

        From a frame of the list to the one after it, so that one can be passed over.
        """
        if not self.entries:
            return False
        here = [i for i, entry in enumerate(self.entries) if self.is_here(entry)]
        self.go(self.entries[(here[0] + 1) % len(self.entries) if here else 0])
        return True

    def close(self) -> None:
        """Let go of the files."""
        self._timer.stop()
        self._frames.close()

    # --- making the list -----------------------------------------------------------------

    def _shown(self, entry: Suggestion) -> bool:
        return self.document.video is not None and self.document.video.id == entry.video_id

    def _project_changed(self) -> None:
        if self.document.project is not self._project:
            self._project = self.document.project
            self.entries, self._pictures, self.looked = [], {}, False
            self._frames.close()
            self._count()
            self.changed.emit()
        self._later()

    def _annotated(self) -> None:
        """What is labelled needs no label; the rest of the list stands until it is made anew."""
        self._count()
        project = self.document.project
        if project is not None:
            subject = self.document.subject
            self.entries = [
                entry
                for entry in self.entries
                if self.is_here(entry)
                or not project.annotations(FrameKey(entry.video_id, entry.frame, subject))
            ]
        self.changed.emit()
        self._later()

    def _count(self) -> None:
        project, subject = self.document.project, self.document.subject
        videos = [] if project is None else project.videos()
        self.labelled = sum(
            len(project.labelled_frames(video.id, subject)) for video in videos if project
        )

    def _later(self) -> None:
        self._timer.start()

    def _start(self) -> None:
        project = self.document.project
        if project is None or self._namer.sweep.working:
            return  # the sweep tells when it is done
        if self._work is not None:
            self._work.cancel()
        self._work = self._flows.start(self._make(project))

    async def _make(self, project: Project) -> None:
        document, model = self.document, self.document.model_id
        loop = asyncio.get_event_loop()
        videos = [video for video in project.videos() if not video.missing]
        found: list[_Found] = []
        if model is not None:
            for video in videos:
                read = await self._found(project, model, video)
                if read is None:
                    return
                found.append(read)
        names = () if document.model_info is None else document.model_info.skeleton.names
        found = [one for one in found if one.points_px.shape[1] == len(names)]
        looked = _is_looked_through(found, COUNT)
        chosen = await loop.run_in_executor(None, _choose, found, COUNT) if looked else []
        if document.project is not project:
            return
        self.looked = looked
        known = {video.path: video for video in videos}
        say = _Reasons()
        self.entries = []
        for one in chosen:
            video = known[found[one.video].path]
            reasons = tuple(say.words(why, names) for why in one.reasons)
            title = video.path.stem if len(videos) > 1 else ""
            self.entries.append(Suggestion(video.id, title, one.frame, reasons))
        self.changed.emit()
        await self._take_pictures(loop, project, videos)

    async def _found(self, project: Project, model: int, video: Video) -> _Found | None:
        """What the model found in a video; None if that, or the project, is another by now."""
        subject = self.document.subject
        parts = []
        for start in range(0, max(1, video.frame_count), _READ_AT_ONCE):
            stop = min(start + _READ_AT_ONCE, video.frame_count)
            parts.append(project.predictions_range(video.id, model, subject, start, stop))
            await asyncio.sleep(0)  # hours of video are read between what a person does
            if self.document.project is not project:
                return None
        if len({points.shape[1] for points, _ in parts}) > 1:
            return None  # detection has just begun, and asks for another list
        points, confidence = (np.concatenate(part) for part in zip(*parts, strict=True))
        # An accepted frame is looked at already, though it teaches nothing.
        labelled = project.annotated_frames(video.id, subject)
        gathered = str(video.id) in project.setting(GATHERED, {})
        gaps = self._namer.sweep.gaps.get((video.id, subject)) if self._namer.shown else None
        if gaps is not None and gaps.shape != confidence.shape:
            gaps = None
        if gaps is not None:
            figures = self._namer.figures
            poor = [figures.hardly_trained(landmark) for landmark in range(gaps.shape[1])]
            gaps = np.where(poor, np.float32(np.nan), gaps)
        return _Found(video.path, points, confidence, labelled, gathered, gaps)

    async def _take_pictures(
        self, loop: asyncio.AbstractEventLoop, project: Project, videos: Sequence[Video]
    ) -> None:
        paths = {video.id: video for video in videos}
        for entry in list(self.entries):
            key = (entry.video_id, entry.frame)
            if key in self._pictures:
                continue
            video = paths[entry.video_id]
            known = self._namer.crops.known(video)
            crop = None if known is None else known.at(entry.frame)
            picture = await loop.run_in_executor(
                None, _picture, self._frames, video.path, entry.frame, crop
            )
            if self.document.project is not project:
                return
            if picture is not None:
                self._pictures[key] = picture
                self.pictured.emit(entry)


def _picture(frames: FrameReading, path: Path, frame: int, crop: Crop | None) -> QImage | None:
    """What the network sees of a frame, small; None where it cannot be read."""
    try:
        image = frames.read(path, frame)
    except LimnerError:
        return None  # its place in the list stays empty; the frame itself says what is wrong
    if crop is not None:
        half = crop.side_px / 2
        left, top = max(0, int(crop.centre_x_px - half)), max(0, int(crop.centre_y_px - half))
        right, low = int(crop.centre_x_px + half) + 1, int(crop.centre_y_px + half) + 1
        cut = image[top : max(top, low), left : max(left, right)]
        image = cut if cut.size else image
    height, width = image.shape[:2]
    side = min(height, width)
    top, left = (height - side) // 2, (width - side) // 2
    return small_picture(image[top : top + side, left : left + side], _PICTURE_PX)


def _is_looked_through(found: Sequence[_Found], count: int) -> bool:
    """Whether a model has seen so much that it says something of the videos."""
    # A frame in which any landmark was found has been looked at.
    seen = sum(int(np.isfinite(one.confidence).any(axis=1).sum()) for one in found)
    return seen > 0 and seen >= min(2 * count, sum(len(one.points_px) for one in found))


def _choose(found: Sequence[_Found], count: int) -> list[Suggested]:
    """The frames to label, the best first; runs on a thread of its own."""
    return label_next(
        [
            VideoFindings(
                video.points_px,
                video.confidence,
                video.labelled,
                gap_px=video.gap_px,
                time_s=None if video.gathered else _times(video.path),
            )
            for video in found
        ],
        count,
    )


@lru_cache(maxsize=64)
def _times(path: Path) -> NDArray[np.float64] | None:
    """When each frame is shown, seconds; None where the file cannot be read any more."""
    try:
        with VideoReader(path, threads=1) as reader:
            return np.array([reader.time_s(i) for i in range(len(reader))])
    except LimnerError:
        return None  # whoever shows the video says what is wrong with it


class _Reasons(QObject):
    """Why a frame should be labelled, in words."""

    def words(self, why: Why, names: Sequence[str]) -> str:
        """One reason."""
        name = "" if why.landmark is None else names[why.landmark]
        texts = {
            "disagree": self.tr("layers disagree on {name}"),
            "unsure": self.tr("unsure of {name}"),
            "jump": self.tr("{name} jumps"),
            "pose": self.tr("new pose"),
        }
        return texts[why.reason].format(name=name)
