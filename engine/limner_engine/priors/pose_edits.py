"""What a hand does to a drawn pose: drag a joint, move, turn, scale, mirror, fill between two.

Poses are ``(K, 2)`` float64, ``(x, y)`` in -1..1 of the crop, x right, y down. Every function
gives a new pose; none changes the one it is given.
"""

from __future__ import annotations

import cmath
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias, get_args

import numpy as np
from numpy.typing import NDArray

from limner_engine.types import Skeleton

Pose: TypeAlias = NDArray[np.float64]

Way: TypeAlias = Literal["joint", "limb", "bones", "nearby"]
"""What goes along with a dragged joint: nothing; what hangs on it; the same with all lengths kept;
its neighbours, the less the farther they are."""
WAYS: tuple[Way, ...] = get_args(Way)

LIMIT = 1.15
"""How far from the middle a hand can bring a joint; a little may lie outside the crop."""
START_EXTENT = 1.4
"""Larger side of a pose that nobody has placed yet."""
_NEARBY = 0.1
"""Reach of a soft drag (one standard deviation), as a share of the pose's larger side."""
_LEAST_EXTENT = 0.05
_TINY = 1e-3
"""A bone this short has no direction to turn."""


@dataclass(frozen=True, slots=True)
class Joints:
    """How the joints of a skeleton hang on each other.

    Attributes:
        parts: For each joint, all joints its edges lead to, itself among them.
        hanging: For each joint, those that hang on the rest of its part by it alone; where no rest
            is left that has half of the part, all others.
        parents: For each joint, the one it hangs on; None in rings and in the middle.
        tree: Pairs (joint, the one before it), from the middle outwards, through all joints; parts
            without an edge between them are joined by their middles.
        middle: The joint from which `tree` starts.
    """

    parts: tuple[frozenset[int], ...]
    hanging: tuple[frozenset[int], ...]
    parents: tuple[int | None, ...]
    tree: tuple[tuple[int, int], ...]
    middle: int

    @classmethod
    def of(cls, skeleton: Skeleton) -> Joints:
        """Read them from a skeleton's edges.

        Raises:
            ValueError: It has no landmark.
        """
        count = len(skeleton.names)
        if not count:
            raise ValueError("a skeleton without landmarks has no joints")
        beside: list[set[int]] = [set() for _ in range(count)]
        for first, second in skeleton.edges:
            if first != second:
                beside[first].add(second)
                beside[second].add(first)
        parts = [frozenset(_steps(beside, joint)) for joint in range(count)]
        hanging, parents = [], []
        for joint, part in enumerate(parts):
            rest = frozenset[int]()
            for start in beside[joint]:
                side = frozenset(_steps(beside, start, without=joint))
                if 2 * len(side) >= len(part):
                    rest = side
            hanging.append(part - rest - {joint})
            near = beside[joint] & rest
            parents.append(next(iter(near)) if len(near) == 1 else None)
        middles = sorted(
            {_middle(beside, part, skeleton) for part in parts},
            key=lambda joint: (-len(parts[joint]), joint),
        )
        tree = [(joint, middles[0]) for joint in middles[1:]]
        for middle in middles:
            before = _steps(beside, middle)
            tree += [(joint, came) for joint, came in before.items() if joint != middle]
        return cls(tuple(parts), tuple(hanging), tuple(parents), tuple(tree), middles[0])

    def limb(self, joint: int) -> frozenset[int]:
        """What goes along with a joint, itself too.

        What hangs on it; of a skeleton of many parts, such as a face, its whole part.
        """
        part = self.parts[joint]
        if 2 * len(part) <= len(self.parts):
            return part
        return self.hanging[joint] | {joint}


def _steps(beside: Sequence[set[int]], start: int, without: int | None = None) -> dict[int, int]:
    """Joints that edges lead to from ``start``, the nearest first, each with the one before it."""
    found, todo = {start: start}, deque([start])
    while todo:
        here = todo.popleft()
        for joint in sorted(beside[here]):
            if joint not in found and joint != without:
                found[joint] = here
                todo.append(joint)
    return found


def _middle(beside: Sequence[set[int]], part: frozenset[int], skeleton: Skeleton) -> int:
    """The joint from which the others are the fewest edges away; one of no side if it can be."""
    sided = {joint for pair in skeleton.symmetries for joint in pair}

    def far(joint: int) -> tuple[int, bool, int]:
        depth: dict[int, int] = {}
        for here, came in _steps(beside, joint).items():
            depth[here] = 0 if here == came else depth[came] + 1
        return sum(depth.values()), joint in sided, joint

    return min(part, key=far)


# --- the whole pose --------------------------------------------------------------------------


def fitted(layout: Pose, extent: float = START_EXTENT) -> Pose:
    """A drawing of any size, brought into the middle of the crop with its proportions kept.

    Args:
        layout: ``(K, 2)``, y down, any unit.
        extent: Its larger side afterwards, of the crop's 2.
    """
    low, high = layout.min(axis=0), layout.max(axis=0)
    size = float((high - low).max())
    made: Pose = (layout - (low + high) / 2) * (extent / size if size > 0 else 1.0)
    return made


def box_of(pose: Pose) -> tuple[Pose, Pose]:
    """Lowest and highest x and y."""
    return pose.min(axis=0), pose.max(axis=0)


def mirrored(pose: Pose, skeleton: Skeleton) -> Pose:
    """As seen in a mirror: the crop turned over, and what was left is right."""
    left, right = np.array(skeleton.symmetries, dtype=np.intp).reshape(-1, 2).T
    order = np.arange(len(pose))
    order[left], order[right] = right, left
    made: Pose = pose[order] * (-1.0, 1.0)
    return made


def moved(pose: Pose, by: tuple[float, float], joints: Sequence[int] | None = None) -> Pose:
    """Shifted as far as the limit lets it; all joints, or those given."""
    made = pose.copy()
    rows = np.arange(len(pose)) if joints is None else np.asarray(joints, dtype=np.intp)
    low, high = box_of(pose[rows])
    # What lies outside already may stay there, but goes no farther.
    least, most = np.minimum(-LIMIT - low, 0.0), np.maximum(LIMIT - high, 0.0)
    made[rows] += np.clip(by, least, most)
    return made


def turned(pose: Pose, angle_rad: float, about: tuple[float, float] | None = None) -> Pose:
    """Turned, clockwise as seen; about the middle of its box where no point is given."""
    centre = _centre(pose) if about is None else np.asarray(about, np.float64)
    sin, cos = np.sin(angle_rad), np.cos(angle_rad)
    made: Pose = (pose - centre) @ np.array([[cos, sin], [-sin, cos]]) + centre
    return made


def scaled(
    pose: Pose, by: tuple[float, float] | float, about: tuple[float, float] | None = None
) -> Pose:
    """Made larger or smaller, never turned over.

    Args:
        pose: The pose.
        by: One factor, or one for x and one for y.
        about: The point that stays; the middle of its box where none is given.
    """
    centre = _centre(pose) if about is None else np.asarray(about, np.float64)
    low, high = box_of(pose)
    size = high - low
    if np.ndim(by) == 0:  # the larger side stops both, so that proportions are kept
        size = np.full(2, size.max())
    size = np.maximum(size, 1e-9)
    factors = np.broadcast_to(np.asarray(by, np.float64), 2)
    least = np.minimum(_LEAST_EXTENT / size, 1.0)
    most = np.maximum(2 * LIMIT / size, 1.0)
    made: Pose = (pose - centre) * np.clip(factors, least, most) + centre
    return made


def _centre(pose: Pose) -> Pose:
    low, high = box_of(pose)
    middle: Pose = (low + high) / 2
    return middle


# --- one joint -------------------------------------------------------------------------------


def dragged(pose: Pose, joints: Joints, joint: int, to: tuple[float, float], way: Way) -> Pose:
    """Bring a joint to a place, or as near as ``way`` lets it.

    Args:
        pose: As it was before the drag began.
        joints: Of its skeleton.
        joint: The one that is dragged.
        to: Where the hand is.
        way: What goes along.
    """
    x, y = (float(v) for v in np.clip(to, -LIMIT, LIMIT))
    by = x - pose[joint, 0], y - pose[joint, 1]
    if way == "limb":
        return moved(pose, by, sorted(joints.limb(joint)))
    if way == "bones":
        return _swung(pose, joints, joint, complex(x, y), by)
    if way == "nearby":
        low, high = box_of(pose)
        reach = max(_NEARBY * float((high - low).max()), _TINY)
        gaps = np.linalg.norm(pose - pose[joint], axis=1)
        soft: Pose = pose + np.exp(-0.5 * (gaps / reach) ** 2)[:, None] * by
        return soft
    made = pose.copy()
    made[joint] = x, y
    return made


def _swung(pose: Pose, joints: Joints, joint: int, to: complex, by: tuple[float, float]) -> Pose:
    """Turn up to two bones so that their end comes near a place; no bone changes its length.

    A joint in a ring, or in the middle, has no bone to turn: its whole part goes along.
    """
    chain = [joint]
    while len(chain) < 3:
        parent = joints.parents[chain[-1]]
        if parent is None or parent in chain:
            break
        chain.append(parent)
    if len(chain) == 1:
        return moved(pose, by, sorted(joints.parts[joint]))
    z = pose[:, 0] + 1j * pose[:, 1]
    anchor, *outwards = (complex(z[i]) for i in reversed(chain))
    places = _one_bone(anchor, outwards, to)
    if len(outwards) == 2:
        places = _two_bones(anchor, outwards, to)
    made = z.copy()
    before_old, before_new = anchor, anchor
    numbers = chain[-2::-1]
    for k, (number, old, new) in enumerate(zip(numbers, outwards, places, strict=True)):
        turn = _direction(new - before_new) / _direction(old - before_old)
        farther = set[int]()
        if k + 1 < len(numbers):
            farther = {numbers[k + 1]} | joints.hanging[numbers[k + 1]]
        along = sorted(joints.hanging[number] - farther)
        made[along] = (z[along] - old) * turn + new
        made[number] = new
        before_old, before_new = old, new
    return np.stack([made.real, made.imag], -1)


def _one_bone(anchor: complex, outwards: Sequence[complex], to: complex) -> list[complex]:
    end = outwards[-1]
    aim = to - anchor if to != anchor else end - anchor
    return [anchor + abs(end - anchor) * _direction(aim)]


def _two_bones(anchor: complex, outwards: Sequence[complex], to: complex) -> list[complex]:
    """By the law of cosines; the bend stays on its side."""
    bend, end = outwards
    near, far = abs(bend - anchor), abs(end - bend)
    aim = to - anchor if to != anchor else end - anchor
    gap = min(max(abs(aim), abs(near - far)), near + far)
    along = _direction(aim)
    cosine = (near**2 + gap**2 - far**2) / (2 * near * gap) if near * gap > 0 else 1.0
    angle = float(np.arccos(np.clip(cosine, -1.0, 1.0)))
    side = 1.0 if ((bend - anchor).conjugate() * (end - anchor)).imag <= 0 else -1.0
    middle = anchor + near * along * cmath.exp(1j * side * angle)
    return [middle, middle + far * _direction(anchor + gap * along - middle)]


def _direction(vector: complex) -> complex:
    size = abs(vector)
    return vector / size if size > 0 else complex(1.0)


# --- between two -----------------------------------------------------------------------------


def between(first: Pose, second: Pose, count: int, skeleton: Skeleton) -> list[Pose]:
    """Poses on the way from one to another, evenly spaced, neither of the two among them.

    Bones swing and change their length evenly, so that an arm that is raised does not become
    short on the way. A bone across the body turns about when the body does: where it would swing
    by more than a quarter it shrinks and grows instead.
    """
    joints = Joints.of(skeleton)
    sides = side_numbers(skeleton)
    a, b = (pose[:, 0] + 1j * pose[:, 1] for pose in (first, second))
    made = []
    for step in range(1, count + 1):
        share = step / (count + 1)
        z = np.empty_like(a)
        z[joints.middle] = a[joints.middle] * (1 - share) + b[joints.middle] * share
        for joint, before in joints.tree:
            across = sides[joint] * sides[before] < 0
            old, new = complex(a[joint] - a[before]), complex(b[joint] - b[before])
            z[joint] = z[before] + _bone_between(old, new, share, across=across)
        made.append(np.stack([z.real, z.imag], -1))
    return made


def _bone_between(old: complex, new: complex, share: float, *, across: bool) -> complex:
    swing = cmath.phase(new * old.conjugate())
    if min(abs(old), abs(new)) < _TINY or (across and abs(swing) > np.pi / 2):
        return old * (1 - share) + new * share
    length: float = abs(old) ** (1 - share) * abs(new) ** share
    return length * _direction(old) * cmath.exp(1j * swing * share)


def side_numbers(skeleton: Skeleton) -> tuple[int, ...]:
    """-1 for each joint on the left, 1 on the right, 0 where a joint has no partner."""
    sides = dict.fromkeys(range(len(skeleton.names)), 0)
    for left, right in skeleton.symmetries:
        sides[left], sides[right] = -1, 1
    return tuple(sides.values())
