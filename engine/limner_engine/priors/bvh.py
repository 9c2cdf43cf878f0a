"""BVH: motion capture as text, a tree of joints and their angles frame by frame.

``HIERARCHY`` tells for each joint its OFFSET from its parent and which numbers of a row are its
CHANNELS; ``MOTION`` has the rows. Rotations are in degrees and stand in the order in which they
are multiplied, so that with Zrotation Xrotation Yrotation a joint's own turn is ``Rz Rx Ry``. The
place of a joint is its parent's, plus its offset turned by all joints above it; positions among
the channels replace the offset.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from limner_engine.errors import FormatError
from limner_engine.formats.labels import LARGEST_TEXT_BYTES, checked_size
from limner_engine.priors.loose import LoosePoses
from limner_engine.types import Skeleton

END = "end"
"""What stands behind a joint's name for the End Site below it: the tip of a hand or a head."""
MOST_JOINTS = 500
MOST_NUMBERS = 200_000_000

_POSITIONS = ("xposition", "yposition", "zposition")
_ROTATIONS = ("xrotation", "yrotation", "zrotation")


@dataclass
class _Joint:
    name: str
    parent: int
    offset: tuple[float, float, float] = (0.0, 0.0, 0.0)
    channels: list[str] = field(default_factory=list)
    ends: bool = False


def read_bvh(path: Path) -> LoosePoses:
    """Read a BVH file and find where every joint is in every frame.

    Returns:
        The poses, in the axes and the unit of the file (`mocap.upright` turns them), one take.

    Raises:
        FormatError: There is no such file, or it is not in the layout; names the line.
    """
    checked_size(path, LARGEST_TEXT_BYTES)
    try:
        lines = path.read_text("utf-8", errors="replace").splitlines()
    except OSError as error:
        raise FormatError(f"{path} could not be read: {error.strerror or error}.") from error
    joints, at = _hierarchy(path, lines)
    rows = _motion(path, lines, at, sum(len(joint.channels) for joint in joints))
    edges = tuple((joint.parent, i) for i, joint in enumerate(joints) if joint.parent >= 0)
    skeleton = Skeleton(tuple(joint.name for joint in joints), edges)
    places = _places(joints, rows)
    return LoosePoses(path.name, skeleton, places, np.zeros(len(places), np.int64))


def _hierarchy(path: Path, lines: list[str]) -> tuple[list[_Joint], int]:
    """The joints, parents first, and the number of the line behind them."""
    joints: list[_Joint] = []
    names: set[str] = set()
    open_joints: list[int] = []
    newest = -1
    if not lines or lines[0].strip().upper() != "HIERARCHY":
        raise _refuse(path, 1, "it does not begin with HIERARCHY")
    for number, line in enumerate(lines[1:], 2):
        words = line.split()
        if not words:
            continue
        word = words[0].upper()
        if word == "MOTION":
            if open_joints or not joints:
                raise _refuse(path, number, "the joints are not closed before MOTION")
            return joints, number
        if word in ("ROOT", "JOINT", "END"):
            if len(joints) >= MOST_JOINTS:
                raise _refuse(path, number, f"there are more than {MOST_JOINTS} joints")
            parent = open_joints[-1] if open_joints else -1
            if parent < 0 and joints:
                raise _refuse(path, number, "there is a second root")
            if word == "END" and parent < 0:
                raise _refuse(path, number, "an end stands on no joint")
            name = f"{joints[parent].name} {END}" if word == "END" else " ".join(words[1:])
            if not name or name in names:
                raise _refuse(path, number, f"a joint has no name of its own ({name!r})")
            names.add(name)
            joints.append(_Joint(name, parent, ends=word == "END"))
            newest = len(joints) - 1
        elif word == "{":
            if newest < 0 or newest in open_joints:
                raise _refuse(path, number, "a brace opens no joint")
            open_joints.append(newest)
        elif word == "}":
            if not open_joints:
                raise _refuse(path, number, "a brace closes no joint")
            open_joints.pop()
        elif word == "OFFSET" and open_joints and len(words) == 4:
            x, y, z = (_number(path, number, text) for text in words[1:])
            joints[open_joints[-1]].offset = x, y, z
        elif word == "CHANNELS" and open_joints and len(words) > 1:
            channels = [text.lower() for text in words[2:]]
            known = {*_POSITIONS, *_ROTATIONS}
            if words[1] != str(len(channels)) or not set(channels) <= known:
                raise _refuse(path, number, "its channels are not understood")
            joints[open_joints[-1]].channels = channels
        else:
            raise _refuse(path, number, f"“{line.strip()[:40]}” is not understood")
    raise _refuse(path, len(lines), "the file ends before MOTION")


def _motion(path: Path, lines: list[str], at: int, width: int) -> NDArray[np.float64]:
    """``(frames, channels)``."""
    found: list[list[float]] = []
    frames = -1
    for number, line in enumerate(lines[at:], at + 1):
        words = line.split()
        if not words:
            continue
        if words[0].lower() == "frames:" and len(words) == 2 and words[1].isdigit():
            frames = int(words[1])
            if frames * width > MOST_NUMBERS:
                raise _refuse(path, number, f"{frames} frames are too many")
        elif words[0].lower() != "frame":
            if len(words) != width:
                raise _refuse(path, number, f"it has {len(words)} numbers, not {width}")
            found.append([_number(path, number, text) for text in words])
    if frames < 1 or len(found) != frames:
        raise FormatError(
            f"{path.name} announces {max(frames, 0)} frames and has {len(found)}.",
            "The file may have been cut off; export it again.",
        )
    return np.array(found, np.float64)


def _places(joints: list[_Joint], rows: NDArray[np.float64]) -> NDArray[np.float64]:
    """``(frames, joints, 3)`` by going down the tree."""
    frames = len(rows)
    places = np.empty((frames, len(joints), 3))
    turns = np.empty((frames, len(joints), 3, 3))
    column = 0
    for i, joint in enumerate(joints):
        offset = np.tile(np.array(joint.offset), (frames, 1))
        turn = np.broadcast_to(np.eye(3), (frames, 3, 3))
        for channel in joint.channels:
            values = rows[:, column]
            column += 1
            if channel in _POSITIONS:
                offset[:, _POSITIONS.index(channel)] = values
            else:
                turn = turn @ _turn(_ROTATIONS.index(channel), np.deg2rad(values))
        if joint.parent < 0:
            places[:, i], turns[:, i] = offset, turn
        else:
            above = turns[:, joint.parent]
            places[:, i] = places[:, joint.parent] + np.einsum("nij,nj->ni", above, offset)
            turns[:, i] = above @ turn
    return places


def _turn(axis: int, angle: NDArray[np.float64]) -> NDArray[np.float64]:
    """``(n, 3, 3)``: turns about x, y or z by the right-hand rule."""
    cos, sin = np.cos(angle), np.sin(angle)
    first, second = (axis + 1) % 3, (axis + 2) % 3
    made = np.zeros((len(angle), 3, 3))
    made[:, axis, axis] = 1.0
    made[:, first, first] = made[:, second, second] = cos
    made[:, second, first], made[:, first, second] = sin, -sin
    return made


def _number(path: Path, line: int, text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise _refuse(path, line, f"“{text[:40]}” is not a number")
    return value


def _refuse(path: Path, line: int, what: str) -> FormatError:
    return FormatError(
        f"{path.name}, line {line}: {what}.", "Export the motion again as BVH, as text."
    )
