"""Which model's landmarks the document shows, and what models have found."""

from __future__ import annotations

from pathlib import Path

from limner_app.document_warps import WarpDocument
from limner_app.model_titles import imported_titles
from limner_engine.model_file import SELF_TAUGHT, WARPS, read_model_info
from limner_engine.project import Project, StoredModel
from limner_engine.types import Floats, Landmarks, Skeleton

_TAKEN = "skeleton_of_model"
"""Under this name a project notes the skeleton that it took over from a model."""


class ModelDocument(WarpDocument):
    """The current model and its predictions."""

    @property
    def model_id(self) -> int | None:
        """The project's number of the current model."""
        return self._model_id

    def set_model(self, path: Path) -> None:
        """Make a model the current one and note it in the project.

        A project without annotations takes over the model's landmarks with their names, edges and
        pairs, unless a person has made its skeleton: that one stays. A model of warps knows no
        landmarks and becomes the current one for warps only.

        Raises:
            ModelError: the file is refused.
        """
        info = read_model_info(path)
        if info.kind in WARPS:
            self._set_warp_model(info, path)
            return
        number = self._open_project().add_model(info, path)
        self._make_current(StoredModel(number, info, path, missing=False))

    def imported_predictions(self) -> list[tuple[str, int]]:
        """Predictions of other programs that the project holds: their titles and numbers.

        What went with its video is left out.
        """
        project = self.project
        if project is None:
            return []
        videos, subjects = project.videos(), project.subjects()
        return [
            (title, number)
            for number, title in imported_titles(project.models()).items()
            if any(
                project.predicted_mask(video.id, number, subject.id).any()
                for video in videos
                for subject in subjects
            )
        ]

    def set_imported(self, number: int) -> None:
        """Show imported predictions, in place of a model's.

        Args:
            number: The project's, as `imported_predictions` tells it.
        """
        stored = self._open_project().models()
        self._make_current(next(model for model in stored if model.id == number))

    def predicted_here(self) -> bool:
        """Whether the current source has said anything of the video on screen."""
        if self.project is None or self.video is None or self._model_id is None:
            return False
        mask = self.project.predicted_mask(self.video.id, self._model_id, self.subject)
        return bool(mask.any())

    def _make_current(self, model: StoredModel) -> None:
        project, info = self._open_project(), model.info
        project.current_model_id = model.id
        self._use_model(model)
        now = project.skeleton()
        if now != info.skeleton and _is_a_models(project) and not _is_labelled(project):
            self._take_skeleton(info.skeleton)
        elif len(now.names) != len(info.skeleton.names):
            self._tell_difference(now.names)
        self._known = None
        self.models_changed.emit()
        self.predictions_changed.emit()

    def _tell_difference(self, names: tuple[str, ...]) -> None:
        """Say that the model's landmarks are others than the project's."""
        if self.model_info is None:
            return
        found = self.model_info.skeleton.names
        words = (
            self.tr("{title}: {n} landmarks, this project has {k}.")
            if self.model_info.imported
            else self.tr("{title} finds {n} landmarks, this project has {k}.")
        )
        self.message.emit(
            "warning",
            words.format(title=self.model_title, n=len(found), k=len(names)),
            self.tr("Only the {n} of the same name are shown.").format(
                n=len(set(names) & set(found))
            ),
        )

    def _take_skeleton(self, skeleton: Skeleton) -> None:
        """Take over a model's landmarks, as no step of its own."""
        project = self._open_project()
        with project.automatic():
            project.set_skeleton(skeleton)
            project.set_setting(_TAKEN, skeleton.to_json())
        self.select(None)
        self._edited(self.skeleton_changed)

    def store_predictions(
        self,
        video_id: int,
        model_id: int,
        start: int,
        points: Floats,
        confidence: Floats,
        subject: int | None = None,
    ) -> None:
        """Write what a model found.

        Args:
            video_id: The project's number of the video.
            model_id: The project's number of the model.
            start: First frame.
            points: ``(n, K, 2)`` pixels of the video; NaN where a frame cannot be read.
            confidence: ``(n, K)``, 0..1.
            subject: Whose they are; of the subject on screen unless given.
        """
        self._open_project().write_predictions(
            video_id,
            model_id,
            self.subject if subject is None else subject,
            start,
            points,
            confidence,
        )
        if self.video is not None and self.video.id == video_id:
            self._known = None
            self.predictions_changed.emit()

    def store_frame(
        self,
        video_id: int,
        model_id: int,
        frame: int,
        found: Landmarks,
        subject: int | None = None,
    ) -> None:
        """Write what a model found in one frame."""
        self.store_predictions(
            video_id, model_id, frame, found.points_px[None], found.confidence[None], subject
        )


def _is_a_models(project: Project) -> bool:
    """Whether the skeleton came with a model; a person's is never replaced by a model's."""
    now = project.skeleton()
    if not now.names:
        return True
    taken = project.setting(_TAKEN)
    if taken is not None:
        return bool(taken == now.to_json())
    # Older projects noted nothing. A model that was fitted to labels, and labels of other
    # programs, have the names that persons gave.
    return now in [m.info.skeleton for m in project.models() if m.info.kind in SELF_TAUGHT]


def _is_labelled(project: Project) -> bool:
    return any(
        len(project.annotated_frames(video.id, subject.id))
        for video in project.videos()
        for subject in project.subjects()
    )
