"""Which model says where one frame lies in another; beside it one may find landmarks."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject

from limner_app.document_video import VideoDocument
from limner_engine.model_file import WARPS
from limner_engine.project import Project, StoredModel
from limner_engine.types import ModelInfo

_CURRENT = "warp_model"
"""Under this name a project notes the number of its current model of warps."""


class WarpDocument(VideoDocument):
    """The current model of warps, which is never asked for landmarks.

    Attributes:
        warp_model: What the project holds of it; None without one whose file is there.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        self.warp_model: StoredModel | None = None
        super().__init__(parent)

    @property
    def warp_model_path(self) -> Path | None:
        """Its file."""
        return None if self.warp_model is None else self.warp_model.path

    def close(self) -> None:
        """Close video and project; see `VideoDocument.close`."""
        super().close()
        self.warp_model = None

    def _take_stored_model(self) -> None:
        super()._take_stored_model()
        self.warp_model = _stored(self._open_project())

    def _set_warp_model(self, info: ModelInfo, path: Path) -> None:
        """Make a model the current one for warps; the one that finds landmarks stays."""
        project = self._open_project()
        number = project.add_model(info, path)
        project.set_setting(_CURRENT, number)
        self.warp_model = StoredModel(number, info, path, missing=False)
        self.models_changed.emit()


def _stored(project: Project) -> StoredModel | None:
    """The one that was chosen last; where that is gone, the newest one whose file is there."""
    there = [
        model
        for model in project.models()
        if model.info.kind in WARPS and not model.missing and model.path.is_file()
    ]
    chosen = project.setting(_CURRENT)
    named = [model for model in there if model.id == chosen]
    return next(iter(named or there[-1:]), None)
