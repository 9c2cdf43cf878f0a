"""Labels whose frames are known, written into a project."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from limner_engine.formats.labels import LabelTable
from limner_engine.importing.naming import Matched
from limner_engine.importing.report import ImportReport
from limner_engine.project import Annotation, Project
from limner_engine.types import IMPORTED, FrameKey, ModelInfo

Frames = Mapping[int, tuple[int, int]]
"""The project's video and the frame, by the number of the place."""


def store_labels(
    project: Project,
    table: LabelTable,
    frames: Frames,
    subjects: Mapping[int, int],
    matched: Matched,
    report: ImportReport,
) -> None:
    """Write what persons labelled as annotations; what somebody said in the project stays.

    Args:
        project: The open project, inside a group that makes it one step.
        table: The labels.
        frames: Where the places are.
        subjects: The project's subjects by the table's.
        matched: The project's landmarks by the table's.
        report: Counts what is written and what is not.
    """
    author = f"import:{report.file}"
    seen: set[FrameKey] = set()
    touched: set[tuple[int, int]] = set()
    for row in np.flatnonzero(~table.predicted).tolist():
        number = int(table.place[row])
        if number not in frames:
            continue
        key = FrameKey(*frames[number], subjects[int(table.subject[row])])
        if key in seen:
            report.left_out["that were labelled twice for one subject"] += 1
            continue
        seen.add(key)
        known = project.annotations(key)
        new: dict[int, tuple[float, float, bool]] = {}
        for landmark, cell in _said(table, row, matched):
            former = known.get(landmark)
            if former is not None and former.author != author:
                report.kept += 1
            elif former is not None and _is_same(former, cell):
                report.unchanged += 1
            else:
                new[landmark] = cell
        if new:
            place = table.places[number]
            origin = f"{table.kind}:{place.picture or f'{place.video}#{place.frame}'}"
            project.annotate(key, new, author=author, text="Import labels", origin=origin)
            report.points += len(new)
            report.hidden += sum(not visible for _, _, visible in new.values())
            touched.add(frames[number])
    report.frames = len(touched)
    report.place = min(touched, default=None)


def _said(
    table: LabelTable, row: int, matched: Matched
) -> Iterator[tuple[int, tuple[float, float, bool]]]:
    for i, landmark in enumerate(matched.place.tolist()):
        visible = table.visible[row, i]
        if landmark >= 0 and not math.isnan(visible):
            x, y = table.points[row, i].tolist()
            yield landmark, (x, y, bool(visible))


def _is_same(known: Annotation, cell: tuple[float, float, bool]) -> bool:
    places = np.array_equal([known.x, known.y], cell[:2], equal_nan=True)
    return places and known.visible == cell[2]


def store_predictions(
    project: Project,
    table: LabelTable,
    frames: Frames,
    subjects: Mapping[int, int],
    path: Path,
    report: ImportReport,
) -> None:
    """Write what a network of another program found, as predictions of a source of its own.

    They stand under the name of the file and with the file's own landmarks, and become the
    project's current predictions where it has none. Not undoable, as predictions never are.

    Args:
        project: The open project.
        table: The labels.
        frames: Where the places are.
        subjects: The project's subjects by the table's.
        path: The file of labels.
        report: Counts the frames.
    """
    cells: dict[tuple[int, int], dict[int, int]] = {}
    for row in np.flatnonzero(table.predicted).tolist():
        number = int(table.place[row])
        if number in frames:
            video, frame = frames[number]
            subject = subjects[int(table.subject[row])]
            cells.setdefault((video, subject), {}).setdefault(frame, row)
    if not cells:
        return
    info = ModelInfo(
        kind=IMPORTED,
        name=path.stem,
        config={},
        skeleton=table.skeleton,
        provenance={"file": path.name, "layout": table.kind},
        sha256=_digest(path),
    )
    # There is no file of weights, so the place that is noted holds none and nothing loads it.
    model = project.add_model(info, path.with_name(f"{path.name}#predictions"))
    for (video, subject), rows in cells.items():
        for run in _runs(np.array(sorted(rows), np.int64)):
            chosen = [rows[frame] for frame in run.tolist()]
            project.write_predictions(
                video,
                model,
                subject,
                int(run[0]),
                table.points[chosen].astype(np.float32),
                table.confidence[chosen].astype(np.float32),
            )
    if project.current_model_id is None:
        project.current_model_id = model
    predicted = {(video, frame) for (video, _), rows in cells.items() for frame in rows}
    report.predictions = len(predicted)
    report.place = min(predicted) if report.place is None else report.place


def _runs(frames: NDArray[np.int64]) -> list[NDArray[np.int64]]:
    return np.split(frames, np.flatnonzero(np.diff(frames) != 1) + 1)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
