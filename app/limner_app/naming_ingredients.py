"""What a named model is made of: labels, what it is made upon, and a second layer."""

from __future__ import annotations

import json
from pathlib import Path
from typing import NamedTuple

import numpy as np
from PySide6.QtCore import QCoreApplication

from limner_engine.errors import ProjectError
from limner_engine.naming.labelled import LabelledFrames
from limner_engine.project import Project


class Ingredients(NamedTuple):
    """What a named model is made of; the same ones make the same model."""

    header: str
    arrays: tuple[bytes, ...]
    base: Path | None
    second: tuple[Path, int] | None

    @classmethod
    def of(cls, labelled: LabelledFrames, base: Path | None, second: Path | None) -> Ingredients:
        """Those of the model that would be made now."""
        header, arrays = labelled.to_message()
        written = None if second is None else (second, second.stat().st_mtime_ns)
        return cls(json.dumps(header), tuple(a.tobytes() for a in arrays), base, written)


def make_folder(folder: Path) -> None:
    """Make the folder of a named model.

    Raises:
        ProjectError: it cannot be made.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        say = QCoreApplication.translate
        raise ProjectError(
            say("Namer", "{0} cannot be made: {1}.").format(folder, error.strerror or error),
            say("Namer", "Free some space or move the project to another folder."),
        ) from error


def all_labels(project: Project) -> LabelledFrames:
    """What is labelled of all subjects: a network sees one at a time, and learns from each."""
    parts = [LabelledFrames.from_project(project, subject.id) for subject in project.subjects()]
    if len(parts) == 1:
        return parts[0]
    return LabelledFrames(
        tuple(source for part in parts for source in part.sources),
        tuple(crop for part in parts for crop in part.crops),
        np.concatenate([part.points_px for part in parts]),
        np.concatenate([part.visible for part in parts]),
        np.concatenate([part.told for part in parts]),
        np.concatenate([part.group for part in parts]),
        parts[0].skeleton,
        tuple(dict.fromkeys(words for part in parts for words in part.skipped)),
    )
