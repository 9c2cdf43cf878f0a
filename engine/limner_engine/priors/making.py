"""From loose poses of any sources to one prior: mapped, thinned, projected, laid on the canvas."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from limner_engine.errors import FormatError
from limner_engine.priors.canvas import EXTENT, Fit, fit
from limner_engine.priors.joint_map import JointMap
from limner_engine.priors.joint_names import with_pairs
from limner_engine.priors.loose import LoosePoses
from limner_engine.priors.mocap import facing, thinned, upright
from limner_engine.priors.prior import PosePrior
from limner_engine.priors.projection import projected
from limner_engine.types import Skeleton

MOST_POSES = 8000
THIN = 0.05
"""Share of a pose's size within which all landmarks of two poses have to be for one to go."""
LEAST_SIZE = 1e-6
OUTSIDE = 0.25
"""How far out of the canvas a landmark may lie, canvas units; poses that reach further are left
out, for no network could find them there."""


@dataclass(frozen=True, slots=True)
class PriorWishes:
    """How a prior is to be made.

    Attributes:
        most: Poses in it at most. Motion capture is looked at from as many sides as make this
            many.
        thin: See `THIN`; 0 keeps all. Poses of pictures are compared only within one video.
        yaw_deg: How far to either side of the front cameras stand, 0 to 180; for poses in space.
        pitch_deg: Standard deviation of how far they look down or up, degrees.
        how: How poses are laid on the canvas, see `canvas.fit`.
        extent: Likewise.
        centre: Likewise.
        mirror: Add every pose as a mirror shows it, left and right swapped: who waves with one
            hand waves with the other too. Needs left/right pairs.
        even: Every source gives as many poses, looked at from more sides where it has few, so
            that an hour of walking does not drown a minute of waving.
        seed: Of what is random.
    """

    most: int = MOST_POSES
    thin: float = THIN
    yaw_deg: float = 180.0
    pitch_deg: float = 5.0
    how: Fit = "each"
    extent: float = EXTENT
    centre: tuple[float, float] = (0.0, 0.0)
    mirror: bool = False
    even: bool = False
    seed: int = 0


@dataclass(frozen=True, slots=True)
class SourceCount:
    """What became of the poses of one source.

    Attributes:
        source: Name of it.
        found: Poses in it.
        incomplete: Of these, with a landmark missing.
        alike: Of the rest, too much like another.
    """

    source: str
    found: int
    incomplete: int
    alike: int

    @property
    def kept(self) -> int:
        """Poses that are left."""
        return self.found - self.incomplete - self.alike


@dataclass(frozen=True, slots=True)
class MadePrior:
    """A prior, and how it came about.

    Attributes:
        prior: The prior.
        counts: For each source.
        outside: Poses left out because they reached too far out of the canvas.
        joints: For each source how joints became landmarks.
    """

    prior: PosePrior
    counts: tuple[SourceCount, ...]
    outside: int
    joints: tuple[JointMap, ...]


def skeleton_of(sources: Sequence[LoosePoses]) -> Skeleton:
    """The skeleton of sources for which nobody chose one: the first that knows names, else any."""
    named = [source for source in sources if source.named]
    return with_pairs((named or list(sources))[0].skeleton)


def joints_of(source: LoosePoses, skeleton: Skeleton, joints: JointMap | None = None) -> JointMap:
    """How a source's joints become landmarks: as somebody said, else by names or in their order.

    Raises:
        FormatError: The source has no names, and another number of points.
    """
    names = source.skeleton.names
    if joints is not None:
        return joints.within(skeleton, names)
    if source.named:
        return JointMap.guessed(skeleton, names)
    if len(names) != len(skeleton.names):
        raise FormatError(
            f"{source.source} has {len(names)} points without names, and the skeleton has"
            f" {len(skeleton.names)}.",
            "Choose a skeleton of as many landmarks, or say which point is which (for a command:"
            " --joints map.json).",
        )
    return JointMap(
        {landmark: (name,) for landmark, name in zip(skeleton.names, names, strict=True)}
    )


def make_prior(
    name: str,
    sources: Sequence[LoosePoses],
    wishes: PriorWishes,
    *,
    skeleton: Skeleton | None = None,
    joints: JointMap | None = None,
    progress: Callable[[float], object] | None = None,
) -> MadePrior:
    """Make a prior.

    Args:
        name: What people call it.
        sources: At least one.
        wishes: How.
        skeleton: Its landmarks; those of the first source with names if not given.
        joints: For sources whose names say too little.
        progress: Told the share done, 0..1.

    Raises:
        FormatError: A landmark is in no source, or no whole pose is left.
    """
    skeleton = skeleton_of(sources) if skeleton is None else skeleton
    rng = np.random.default_rng(wishes.seed)
    parts: list[LoosePoses] = []
    counts: list[SourceCount] = []
    maps: list[JointMap] = []
    for number, source in enumerate(sources):
        chosen = joints_of(source, skeleton, joints)
        maps.append(chosen)

        def told(share: float, number: int = number) -> None:
            if progress is not None:
                progress(0.9 * (number + share) / len(sources))

        part, count = _prepared(source, chosen, skeleton, wishes.thin, told)
        if len(part):
            parts.append(part)
        counts.append(count)
    if not parts:
        raise FormatError(
            f"There is no whole pose of {len(skeleton.names)} landmarks in"
            f" {', '.join(source.source for source in sources)}.",
            "Choose a skeleton of fewer landmarks, or label more of them.",
        )
    laid = _flat(parts, wishes, rng)
    poses = fit(laid, wishes.how, extent=wishes.extent, centre=wishes.centre)
    inside = (np.abs(poses) <= 1 + OUTSIDE).all(axis=(1, 2))
    if not inside.any():
        raise FormatError(
            "Every pose lies out of the canvas, which is -1 to 1.",
            "Lay each of them by itself, or make them smaller (for a command: --fit each,"
            " --extent).",
        )
    outside = int(len(poses) - inside.sum())
    poses = poses[inside]
    if len(poses) > wishes.most:
        poses = poses[np.sort(rng.choice(len(poses), wishes.most, replace=False))]
    made = PosePrior(name, skeleton, poses, tuple(source.source for source in sources))
    return MadePrior(made, tuple(counts), outside, tuple(maps))


def _prepared(
    source: LoosePoses,
    joints: JointMap,
    skeleton: Skeleton,
    thin: float,
    told: Callable[[float], object],
) -> tuple[LoosePoses, SourceCount]:
    """The source's poses of the skeleton, whole and of unit size, without near twins."""
    space = source.dimensions == 3
    if space:
        source = upright(source)
        # Where somebody walked to does not matter: the root is the origin.
        rooted = source.points - source.points[:, :1]
        source = LoosePoses(source.source, source.skeleton, rooted, source.takes, source.named)
    part = joints.apply(source, skeleton)
    whole = part.whole()
    points = facing(whole.points, skeleton) if space else whole.points
    sizes = (points.max(axis=1) - points.min(axis=1)).max(axis=1) if len(points) else np.zeros(0)
    rows = np.flatnonzero(sizes > LEAST_SIZE * max(1.0, float(sizes.max(initial=0.0))))
    incomplete = len(part) - len(rows)
    kept = rows[thinned(points[rows], whole.takes[rows], thin, across=space, told=told)]
    # People of different files are of one size, whatever the unit.
    unit = _bones(points[rows], skeleton) if space and len(rows) else 1.0
    taken = LoosePoses(whole.source, skeleton, points[kept] / unit, whole.takes[kept])
    count = SourceCount(source.source, len(source), incomplete, len(rows) - len(kept))
    return taken, count


def _bones(points: NDArray[np.float64], skeleton: Skeleton) -> float:
    """How large somebody is, however bent: the length of all edges together.

    Args:
        points: ``(N, K, D)``.
        skeleton: Of them; without edges, each landmark's distance from the first counts.
    """
    edges = np.array(skeleton.edges or [(0, k) for k in range(1, len(skeleton.names))])
    lengths = np.linalg.norm(points[:, edges[:, 0]] - points[:, edges[:, 1]], axis=2)
    return float(np.median(lengths.sum(axis=1)))


def _flat(
    parts: Sequence[LoosePoses], wishes: PriorWishes, rng: np.random.Generator
) -> NDArray[np.float64]:
    """All poses as pictures have them; those in space from as many sides as are needed."""
    total = sum(len(part) for part in parts)
    flat = []
    for part in parts:
        points = part.points
        if wishes.mirror:
            points = np.concatenate([points, mirrored(points, part.skeleton)])
        wanted = wishes.most / len(parts) if wishes.even else wishes.most * len(part) / total
        if part.dimensions == 3:
            views = max(1, math.ceil(wanted / len(points)))
            points = projected(
                np.tile(points, (views, 1, 1)),
                rng,
                yaw=math.radians(wishes.yaw_deg),
                pitch=math.radians(wishes.pitch_deg),
            )
        if wishes.even and len(points) > wanted:
            points = points[rng.choice(len(points), math.ceil(wanted), replace=False)]
        flat.append(points)
    return np.concatenate(flat)


def mirrored(points: NDArray[np.float64], skeleton: Skeleton) -> NDArray[np.float64]:
    """Poses as a mirror shows them, with the names of left and right landmarks swapped.

    Args:
        points: ``(N, K, D)``; x is turned about.
        skeleton: Whose pairs are swapped.
    """
    order = np.arange(len(skeleton.names))
    for left, right in skeleton.symmetries:
        order[[left, right]] = right, left
    turned = points[:, order].copy()
    turned[..., 0] *= -1
    return turned
