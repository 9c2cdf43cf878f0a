"""Labelled sets as the program itself keeps labels: frames with their squares."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from limner_engine.errors import FormatError
from limner_engine.formats.skeleton_file import parsed
from limner_engine.naming.labelled import LabelledFrames
from limner_engine.types import Crop, Skeleton
from limner_resources import skeleton_templates
from limner_training.data.datasets.labelled import Indices, LabelledSet

IBUG_LAYOUTS = ("ytf68", "300w")
"""Sets of iBUG's 68 points, of which it is known which are left and right."""


def crops_of(labelled: LabelledSet, members: Indices) -> list[Crop]:
    """The squares of some pictures.

    Raises:
        FormatError: They are no squares.
    """
    left, top, width, height = labelled.views[members].T
    if not np.allclose(width, height):
        raise FormatError(
            f"The pictures of {labelled.layout} are looked at in rectangles.",
            "Bring the labels into a project, where squares are found.",
        )
    turns = np.zeros(len(members))
    if labelled.angles_rad is not None:
        turns = labelled.angles_rad[members]
    squares = zip(left + width / 2, top + height / 2, width, turns, strict=True)
    return [Crop(*(float(value) for value in square)) for square in squares]


def frames_of(labelled: LabelledSet, members: Indices) -> LabelledFrames:
    """Some pictures of a set as what a person labelled."""
    points = labelled.points_px[members].astype(np.float32)
    there = np.isfinite(points).all(axis=2)
    said = np.where(there, 1.0, np.nan)
    if labelled.visible is not None:
        said = np.where(there, 1.0, labelled.visible[members])
    skeleton = Skeleton(labelled.joints or Skeleton.numbered(labelled.point_count).names)
    if labelled.layout in IBUG_LAYOUTS:
        skeleton = parsed(skeleton_templates()["face-68"], "face-68").skeleton
    groups = np.zeros(len(members), np.int64)
    if labelled.people:
        groups = np.unique(np.array(labelled.people), return_inverse=True)[1][members]
    sources = tuple(labelled.sources[i] for i in members.tolist()) if labelled.sources else ()
    return LabelledFrames(
        sources or tuple((Path(labelled.layout), int(i)) for i in members),
        tuple(crops_of(labelled, members)),
        points,
        said == 1,
        np.isfinite(said),
        groups,
        skeleton,
    )


def looks_whole(labelled: LabelledSet) -> bool:
    """Whether the first picture is looked at whole, and so all are."""
    height, width = labelled.picture(0).shape[:2]
    return crops_of(labelled, np.zeros(1, np.int64)) == [Crop.whole(width, height)]
