"""The steps in which a person changes the skeleton of the open project."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

import numpy as np
from PySide6.QtCore import QObject

from limner_app.document import Document
from limner_app.views import skeleton_change as change
from limner_app.views.skeleton_change import SkeletonChange
from limner_app.views.skeleton_layout import carry_layout, keep_layout
from limner_app.views.skeleton_pairs import side_of
from limner_engine.errors import ProjectError
from limner_engine.formats.skeleton_file import MAX_LANDMARKS, MAX_NAME, SkeletonFile
from limner_engine.project import Project
from limner_engine.project.matching import landmark_map
from limner_engine.types import Skeleton

_BETWEEN_NAMES = re.compile(r"[,;\t\r\n]+")


class SkeletonEdits(QObject):
    """Writes each step into the project at once, where it can be undone like any other.

    So the frame on screen shows what a step does, nothing needs to be confirmed at the end, and
    there is never a second skeleton that the project's own could run away from.

    Args:
        document: The open project.
    """

    def __init__(self, document: Document, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.document = document

    @property
    def skeleton(self) -> Skeleton:
        """The project's own."""
        return self.document.skeleton

    # --- steps ---------------------------------------------------------------------------

    def add(self, text: str) -> int:
        """Add landmarks; gives how many.

        Args:
            text: One name, or several with commas, semicolons or line ends between them.

        Raises:
            ProjectError: a name cannot be taken.
        """
        names = [clean_name(name) for name in _BETWEEN_NAMES.split(text) if name.strip()]
        taken = list(self.skeleton.names)
        for name in names:
            if name in taken:
                raise ProjectError(
                    f"Another landmark is called “{name}” already.", "Choose another name."
                )
            taken.append(name)
        if len(taken) > MAX_LANDMARKS:
            raise ProjectError(f"A skeleton has at most {MAX_LANDMARKS} landmarks.")
        if names:
            words = self.tr("Add {name}") if len(names) == 1 else self.tr("Add {n} landmarks")
            text = words.format(name=names[0], n=len(names))
            self.apply(change.added(self.skeleton, names), text)
        return len(names)

    def rename(self, number: int, name: str) -> None:
        """Give a landmark another name.

        Raises:
            ProjectError: the name cannot be taken.
        """
        before, name = self.skeleton, clean_name(name)
        self.document.rename(number, name)
        if name != before.names[number]:
            now = SkeletonChange(self.skeleton, tuple(range(len(before.names))))
            carry_layout(self._project(), before, now)

    def removal(self, numbers: Collection[int]) -> tuple[SkeletonChange, str]:
        """What removing landmarks does, and how that is called."""
        names = [self.skeleton.names[number] for number in sorted(numbers)]
        words = self.tr("Remove {name}") if len(names) == 1 else self.tr("Remove {n} landmarks")
        made = change.removed(self.skeleton, numbers)
        return made, words.format(name=names[0] if names else "", n=len(names))

    def move(self, numbers: Collection[int], to: int) -> tuple[SkeletonChange, str]:
        """What putting landmarks before another one does, and how that is called."""
        return change.moved(self.skeleton, numbers, to), self.tr("Reorder landmarks")

    def join(self, first: int, second: int) -> None:
        """Draw the edge between two landmarks, or take it away."""
        names, made = self.skeleton.names, change.joined(self.skeleton, first, second)
        more = len(made.skeleton.edges) > len(self.skeleton.edges)
        words = self.tr("Join {a} and {b}") if more else self.tr("Part {a} and {b}")
        self.apply(made, words.format(a=names[first], b=names[second]))

    def pair(self, one: int, other: int, *, as_named: bool = False) -> None:
        """Make two landmarks left and right of each other; part them where they are so already.

        Args:
            one: The left one.
            other: The right one.
            as_named: Change the two about where their names say so.
        """
        skeleton, names = self.skeleton, self.skeleton.names
        if as_named and "right" in (side_of(names[one])[0], _other(side_of(names[other])[0])):
            one, other = other, one
        if (one, other) in skeleton.symmetries:
            self.part(one)
            return
        text = self.tr("Pair {a} with {b}").format(a=names[one], b=names[other])
        self.apply(change.paired(skeleton, [(one, other)]), text)

    def part(self, number: int) -> None:
        """Take a landmark out of its pair."""
        text = self.tr("Part the pair of {name}").format(name=self.skeleton.names[number])
        self.apply(change.parted(self.skeleton, number), text)

    def pair_all(self, pairs: Sequence[tuple[int, int]]) -> None:
        """Make several pairs, (left, right), in one step."""
        text = self.tr("Pair left and right by name")
        self.apply(change.paired(self.skeleton, pairs), text)

    def replacement(self, content: SkeletonFile) -> tuple[SkeletonChange, str]:
        """What taking another skeleton does, and how that is called."""
        title = content.title or self.tr("a skeleton")
        made = change.replaced(self.skeleton, content.skeleton)
        return made, self.tr("Take over {title}").format(title=title)

    def take_layout(self, content: SkeletonFile) -> None:
        """Draw the landmarks as a template or file does."""
        if content.layout is not None:
            keep_layout(self._project(), content.skeleton, np.array(content.layout))

    def apply(self, made: SkeletonChange, text: str) -> None:
        """Write a change into the project.

        Args:
            made: The change, of the skeleton as it is now.
            text: What is done, in words, for undo.
        """
        project, before = self._project(), self.skeleton
        if made.skeleton == before and made.origins == tuple(range(len(before.names))):
            return
        selected = self.document.selected
        project.set_skeleton(made.skeleton, made.origins, text=text)
        carry_layout(project, before, made)
        document = self.document
        document.select(None)  # its number may now be another landmark's
        document.skeleton_changed.emit()
        document.annotations_changed.emit()
        document.history_changed.emit()
        if selected is not None and selected in made.origins:
            document.select(made.origins.index(selected))

    # --- what a step costs ---------------------------------------------------------------

    def price(self, made: SkeletonChange) -> str:
        """What a person should know before a change, in words; empty where nothing is lost."""
        project, before = self._project(), self.skeleton
        counts = project.annotation_counts()
        lost = [number for number in made.gone(len(before.names)) if counts[number]]
        words = []
        if lost:
            names = ", ".join(before.names[number] for number in lost[:3])
            if len(lost) > 3:
                names = self.tr("{names} and {n} more").format(names=names, n=len(lost) - 3)
            total = int(counts[lost].sum())
            told = (
                self.tr("{names}: 1 annotation goes too.")
                if total == 1
                else self.tr("{names}: {n} annotations go too.")
            )
            words.append(told.format(names=names, n=total))
        changed = self._taken_for_others(made)
        if changed and self.document.model_info is not None:
            words.append(
                self.tr(
                    "{model} finds as many landmarks and tells them by their order: "
                    "{n} of them will go by another name."
                ).format(model=self.document.model_info.name, n=changed)
            )
        if words:
            words.append(self.tr("Undo brings everything back."))
        return " ".join(words)

    def _taken_for_others(self, made: SkeletonChange) -> int:
        """How many of the model's landmarks would be shown as one that they are not now."""
        info, before = self.document.model_info, self.skeleton
        if info is None:
            return 0
        was, will = (landmark_map(s, info.skeleton).tolist() for s in (before, made.skeleton))
        place = {old: new for new, old in enumerate(made.origins) if old is not None}
        return sum(
            new >= 0 and place.get(old) != new and made.skeleton.names[new] != name
            for name, old, new in zip(info.skeleton.names, was, will, strict=True)
        )

    def model_words(self) -> str:
        """How the landmarks of the current model and those of the project hang together."""
        info, names = self.document.model_info, self.skeleton.names
        if info is None or not names:
            return ""
        found = info.skeleton.names
        if len(found) == len(names):
            return self.tr(
                "{model} finds as many landmarks: they are these, in this order."
            ).format(model=info.name)
        return self.tr(
            "{model} finds {n} landmarks, here are {k}: those of the same name are shown ({m})."
        ).format(model=info.name, n=len(found), k=len(names), m=len(set(found) & set(names)))

    def _project(self) -> Project:
        project = self.document.project
        if project is None:
            raise ProjectError("No project is open.", "Open one with File > Open project.")
        return project


def clean_name(name: str) -> str:
    """A name as it is kept: without spaces around it, and one line.

    Raises:
        ProjectError: it is blank or too long, or not a line of text.
    """
    name = name.strip()
    if not name:
        raise ProjectError("A name must not be blank.", "Write at least one letter.")
    if len(name) > MAX_NAME or not name.isprintable():
        raise ProjectError(f"A name is one line of at most {MAX_NAME} characters.", "Shorten it.")
    return name


def _other(side: str) -> str:
    return {"left": "right", "right": "left"}.get(side, "")
