"""Pose priors and skeletons that were named on the command line."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from limner_engine.errors import FormatError, TrainingError
from limner_engine.formats.skeleton_file import parsed, read_skeleton
from limner_engine.priors.joint_map import JointMap
from limner_engine.priors.loose import LoosePoses
from limner_engine.priors.prior import PosePrior
from limner_engine.types import Skeleton
from limner_resources import skeleton_templates

_MOST_NAMES = 8


def named_skeleton(text: str) -> Skeleton:
    """A skeleton that ships with the program, or of a file that the skeleton editor wrote.

    Raises:
        FormatError: There is none of that name, or the file is no skeleton.
    """
    templates = skeleton_templates()
    if text in templates:
        return parsed(templates[text], text).skeleton
    if not Path(text).is_file():
        raise FormatError(
            f"There is no skeleton {text}.",
            f"Name a file of the skeleton editor, or one of: {', '.join(templates)}.",
        )
    return read_skeleton(Path(text)).skeleton


def fitted(prior: PosePrior, skeleton: Skeleton) -> PosePrior:
    """A prior as poses of a skeleton, its landmarks found by their names.

    Args:
        prior: Whose landmarks may have other names, be more, or stand in another order.
        skeleton: What is wanted.

    Returns:
        ``prior`` itself where it has this skeleton.

    Raises:
        TrainingError: Nothing in the prior goes by the name of a landmark.
    """
    if prior.skeleton == skeleton:
        return prior
    if prior.skeleton.names == skeleton.names:
        return replace(prior, skeleton=skeleton)
    joints = JointMap.guessed(skeleton, prior.skeleton.names)
    if joints.missing:
        raise TrainingError(
            f"The pose prior {prior.name} has no landmark for {_listed(joints.missing)}; it has "
            f"{_listed(prior.skeleton.names)}.",
            "Leave --skeleton out, or make a prior of this skeleton with `limner prior`.",
        )
    takes = np.zeros(len(prior), np.int64)
    loose = LoosePoses(prior.name, prior.skeleton, prior.poses.astype(np.float64), takes)
    poses = joints.apply(loose, skeleton).points.astype(np.float32)
    return PosePrior(prior.name, skeleton, poses, prior.sources)


def _listed(names: tuple[str, ...]) -> str:
    more = len(names) - _MOST_NAMES
    return ", ".join(names[:_MOST_NAMES]) + (f" and {more} more" if more > 0 else "")
