"""Frozen values that cross borders between rooms.

Points are ``(x, y)`` in pixels of the video as shown; an integer is the *centre* of a pixel,
``(0, 0)`` the centre of the top-left one. Missing is NaN. Images are ``uint8`` RGB ``(H, W, 3)``.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

Image: TypeAlias = NDArray[np.uint8]
"""RGB picture, ``(H, W, 3)``, 0 to 255."""

Floats: TypeAlias = NDArray[np.float32]


class FrameKey(NamedTuple):
    """Where landmarks live: one subject in one frame of one video of a project.

    Attributes:
        video_id: The project's number of the video.
        frame_index: Presentation order, from 0.
        subject: The project's number of the subject, from 0.
    """

    video_id: int
    frame_index: int
    subject: int = 0


@dataclass(frozen=True, slots=True)
class Crop:
    """A square of the frame that a network sees.

    Attributes:
        centre_x_px: Horizontal position of the centre, pixels of the video.
        centre_y_px: Vertical position of the centre, pixels of the video.
        side_px: Length of a side, pixels of the video; above 0.
        angle_rad: Turn of the square's own x axis against the frame's, clockwise as seen.
    """

    centre_x_px: float
    centre_y_px: float
    side_px: float
    angle_rad: float = 0.0

    def __post_init__(self) -> None:
        if not self.side_px > 0:
            raise ValueError(f"a crop's side must be above 0 px, not {self.side_px}")

    @classmethod
    def whole(cls, width: int, height: int) -> Crop:
        """The smallest square that holds a whole frame of ``width`` by ``height`` pixels."""
        return cls((width - 1) / 2, (height - 1) / 2, float(max(width, height)))


@dataclass(frozen=True, slots=True, eq=False)
class Landmarks:
    """All K landmarks of one subject in one frame.

    Attributes:
        points_px: ``(K, 2)`` float32, ``(x, y)`` in pixels of the video; NaN where missing.
        confidence: ``(K,)`` float32 in 0..1; NaN where missing.
    """

    points_px: Floats
    confidence: Floats

    def __post_init__(self) -> None:
        if self.points_px.ndim != 2 or self.points_px.shape[1] != 2:
            raise ValueError(f"points must be (K, 2), not {self.points_px.shape}")
        if self.confidence.shape != self.points_px.shape[:1]:
            raise ValueError("confidence must have one value for each point")

    def __len__(self) -> int:
        return int(self.points_px.shape[0])


@dataclass(frozen=True, slots=True)
class Skeleton:
    """Names of landmarks and how they hang together.

    Attributes:
        names: One name for each landmark, in order, all different.
        edges: Pairs of landmark indices that are drawn joined.
        symmetries: Pairs of landmark indices (left, right).
    """

    names: tuple[str, ...]
    edges: tuple[tuple[int, int], ...] = ()
    symmetries: tuple[tuple[int, int], ...] = ()

    def __post_init__(self) -> None:
        if len(set(self.names)) != len(self.names):
            raise ValueError("the names of landmarks must all be different")
        for first, second in (*self.edges, *self.symmetries):
            if not (0 <= first < len(self.names) and 0 <= second < len(self.names)):
                raise ValueError(f"({first}, {second}) names a landmark that is not there")

    @classmethod
    def numbered(cls, count: int) -> Skeleton:
        """``count`` discovered landmarks without meaning: ``point 1``, ``point 2`` and so on."""
        return cls(tuple(f"point {i + 1}" for i in range(count)))

    def to_json(self) -> dict[str, Any]:
        """The skeleton as plain lists, as it stands in files."""
        return {
            "names": list(self.names),
            "edges": [list(pair) for pair in self.edges],
            "symmetries": [list(pair) for pair in self.symmetries],
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Skeleton:
        """The inverse of `to_json`.

        Raises:
            ValueError: names are doubled or a pair points outside them.
        """
        return cls(
            tuple(str(name) for name in data["names"]),
            tuple((int(a), int(b)) for a, b in data.get("edges", [])),
            tuple((int(a), int(b)) for a, b in data.get("symmetries", [])),
        )


IMPORTED = "imported"
"""The kind of a source of predictions that has no network: another program found them."""


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """What a model file says of itself; read without torch.

    Attributes:
        kind: Which network: ``"imm"``; `IMPORTED` for none.
        name: What people call it.
        config: Sizes from which the network is built, as plain JSON.
        skeleton: Names of the landmarks it finds.
        provenance: From what, how long and with which losses it learned.
        licence: SPDX expression or a sentence.
        sha256: Hash of the weights, hexadecimal.
        format_version: Version of the file layout.
    """

    kind: str
    name: str
    config: dict[str, Any]
    skeleton: Skeleton
    provenance: dict[str, Any] = field(default_factory=dict)
    licence: str = ""
    sha256: str = ""
    format_version: int = 1

    @property
    def imported(self) -> bool:
        """Whether these are predictions from a file, which nothing can make again."""
        return self.kind == IMPORTED
