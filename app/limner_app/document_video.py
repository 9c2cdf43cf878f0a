"""The open project, its video and the frame on screen: the ground floor of `Document`."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QObject, Signal, SignalInstance

from limner_app.frame_landmarks import FrameLandmarks
from limner_app.frame_source import FrameSource
from limner_app.model_titles import imported_titles, title_of
from limner_app.settings import author_name
from limner_engine.cropping import CropTrack
from limner_engine.errors import ProjectError, VideoError
from limner_engine.importing.gathered import GATHERED
from limner_engine.project import Project, StoredModel, Video
from limner_engine.types import Floats, Image, ModelInfo
from limner_engine.video.reader import VideoReader


class VideoDocument(QObject):
    """Project, video and frame that all views share.

    What changed is told by signals, without details: a view asks for what it shows.

    Attributes:
        project: The open project, or None.
        video: The video on screen, or None.
        reader: Its reader: ask it for sizes and times only, its frames are read by `image`.
        frame_index: The frame on screen.
        subject: Whose landmarks, from 0.
        author: Who makes the annotations.
        selected: The selected landmark, or None.
        model_path: File of the current model; None without one, and for imported predictions,
            which nothing can detect, redraw or learn on with.
        model_info: What is known of the current model or of the imported predictions, or None.
        model_title: What people call it; empty without one.
        gathered: The video on screen holds separate pictures: no frame follows on another.
    """

    project_changed = Signal()
    video_changed = Signal()
    frame_changed = Signal(int)
    frame_image = Signal(object)
    annotations_changed = Signal()
    predictions_changed = Signal()
    skeleton_changed = Signal()
    history_changed = Signal()
    models_changed = Signal()
    selection_changed = Signal(int)
    crop_changed = Signal()
    message = Signal(str, str, str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.project: Project | None = None
        self.video: Video | None = None
        self.reader: VideoReader | None = None
        self.frame_index = 0
        self.subject = 0
        self.author = author_name()
        self.selected: int | None = None
        self.model_path: Path | None = None
        self.model_info: ModelInfo | None = None
        self.model_title = ""
        self.gathered = False
        self._model_id: int | None = None
        self._source: FrameSource | None = None
        self._image: Image | None = None
        self._wanted = 0
        self._known: tuple[int, FrameLandmarks] | None = None
        self._track: CropTrack | None = None
        self._summary: Floats | None = None
        for signal in (self.predictions_changed, self.models_changed, self.video_changed):
            signal.connect(self._forget_summary)
        for signal in (self.annotations_changed, self.predictions_changed, self.skeleton_changed):
            signal.connect(self._forget_landmarks)

    # --- project -------------------------------------------------------------------------

    def create(self, path: Path) -> None:
        """Make a project and open it.

        Raises:
            ProjectError: there is one, or it cannot be written there.
        """
        self.take(Project.create(path))

    def open(self, path: Path) -> None:
        """Open a project and the video that was last on screen in it.

        Raises:
            ProjectError: it is no project, or is open in another window.
        """
        self.take(Project.open(path))

    def close(self) -> None:
        """Close video and project; nothing needs saving, every edit is on disk."""
        self._close_video()
        if self.project is not None:
            self.project.close()
            self.project = None
        self._use_model(None)

    def take(self, project: Project) -> None:
        """Make an open project the document's own, and show its last video."""
        self.close()
        self.project = project
        self._take_stored_model()
        self.project_changed.emit()
        self.skeleton_changed.emit()
        self.models_changed.emit()
        self.history_changed.emit()
        self.video_changed.emit()
        videos = project.videos()
        last = project.setting("last_video", None)
        for video in sorted(videos, key=lambda v: v.id != last):
            if not video.missing:
                self.show_video(video.id)
                break

    def adopt_stored_model(self) -> None:
        """Where no model is in use, use the one that the project holds for its current one."""
        if self._model_id is None:
            self._take_stored_model()
            if self._model_id is not None:
                self.models_changed.emit()

    def _take_stored_model(self) -> None:
        project = self._open_project()
        for model in project.models():
            # Imported predictions have no file; a model whose file is missing is not used.
            there = model.info.imported or model.path.is_file()
            if model.id == project.current_model_id and there:
                self._use_model(model)

    def _use_model(self, model: StoredModel | None) -> None:
        self._model_id = self.model_path = self.model_info = None
        self.model_title = ""
        if model is not None:
            self._model_id, self.model_info = model.id, model.info
            self.model_title = title_of(model.info)
            if model.info.imported:
                self.model_title = imported_titles(self._open_project().models())[model.id]
            else:
                self.model_path = model.path

    @property
    def imported(self) -> bool:
        """Whether what is shown under annotations was imported, and no model made it."""
        return self.model_info is not None and self.model_info.imported

    # --- changes -------------------------------------------------------------------------

    def select(self, landmark: int | None) -> None:
        """Select one landmark, or none."""
        if landmark != self.selected:
            self.selected = landmark
            self.selection_changed.emit(-1 if landmark is None else landmark)

    def _edited(self, signal: SignalInstance) -> None:
        self._known = None
        signal.emit()
        self.history_changed.emit()

    # --- videos --------------------------------------------------------------------------

    def add_videos(self, paths: Sequence[Path]) -> list[Video]:
        """Add videos to the project; those that are in it already are not added twice.

        Raises:
            VideoError: the first file that is no video; those before it are added.
        """
        added = []
        opening = self.untouched
        for path in paths:
            reader = VideoReader(path)
            video = self.add_read_video(reader, automatic=opening)
            added.append(video)
            if self.video is None:
                self.show_video(video.id, reader)
            else:
                reader.close()
        return added

    @property
    def untouched(self) -> bool:
        """Whether the project is new: it has no video, and nobody has done anything in it."""
        project = self._open_project()
        return not project.videos() and not project.history(1)

    def add_read_video(self, reader: VideoReader, *, automatic: bool = False) -> Video:
        """Add a video whose file has been read already.

        Args:
            reader: Of the video.
            automatic: It is part of opening, so undo does not take it away again.
        """
        project = self._open_project()
        for video in project.videos():
            if video.fingerprint == reader.fingerprint:
                return video
        with project.automatic() if automatic else contextlib.nullcontext():
            video = project.add_video(
                Path(reader.path),
                fingerprint=reader.fingerprint,
                frame_count=reader.frame_count,
                width=reader.width,
                height=reader.height,
                frame_rate=float(reader.frame_rate),
            )
        self.project_changed.emit()
        self.history_changed.emit()
        return video

    def remove_video(self, video_id: int) -> None:
        """Take a video out of the project; its file stays."""
        project = self._open_project()
        if self.video is not None and self.video.id == video_id:
            self._close_video()
            self.video_changed.emit()
        project.remove_video(video_id)
        self.project_changed.emit()
        self.history_changed.emit()

    def show_video(self, video_id: int, reader: VideoReader | None = None) -> None:
        """Bring a video on screen at the frame that was last shown of it.

        Args:
            video_id: The project's number of it.
            reader: Its reader where one is open already; given away.

        Raises:
            VideoError: its file is not where the project thinks, or is no video.
        """
        project = self._open_project()
        video = next(v for v in project.videos() if v.id == video_id)
        if reader is None:
            if video.missing:
                raise VideoError(
                    f"{video.path.name} is not where it was: {video.path.parent}.",
                    "Find the moved file with File > Find moved video.",
                )
            reader = VideoReader(video.path)
        self._close_video()
        self.video, self.reader = video, reader
        self.gathered = str(video_id) in project.setting(GATHERED, {})
        self._source = FrameSource(reader)
        self._source.arrived.connect(self._arrived)
        project.set_setting("last_video", video_id)
        text = project.crop_track_json(video_id, self.subject)
        self._track = None if text is None else CropTrack.from_json(text)
        last = int(project.setting(f"last_frame_{video_id}", 0))
        self.frame_index = self._wanted = max(0, min(last, reader.frame_count - 1))
        self._image = self._source.read(self.frame_index)
        self._forget_landmarks()
        self.video_changed.emit()
        self.crop_changed.emit()
        self.frame_image.emit(self._image)
        self.frame_changed.emit(self.frame_index)
        self._tell_damage()

    def _tell_damage(self) -> None:
        """Say which frames of the video on screen cannot be read."""
        if self.reader is None or self.video is None or not self.reader.health.unreadable:
            return
        name, report = self.video.path.name, self.reader.health.sentence()
        self.message.emit("warning", f"{name}: {report}", "")

    def relink(self, video_id: int, path: Path) -> None:
        """Tell the project where a moved video is now, and show it.

        Raises:
            VideoError: the file is another video.
        """
        project = self._open_project()
        reader = VideoReader(path)
        video = next(v for v in project.videos() if v.id == video_id)
        if reader.frame_count != video.frame_count:
            count = reader.frame_count
            reader.close()
            raise VideoError(
                f"{path.name} has {count} frames, {video.path.name} had {video.frame_count}.",
                "Choose the file that was moved or renamed.",
            )
        project.relink(video_id, path, reader.fingerprint)
        self.project_changed.emit()
        self.show_video(video_id, reader)

    def _close_video(self) -> None:
        if self._source is not None and self.video is not None:
            if self.project is not None:
                self.project.set_setting(f"last_frame_{self.video.id}", self.frame_index)
            self._source.arrived.disconnect(self._arrived)
            self._source.close()
        self._source = self.video = self.reader = self._image = self._track = None
        self.frame_index = self._wanted = 0
        self.gathered = False

    # --- frames --------------------------------------------------------------------------

    @property
    def wanted_index(self) -> int:
        """The frame that was asked for last; `frame_index` follows when it is decoded."""
        return self._wanted

    @property
    def frame_count(self) -> int:
        """Frames of the video on screen; 0 without one."""
        return 0 if self.reader is None else self.reader.frame_count

    @property
    def time_s(self) -> float:
        """Time of the frame on screen since the first one, by the stream's own timestamps."""
        return 0.0 if self.reader is None else float(self.reader.time_s(self.frame_index))

    def show(self, frame_index: int) -> None:
        """Bring a frame on screen as soon as it is decoded; the newest call wins."""
        if self._source is None:
            return
        self._wanted = max(0, min(frame_index, self.frame_count - 1))
        known, image = self._source.cached(self._wanted)
        if known:
            self._source.look_ahead(self._wanted)
            self._arrived(self._wanted, image)
        else:
            self._source.wish(self._wanted)

    def set_playing(self, playing: bool) -> None:
        """Whether frames are now shown by playing."""
        if self._source is not None:
            self._source.set_playing(playing)

    def image(self, frame_index: int | None = None) -> Image | None:
        """The picture of a frame, waited for where it is not the one on screen.

        Returns:
            ``(H, W, 3)`` uint8, or None where the frame cannot be read or there is no video.
        """
        if frame_index is None or frame_index == self.frame_index:
            return self._image
        return None if self._source is None else self._source.read(frame_index)

    def _arrived(self, frame_index: int, image: Image | None) -> None:
        self.frame_index, self._image = frame_index, image
        self._forget_landmarks()
        self.frame_image.emit(image)
        self.frame_changed.emit(frame_index)

    def _open_project(self) -> Project:
        if self.project is None:
            raise ProjectError("No project is open.", "Open a video or a project first.")
        return self.project

    def _forget_summary(self) -> None:
        self._summary = None

    def _forget_landmarks(self) -> None:
        self._known = None
