"""What a person changed in the picture of a frame, and the way back; no Qt.

An edit of the picture is no annotation: it says where landmarks *should* be for a new picture,
not where they are in this one. So it is kept apart from the project's annotations, with a history
of its own.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

import numpy as np

from limner_engine.types import Crop, Floats, FrameKey

HISTORY_LIMIT = 500
"""Steps that can be taken back."""


class OtherVideo(NamedTuple):
    """Another video of the project whose looks are drawn.

    Attributes:
        video_id: The project's number of it.
        crop: What the network sees of the frame; kept, since the video need not be open.
    """

    video_id: int
    crop: Crop


@dataclass(frozen=True, slots=True)
class FrameEdit:
    """The edit of one frame.

    Attributes:
        moved: Landmark index -> where it was dragged, ``(x, y)`` in pixels of the video.
        looks_from: Frame whose appearance is drawn; None for its own.
        looks_video: The video that frame is of; None for the same one.
    """

    moved: dict[int, tuple[float, float]] = field(default_factory=dict)
    looks_from: int | None = None
    looks_video: OtherVideo | None = None

    @property
    def empty(self) -> bool:
        """Whether the picture is as it was."""
        return not self.moved and self.looks_from is None

    def with_point(self, landmark: int, x: float, y: float) -> FrameEdit:
        """The edit with one landmark somewhere else."""
        return replace(self, moved={**self.moved, landmark: (float(x), float(y))})

    def without_points(self, landmarks: Iterable[int]) -> FrameEdit:
        """The edit with some landmarks back where they were found."""
        gone = set(landmarks)
        return replace(self, moved={k: v for k, v in self.moved.items() if k not in gone})

    def with_pose(self, moved: dict[int, tuple[float, float]]) -> FrameEdit:
        """The edit with all landmarks somewhere else, and the same looks."""
        return replace(self, moved=dict(moved))

    def with_looks(self, frame: int | None, video: OtherVideo | None = None) -> FrameEdit:
        """The edit with the looks of another frame, of another video where one is given."""
        return replace(self, looks_from=frame, looks_video=None if frame is None else video)

    def offsets(self, found_px: Floats, crop: Crop) -> dict[int, tuple[float, float]]:
        """How far the landmarks were moved, whatever the frame.

        Args:
            found_px: ``(K, 2)`` pixels where the model found them.
            crop: What the network sees of the frame.

        Returns:
            Landmark -> ``(dx, dy)`` in units of half the crop's side, along the crop's own axes.
            A landmark that was not found in this frame has none.
        """
        from limner_engine.coordinates import frame_to_crop

        by = frame_to_crop(self.points(found_px), crop) - frame_to_crop(found_px, crop)
        return {
            landmark: (float(by[landmark, 0]), float(by[landmark, 1]))
            for landmark in sorted(self.moved)
            if landmark < len(by) and np.isfinite(by[landmark]).all()
        }

    def points(self, found_px: Floats) -> Floats:
        """Where the landmarks should be.

        Args:
            found_px: ``(K, 2)`` pixels where the model found them.

        Returns:
            ``(K, 2)`` float32 pixels.
        """
        points = np.array(found_px, np.float32, copy=True)
        for landmark, position in self.moved.items():
            if landmark < len(points):
                points[landmark] = position
        return points

    def to_json(self) -> dict[str, Any]:
        """The edit as plain JSON."""
        made: dict[str, Any] = {
            "moved": {str(k): [x, y] for k, (x, y) in sorted(self.moved.items())},
            "looks_from": self.looks_from,
        }
        if self.looks_video is not None:
            number, crop = self.looks_video
            square = [crop.centre_x_px, crop.centre_y_px, crop.side_px, crop.angle_rad]
            made["looks_video"] = [number, *square]
        return made

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> FrameEdit:
        """The inverse of `to_json`."""
        looks, other = data.get("looks_from"), data.get("looks_video")
        return cls(
            {int(k): (float(v[0]), float(v[1])) for k, v in data.get("moved", {}).items()},
            None if looks is None else int(looks),
            None if other is None else OtherVideo(int(other[0]), Crop(*map(float, other[1:]))),
        )


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that a person did.

    Attributes:
        key: The frame that it was done to.
        text: What was done, for the Undo action.
        before: The frame's edit before.
        after: The frame's edit afterwards.
    """

    key: FrameKey
    text: str
    before: FrameEdit
    after: FrameEdit


class EditHistory:
    """Steps that can be taken back and done again."""

    def __init__(self) -> None:
        self._done: list[Step] = []
        self._undone: list[Step] = []

    def push(self, step: Step) -> None:
        """Remember a step; what had been taken back is forgotten."""
        self._done.append(step)
        del self._done[:-HISTORY_LIMIT]
        self._undone.clear()

    def undo(self) -> Step | None:
        """Take back the newest step and return it."""
        if not self._done:
            return None
        self._undone.append(self._done.pop())
        return self._undone[-1]

    def redo(self) -> Step | None:
        """Do again what was last taken back and return it."""
        if not self._undone:
            return None
        self._done.append(self._undone.pop())
        return self._done[-1]

    @property
    def undo_text(self) -> str | None:
        """What `undo` would take back."""
        return self._done[-1].text if self._done else None

    @property
    def redo_text(self) -> str | None:
        """What `redo` would do again."""
        return self._undone[-1].text if self._undone else None

    def clear(self) -> None:
        """Forget everything, as when another project is opened."""
        self._done.clear()
        self._undone.clear()
