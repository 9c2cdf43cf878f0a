"""The models that a project has used."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

from limner_engine.errors import ProjectError
from limner_engine.project.history import now
from limner_engine.project.media import located_path, stored_path
from limner_engine.project.part import ProjectPart
from limner_engine.project.records import StoredModel
from limner_engine.types import ModelInfo, Skeleton


class ModelPart(ProjectPart):
    """Keeps what was used; not undoable, because predictions refer to it."""

    def add_model(self, info: ModelInfo, path: Path) -> int:
        """Note a model that is used here.

        Args:
            info: What its file says of itself.
            path: The file.

        Returns:
            The project's number of it: the same for the same weights, wherever their file is.
        """
        relative, absolute = stored_path(path, self.folder)
        text = json.dumps({**asdict(info), "skeleton": info.skeleton.to_json()})
        with self._database.transaction():
            known = self._database.first(
                "SELECT id FROM model WHERE sha256 = ? AND (sha256 != '' OR info = ?)",
                (info.sha256, text),
            )
            if known is None:
                return self._database.write(
                    "INSERT INTO model (sha256, info, relative_path, absolute_path, added)"
                    " VALUES (?, ?, ?, ?, ?)",
                    (info.sha256, text, relative, absolute, now()),
                )
            self._database.write(
                "UPDATE model SET info = ?, relative_path = ?, absolute_path = ? WHERE id = ?",
                (text, relative, absolute, known[0]),
            )
            return int(known[0])

    def renew_model(self, model_id: int, info: ModelInfo, path: Path) -> None:
        """Say that a model has other weights now, as one that is fitted anew after every label.

        What the former weights found stays until `clear_predictions` or a newer answer.

        Args:
            model_id: The project's number of it, which it keeps.
            info: What its file says of itself now.
            path: The file.

        Raises:
            ProjectError: the project has no such model.
        """
        relative, absolute = stored_path(path, self.folder)
        text = json.dumps({**asdict(info), "skeleton": info.skeleton.to_json()})
        with self._database.transaction():
            if not self._has_model(model_id):
                raise ProjectError(f"The project has no model {model_id}.")
            self._database.write(
                "UPDATE model SET sha256 = ?, info = ?, relative_path = ?, absolute_path = ?"
                " WHERE id = ?",
                (info.sha256, text, relative, absolute, model_id),
            )

    def models(self) -> list[StoredModel]:
        """All models in the order they were first used."""
        rows = self._database.rows(
            "SELECT id, info, relative_path, absolute_path FROM model ORDER BY id"
        )
        found = []
        for number, text, relative, absolute in rows:
            path = located_path(relative, absolute, self.folder)
            found.append(StoredModel(number, self._info(text), path, not path.is_file()))
        return found

    @property
    def current_model_id(self) -> int | None:
        """The model whose predictions are shown; None where none was chosen."""
        row = self._database.first("SELECT value FROM setting WHERE name = 'current_model'")
        return None if row is None else json.loads(row[0])

    @current_model_id.setter
    def current_model_id(self, model_id: int | None) -> None:
        with self._database.transaction():
            if model_id is not None and not self._has_model(model_id):
                raise ProjectError(f"The project has no model {model_id}.")
            self._database.write(
                "INSERT OR REPLACE INTO setting (name, value) VALUES ('current_model', ?)",
                (json.dumps(model_id),),
            )

    def _has_model(self, model_id: int) -> bool:
        return self._database.first("SELECT 1 FROM model WHERE id = ?", (model_id,)) is not None

    def _info(self, text: str) -> ModelInfo:
        try:
            data = json.loads(text)
            return ModelInfo(**{**data, "skeleton": Skeleton.from_json(data["skeleton"])})
        except (ValueError, TypeError, KeyError) as error:
            raise ProjectError(
                f"What {self.path.name} says of a model is damaged: {error}.",
                "Open a backup copy of the project instead.",
            ) from error
