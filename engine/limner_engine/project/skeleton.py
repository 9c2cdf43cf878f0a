"""Names of landmarks, how they hang together, and who carries them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from limner_engine.errors import ProjectError
from limner_engine.project.changes import Row
from limner_engine.project.history import Edit
from limner_engine.project.part import ProjectPart
from limner_engine.project.records import Subject
from limner_engine.types import Skeleton


class SkeletonPart(ProjectPart):
    """Keeps skeleton and subjects; all edits are undoable.

    A landmark is told by its number; its name is a label. So renaming keeps every annotation, and
    where numbers change, `set_skeleton` is told which landmark is which.
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

    def set_skeleton(
        self,
        skeleton: Skeleton,
        origins: Sequence[int | None] | None = None,
        *,
        text: str = "Change the skeleton",
    ) -> None:
        """Replace the skeleton.

        Annotations go with the landmark they were made for. Those of landmarks that the new
        skeleton does not have are removed in the same edit, and undo brings them back.

        Args:
            skeleton: The new one.
            origins: For each of its landmarks the number it had so far, None for a new one. By
                default every landmark keeps its number.
            text: What is done, in words.

        Raises:
            ProjectError: a name is blank.
            ValueError: ``origins`` has another length, or names a landmark twice or one that is
                not there.
        """
        _refuse_blank(skeleton.names)
        with self._database.transaction():
            (count,) = self._database.first("SELECT count(*) FROM landmark")
            if origins is None:
                origins = [i if i < count else None for i in range(len(skeleton.names))]
            _refuse_wrong_origins(origins, len(skeleton.names), count)
            with self._history.edit(text) as edit:
                self._move_annotations(edit, origins)
                self._put_skeleton(edit, skeleton)

    def _put_skeleton(self, edit: Edit, skeleton: Skeleton) -> None:
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

    def _move_annotations(self, edit: Edit, origins: Sequence[int | None]) -> None:
        """Give annotations the new numbers of their landmarks; those of no landmark go.

        So do rejections.
        """
        place = {old: new for new, old in enumerate(origins) if old is not None}
        for table in ("annotation", "rejection"):
            numbers = self._database.rows(f"SELECT DISTINCT landmark FROM {table}")
            leaving = sorted(number for (number,) in numbers if place.get(number) != number)
            columns = self._database.columns(table)
            moved: list[Row] = []
            # All of them leave first: two landmarks may change places.
            for number in leaving:
                rows = self._database.rows(f"SELECT * FROM {table} WHERE landmark = ?", (number,))
                edit.delete(table, "landmark = ?", (number,))
                if number in place:
                    moved += [
                        {**dict(zip(columns, cells, strict=True)), "landmark": place[number]}
                        for cells in rows
                    ]
            edit.add(table, moved)

    def annotation_counts(self) -> NDArray[np.int64]:
        """How many annotations each landmark has in all videos and subjects, ``(K,)`` int64."""
        (count,) = self._database.first("SELECT count(*) FROM landmark")
        made = np.zeros(count, np.int64)
        for number, total in self._database.rows(
            "SELECT landmark, count(*) FROM annotation WHERE landmark < ? GROUP BY landmark",
            (count,),
        ):
            made[number] = total
        return made

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

    def remove_subject(self, subject: int) -> None:
        """Take a subject out of the project, with its annotations, rejections and crops.

        Its predictions go out of sight with it; undo brings everything back. Only when the
        removal is no longer in the history are they dropped for good, by `sweep`.

        Raises:
            ProjectError: it is the only one, or there is no such subject.
        """
        known = {one.id: one.name for one in self.subjects()}
        if subject not in known:
            raise ProjectError(f"The project has no subject {subject}.")
        if len(known) == 1:
            raise ProjectError(
                f"“{known[subject]}” is the only subject.", "Add another before you remove it."
            )
        with self._history.edit(f"Remove {known[subject]}") as edit:
            for table in ("annotation", "rejection", "crop_track"):
                edit.delete(table, "subject = ?", (subject,))
            edit.delete("subject", "id = ?", (subject,))

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


def _refuse_wrong_origins(origins: Sequence[int | None], wanted: int, count: int) -> None:
    known = [origin for origin in origins if origin is not None]
    if len(origins) != wanted:
        raise ValueError(f"{len(origins)} origins for {wanted} landmarks")
    if len(set(known)) != len(known) or not all(0 <= origin < count for origin in known):
        raise ValueError(f"origins {list(origins)} do not name each of {count} landmarks once")
