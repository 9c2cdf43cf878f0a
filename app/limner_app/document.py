"""The open project as Qt sees it; the only caller of the store's writers."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable

import numpy as np
from numpy.typing import NDArray

from limner_app.document_models import ModelDocument
from limner_app.frame_landmarks import FrameLandmarks, merge_frame
from limner_engine.cropping import CropTrack
from limner_engine.errors import VideoError
from limner_engine.project import Project
from limner_engine.project.matching import landmark_map, matched_predictions
from limner_engine.types import Crop, Floats, FrameKey, Skeleton


class Document(ModelDocument):
    """Project, video, frame, selection and landmarks that all views share.

    Every edit goes to the project at once and can be undone. What changed is told by signals,
    without details: a view asks for what it shows. The attributes are those of `VideoDocument`.
    """

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
        if self._known is not None and self._known[0] == index:
            return self._known[1]
        skeleton = self.skeleton
        if self.project is None or self.video is None:
            return merge_frame(len(skeleton.names), None, None, "", {})
        predicted, mapping, name = None, None, ""
        if self._model_id is not None and self.model_info is not None:
            predicted = self.project.predictions(
                self.video.id, self._model_id, self.subject, index
            )
            mapping = landmark_map(skeleton, self.model_info.skeleton)
            name = self.model_title
        annotated = self.project.annotations(self.key(index))
        merged = merge_frame(len(skeleton.names), predicted, mapping, name, annotated)
        self._known = (index, merged)
        return merged

    def annotated_frames(self) -> NDArray[np.int64]:
        """Frames of the video on screen with a person's annotation, ascending."""
        if self.project is None or self.video is None:
            return np.zeros(0, np.int64)
        return self.project.annotated_frames(self.video.id, self.subject)

    def confidence_summary(self) -> Floats:
        """Lowest confidence of each frame, ``(frame_count,)``; NaN where nothing is detected."""
        if self.project is None or self.video is None or self._model_id is None:
            return np.full(self.frame_count, np.nan, np.float32)
        if self._summary is None:
            # Several views ask for it after each stretch of frames that is detected.
            self._summary = self.project.confidence_summary(
                self.video.id, self._model_id, self.subject
            )
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

    def accept(self) -> int:
        """Make this frame's predictions a person's annotations; how many they were."""
        known = self.landmarks()
        marks = {
            i: (float(known.points[i, 0]), float(known.points[i, 1]), True)
            for i, origin in enumerate(known.origin)
            if origin == "model"
        }
        if marks:
            self._annotate(marks, self.tr("Accept {n} predictions").format(n=len(marks)))
        return len(marks)

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
            project.clear_predictions(video.id)
            self.predictions_changed.emit()
        self.crop_changed.emit()
        self.history_changed.emit()

    def _reload_crop(self) -> None:
        if self.project is not None and self.video is not None:
            text = self.project.crop_track_json(self.video.id, self.subject)
            self._track = None if text is None else CropTrack.from_json(text)
