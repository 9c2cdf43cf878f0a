"""The open project as Qt sees it; the only caller of the store's writers."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject

from limner_app.document_subjects import SubjectDocument
from limner_app.frame_landmarks import FrameLandmarks, merge_frame
from limner_app.frame_marks import FrameMarks
from limner_engine.errors import VideoError
from limner_engine.project import Project, Subject
from limner_engine.project.matching import landmark_map, matched_predictions
from limner_engine.project.review import OpenPredictions, accept, open_predictions, reject
from limner_engine.types import Floats, FrameKey, Skeleton


class Document(SubjectDocument):
    """Project, video, frame, selection and landmarks that all views share.

    Every edit goes to the project at once and can be undone. What changed is told by signals,
    without details: a view asks for what it shows. The attributes are those of `VideoDocument`.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        self._others: tuple[int, list[tuple[Subject, FrameLandmarks]]] | None = None
        self._marks: FrameMarks | None = None
        super().__init__(parent)
        self.models_changed.connect(self._forget_landmarks)
        for signal in (self.annotations_changed, self.skeleton_changed):
            signal.connect(self._forget_summary)

    # --- landmarks -----------------------------------------------------------------------

    @property
    def skeleton(self) -> Skeleton:
        """The project's landmarks by name; none without a project."""
        return Skeleton(()) if self.project is None else self.project.skeleton()

    def key(self, frame_index: int | None = None) -> FrameKey:
        """The key of a frame of the video on screen, by default the one shown."""
        if self.video is None:
            raise VideoError("No video is open.", "Open one with File > Open videos.")
        index = self.frame_index if frame_index is None else frame_index
        return FrameKey(self.video.id, index, self.subject)

    def landmarks(self, frame_index: int | None = None) -> FrameLandmarks:
        """What is known of a frame, by default the one shown."""
        index = self.frame_index if frame_index is None else frame_index
        if self._known is None or self._known[0] != index:
            self._known = (index, self._merged(index, self.subject))
        return self._known[1]

    def other_landmarks(self) -> list[tuple[Subject, FrameLandmarks]]:
        """What is known of the other subjects in the frame on screen; those without it left out.

        One is without it where nothing of it is known there.
        """
        if self._others is None or self._others[0] != self.frame_index:
            others = [
                (one, self._merged(self.frame_index, one.id))
                for one in self.subjects()
                if one.id != self.subject
            ]
            there = [(one, known) for one, known in others if np.isfinite(known.points).any()]
            self._others = (self.frame_index, there)
        return self._others[1]

    def _merged(self, index: int, subject: int) -> FrameLandmarks:
        skeleton = self.skeleton
        if self.project is None or self.video is None:
            return merge_frame(len(skeleton.names), None, None, "", {})
        predicted, mapping, name = None, None, ""
        key = FrameKey(self.video.id, index, subject)
        rejected: frozenset[int] = frozenset()
        if self._model_id is not None and self.model_info is not None:
            predicted = self.project.predictions(self.video.id, self._model_id, subject, index)
            mapping = landmark_map(skeleton, self.model_info.skeleton)
            name = self.model_title
            rejected = self.project.rejected(key, self._model_id)
        annotated = self.project.annotations(key)
        return merge_frame(len(skeleton.names), predicted, mapping, name, annotated, rejected)

    def _forget_landmarks(self) -> None:
        super()._forget_landmarks()
        self._others = None

    def _forget_summary(self) -> None:
        super()._forget_summary()
        self._marks = None

    def annotated_frames(self) -> NDArray[np.int64]:
        """Frames of the video on screen with any annotation, ascending."""
        marks = self.frame_marks()
        return np.union1d(marks.labelled, marks.accepted).astype(np.int64)

    def frame_marks(self) -> FrameMarks:
        """What persons decided in which frames of the video on screen."""
        if self._marks is None:
            if self.project is None or self.video is None:
                self._marks = FrameMarks.none()
            else:
                self._marks = FrameMarks.of(
                    self.project, self.video.id, self._model_id, self.subject
                )
        return self._marks

    def confidence_summary(self) -> Floats:
        """Lowest confidence of each frame, ``(frame_count,)``; NaN where nothing is detected.

        What was rejected does not count.
        """
        if self.project is None or self.video is None or self._model_id is None:
            return np.full(self.frame_count, np.nan, np.float32)
        if self._summary is None:
            # Several views ask for it after each stretch of frames that is detected.
            made = self.project.confidence_summary(self.video.id, self._model_id, self.subject)
            marks = self.frame_marks()
            made[marks.rejected] = marks.left
            self._summary = made
        return self._summary

    def trajectories(self) -> Floats:
        """All landmarks of the video on screen over time, annotations over predictions.

        Returns:
            ``(frame_count, K, 2)`` pixels; NaN where there is none or it is hidden.
        """
        skeleton, count = self.skeleton, self.frame_count
        made = np.full((count, len(skeleton.names), 2), np.nan, np.float32)
        if self.project is None or self.video is None:
            return made
        if self._model_id is not None and self.model_info is not None:
            made, _ = matched_predictions(
                self.project,
                self.video.id,
                self._model_id,
                self.subject,
                skeleton=skeleton,
                frame_count=count,
            )
        marks = self.project.all_annotations(self.video.id, self.subject)
        inside = marks["landmark"] < len(skeleton.names)
        at = (marks["frame"][inside], marks["landmark"][inside])
        made[at] = np.stack([marks["x"], marks["y"]], axis=-1)[inside]
        made[at] = np.where(marks["visible"][inside, None], made[at], np.nan)
        return made

    def place(self, landmark: int, x: float, y: float) -> None:
        """Put a landmark of the frame on screen somewhere, pixels of the video."""
        name = self.skeleton.names[landmark]
        self._annotate({landmark: (x, y, True)}, self.tr("Place {name}").format(name=name))

    def move(self, landmark: int, x: float, y: float) -> None:
        """Move a landmark of the frame on screen; a prediction becomes an annotation."""
        name = self.skeleton.names[landmark]
        self._annotate({landmark: (x, y, True)}, self.tr("Move {name}").format(name=name))

    def hide(self, landmark: int, hidden: bool = True) -> None:
        """Say that a landmark cannot be seen in the frame on screen, or that it can."""
        at = self.landmarks().points[landmark]
        if not hidden and not np.isfinite(at).all():
            self.delete([landmark])  # it was hidden without a place, so there is none to show
            return
        text = self.tr("Hide {name}") if hidden else self.tr("Show {name}")
        self._annotate(
            {landmark: (float(at[0]), float(at[1]), not hidden)},
            text.format(name=self.skeleton.names[landmark]),
        )

    def delete(self, landmarks: Iterable[int] | None = None) -> None:
        """Delete a person's annotations of the frame on screen, by default all; one edit."""
        project = self._open_project()
        there = project.annotations(self.key())
        chosen = [i for i in (there if landmarks is None else landmarks) if i in there]
        if chosen:
            project.delete_annotations(self.key(), chosen)
            self._edited(self.annotations_changed)

    def rename(self, landmark: int, name: str) -> None:
        """Rename a landmark in the whole project.

        Raises:
            ProjectError: another landmark has this name.
        """
        project = self._open_project()
        if name != project.skeleton().names[landmark]:
            project.rename_landmark(landmark, name)
            self._edited(self.skeleton_changed)

    def set_skeleton(self, skeleton: Skeleton) -> None:
        """Change names and edges of the project's landmarks."""
        self._open_project().set_skeleton(skeleton)
        self.select(None)
        self._edited(self.skeleton_changed)

    def copy_previous(self) -> bool:
        """Copy all landmarks of the nearest annotated frame before; False if there is none.

        None is before another among pictures that were gathered into a video.
        """
        if self.gathered:
            return False
        earlier = self.annotated_frames()
        earlier = earlier[earlier < self.frame_index]
        if not len(earlier):
            return False
        project = self._open_project()
        project.copy_annotations(self.key(int(earlier[-1])), self.key(), self.author)
        self._edited(self.annotations_changed)
        return True

    def open_predictions(
        self, start: int | None = None, stop: int | None = None
    ) -> OpenPredictions | None:
        """Predictions on which nobody has decided; None without a model.

        Args:
            start: First frame; by default only the one on screen is looked at.
            stop: Behind the last frame.
        """
        if self.project is None or self.video is None or self._model_id is None:
            return None
        first = self.frame_index if start is None else start
        behind = first + 1 if stop is None else stop
        return open_predictions(
            self.project, self.video.id, self._model_id, self.subject, first, behind
        )

    def accept(self, found: OpenPredictions | None = None) -> int:
        """Make predictions a person's annotations, by default this frame's; how many they were."""
        found = self.open_predictions() if found is None else found
        if found is None or not len(found):
            return 0
        text = self.tr("Accept {n} predictions").format(n=len(found))
        count = accept(self._open_project(), found, self.author, text)
        self._edited(self.annotations_changed)
        return count

    def reject(self, found: OpenPredictions | None = None) -> int:
        """Put predictions out of sight, by default this frame's; how many they were."""
        found = self.open_predictions() if found is None else found
        if found is None or not len(found):
            return 0
        text = self.tr("Reject {n} predictions").format(n=len(found))
        count = reject(self._open_project(), found, text)
        self._edited(self.predictions_changed)
        return count

    def reject_accepted(self, landmark: int) -> None:
        """Take a landmark's acceptance in this frame back and reject the prediction: one edit."""
        project, key = self._open_project(), self.key()
        name = self.skeleton.names[landmark]
        with project.grouped(self.tr("Reject {name}").format(name=name), key):
            project.delete_annotations(key, [landmark])
            found = self.open_predictions()
            if found is not None:
                reject(project, found.of_landmark(landmark), "")
        self._edited(self.annotations_changed)
        self.predictions_changed.emit()

    def take_back_rejections(self, start: int, stop: int, landmark: int | None = None) -> int:
        """Let rejected predictions of frames ``start`` to ``stop - 1`` show again; how many.

        Args:
            start: First frame.
            stop: Behind the last one.
            landmark: Only this one.
        """
        if self.project is None or self.video is None or self._model_id is None:
            return 0
        count = self.project.take_back_rejections(
            self.video.id, self._model_id, self.subject, start, stop, landmark
        )
        if count:
            self._edited(self.predictions_changed)
        return count

    def undo(self) -> str | None:
        """Take back the last edit; what it was, or None if there is none."""
        self._go_to(None if self.project is None else self.project.undo_place)
        return self._step_history(Project.undo)

    def redo(self) -> str | None:
        """Do again what was taken back; what it was, or None if there is nothing."""
        self._go_to(None if self.project is None else self.project.redo_place)
        return self._step_history(Project.redo)

    def _go_to(self, place: FrameKey | None) -> None:
        """Show what is about to change, so that undo never works behind one's back."""
        if place is not None and self.video is not None and place.video_id == self.video.id:
            if place.subject in {one.id for one in self.subjects()}:
                self.set_subject(place.subject)
            self.show(place.frame_index)

    def _step_history(self, step: Callable[[Project], str | None]) -> str | None:
        if self.project is None:
            return None
        text = step(self.project)
        if text is None:
            return None
        if self.video is not None and self.video.id not in {v.id for v in self.project.videos()}:
            self._close_video()
            self.video_changed.emit()
        self._mind_subjects()
        self._reload_crop()
        self._known = None
        for signal in (
            self.project_changed,
            self.skeleton_changed,
            self.annotations_changed,
            self.predictions_changed,
            self.crop_changed,
            self.history_changed,
        ):
            signal.emit()
        return text

    def _annotate(self, marks: dict[int, tuple[float, float, bool]], text: str) -> None:
        self._open_project().annotate(self.key(), marks, author=self.author, text=text)
        self._edited(self.annotations_changed)
