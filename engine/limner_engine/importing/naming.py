"""Which landmark and which subject of a project those of a file are."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from limner_engine.project import Project
from limner_engine.types import Skeleton

_FIRST = "subject 1"


@dataclass(frozen=True, eq=False)
class Matched:
    """Landmarks of a file in a project.

    Attributes:
        skeleton: What the project's skeleton shall be.
        place: ``(K,)`` int64: for each of the file's landmarks its number there, or -1.
        missing: Names that the project has not.
    """

    skeleton: Skeleton
    place: NDArray[np.int64]
    missing: tuple[str, ...]


def match_landmarks(project: Project, found: Skeleton, *, add: bool) -> Matched:
    """Match landmarks by name, whatever their case.

    A project in which nobody has named or placed any takes the file's over. Where the project has
    no edges or no pairs, those of the file are taken.

    Args:
        project: The open project.
        found: The file's landmarks.
        add: Add those that the project has not.
    """
    now = project.skeleton()
    if not now.names or (not _is_a_persons(project, now) and not _has_annotations(project)):
        return Matched(found, np.arange(len(found.names)), ())
    known = {name.strip().casefold(): i for i, name in enumerate(now.names)}
    place = np.array([known.get(name.casefold(), -1) for name in found.names], np.int64)
    missing = tuple(found.names[i] for i in np.flatnonzero(place < 0))
    names = now.names
    if add and missing:
        place[place < 0] = np.arange(len(missing)) + len(names)
        names = (*names, *missing)
    made = replace(
        now,
        names=names,
        edges=now.edges or _carried(found.edges, place),
        symmetries=now.symmetries or _carried(found.symmetries, place),
    )
    return Matched(made, place, missing)


def _is_a_persons(project: Project, skeleton: Skeleton) -> bool:
    """Whether somebody chose these names; those of a model come by themselves."""
    of_models = [model.info.skeleton.names for model in project.models()]
    numbered = Skeleton.numbered(len(skeleton.names)).names
    return skeleton.names not in of_models and skeleton.names != numbered


def _has_annotations(project: Project) -> bool:
    return any(
        len(project.annotated_frames(video.id, subject.id))
        for video in project.videos()
        for subject in project.subjects()
    )


def _carried(
    pairs: Iterable[tuple[int, int]], place: NDArray[np.int64]
) -> tuple[tuple[int, int], ...]:
    carried = ((int(place[a]), int(place[b])) for a, b in pairs)
    return tuple(pair for pair in carried if min(pair) >= 0)


def match_subjects(
    project: Project, names: tuple[str, ...], used: Iterable[int]
) -> dict[int, int]:
    """The project's subject for each of a file's; adds those that are missing.

    One alone is the project's first. Several are matched by name, whatever its case, and those
    without a name by their order.

    Args:
        project: The open project.
        names: Of the file's subjects; empty for none.
        used: Numbers of those that carry labels.

    Returns:
        The project's numbers by the file's.
    """
    wanted = sorted(set(used))
    if len(wanted) == 1:
        return {wanted[0]: project.subjects()[0].id}
    made: dict[int, int] = {}
    for number in wanted:
        known = project.subjects()
        free = [subject for subject in known if subject.id not in made.values()]
        name = names[number].strip()
        same = [subject for subject in free if subject.name.casefold() == name.casefold()]
        if same:
            made[number] = same[0].id
        elif not name and free:
            made[number] = free[0].id
        elif free and free[0].name == _FIRST and not _carries(project, free[0].id):
            project.rename_subject(free[0].id, name)
            made[number] = free[0].id
        else:
            taken = {subject.name for subject in known}
            count = len(known) + 1
            while not name or name in taken:
                name, count = f"subject {count}", count + 1
            made[number] = project.add_subject(name).id
    return made


def _carries(project: Project, subject: int) -> bool:
    return any(len(project.annotated_frames(video.id, subject)) for video in project.videos())
