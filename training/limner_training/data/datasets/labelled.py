"""What a reader of a public data set gives, whatever the set: pictures, points, people, splits.

Nothing of a set is copied: pictures are read one at a time when they are asked for.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from limner_engine.coordinates import cut
from limner_engine.errors import FormatError
from limner_engine.types import Crop, Image
from limner_training.data.array_file import stored_arrays
from limner_training.data.picture_file import stored_picture

Doubles = NDArray[np.float64]
Indices = NDArray[np.int64]

Progress = Callable[[float], bool]
"""Told the share done, 0..1. Where reading takes minutes, False stops it with what is read."""

PARTS = ("train", "validation", "test")


@dataclass(frozen=True, slots=True)
class Eyes:
    """Which points mark the two eyes: the unit of errors of faces.

    Attributes:
        name: What is measured between: ``outer corners`` or ``pupils``.
        left: Indices of points whose mean is one eye.
        right: The same of the other eye.
    """

    name: str
    left: tuple[int, ...]
    right: tuple[int, ...]


@dataclass(frozen=True, slots=True, eq=False)
class LabelledSet:
    """Pictures, where to look in them, and what people marked there.

    Attributes:
        layout: Name of the layout.
        picture: Reads a picture by its number: ``(H, W, 3)`` uint8 RGB.
        views: ``(N, 4)``: left, top, width, height in pixels of the picture, of what a network
            sees; edges, so that a whole picture starts at -0.5. It becomes a square, whatever its
            shape, as in the authors' programs.
        points_px: ``(N, P, 2)`` pixels of the picture; NaN where missing or hidden. P is 0 in sets
            without labelled points.
        part: ``(N,)`` of `PARTS`: the published split.
        people: Who is in each picture, or empty where the set does not say.
        groups: Activity of each picture, over which means are taken first; or empty.
        measures: Names of the set's own measures; see ``evaluation.protocol``.
        eyes: Units of the error of faces; empty for others.
        joints: Names of the points where single ones are reported; or empty.
        visible: ``(N, P)`` float64: 1 visible, 0 hidden, NaN where nobody said; None where the set
            says it of no point.
        torso: The shoulder and the hip across whose distance is a unit; None where there are none.
        angles_rad: ``(N,)``: turn of each view about its middle, clockwise as seen. Where it is
            given, views are squares and cut as the program cuts videos. None for published sets.
        split: How the set was split where nobody published it, in words; or empty.
        sources: Where each picture is: a video and a frame of it, or a picture file, which is a
            video of one frame; empty where the set does not say.
    """

    layout: str
    picture: Callable[[int], Image]
    views: Doubles
    points_px: Doubles
    part: NDArray[np.str_]
    people: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    measures: tuple[str, ...] = ("image size",)
    eyes: tuple[Eyes, ...] = ()
    joints: tuple[str, ...] = ()
    visible: Doubles | None = None
    torso: tuple[int, int] | None = None
    angles_rad: Doubles | None = None
    split: str = ""
    sources: tuple[tuple[Path, int], ...] = ()

    def __post_init__(self) -> None:
        count = len(self.points_px)
        good = (
            self.points_px.ndim == 3
            and self.points_px.shape[2] == 2
            and self.views.shape == (count, 4)
            and self.part.shape == (count,)
            and len(self.people) in (0, count)
            and len(self.groups) in (0, count)
            and (self.visible is None or self.visible.shape == self.points_px.shape[:2])
            and (self.angles_rad is None or self.angles_rad.shape == (count,))
            and len(self.sources) in (0, count)
        )
        if not good:
            raise ValueError("the arrays of a labelled set do not fit together")

    def __len__(self) -> int:
        return len(self.points_px)

    @property
    def point_count(self) -> int:
        """P."""
        return int(self.points_px.shape[1])

    def members(self, part: str) -> Indices:
        """Numbers of the pictures of one part, rising."""
        return np.flatnonzero(self.part == part)

    def points_norm(self) -> Doubles:
        """The points in -1..1 of what the network sees: ``(N, P, 2)``."""
        middle, half = self._middles(np.arange(len(self)))
        return _turned(self.points_px - middle, self._turns(slice(None), -1)) / half

    def to_pixels(self, points_norm: Doubles, members: Indices) -> Doubles:
        """From -1..1 of the view to pixels of the pictures ``members``: ``(n, P, 2)``."""
        middle, half = self._middles(members)
        return middle + _turned(points_norm * half, self._turns(members, 1))

    def cut(self, number: int, size: int) -> Image:
        """What a network sees of a picture: ``(size, size, 3)`` uint8."""
        view = self.views[number]
        if self.angles_rad is None:
            return cut_view(self.picture(number), view, size)
        centre = view[:2] + view[2:] / 2
        x, y, side = (float(value) for value in (*centre, view[2]))
        turned = Crop(x, y, side, float(self.angles_rad[number]))
        return cut(self.picture(number), turned, size)

    def _middles(self, members: Indices) -> tuple[Doubles, Doubles]:
        """Middle and half the extent of views: ``(n, 1, 2)`` each."""
        half = self.views[members, None, 2:] / 2
        return self.views[members, None, :2] + half, half

    def _turns(self, members: Indices | slice, way: int) -> Doubles | None:
        return None if self.angles_rad is None else way * self.angles_rad[members]


def _turned(offsets: Doubles, angles_rad: Doubles | None) -> Doubles:
    """Offsets ``(n, P, 2)`` turned clockwise as seen by ``(n,)`` angles."""
    if angles_rad is None:
        return offsets
    cos, sin = np.cos(angles_rad)[:, None], np.sin(angles_rad)[:, None]
    x, y = offsets[..., 0], offsets[..., 1]
    return np.stack([cos * x - sin * y, sin * x + cos * y], axis=-1)


def whole(width: float, height: float) -> Doubles:
    """The view of a whole picture."""
    return np.array([-0.5, -0.5, width, height])


def cut_view(picture: Image, view: Doubles, size: int) -> Image:
    """Resample a rectangle to a square; the nearest edge pixel goes on outside the picture.

    Args:
        picture: ``(H, W, 3)`` uint8.
        view: Left, top, width, height; see `LabelledSet.views`.
        size: Side of the result.

    Returns:
        ``(size, size, 3)`` uint8.
    """
    corner, step = view[:2], view[2:] / size
    # What shrinks is averaged first, as bilinear resampling would drop pixels.
    limits = picture.shape[1], picture.shape[0]
    first, last, factor = [0, 0], [0, 0], [1.0, 1.0]
    for axis in (0, 1):
        margin = 2 * step[axis] + 2
        first[axis] = min(max(0, math.floor(corner[axis] - margin)), limits[axis] - 1)
        end = math.ceil(corner[axis] + view[2 + axis] + margin)
        last[axis] = max(first[axis] + 1, min(limits[axis], end))
        extent = last[axis] - first[axis]
        factor[axis] = max(1, round(extent / max(1.0, step[axis]))) / extent
    around = picture[first[1] : last[1], first[0] : last[0]]
    if factor != [1.0, 1.0]:
        shape = [round((last[axis] - first[axis]) * factor[axis]) for axis in (0, 1)]
        around = np.asarray(cv2.resize(around, shape, interpolation=cv2.INTER_AREA), np.uint8)
    matrix = np.zeros((2, 3))
    for axis in (0, 1):
        matrix[axis, axis] = step[axis] * factor[axis]
        start = corner[axis] + step[axis] / 2
        matrix[axis, 2] = (start - first[axis] + 0.5) * factor[axis] - 0.5
    seen = cv2.warpAffine(
        around,
        matrix,
        (size, size),
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_REPLICATE,
    )
    return np.asarray(seen, np.uint8)


def read_picture(path: Path) -> Image:
    """A picture file as RGB.

    Raises:
        FormatError: It is missing or no picture.
    """
    picture = stored_picture(path)
    if picture is None:
        raise FormatError(f"The picture {path} is missing or cannot be read.")
    return picture


def need(folder: Path, names: Sequence[str], layout: str, mend: str) -> None:
    """Check that files and folders are there.

    Args:
        folder: What the person named.
        names: What has to be in it.
        layout: The data set, for people.
        mend: What to do about it.

    Raises:
        FormatError: Names every one that is missing.
    """
    if not folder.is_dir():
        raise FormatError(f"There is no folder {folder}.", mend)
    missing = [name for name in names if not (folder / name).exists()]
    if missing:
        raise FormatError(f"For {layout}, {folder} lacks {', '.join(missing)}.", mend)


def read_lines(path: Path) -> list[str]:
    """The lines of a text that are not blank, stripped.

    Raises:
        FormatError: It cannot be read as text.
    """
    try:
        lines = path.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise FormatError(f"{path.name} cannot be read as text: {error}.") from error
    return [line.strip() for line in lines if line.strip()]


def read_arrays(path: Path, names: Sequence[str]) -> list[NDArray[np.generic]]:
    """Named arrays of an ``.npz`` file.

    Raises:
        FormatError: It is none, or one of them is not in it.
    """
    try:
        stored = stored_arrays(path, names)
        absent = [name for name in names if name not in stored]
        if absent:
            raise ValueError(f"it lacks {', '.join(absent)}")
    except ValueError as error:
        raise FormatError(
            f"{path.name} has to hold the arrays {', '.join(names)}: {error}.", "Convert it again."
        ) from error
    return [stored[name] for name in names]
