"""Opening videos and projects, and what is made of a video when it comes on screen."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer
from PySide6.QtGui import QImage

from limner_app.auto_project import project_for
from limner_app.model_titles import KnownModel, kind_words
from limner_app.settings import picture_of
from limner_app.thumbnails import ThumbnailMaker, small_picture
from limner_engine.model_file import read_model_info
from limner_engine.project import SUFFIX
from limner_engine.video.reader import VideoReader
from limner_resources import bundled_models, sample_video

if TYPE_CHECKING:
    from limner_app.main_window import MainWindow

_THUMBNAILS_AFTER_MS = 400
"""The first moments belong to the frame and its landmarks; the strip fills afterwards."""
_PICTURE_PX = 162


def _fingerprint(reader: VideoReader) -> str:
    return reader.fingerprint


class Opening(QObject):
    """Brings videos and projects into the window's document.

    Args:
        window: Whose.
    """

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window, self._document = window, window.document
        self.thumbnails = ThumbnailMaker(self)
        self.thumbnails.made.connect(self._thumbnail)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_THUMBNAILS_AFTER_MS)
        self._timer.timeout.connect(self._make_thumbnails)
        self._document.video_changed.connect(self._video_changed)

    def videos(self, paths: Sequence[Path]) -> asyncio.Task[None]:
        """Open videos: into the open project, else into one made for them."""
        return self._window.flows.start(self._videos([Path(path) for path in paths]))

    async def _videos(self, paths: list[Path]) -> None:
        loop, document = asyncio.get_running_loop(), self._document
        status = self._window.status
        new: bool | None = None
        for path in paths:
            status.begin(self.tr("Opening {name}").format(name=path.name))
            try:
                # Reading through a long file for the first time takes seconds.
                reader = await loop.run_in_executor(None, VideoReader, path)
                fingerprint = await loop.run_in_executor(None, _fingerprint, reader)
            finally:
                status.end()
            if document.project is None:
                document.take(project_for(path, fingerprint))
            if new is None:  # all videos that a new project is opened with are its beginning
                new = document.untouched
            video = document.add_read_video(reader, automatic=new)
            if document.video is None or (path == paths[-1] and document.video.id != video.id):
                document.show_video(video.id, reader)
            else:
                reader.close()

    def sample(self) -> None:
        """Open the sample clip in a project of its own."""
        self._document.close()
        self.videos([sample_video()])

    def paths(self, paths: Sequence[Path]) -> None:
        """Open whatever was dropped or named on the command line."""
        projects = [path for path in paths if path.suffix == SUFFIX]
        videos = [path for path in paths if path.suffix != SUFFIX]
        if projects:
            self._document.open(projects[0])
        if videos:
            self.videos(videos)

    def known_models(self) -> list[KnownModel]:
        """Models to choose from: those of the project, then those that ship."""
        project = self._document.project
        stored = project.models() if project is not None else []
        made = {
            model.path: KnownModel(model.info.name, model.path, kind_words(model.info))
            for model in stored
            if not (model.missing or model.info.imported)
        }
        for name, path in bundled_models().items():
            if path not in made:
                made[path] = KnownModel(name, path, kind_words(read_model_info(path)))
        return list(made.values())

    def _video_changed(self) -> None:
        self._timer.start()
        image, project = self._document.image(), self._document.project
        if image is not None and project is not None:
            path = picture_of(project.path)
            path.parent.mkdir(parents=True, exist_ok=True)
            small_picture(image, _PICTURE_PX).save(str(path), quality=85)

    def _make_thumbnails(self) -> None:
        if self._document.video is not None:
            frames = self._window.timeline.thumbnail_frames()
            self.thumbnails.make(self._document.video.path, frames)

    def _thumbnail(self, path: str, frame: int, image: QImage) -> None:
        if self._document.video is not None and str(self._document.video.path) == path:
            self._window.timeline.set_thumbnail(frame, image)
