"""Motion capture as poses in space: archives of arrays, which way is up, and thinning."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from limner_engine.errors import FormatError
from limner_engine.priors.joint_names import guessed_joint
from limner_engine.priors.loose import LoosePoses
from limner_engine.types import Skeleton

TOLD_EVERY = 500
NAMES, PARENTS = "__names__", "__parents__"
_MEND = (
    "An archive of motion capture holds __names__ (J,), __parents__ (J,), -1 for the root, and"
    " for each recording an array (frames, J, 3) with y up."
)


def is_mocap_archive(path: Path) -> bool:
    """Whether a ``.npz`` names joints and their parents."""
    try:
        with zipfile.ZipFile(path) as archive:
            return {f"{NAMES}.npy", f"{PARENTS}.npy"} <= set(archive.namelist())
    except (OSError, zipfile.BadZipFile):
        return False


def read_mocap_archive(path: Path) -> LoosePoses:
    """Read an archive: joints with parents, and an array ``(frames, J, 3)`` for each recording.

    Raises:
        FormatError: It is damaged, or not in the layout.
    """
    try:
        with np.load(path, allow_pickle=False) as stored:
            names = tuple(str(name) for name in stored[NAMES])
            parents = np.asarray(stored[PARENTS], np.int64)
            recordings = [np.asarray(stored[k], np.float64) for k in stored if k[:2] != "__"]
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile, zlib.error) as error:
        raise FormatError(f"{path.name} cannot be read: {error}.", _MEND) from error
    count = len(names)
    if parents.shape != (count,) or len(set(names)) != count or (parents >= count).any():
        raise FormatError(f"{path.name}: names and parents do not fit together.", _MEND)
    if not recordings or any(r.ndim != 3 or r.shape[1:] != (count, 3) for r in recordings):
        raise FormatError(f"{path.name} has no recordings, or some of another shape.", _MEND)
    edges = tuple((int(parent), i) for i, parent in enumerate(parents) if parent >= 0)
    takes = np.repeat(np.arange(len(recordings)), [len(r) for r in recordings])
    return LoosePoses(path.name, Skeleton(names, edges), np.concatenate(recordings), takes)


def upright(poses: LoosePoses) -> LoosePoses:
    """Turn the axes so that y is up, judged by where heads are and where feet.

    Files of motion capture have y up or z up and do not say which. Where no head and no feet
    are known by name, y is.

    Args:
        poses: ``(N, J, 3)``.
    """
    names = poses.skeleton.names
    head = guessed_joint("head", names) or guessed_joint("neck", names)
    feet = [j for side in ("left", "right") for j in guessed_joint(f"{side} ankle", names)]
    if not head or not feet:
        return poses
    place = [names.index(foot) for foot in feet]
    towards = poses.points[:, names.index(head[0])] - poses.points[:, place].mean(axis=1)
    up = np.nanmean(towards, axis=0)
    axis = int(np.argmax(np.abs(up)))
    x, y, z = np.moveaxis(poses.points, -1, 0)
    sign = float(np.sign(up[axis]))
    # Turns, none of them a reflection, which would make left right.
    turned = {
        0: (-sign * y, sign * x, z),
        1: (sign * x, sign * y, z),
        2: (x, sign * z, -sign * y),
    }[axis]
    return LoosePoses(poses.source, poses.skeleton, np.stack(turned, -1), poses.takes)


def facing(points: NDArray[np.float64], skeleton: Skeleton) -> NDArray[np.float64]:
    """Poses turned about y so that somebody's left is along x.

    Args:
        points: ``(N, K, 3)``, y up.
        skeleton: Whose left/right pairs tell; without any, poses stay as they are.

    Returns:
        ``(N, K, 3)``.
    """
    if not skeleton.symmetries:
        return points
    left, right = np.array(skeleton.symmetries).T
    across = (points[:, left] - points[:, right]).mean(axis=1)
    return turned_about_y(points, np.arctan2(across[:, 2], across[:, 0]))


def turned_about_y(points: NDArray[np.float64], angle: NDArray[Any]) -> NDArray[np.float64]:
    """Turn poses about the upright axis, from x towards minus z.

    Args:
        points: ``(N, K, 3)``.
        angle: ``(N,)`` radians.
    """
    cos, sin = np.cos(angle)[:, None], np.sin(angle)[:, None]
    x, y, z = np.moveaxis(points, -1, 0)
    return np.stack([cos * x + sin * z, y, cos * z - sin * x], axis=-1)


def thinned(
    points: NDArray[np.float64],
    takes: NDArray[np.int64],
    share: float,
    *,
    across: bool,
    told: Callable[[float], object] | None = None,
) -> NDArray[np.int64]:
    """Which poses to keep so that no two are nearly alike.

    A pose is left out if one that is kept has every landmark within ``share`` of the median
    size of poses of where it has it. Where they stand does not count.

    Args:
        points: ``(N, K, D)`` without NaN.
        takes: ``(N,)``: which recording each is of.
        share: 0 keeps all.
        across: Compare with the poses of all recordings, not with those of the same one alone.
        told: Told the share done, 0..1, now and then.

    Returns:
        Rising indices.
    """
    count = len(points)
    if share <= 0 or count == 0:
        return np.arange(count)
    centred = (points - points.mean(axis=1, keepdims=True)).astype(np.float32)
    size = float(np.median((centred.max(axis=1) - centred.min(axis=1)).max(axis=1)))
    least = (share * size) ** 2
    kept: list[int] = []
    # Room for all, so that comparing needs no new array for each pose.
    pool, first = np.empty_like(centred), 0
    for i in range(count):
        if told is not None and i % TOLD_EVERY == 0:
            told(i / count)
        if not across and i and takes[i] != takes[i - 1]:
            first = len(kept)
        # The newest first: frames are like their neighbours, and most need no further look.
        if len(kept) > first and _far(pool[len(kept) - 1 : len(kept)], centred[i]) < least:
            continue
        if len(kept) > first and _far(pool[first : len(kept)], centred[i]) < least:
            continue
        pool[len(kept)] = centred[i]
        kept.append(i)
    return np.array(kept, np.int64)


def _far(pool: NDArray[np.float32], pose: NDArray[np.float32]) -> float:
    """Square of the largest distance of a landmark, to the pose of the pool nearest in that."""
    return float(((pool - pose) ** 2).sum(axis=2).max(axis=1).min())
