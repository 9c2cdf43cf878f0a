"""Labels as COCO's keypoint files have them, which many annotation programs export.

One JSON object: ``images`` (id, file_name, width, height), ``annotations`` (image_id, category_id,
and keypoints as x, y, v one after the other) and ``categories`` (names of the keypoints, and edges
between them counted from 1). v is 0 for not labelled, 1 for labelled but hidden, 2 for visible.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np

from limner_engine.errors import FormatError
from limner_engine.formats.labels import (
    LARGEST_TEXT_BYTES,
    MOST_ROWS,
    LabelledPlace,
    LabelTable,
    Rows,
    checked_names,
    checked_size,
)
from limner_engine.types import Skeleton

_MEND = "Export it again as COCO keypoints."


def read_coco(path: Path) -> LabelTable:
    """Read the labels of the category that has most of them.

    Several annotations of one picture are told apart by ``track_id`` where they have one, else by
    their order. Annotations with a ``score`` are a network's.

    Raises:
        FormatError: it is not such a file; says what is missing.
    """
    checked_size(path, LARGEST_TEXT_BYTES)
    try:
        data = json.loads(path.read_text("utf-8-sig"))
    except (OSError, ValueError, RecursionError) as error:
        raise FormatError(f"{path.name} is no JSON file: {error}.", _MEND) from error
    try:
        return _table(path, data)
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
        raise FormatError(
            f"{path.name} is not laid out as COCO keypoints are: {error!r}.", _MEND
        ) from error


def _table(path: Path, data: Any) -> LabelTable:
    labelled = [a for a in data["annotations"] if a.get("keypoints")]
    if not labelled:
        raise FormatError(f"{path.name} has no annotation with keypoints.", _MEND)
    if len(labelled) > MOST_ROWS:
        raise FormatError(f"{path.name} has {len(labelled)} annotations.", "Split it.")
    kinds = Counter(a.get("category_id") for a in labelled)
    chosen = kinds.most_common(1)[0][0]
    category = next((c for c in data["categories"] if c.get("id") == chosen), None)
    if category is None:
        raise FormatError(f"{path.name} does not describe its category {chosen}.", _MEND)
    names = tuple(str(name).strip() for name in category["keypoints"])
    checked_names(path, names)
    edges = tuple(
        (int(a) - 1, int(b) - 1)
        for a, b in category.get("skeleton") or []
        if 0 < int(a) <= len(names) and 0 < int(b) <= len(names)
    )
    pictures = {picture["id"]: picture for picture in data["images"]}
    rows, subjects, notes = Rows(len(names)), _Subjects(), []
    unknown = 0
    for annotation in labelled:
        if annotation.get("category_id") != chosen:
            continue
        if annotation["image_id"] not in pictures:
            unknown += 1
            continue
        place = _place(str(pictures[annotation["image_id"]]["file_name"]))
        _take(path, annotation, place, subjects, rows)
    others = sum(kinds.values()) - kinds[chosen]
    if others:
        notes.append(
            f"{others} annotations are of other categories than “{category.get('name', chosen)}”."
        )
    if unknown:
        notes.append(f"{unknown} annotations are of pictures that the file does not name.")
    return rows.table(
        "coco",
        Skeleton(names, edges),
        subjects.names(),
        sizes={
            _place(str(p["file_name"])).picture: (int(p["width"]), int(p["height"]))
            for p in pictures.values()
            if p.get("width") and p.get("height")
        },
        notes=tuple(notes),
    )


class _Subjects:
    """Who is who: by track where there is one, else by order in the picture."""

    def __init__(self) -> None:
        self._tracks: dict[str, int] = {}
        self._count: Counter[LabelledPlace] = Counter()

    def number(self, place: LabelledPlace, track: object) -> int:
        if track is None:
            self._count[place] += 1
            return self._count[place] - 1
        return self._tracks.setdefault(f"track {track}", len(self._tracks))

    def names(self) -> tuple[str, ...]:
        unnamed = max(self._count.values(), default=0)
        names = list(self._tracks)
        return tuple(names + [""] * max(0, unnamed - len(names)))


def _take(
    path: Path, annotation: Any, place: LabelledPlace, subjects: _Subjects, rows: Rows
) -> None:
    cells = np.array(annotation["keypoints"], np.float64)
    if cells.shape != (3 * rows.landmarks,):
        raise FormatError(
            f"{path.name}: an annotation of {place.picture} has {cells.size} numbers, not "
            f"{3 * rows.landmarks}.",
            _MEND,
        )
    cells = cells.reshape(-1, 3)
    said = (cells[:, 2] > 0) & np.isfinite(cells[:, :2]).all(axis=1)
    if not said.any():
        return
    points = np.where(said[:, None], cells[:, :2], np.nan)
    visible = np.where(said, (cells[:, 2] != 1).astype(np.float64), np.nan)
    score = annotation.get("score")
    confidence = None
    if score is not None:
        confidence = np.where(said, np.clip(float(score), 0.0, 1.0), np.nan)
    number = subjects.number(place, annotation.get("track_id"))
    rows.add(place, number, points, visible, confidence)


def _place(name: str) -> LabelledPlace:
    """A picture; its number, where it has one, may be that of a frame."""
    whole = PurePosixPath(name.replace("\\", "/"))
    digits = re.search(r"(\d{1,9})$", whole.stem)
    return LabelledPlace("", int(digits[1]) if digits else -1, str(whole))
