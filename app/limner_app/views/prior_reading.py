"""Reading loose poses and making a prior of them, without a window."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from limner_app.views.prior_draft import EXTENTS, Placing
from limner_engine.errors import FormatError, LimnerError
from limner_engine.priors.canvas import EXTENT, fit
from limner_engine.priors.joint_map import JointMap
from limner_engine.priors.loose import LoosePoses
from limner_engine.priors.making import OUTSIDE, PriorWishes, make_prior
from limner_engine.priors.prior import PRIOR_SUFFIX, PosePrior
from limner_engine.priors.reading import read_loose
from limner_engine.priors.statistics import PoseStatistics
from limner_engine.project import Project
from limner_engine.types import Floats, Skeleton

_UNPLACED = 0.1
"""Extent of poses before they are placed: so small that none reaches out of the canvas, which
would drop it."""

_JOINTS = "prior_joints"
"""The project's setting that remembers a joint map before a prior is made with it."""

Told = Callable[[float], None]


class ReadingDroppedError(LimnerError):
    """Nobody waits for it any more."""


@dataclass(eq=False)
class Source:
    """What poses come from.

    Attributes:
        name: What the prior is called.
        sources: Of what it is made, one text each.
        loose: The poses as they were read.
        prior: The prior that these are, on the canvas already; None where they come from files of
            other kinds.
        paths: The files; none for a prior of the project, or one that was drawn.
        joints: Of which joints each landmark is made, as a person had it.
    """

    name: str
    sources: tuple[str, ...]
    loose: list[LoosePoses]
    prior: PosePrior | None = None
    paths: list[Path] = field(default_factory=list)
    joints: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def of_prior(cls, prior: PosePrior, joints: Mapping[str, Any] | None = None) -> Source:
        """A prior that exists already."""
        takes = np.arange(len(prior))
        loose = LoosePoses(prior.name, prior.skeleton, prior.poses.astype(np.float64), takes)
        return cls(prior.name, prior.sources, [loose], prior, joints=dict(joints or {}))

    @property
    def spatial(self) -> bool:
        """Whether these are poses in space."""
        return any(one.dimensions == 3 for one in self.loose)

    @property
    def count(self) -> int:
        """How many poses were read, incomplete ones too."""
        return sum(len(one) for one in self.loose)

    @property
    def joint_names(self) -> tuple[str, ...]:
        """What can be chosen for a landmark; none where several files have different joints."""
        names = self.loose[0].skeleton.names
        return names if all(one.skeleton.names == names for one in self.loose) else ()

    def plain(self, skeleton: Skeleton) -> bool:
        """Whether its points are the landmarks beyond doubt: by names, or by order and number."""
        names = self.joint_names
        if self.spatial:
            return False
        if self.loose[0].named:
            return set(skeleton.names) <= set(names)
        return len(names) == len(skeleton.names)


def read_source(paths: Sequence[Path], told: Told) -> Source:
    """Read files or folders; takes seconds for large ones.

    Args:
        paths: At least one.
        told: Told the share done; it may raise to end the reading.

    Raises:
        FormatError: One cannot be read.
    """
    first = paths[0]
    if len(paths) == 1 and first.name.endswith(PRIOR_SUFFIX):
        made = Source.of_prior(PosePrior.open(first))
        made.paths = list(paths)
        return made
    loose = []
    for number, path in enumerate(paths):
        told(number / len(paths))
        loose.append(read_loose(path))
    name = first.name if first.is_dir() else first.name.split(".")[0]
    return Source(name, tuple(path.name for path in paths), loose, paths=list(paths))


def guessed_map(
    source: Source, skeleton: Skeleton, remembered: Sequence[Mapping[str, Any]] = ()
) -> JointMap:
    """How joints become landmarks: as a person had it before, else by names or in their order.

    Args:
        source: The poses.
        skeleton: What is wanted.
        remembered: Former maps as `JointMap.to_json` gives them, the newest first.
    """
    first = source.loose[0]
    names = first.skeleton.names
    if first.named:
        made = JointMap.guessed(skeleton, names)
    elif len(names) == len(skeleton.names):
        pairs = zip(skeleton.names, names, strict=True)
        made = JointMap({landmark: (name,) for landmark, name in pairs})
    else:
        made = JointMap(dict.fromkeys(skeleton.names, ()))
    known = dict(made.landmarks)
    for landmark in known:
        for former in (source.joints, *remembered):
            said = former.get(landmark)
            joints = tuple(said) if isinstance(said, list) else (said,)
            if all(joint in names for joint in joints):
                known[landmark] = tuple(str(joint) for joint in joints)
                break
    return JointMap(known)


def former_maps(project: Project) -> list[dict[str, Any]]:
    """What persons chose for joints before, the newest first."""
    known = project.setting(_JOINTS)
    kept = [one.joints for one in reversed(project.priors()) if one.joints]
    return ([known] if isinstance(known, dict) else []) + kept


def remember_map(project: Project, joints: JointMap) -> None:
    """Note what a person chose, also where no prior is made of it yet."""
    known = project.setting(_JOINTS)
    said = {name: of for name, of in joints.to_json().items() if of is not None}
    project.set_setting(_JOINTS, (known if isinstance(known, dict) else {}) | said)


def unplaced(
    source: Source, skeleton: Skeleton, joints: JointMap, told: Told, yaw_deg: float = 180.0
) -> Floats:
    """All poses of a skeleton, before they are laid on the canvas; takes seconds for many.

    Args:
        source: The poses.
        skeleton: What is wanted.
        joints: Of what each landmark is made.
        told: Told the share done; it may raise to end the work.
        yaw_deg: How far to either side of the front poses in space are looked at from.

    Returns:
        ``(N, K, 2)`` float32 in which `laid` finds all that it needs.

    Raises:
        FormatError: No whole pose is left, or one of several files lacks a landmark.
    """
    prior = source.prior
    if prior is not None and prior.skeleton.names == skeleton.names:
        return prior.poses
    wishes = PriorWishes(how="set", extent=_UNPLACED, yaw_deg=yaw_deg)
    if prior is not None:
        wishes = PriorWishes(how="given", thin=0.0, most=max(len(prior), 1))
    chosen = joints if source.joint_names else None
    for one in source.loose if chosen is None else []:
        # Files of different joints are each mapped by their own names.
        missing = guessed_map(Source(one.source, (), [one]), skeleton).missing
        if missing:
            raise FormatError(
                f"{one.source} has no joint for {', '.join(missing)}.",
                "Read it by itself to choose its joints, or choose a skeleton of fewer landmarks.",
            )
    made = make_prior(
        source.name, source.loose, wishes, skeleton=skeleton, joints=chosen, progress=told
    )
    return made.prior.poses


def laid(
    source: Source, skeleton: Skeleton, poses: Floats, placing: Placing, name: str
) -> PosePrior:
    """The prior, its poses laid on the canvas; takes a moment.

    Args:
        source: Of what it is made.
        skeleton: Its landmarks.
        poses: As `unplaced` gave them.
        placing: How.
        name: What it is called.

    Raises:
        FormatError: Every pose reaches too far out of the canvas.
    """
    prior = source.prior
    if prior is not None and placing.how == "given" and prior.skeleton == skeleton:
        return replace(prior, name=name)
    made = fit(poses, placing.how, extent=placing.extent, centre=placing.centre)
    inside = (np.abs(made) <= 1 + OUTSIDE).all(axis=(1, 2))
    if not inside.any():
        raise FormatError("Every pose lies out of the crop.", "Choose a smaller size.")
    return PosePrior(name, skeleton, made[inside], source.sources)


def fitted(poses: Floats, placing: Placing, seen: PoseStatistics) -> Placing:
    """How poses have to be laid to be as large as what the crops show, and where that is.

    Args:
        poses: As `unplaced` gave them.
        placing: How they are laid now.
        seen: What the crops suggest.
    """
    how = "set" if placing.how == "given" else placing.how
    now = PoseStatistics.of(fit(poses, how))
    extent = float(np.clip(EXTENT * seen.side / now.side, *EXTENTS))
    scale = extent / EXTENT
    if seen.kind == "motion":
        # An arm that waves tells how small a body cannot be, and nothing of where its middle is.
        return Placing(how, extent, placing.centre)
    # The shift comes after the scale, and poses laid at 0 may have their median elsewhere.
    centre = [
        float(np.clip(there - scale * here, -1, 1))
        for there, here in zip(seen.centre, now.centre, strict=True)
    ]
    return Placing(how, extent, (centre[0], centre[1]))


def box_of(seen: PoseStatistics) -> tuple[float, float, float, float]:
    """Left, top, right and bottom of what is typically seen, -1..1 of the crop."""
    (x, y), w, h = seen.centre, seen.width / 2, seen.height / 2
    return x - w, y - h, x + w, y + h
