"""The pose priors of a project, kept whole so that they travel with it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from limner_engine.errors import FormatError, ProjectError
from limner_engine.project.changes import mention
from limner_engine.project.part import ProjectPart
from limner_engine.project.records import StoredPrior
from limner_engine.types import Skeleton

if TYPE_CHECKING:
    from limner_engine.priors.prior import PosePrior

_COLUMNS = "id, name, sha256, pose_count, skeleton, joints"
_MEND = "Open a backup copy of the project instead."


class PriorPart(ProjectPart):
    """Adds, renames and removes priors; all of it undoable.

    Poses can be many, and the history is text: so it holds which priors there are, while their
    files lie apart until `sweep_priors` finds that nothing can bring them back.
    """

    def priors(self) -> list[StoredPrior]:
        """All priors in the order they were added."""
        rows = self._database.rows(f"SELECT {_COLUMNS} FROM prior ORDER BY id")
        found = []
        for number, name, sha256, count, skeleton, joints in rows:
            try:
                made = Skeleton.from_json(json.loads(skeleton))
                known = {str(landmark): of for landmark, of in json.loads(joints).items()}
            except (ValueError, TypeError, KeyError, AttributeError) as error:
                raise self._damaged_prior(name) from error
            found.append(StoredPrior(number, name, sha256, count, made, known))
        return found

    def prior(self, prior_id: int) -> PosePrior:
        """One prior with its poses, under the name that the project has for it.

        Raises:
            ProjectError: the project has none of that number, or its file is damaged.
        """
        # Not above: what reads and writes files knows projects, and is used by priors.
        from limner_engine.priors.prior import PosePrior

        row = self._database.first(
            "SELECT name, content FROM prior LEFT JOIN prior_file USING (sha256) WHERE id = ?",
            (prior_id,),
        )
        if row is None:
            raise ProjectError(
                f"The project has no prior {prior_id}.",
                "It may have been removed; undo brings it back.",
            )
        name, content = row
        if content is None:
            raise self._damaged_prior(name)
        try:
            return replace(PosePrior.from_bytes(content, name), name=name)
        except FormatError as error:
            raise self._damaged_prior(name) from error

    def add_prior(self, prior: PosePrior, joints: Mapping[str, Any] | None = None) -> int:
        """Keep a prior in the project.

        Args:
            prior: The whole of it.
            joints: Of which joints each landmark was made, as
                `limner_engine.priors.joint_map.JointMap.to_json` tells it, where it came from
                motion capture.

        Returns:
            The project's number of it: for the same skeleton and poses the same, which then gets
            this name, and these joints where some are given.
        """
        sha256 = prior.sha256
        with self._database.transaction():
            known = next((one for one in self.priors() if one.sha256 == sha256), None)
            self._database.write(
                "INSERT OR IGNORE INTO prior_file (sha256, content) VALUES (?, ?)",
                (sha256, prior.to_bytes()),
            )
            number = self._next_prior() if known is None else known.id
            if joints is None:
                joints = {} if known is None else known.joints
            with self._history.edit(f"Keep the prior {prior.name}") as edit:
                edit.put(
                    "prior",
                    {
                        "id": number,
                        "name": prior.name,
                        "sha256": sha256,
                        "pose_count": len(prior),
                        "skeleton": json.dumps(prior.skeleton.to_json()),
                        "joints": json.dumps(dict(joints)),
                    },
                )
            return number

    def rename_prior(self, prior_id: int, name: str) -> None:
        """Give a prior another name.

        Raises:
            ProjectError: the project has no such prior, or the name is blank.
        """
        name = name.strip()
        if not name:
            raise ProjectError("A prior needs a name.", "Type one.")
        with self._database.transaction():
            known = self._known(prior_id)
            with self._history.edit(f"Rename the prior {known.name} to {name}") as edit:
                edit.put("prior", {"id": prior_id, "name": name})

    def remove_prior(self, prior_id: int) -> None:
        """Take a prior out of the project; undo brings it back.

        Raises:
            ProjectError: the project has no such prior.
        """
        with self._database.transaction():
            known = self._known(prior_id)
            with self._history.edit(f"Remove the prior {known.name}") as edit:
                edit.delete("prior", "id = ?", (prior_id,))

    def sweep_priors(self) -> int:
        """Drop files of priors that undo and redo cannot bring back any more; gives how many.

        Done when a project is opened.
        """
        orphans = (
            "sha256 NOT IN (SELECT sha256 FROM prior) AND NOT EXISTS (SELECT 1 FROM history"
            " WHERE instr(changes, ?) AND instr(changes, prior_file.sha256))"
        )
        with self._database.transaction():
            rows = self._database.rows(
                f"SELECT sha256 FROM prior_file WHERE {orphans}", (mention("prior"),)
            )
            self._database.write_rows("DELETE FROM prior_file WHERE sha256 = ?", rows)
        return len(rows)

    def _known(self, prior_id: int) -> StoredPrior:
        for one in self.priors():
            if one.id == prior_id:
                return one
        raise ProjectError(f"The project has no prior {prior_id}.")

    def _next_prior(self) -> int:
        # AUTOINCREMENT keeps the highest number ever used, also of rows that undo took away.
        row = self._database.first("SELECT seq FROM sqlite_sequence WHERE name = 'prior'")
        return 1 if row is None else int(row[0]) + 1

    def _damaged_prior(self, name: str) -> ProjectError:
        return ProjectError(f"The prior {name} in {self.path.name} is damaged.", _MEND)
