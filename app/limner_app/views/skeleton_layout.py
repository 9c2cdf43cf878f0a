"""Where the landmarks of a skeleton lie in its drawing; it is a drawing, not a measurement."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from limner_app.document import Document
from limner_app.views.skeleton_change import SkeletonChange
from limner_engine.project import Project
from limner_engine.types import Skeleton
from limner_resources import skeleton_templates

Places: TypeAlias = NDArray[np.float64]
"""``(K, 2)``, x and y from 0 to 1, y downwards; in `mean_shape` pixels."""

Drawing: TypeAlias = Mapping[str, tuple[float, float]]

SETTING = "skeleton_layout"
_STEPS = np.linspace(0.1, 0.9, 9)
_FREE = np.stack(np.meshgrid(_STEPS, _STEPS), -1).reshape(-1, 2)
_KEPT = 20
_FRAMES = 200
"""So many frames tell the mean as well as all would."""
_ENOUGH = 3
"""Landmarks two frames must share to be laid over each other."""


def layout_of(document: Document) -> Places:
    """Where to draw each landmark of the project.

    As a person laid them out, or the template or file the names came from; else as they lie on
    average in the annotations; else as in the frame on screen; else on a circle.

    Returns:
        ``(K, 2)``, x and y from 0 to 1, y downwards.
    """
    skeleton, project = document.skeleton, document.project
    if project is None or not skeleton.names:
        return np.zeros((0, 2))
    # One name in common with a template says nothing.
    least = max(_ENOUGH, len(skeleton.names) / 2)
    drawing = _nearest(_kept(project), skeleton.names, 1) or _nearest(
        _templates(), skeleton.names, least
    )
    made = np.array([drawing.get(name, (np.nan, np.nan)) for name in skeleton.names])
    if not np.isfinite(made).any():
        made = as_annotated(document)
    if not np.isfinite(made).any():
        made = as_in_frame(document)
    return all_placed(made)


def as_annotated(document: Document) -> Places:
    """As landmarks lie on average in the annotations; NaN for those that are in none."""
    if document.project is None:
        return np.zeros((0, 2))
    return _boxed(mean_shape(_annotated(document.project, len(document.skeleton.names))))


def as_in_frame(document: Document) -> Places:
    """As landmarks lie in the frame on screen, whoever put them there; NaN for missing ones."""
    return _boxed(document.landmarks().points.astype(np.float64))


def keep_layout(project: Project, skeleton: Skeleton, layout: Places) -> None:
    """Remember where landmarks were put; by name, so that it outlives a new order.

    Drawings of skeletons there were before are kept, too: undo may bring those back.
    """
    drawing = dict(zip(skeleton.names, np.round(layout, 4).tolist(), strict=True))
    others = [old for old in _kept(project) if set(old) != set(drawing)]
    project.set_setting(SETTING, [drawing, *others][:_KEPT])


def carry_layout(project: Project, before: Skeleton, after: SkeletonChange) -> None:
    """Let landmarks that get another name keep their places."""
    drawing = _nearest(_kept(project), before.names, 1)
    names = after.skeleton.names
    if not drawing or set(names) <= set(before.names):
        return
    known = {
        name: drawing[before.names[origin]]
        for name, origin in zip(names, after.origins, strict=True)
        if origin is not None and before.names[origin] in drawing
    }
    if known:
        keep_layout(project, Skeleton(tuple(known)), np.array(list(known.values())))


def _kept(project: Project) -> list[Drawing]:
    """What is remembered, the newest first; what anyone else wrote there is left out."""
    value = project.setting(SETTING)
    return [
        {
            str(name): (float(at[0]), float(at[1]))
            for name, at in drawing.items()
            if isinstance(at, list)
            and len(at) == 2
            and all(isinstance(v, int | float) and -1 <= v <= 2 for v in at)
        }
        for drawing in (value if isinstance(value, list) else [])
        if isinstance(drawing, dict)
    ]


def _templates() -> list[Drawing]:
    return [
        dict(zip(template["names"], template["layout"], strict=True))
        for template in skeleton_templates().values()
    ]


def _nearest(drawings: Sequence[Drawing], names: Sequence[str], least: float) -> Drawing:
    """The drawing that has the most of these names; none if it has too few to say anything."""
    wanted = set(names)
    best = max(drawings, key=lambda known: (len(wanted & set(known)), -len(known)), default={})
    shared = len(wanted & set(best))
    return best if shared >= least else {}


def _annotated(project: Project, count: int) -> Places:
    """The frames with the most annotations, ``(N, K, 2)`` pixels, NaN where there is none."""
    frames: dict[tuple[int, int, int], Places] = {}
    for video in project.videos():
        for subject in project.subjects():
            marks = project.all_annotations(video.id, subject.id)
            seen = marks["visible"] & (marks["landmark"] < count)
            for frame, landmark, x, y in zip(
                *(marks[key][seen].tolist() for key in ("frame", "landmark", "x", "y")),
                strict=True,
            ):
                key = (video.id, subject.id, frame)
                frames.setdefault(key, np.full((count, 2), np.nan))[landmark] = (x, y)
    most = sorted(frames.values(), key=lambda points: -int(np.isfinite(points[:, 0]).sum()))
    return np.array(most[:_FRAMES]).reshape(-1, count, 2)


def mean_shape(frames: Places) -> Places:
    """The mean of shapes laid over the first by shift, turn and size (Procrustes).

    Args:
        frames: ``(N, K, 2)``; NaN where a landmark is missing.

    Returns:
        ``(K, 2)`` in the first one's pixels; NaN for landmarks that are nowhere.
    """
    count = frames.shape[1]
    total, weight = np.zeros((count, 2)), np.zeros(count)
    for points in frames:
        shared = np.isfinite(points[:, 0]) & (weight > 0)
        laid = points
        if weight.any():
            if shared.sum() < _ENOUGH:
                continue
            target = total[shared] / weight[shared, None]
            laid = _laid_over(points, points[shared], target)
        there = np.isfinite(laid[:, 0])
        total[there] += laid[there]
        weight[there] += 1
    with np.errstate(invalid="ignore"):
        return np.where(weight[:, None] > 0, total / weight[:, None], np.nan)


def _laid_over(points: Places, own: Places, target: Places) -> Places:
    """Points under the similarity that brings ``own`` nearest to ``target``; never mirrored."""
    # As complex numbers a turn with a change of size is one factor.
    a, b = (side[:, 0] + 1j * side[:, 1] for side in (own, target))
    size = np.vdot(a - a.mean(), a - a.mean()).real
    factor = np.vdot(a - a.mean(), b - b.mean()) / size if size > 0 else 1.0
    laid = (points[:, 0] + 1j * points[:, 1] - a.mean()) * factor + b.mean()
    return np.stack([laid.real, laid.imag], -1)


def _boxed(points: Places) -> Places:
    """Points brought into the square from 0.06 to 0.94, keeping their proportions."""
    there = np.isfinite(points[:, 0])
    if there.sum() < 2 or not np.ptp(points[there], axis=0).max() > 0:
        return np.full_like(points, np.nan)
    low, high = points[there].min(0), points[there].max(0)
    made: Places = (points - (low + high) / 2) / (high - low).max() * 0.88 + 0.5
    return made


def all_placed(layout: Places) -> Places:
    """The same, with a free place for each landmark that has none; a circle where none has any."""
    made = layout.copy()
    missing = np.flatnonzero(~np.isfinite(made).all(axis=1))
    if len(missing) == len(made):
        turn = 2 * np.pi * np.arange(len(made)) / max(1, len(made))
        radius = 0.42 if len(made) > 1 else 0.0
        circle: Places = 0.5 + radius * np.stack([np.sin(turn), -np.cos(turn)], -1)
        return circle
    for number in missing:
        known = made[np.isfinite(made).all(axis=1)]
        gap = np.linalg.norm(_FREE[:, None] - known[None], axis=-1).min(axis=1)
        made[number] = _FREE[int(np.argmax(gap))]
    return made
