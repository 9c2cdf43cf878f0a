"""What people read of a source of landmarks: a model, or predictions that were imported."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from PySide6.QtCore import QCoreApplication

from limner_engine.model_file import CLASS_EMBEDDING, FABNET, KEYPOINTGAN, NAMED
from limner_engine.project import StoredModel
from limner_engine.types import ModelInfo


class Lacking(NamedTuple):
    """Why something cannot be done, and what helps.

    Attributes:
        reason: A sentence.
        mend: A sentence.
    """

    reason: str
    mend: str


class KnownModel(NamedTuple):
    """A model that can be chosen.

    Attributes:
        title: Its name.
        path: Its file.
        kind: What it knows, in a few words.
    """

    title: str
    path: Path
    kind: str


def title_of(info: ModelInfo) -> str:
    """A model's name, or the file that predictions were imported from."""
    if not info.imported:
        return info.name
    file = str(info.provenance.get("file", info.name))
    return QCoreApplication.translate("models", "Imported from {file}").format(file=file)


def kind_words(info: ModelInfo) -> str:
    """What a model knows, in a few words for lists; empty for imported predictions."""
    say = QCoreApplication.translate
    return {
        "imm": say("models", "landmarks without names"),
        KEYPOINTGAN: say("models", "landmarks of a pose prior"),
        NAMED: say("models", "named landmarks"),
        CLASS_EMBEDDING: say("models", "warps between frames"),
        FABNET: say("models", "warps between frames, FAb-Net"),
    }.get(info.kind, "")


def draws_poses(info: ModelInfo) -> bool:
    """Whether a model draws its landmarks as a skeleton, from which it redraws."""
    return info.kind == KEYPOINTGAN


def prior_words(info: ModelInfo) -> str:
    """From which pose prior a model's landmarks have their names; empty for other models."""
    prior = info.provenance.get("prior")
    if not draws_poses(info) or not isinstance(prior, dict):
        return ""
    name, poses = str(prior.get("name", "")), prior.get("poses")
    if not isinstance(poses, int):
        return ""
    words = QCoreApplication.translate("models", "Landmarks of the pose prior {name}, {n} poses")
    return words.format(name=name, n=poses)


def imported_titles(models: Sequence[StoredModel]) -> dict[int, str]:
    """Titles of all imported predictions, by the project's number.

    Files of one name are numbered in the order in which they came.
    """
    titles: dict[int, str] = {}
    counts: dict[str, int] = {}
    for model in models:
        if model.info.imported:
            title = title_of(model.info)
            counts[title] = counts.get(title, 0) + 1
            titles[model.id] = title if counts[title] == 1 else f"{title} ({counts[title]})"
    return titles


def no_network(title: str) -> Lacking:
    """Why imported predictions neither detect nor redraw nor learn on."""
    say = QCoreApplication.translate
    return Lacking(
        say(
            "models",
            "{title}: landmarks with no network, so nothing can be detected, redrawn or "
            "fine-tuned with them.",
        ).format(title=title),
        say("models", "Choose a model at the top right, or let one learn from this video."),
    )
