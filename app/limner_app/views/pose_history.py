"""The poses a person is drawing, with every step taken back and done again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from limner_engine.priors.pose_edits import Pose

_LONGEST = 500


@dataclass(frozen=True, slots=True)
class _Step:
    """What was there before a step or, once it is undone, after it.

    Attributes:
        text: What the step does, in words.
        poses: All poses then.
        current: The one that was drawn on then.
    """

    text: str
    poses: tuple[Pose, ...]
    current: int


class PoseHistory:
    """All poses, the current one, and the steps that led here.

    A pose is never changed in place, so a step costs no more than what it changed.

    Args:
        poses: At least one, ``(K, 2)`` each.

    Attributes:
        poses: As they are now.
        current: Number of the one that is drawn on.
    """

    def __init__(self, poses: Sequence[Pose]) -> None:
        if not poses:
            raise ValueError("there must be a pose to draw on")
        self.poses = tuple(poses)
        self.current = 0
        self._first = self.poses
        self._undo: list[_Step] = []
        self._redo: list[_Step] = []
        self._merge = ""

    @property
    def pose(self) -> Pose:
        """The one that is drawn on."""
        return self.poses[self.current]

    @property
    def changed(self) -> bool:
        """Whether the poses differ from those it began with."""
        return len(self.poses) != len(self._first) or any(
            now is not then for now, then in zip(self.poses, self._first, strict=True)
        )

    @property
    def undo_text(self) -> str | None:
        """What would be undone."""
        return self._undo[-1].text if self._undo else None

    @property
    def redo_text(self) -> str | None:
        """What would be done again."""
        return self._redo[-1].text if self._redo else None

    def choose(self, number: int) -> None:
        """Draw on another pose; no step by itself."""
        if number != self.current:
            self.current = max(0, min(number, len(self.poses) - 1))
            self._merge = ""

    def do(self, poses: Sequence[Pose], current: int, text: str, merge: str = "") -> None:
        """Take a step.

        Args:
            poses: All of them afterwards; those that stay as they are must be the same arrays.
            current: The one that is drawn on afterwards.
            text: What it does, for undo.
            merge: Steps of the same that follow each other are undone together; empty for none.
        """
        if not (merge and merge == self._merge):
            self._undo = [*self._undo, _Step(text, self.poses, self.current)][-_LONGEST:]
        self._redo.clear()
        self._merge = merge
        self.poses, self.current = tuple(poses), current

    def draw(self, pose: Pose, text: str, merge: str = "") -> None:
        """Put another pose in the place of the current one."""
        made = [*self.poses]
        made[self.current] = pose
        self.do(made, self.current, text, merge)

    def undo(self) -> str | None:
        """Take the newest step back; what it was, or None."""
        return self._back(self._undo, self._redo)

    def redo(self) -> str | None:
        """Do again what was undone last; what it was, or None."""
        return self._back(self._redo, self._undo)

    def _back(self, source: list[_Step], target: list[_Step]) -> str | None:
        self._merge = ""
        if not source:
            return None
        step = source.pop()
        target.append(_Step(step.text, self.poses, self.current))
        self.poses, self.current = step.poses, step.current
        return step.text
