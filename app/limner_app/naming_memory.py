"""What a project remembers of its named landmarks between two starts of the program."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from limner_engine.project import Project

_SETTING = "naming"
MODEL_FILE = "names.safetensors"
SECOND_FOLDER = "second"
RUN_FOLDER = "learning"
_TUPLES = ("second_names", "begun_names")


@dataclass(frozen=True, slots=True)
class NamingMemory:
    """How naming stands in a project.

    Attributes:
        on: Whether landmarks are named after every label.
        model: The project's number of the named model; None before there is one.
        base: The project's number of the model it is made upon; None for none.
        follow: Whether the named landmarks are shown as soon as they are better; False once a
            person has chosen another model.
        second_names: The landmarks that the second layer's file knows; empty without a file.
        second_px: Its error on labels that were held back from it, pixels; None if unknown.
        begun_names: The landmarks that the second layer last began to learn.
        second_labels: So many frames were labelled then.
        unfinished: Whether it was still learning.
    """

    on: bool = True
    model: int | None = None
    base: int | None = None
    follow: bool = True
    second_names: tuple[str, ...] = ()
    second_px: float | None = None
    begun_names: tuple[str, ...] = ()
    second_labels: int = 0
    unfinished: bool = False

    @classmethod
    def of(cls, project: Project) -> NamingMemory:
        """What a project remembers."""
        known: dict[str, Any] = project.setting(_SETTING, {})
        wanted = {field.name for field in fields(cls)}
        # A newer program may have noted more; an older one less.
        kept = {name: value for name, value in known.items() if name in wanted}
        for name in _TUPLES:
            kept[name] = tuple(kept.get(name, ()))
        return cls(**kept)

    def keep(self, project: Project) -> None:
        """Let a project remember this."""
        project.set_setting(_SETTING, asdict(self))


def base_of(project: Project) -> Path | None:
    """The file of the model that a project's names are made upon; None where there is none."""
    base = NamingMemory.of(project).base
    for model in project.models():
        if model.id == base and not model.missing:
            return model.path
    return None


def names_folder(project: Path) -> Path:
    """Where the named model of a project lives: beside its file, ``<project>.names``."""
    return project.with_name(f"{project.stem}.names")
