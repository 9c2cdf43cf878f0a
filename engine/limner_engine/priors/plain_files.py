"""Plain files of points: NumPy arrays, ``.pts`` of 300-W, and tables with a row for each pose."""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from limner_engine.errors import FormatError
from limner_engine.formats.labels import LARGEST_TEXT_BYTES, MOST_LANDMARKS, checked_size
from limner_engine.formats.whole_file import csv_rows, number, refuse
from limner_engine.priors.loose import LoosePoses
from limner_engine.types import Skeleton

_ARRAY_MEND = "Save an array of (poses, landmarks, 2), x to the right and y downwards."
PIXELS = 10.0
"""Beyond it places are pixels; motion capture in metres is not as far from its origin."""
_X_FIRST = re.compile(r"^x[ _]?(?P<name>.+)$", re.IGNORECASE)
_X_LAST = re.compile(r"^(?P<name>.+)[ _.]x$", re.IGNORECASE)


def read_array(path: Path, least_confidence: float = 0.0) -> LoosePoses:
    """Read an array of poses from ``.npy``, or the first that fits from ``.npz``.

    ``(N, K, 2)`` and ``(N, 2, K)`` are poses of pictures, the first where both readings fit.
    ``(N, K, 3)`` are poses of space, y up; but where the third numbers are all 0 to 1 and the
    others are pixels, these are a confidence, and the poses are of pictures.

    Args:
        path: The file.
        least_confidence: Points below it count as missing.

    Raises:
        FormatError: There is none, or the file is damaged.
    """
    try:
        stored = np.load(path, allow_pickle=False)
        arrays = [stored] if isinstance(stored, np.ndarray) else [stored[key] for key in stored]
    except FileNotFoundError:
        raise FormatError(f"There is no file {path}.", "Check the name.") from None
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile, zlib.error) as error:
        raise FormatError(f"{path.name} is not a NumPy array: {error}.", _ARRAY_MEND) from error
    shapes = []
    for array in arrays:
        shapes.append(str(array.shape))
        if array.ndim != 3 or array.dtype.kind not in "fiu" or not len(array):
            continue
        if array.shape[2] not in (2, 3) and array.shape[1] == 2:
            array = array.transpose(0, 2, 1)
        if array.shape[2] in (2, 3) and 1 <= array.shape[1] <= MOST_LANDMARKS:
            return _unnamed(path.name, _without_confidence(array, least_confidence))
    raise FormatError(f"{path.name} holds {', '.join(shapes) or 'nothing'}.", _ARRAY_MEND)


def read_pts(path: Path, files: Iterable[Path]) -> LoosePoses:
    """Read ``.pts`` files of 300-W, one pose each; all must have as many points.

    Args:
        path: What people chose: a file or a folder.
        files: The files.

    Raises:
        FormatError: One is not in the layout, or of another number of points.
    """
    poses: list[NDArray[np.float64]] = []
    for file in files:
        pose = _pts(file)
        if poses and pose.shape != poses[0].shape:
            raise FormatError(
                f"{file.name} has {len(pose)} points, and the files before it {len(poses[0])}.",
                "Put files of one kind into one folder.",
            )
        poses.append(pose)
    if not poses:
        raise FormatError(f"{path} holds no .pts files.", "Name the folder that does.")
    return _unnamed(path.name, np.stack(poses))


def read_rows(path: Path) -> LoosePoses:
    """Read a table with a row for each pose and columns x and y for each landmark.

    Columns are called ``x0, y0, …`` or ``nose_x, nose_y, …``; others are left out of account.
    Empty cells are missing, and so is a point whose x and y are both 0, as in MUCT.

    Raises:
        FormatError: It has no such columns, or a cell is no number.
    """
    checked_size(path, LARGEST_TEXT_BYTES)
    with csv_rows(path) as rows:
        header = [cell.strip() for cell in next(rows, [])]
        columns = _columns(header)
        if not columns:
            raise refuse(
                path,
                1,
                "this is no table of poses that is known",
                "Export a tidy or DeepLabCut table, or name columns x0, y0 or nose_x, nose_y.",
            )
        found: list[list[float]] = []
        for position, row in enumerate(rows, 2):
            if not row:
                continue
            if len(row) != len(header):
                raise refuse(
                    path,
                    position,
                    f"it has {len(row)} cells, not {len(header)}",
                    "The file may have been cut off; export it again.",
                )
            found.append(
                [
                    number(path, position, header[i], row[i])
                    for pair in columns.values()
                    for i in pair
                ]
            )
    points = np.array(found, np.float64).reshape(len(found), len(columns), 2)
    points[(points == 0).all(axis=2)] = np.nan
    names = tuple(columns)
    named = not all(name.strip("_ ").isdigit() for name in names)
    if not named:
        return _unnamed(path.name, points)
    return LoosePoses(path.name, Skeleton(names), points, np.arange(len(points)))


def _without_confidence(array: NDArray[Any], least: float) -> NDArray[np.float64]:
    points = np.asarray(array, np.float64)
    known = points[np.isfinite(points).all(axis=2)]
    if points.shape[2] == 2 or not len(known):
        return points
    third = known[:, 2]
    if third.min() < 0 or third.max() > 1 or np.abs(known[:, :2]).max() <= PIXELS:
        return points
    return np.where((points[..., 2] < least)[..., None], np.nan, points[..., :2])


def _columns(header: list[str]) -> dict[str, tuple[int, int]]:
    """Name of each landmark with its columns of x and y."""
    place = {name.casefold(): i for i, name in enumerate(header)}
    found: dict[str, tuple[int, int]] = {}
    for form, other in ((_X_LAST, "{}{}y"), (_X_FIRST, "y{}{}")):
        for name in header:
            match = form.match(name)
            if match is None:
                continue
            label = match["name"]
            between = name.casefold().replace(label.casefold(), "", 1).replace("x", "", 1)
            parts = (label, between) if form is _X_LAST else (between, label)
            at = place.get(other.format(*parts).casefold())
            if at is not None and label not in found:
                found[label] = place[name.casefold()], at
        if found:
            break
    return found


def _pts(path: Path) -> NDArray[np.float64]:
    """``(K, 2)`` pixels from 0; the file counts from 1."""
    try:
        text = path.read_text("utf-8", errors="replace")
    except OSError as error:
        raise FormatError(f"{path} could not be read: {error.strerror or error}.") from error
    inside = re.search(r"n_points:\s*(\d+)\s*\{([^}]*)\}", text)
    words = inside[2].split() if inside else []
    try:
        values = np.array([float(word) for word in words])
    except ValueError:
        values = np.empty(0)
    count = int(inside[1]) if inside else 0
    if not 0 < count <= MOST_LANDMARKS or len(values) != 2 * count:
        raise FormatError(
            f"{path.name} is not a .pts file of points.",
            "It should say n_points: and list as many pairs of numbers in braces.",
        )
    return values.reshape(count, 2) - 1.0


def _unnamed(source: str, points: NDArray[np.float64]) -> LoosePoses:
    skeleton = Skeleton.numbered(points.shape[1])
    return LoosePoses(source, skeleton, points, np.arange(len(points)), named=False)
