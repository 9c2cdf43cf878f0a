"""Names of landmarks, how they hang together, and who carries them."""

from __future__ import annotations

from limner_engine.errors import ProjectError
from limner_engine.project.part import ProjectPart
from limner_engine.project.records import Subject
from limner_engine.types import Skeleton


class SkeletonPart(ProjectPart):
    """Keeps skeleton and subjects; all edits are undoable.

    A landmark is told by its number; its name is a label. So renaming keeps every annotation.
    """

    def skeleton(self) -> Skeleton:
        """The skeleton; without landmarks in a new project."""
        names = self._database.rows("SELECT name FROM landmark ORDER BY number")
        links = self._database.rows(
            "SELECT kind, first, second FROM skeleton_link ORDER BY kind, position"
        )
        try:
            return Skeleton(
                tuple(name for (name,) in names),
                tuple((first, second) for kind, first, second in links if kind == "edge"),
                tuple((first, second) for kind, first, second in links if kind == "symmetry"),
            )
        except ValueError as error:
            raise ProjectError(
                f"The skeleton in {self.path.name} is damaged: {error}.",
                "Open a backup copy of the project instead.",
            ) from error

    def set_skeleton(self, skeleton: Skeleton) -> None:
        """Replace the skeleton.

        Annotations stay with their landmark's number. Those of numbers that the new skeleton does
        not have are removed in the same edit, and undo brings them back.
        """
        _refuse_blank(skeleton.names)
        with self._history.edit("Change the skeleton") as edit:
            edit.delete("annotation", "landmark >= ?", (len(skeleton.names),))
            edit.delete("landmark", "number >= ?", (len(skeleton.names),))
            for number, name in enumerate(skeleton.names):
                edit.put("landmark", {"number": number, "name": name})
            for kind, pairs in (("edge", skeleton.edges), ("symmetry", skeleton.symmetries)):
                edit.delete("skeleton_link", "kind = ? AND position >= ?", (kind, len(pairs)))
                for position, (first, second) in enumerate(pairs):
                    edit.put(
                        "skeleton_link",
                        {"kind": kind, "position": position, "first": first, "second": second},
                    )

    def rename_landmark(self, number: int, name: str) -> None:
        """Give a landmark another name.

        Args:
            number: Of the landmark, from 0.
            name: Not blank, not that of another landmark.

        Raises:
            ProjectError: the name cannot be taken, or there is no such landmark.
        """
        name = name.strip()
        _refuse_blank((name,))
        with self._database.transaction():
            names = self.skeleton().names
            if not 0 <= number < len(names):
                raise ProjectError(f"The skeleton has no landmark {number + 1}.")
            if name in names and names.index(name) != number:
                raise ProjectError(
                    f"Another landmark is called “{name}” already.", "Choose another name."
                )
            with self._history.edit(f"Rename {names[number]} to {name}") as edit:
                edit.put("landmark", {"number": number, "name": name})

    def subjects(self) -> list[Subject]:
        """All subjects; a new project has one, number 0."""
        rows = self._database.rows("SELECT id, name FROM subject ORDER BY id")
        return [Subject(number, name) for number, name in rows]

    def add_subject(self, name: str) -> Subject:
        """Add a subject.

        Raises:
            ProjectError: the name is blank or taken.
        """
        name = self._free_subject_name(name)
        with self._history.edit(f"Add {name}") as edit:
            row = self._database.first("SELECT seq FROM sqlite_sequence WHERE name = 'subject'")
            number = 0 if row is None else int(row[0]) + 1
            edit.put("subject", {"id": number, "name": name})
        return Subject(number, name)

    def rename_subject(self, subject: int, name: str) -> None:
        """Give a subject another name.

        Raises:
            ProjectError: the name is blank or taken, or there is no such subject.
        """
        former = next((known.name for known in self.subjects() if known.id == subject), None)
        if former is None:
            raise ProjectError(f"The project has no subject {subject}.")
        if name.strip() == former:
            return
        name = self._free_subject_name(name)
        with self._history.edit(f"Rename {former} to {name}") as edit:
            edit.put("subject", {"id": subject, "name": name})

    def _free_subject_name(self, name: str) -> str:
        name = name.strip()
        _refuse_blank((name,))
        if any(known.name == name for known in self.subjects()):
            raise ProjectError(
                f"Another subject is called “{name}” already.", "Choose another name."
            )
        return name


def _refuse_blank(names: tuple[str, ...]) -> None:
    if any(not name.strip() for name in names):
        raise ProjectError("A name must not be blank.", "Write at least one letter.")
