"""Whose landmarks the document shows, and what the network looks at to find them."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping

import numpy as np
from PySide6.QtCore import QObject, Signal

from limner_app.document_models import ModelDocument
from limner_engine.cropping import CropTrack
from limner_engine.cropping.points import track_of_points
from limner_engine.errors import ProjectError, VideoError
from limner_engine.project import Project, Subject
from limner_engine.types import Crop

_LAST = "last_subject"


class SubjectDocument(ModelDocument):
    """The subjects of the project, one of which is worked on.

    Landmarks, marks of the timeline, predictions and crops are always those of `subject`; a
    network sees one subject at a time, through that one's own crop.

    Signals:
        subjects_changed: There are others, they are called otherwise, or another one is on.
    """

    subjects_changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        # Before any view: nobody has to look for what labels and imported tracks tell.
        self.video_changed.connect(self._follow_points)

    def take(self, project: Project) -> None:
        """Make an open project the document's own; see `VideoDocument.take`."""
        numbers = [one.id for one in project.subjects()]
        last = project.setting(_LAST)
        self.subject = last if last in numbers else numbers[0]
        super().take(project)
        self.subjects_changed.emit()

    def subjects(self) -> list[Subject]:
        """All of them, in the order they were added; none without a project."""
        return [] if self.project is None else self.project.subjects()

    def set_subject(self, subject: int) -> None:
        """Work on another subject.

        Args:
            subject: The project's number of it.

        Raises:
            ProjectError: the project has no such subject.
        """
        project = self._open_project()
        if subject not in {one.id for one in project.subjects()}:
            raise ProjectError(f"The project has no subject {subject}.")
        if subject == self.subject:
            return
        self.subject = subject
        project.set_setting(_LAST, subject)
        self._show_subject()

    def step_subject(self, count: int) -> None:
        """Work on the next subject or the one before, and from the last on the first."""
        numbers = [one.id for one in self.subjects()]
        if len(numbers) > 1:
            here = numbers.index(self.subject)
            self.set_subject(numbers[(here + count) % len(numbers)])

    def add_subject(self, name: str) -> None:
        """Add a subject and work on it.

        Raises:
            ProjectError: the name is blank or taken.
        """
        made = self._open_project().add_subject(name)
        self.set_subject(made.id)
        self.history_changed.emit()

    def rename_subject(self, subject: int, name: str) -> None:
        """Give a subject another name.

        Raises:
            ProjectError: the name is blank or taken.
        """
        self._open_project().rename_subject(subject, name)
        self._mind_subjects()
        self.history_changed.emit()

    def remove_subject(self, subject: int) -> None:
        """Take a subject out of the project with all that was said of it.

        Raises:
            ProjectError: it is the only one.
        """
        self._open_project().remove_subject(subject)
        self._mind_subjects()
        self.history_changed.emit()

    def _mind_subjects(self) -> None:
        """Subjects may have come, gone or been renamed: none that is gone is worked on."""
        numbers = [one.id for one in self.subjects()]
        self._forget_landmarks()
        if numbers and self.subject not in numbers:
            self.subject = numbers[0]
            self._show_subject()
        else:
            self.subjects_changed.emit()

    def _show_subject(self) -> None:
        self._reload_crop()
        self._follow_points()
        self._forget_landmarks()
        self._forget_summary()
        for signal in (
            self.subjects_changed,
            self.annotations_changed,
            self.predictions_changed,
            self.crop_changed,
        ):
            signal.emit()

    # --- crop ----------------------------------------------------------------------------

    @property
    def crop_track(self) -> CropTrack | None:
        """The squares the network looks at in this video; None before they are known."""
        return self._track

    def crop(self, frame_index: int | None = None) -> Crop:
        """The square the network looks at in a frame; the whole frame before one is known."""
        if self._track is not None:
            return self._track.at(self.frame_index if frame_index is None else frame_index)
        if self.reader is None:
            return Crop(0.0, 0.0, 1.0)
        return Crop.whole(self.reader.width, self.reader.height)

    def set_crop_track(self, track: CropTrack, *, automatic: bool = False) -> None:
        """Change the squares the network looks at; predictions made with others are dropped.

        They are those of the subject that is worked on; the others keep theirs.

        Args:
            track: The squares.
            automatic: They were found and nobody asked for them, so there is nothing to undo.
        """
        project, video = self._open_project(), self.video
        if video is None:
            raise VideoError("No video is open.", "Open one with File > Open videos.")
        before = self._track
        with project.automatic() if automatic else contextlib.nullcontext():
            project.set_crop_track_json(video.id, self.subject, track.to_json())
        self._track = track
        if before is not None:
            project.clear_predictions(video.id, subject=self.subject)
            self.predictions_changed.emit()
        self.crop_changed.emit()
        self.history_changed.emit()

    def replace_crops(self, tracks: Mapping[int, CropTrack | None], text: str) -> None:
        """Change the squares of several videos in one step; predictions made there are dropped.

        Args:
            tracks: By the project's numbers of the videos; None to have them found anew.
            text: What is done, in words.
        """
        project = self._open_project()
        with project.grouped(text):
            for video_id, track in tracks.items():
                made = None if track is None else track.to_json()
                if made != project.crop_track_json(video_id, self.subject):
                    project.set_crop_track_json(video_id, self.subject, made)
                    project.clear_predictions(video_id, subject=self.subject)
        self._reload_crop()
        self._edited(self.crop_changed)
        self.predictions_changed.emit()

    def _reload_crop(self) -> None:
        self._track = None
        if self.project is not None and self.video is not None:
            text = self.project.crop_track_json(self.video.id, self.subject)
            self._track = None if text is None else CropTrack.from_json(text)

    def _follow_points(self) -> None:
        """Where one of several subjects has no crop yet, take it from what is known of it.

        What moves most, which is what is looked for otherwise, may be another one.
        """
        project, video = self.project, self.video
        if self._track is not None or project is None or video is None:
            return
        if len(project.subjects()) < 2 or self.gathered:
            return
        points = np.full((video.frame_count, 0, 2), np.nan, np.float32)
        for model in project.models():
            if model.info.imported:
                found, _ = project.predictions_range(
                    video.id, model.id, self.subject, 0, video.frame_count
                )
                points = np.concatenate([points, found], axis=1)
        marks = project.all_annotations(video.id, self.subject)
        if len(marks["frame"]):
            placed = np.full(
                (video.frame_count, int(marks["landmark"].max()) + 1, 2), np.nan, np.float32
            )
            placed[marks["frame"], marks["landmark"]] = np.stack([marks["x"], marks["y"]], axis=1)
            points = np.concatenate([points, placed], axis=1)
        track = track_of_points(points)
        if track is not None:
            with project.automatic():
                project.set_crop_track_json(video.id, self.subject, track.to_json())
            self._track = track
