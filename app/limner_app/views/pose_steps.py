"""The steps that make poses out of poses: new ones, copies, mirrored ones, those between two."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from PySide6.QtCore import QObject

from limner_app.views.pose_history import PoseHistory
from limner_engine.priors import pose_edits
from limner_engine.priors.pose_edits import Pose
from limner_engine.types import Skeleton


class PoseSteps(QObject):
    """Takes steps on all poses; each gives the numbers of the poses that are selected then.

    Args:
        history: Where the steps go.
        skeleton: Of the poses.
        start: What is left when all poses are deleted.
        parent: Owner.
    """

    def __init__(
        self, history: PoseHistory, skeleton: Skeleton, start: Pose, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._history, self._skeleton, self._start = history, skeleton, start

    def add(self) -> list[int]:
        """A copy of the current pose behind it, to be drawn on."""
        poses, at = [*self._history.poses], self._history.current + 1
        poses.insert(at, self._history.pose.copy())
        self._history.do(poses, at, self.tr("New pose"))
        return [at]

    def copy(self, rows: Sequence[int], *, mirrored: bool = False) -> list[int]:
        """Copies of poses behind the last of them, mirrored if wished."""
        poses = [*self._history.poses]
        made = [
            pose_edits.mirrored(poses[row], self._skeleton) if mirrored else poses[row].copy()
            for row in rows
        ]
        at = rows[-1] + 1
        poses[at:at] = made
        text = self.tr("Add mirrored") if mirrored else self.tr("Duplicate")
        self._history.do(poses, at, text)
        return list(range(at, at + len(made)))

    def mirror(self, rows: Sequence[int]) -> list[int]:
        """Turn poses over."""
        poses = [*self._history.poses]
        for row in rows:
            poses[row] = pose_edits.mirrored(poses[row], self._skeleton)
        self._history.do(poses, self._history.current, self.tr("Mirror"))
        return list(rows)

    def delete(self, rows: Sequence[int]) -> list[int]:
        """Take poses away."""
        gone = set(rows)
        left = [pose for row, pose in enumerate(self._history.poses) if row not in gone]
        left = left or [self._start]
        current = min(rows[0], len(left) - 1)
        words = self.tr("Delete a pose") if len(rows) == 1 else self.tr("Delete {n} poses")
        self._history.do(left, current, words.format(n=len(rows)))
        return [current]

    def fill(self, rows: Sequence[int], count: int) -> list[int]:
        """Put poses between each of some poses and the next of them.

        Args:
            rows: Two or more, ascending.
            count: How many between two.
        """
        poses, chosen = [*self._history.poses], list[int]()
        for first, second in reversed(list(itertools.pairwise(rows))):
            made = pose_edits.between(poses[first], poses[second], count, self._skeleton)
            poses[first + 1 : first + 1] = made
            chosen = [first + 1 + n for n in range(count)] + [row + count for row in chosen]
        text = self.tr("Fill in {n} poses").format(n=len(chosen))
        self._history.do(poses, chosen[0], text)
        return chosen
