"""Reading loose poses from any file that has them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from limner_engine.errors import FormatError
from limner_engine.formats.coco import read_coco
from limner_engine.formats.dlc import read_dlc
from limner_engine.formats.dlc_labels import read_dlc_labels
from limner_engine.formats.labels import LabelTable
from limner_engine.formats.slp import read_slp
from limner_engine.formats.table import LandmarkTable
from limner_engine.formats.tidy import COLUMNS, read_tidy
from limner_engine.formats.whole_file import csv_rows
from limner_engine.priors.bvh import read_bvh
from limner_engine.priors.joint_map import JointMap
from limner_engine.priors.loose import LoosePoses
from limner_engine.priors.making import joints_of
from limner_engine.priors.mocap import is_mocap_archive, read_mocap_archive
from limner_engine.priors.plain_files import read_array, read_pts, read_rows
from limner_engine.priors.prior import PRIOR_SUFFIX, PosePrior
from limner_engine.types import Skeleton

LEAST_CONFIDENCE = 0.5
"""Confidence below which what a network found is not taken for a pose."""
READABLE = (".csv", ".json", ".slp", ".pts", ".npy", ".npz", ".bvh", ".limner")
"""Endings of files that `read_loose` knows."""


@dataclass(frozen=True, eq=False)
class ReadPoses:
    """Poses of one skeleton, as a file has them.

    Attributes:
        skeleton: The one that was asked for, else the file's own; None where it tells no names.
        poses: ``(N, K, 2)`` float64 in the file's unit, x right, y down, or ``(N, K, 3)``, y up;
            whole.
        source: Name of the file.
        dropped: Poses left out because a landmark is missing.
        takes: ``(N,)`` int64: which recording each is of.
    """

    skeleton: Skeleton | None
    poses: NDArray[np.float64]
    source: str
    dropped: int
    takes: NDArray[np.int64]


def read_poses(
    path: Path, *, skeleton: Skeleton | None = None, joints: JointMap | None = None
) -> ReadPoses:
    """Read the whole poses of a file.

    Args:
        path: See `read_loose`.
        skeleton: Wanted landmarks; the file's own if not given.
        joints: Which joints they are; guessed by names if not given.

    Raises:
        FormatError: It cannot be read, or a wanted landmark is not in it.
    """
    loose = read_loose(path)
    known = loose.skeleton if loose.named else None
    if skeleton is not None:
        loose = joints_of(loose, skeleton, joints).apply(loose, skeleton)
        known = skeleton
    whole = loose.whole()
    return ReadPoses(known, whole.points, loose.source, len(loose) - len(whole), whole.takes)


def read_loose(path: Path, *, least_confidence: float = LEAST_CONFIDENCE) -> LoosePoses:
    """Read what poses a file has, incomplete ones too.

    Known are tidy tables and DeepLabCut's (labels and predictions), tables with columns x0, y0 and
    so on, COCO keypoints, SLEAP, ``.pts`` files or a folder of them, NumPy arrays, priors,
    projects (their annotations), BVH files or a folder of them, and archives of motion capture.

    Args:
        path: The file or folder.
        least_confidence: What a network found counts as missing below it.

    Raises:
        FormatError: It is missing, in none of these layouts, or damaged.
    """
    suffix = path.suffix.lower()
    if path.is_dir():
        return _folder(path)
    if not path.is_file():
        raise FormatError(f"There is no file {path}.", "Check the name and the folder.")
    if suffix == ".csv":
        return _csv(path, least_confidence)
    if suffix == ".json":
        return _labels(path, read_coco(path), least_confidence)
    if suffix == ".slp":
        return _labels(path, read_slp(path, predicted=True), least_confidence)
    if suffix == ".pts":
        return read_pts(path, [path])
    if suffix == ".bvh":
        return read_bvh(path)
    if suffix == ".limner":
        return _project(path)
    if path.name.endswith(PRIOR_SUFFIX):
        prior = PosePrior.open(path)
        takes = np.arange(len(prior))
        poses = prior.poses.astype(np.float64)
        return LoosePoses(path.name, prior.skeleton, poses, takes, laid=True)
    if suffix == ".npz" and is_mocap_archive(path):
        return read_mocap_archive(path)
    if suffix in (".npy", ".npz"):
        return read_array(path, least_confidence)
    raise FormatError(
        f"{path.name} is of no kind that poses are read from.",
        f"Choose a file that ends in {', '.join(READABLE)}, or a folder of .pts or .bvh files.",
    )


def with_folders(paths: Sequence[Path]) -> list[Path]:
    """Files as they are, and for each folder of BVH files these, for their joints may differ.

    Args:
        paths: Files and folders.
    """
    found: list[Path] = []
    for path in paths:
        motions = sorted(path.rglob("*.bvh")) if path.is_dir() else []
        pictured = path.is_dir() and any(path.rglob("*.pts"))
        found += motions if motions and not pictured else [path]
    return found


def _folder(path: Path) -> LoosePoses:
    points = sorted(path.rglob("*.pts"))
    if points:
        return read_pts(path, points)
    motions = sorted(path.rglob("*.bvh"))
    if not motions:
        raise FormatError(
            f"The folder {path} holds neither .pts nor .bvh files.", "Name a file, or another."
        )
    read = [read_bvh(motion) for motion in motions]
    for motion, one in zip(motions, read, strict=True):
        if one.skeleton.names != read[0].skeleton.names:
            raise FormatError(
                f"{motion.name} has other joints than {motions[0].name}.",
                "Name the files one by one instead of their folder.",
            )
    takes = np.repeat(np.arange(len(read)), [len(one) for one in read])
    together = np.concatenate([one.points for one in read])
    return LoosePoses(path.name, read[0].skeleton, together, takes)


def _csv(path: Path, least: float) -> LoosePoses:
    """A table; which layout it has stands in its first rows."""
    with csv_rows(path) as rows:
        head = [row for _, row in zip(range(4), rows, strict=False)]
    first = head[0] if head else []
    if tuple(first) == COLUMNS:
        return _tables(path, read_tidy(path), least)
    if first[:1] == ["scorer"]:
        if any("likelihood" in row for row in head):
            return _tables(path, [read_dlc(path)], least)
        return _labels(path, read_dlc_labels(path), least)
    return read_rows(path)


def _tables(path: Path, tables: Sequence[LandmarkTable], least: float) -> LoosePoses:
    names = tuple(dict.fromkeys(name for table in tables for name in table.names))
    parts = []
    for table in tables:
        points = np.where((table.confidence < least)[..., None], np.nan, table.points)
        spread = np.full((len(points), len(names), 2), np.nan)
        spread[:, [names.index(name) for name in table.names]] = points
        parts.append(spread)
    takes = np.repeat(np.arange(len(parts)), [len(part) for part in parts])
    return LoosePoses(path.name, Skeleton(names), np.concatenate(parts), takes)


def _labels(path: Path, table: LabelTable, least: float) -> LoosePoses:
    points = np.where((table.confidence < least)[..., None], np.nan, table.points)
    # Frames of one video and subject follow each other; pictures are each for itself.
    keys = [
        (place.video, int(subject)) if place.video else (int(number), int(subject))
        for number, subject in zip(table.place, table.subject, strict=True)
        for place in [table.places[int(number)]]
    ]
    numbers = {key: i for i, key in enumerate(dict.fromkeys(keys))}
    takes = np.array([numbers[key] for key in keys], np.int64)
    order = np.argsort(takes, kind="stable")
    return LoosePoses(path.name, table.skeleton, points[order], takes[order])


def _project(path: Path) -> LoosePoses:
    """Annotations of a project, of every video and subject."""
    from limner_engine.project import Project

    parts: list[NDArray[np.float64]] = []
    with Project.open(path) as project:
        skeleton = project.skeleton()
        count = len(skeleton.names)
        for video in project.videos():
            for subject in project.subjects():
                said = project.all_annotations(video.id, subject.id)
                frames, rows = np.unique(said["frame"], return_inverse=True)
                points = np.full((len(frames), count, 2), np.nan)
                shown = np.asarray(said["visible"], bool)
                placed = np.stack([said["x"], said["y"]], axis=-1)
                points[rows[shown], said["landmark"][shown]] = placed[shown]
                parts.append(points)
    if not count or not sum(len(part) for part in parts):
        raise FormatError(
            f"{path.name} has no annotations.", "Place landmarks in some frames first."
        )
    takes = np.repeat(np.arange(len(parts)), [len(part) for part in parts])
    return LoosePoses(path.name, skeleton, np.concatenate(parts), takes)
