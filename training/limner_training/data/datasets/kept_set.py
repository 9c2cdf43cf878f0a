"""A labelled set kept in a file: all but its pictures, which stay where they are.

Finding what to look at in a set of stills takes minutes, and figures that are measured one by one
must all see the same squares.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from limner_engine.errors import FormatError
from limner_engine.formats.whole_file import replacing
from limner_engine.types import Image
from limner_training.data.datasets.labelled import Eyes, LabelledSet, read_picture
from limner_training.data.datasets.video_pictures import frames_of

PICTURES = frozenset((".png", ".jpg", ".jpeg", ".bmp", ".tif", ".tiff"))

_ARRAYS = ("views", "points_px", "visible", "angles_rad")
_PLAIN = ("layout", "people", "groups", "measures", "joints", "torso", "split")


def keep_set(path: Path, labelled: LabelledSet) -> None:
    """Write a set that says where its pictures are.

    Args:
        path: The file, ``.json``; replaced whole.
        labelled: The set; its ``sources`` are not empty.
    """
    if not labelled.sources:
        raise ValueError("a set can be kept if it says where its pictures are")
    data: dict[str, Any] = {name: getattr(labelled, name) for name in _PLAIN}
    for name in _ARRAYS:
        array = getattr(labelled, name)
        data[name] = None if array is None else array.tolist()
    data["part"] = labelled.part.tolist()
    data["eyes"] = [dataclasses.astuple(eyes) for eyes in labelled.eyes]
    data["sources"] = [[str(file), frame] for file, frame in labelled.sources]
    path.parent.mkdir(parents=True, exist_ok=True)
    with replacing(path) as file:
        json.dump(data, file)


def kept_set(path: Path) -> LabelledSet:
    """Read such a file.

    Raises:
        FormatError: It is none, or is damaged.
    """
    try:
        data = dict(json.loads(path.read_text("utf-8")))
        sources = tuple((Path(file), int(frame)) for file, frame in data["sources"])
        arrays = {
            name: None if data[name] is None else np.array(data[name], np.float64)
            for name in _ARRAYS
        }
        points = arrays["points_px"]
        if points is not None:
            arrays["points_px"] = points.reshape(len(sources), -1, 2)
        torso = data["torso"]
        return LabelledSet(
            layout=str(data["layout"]),
            picture=pictures_of(sources),
            part=np.array(data["part"], np.str_),
            people=tuple(data["people"]),
            groups=tuple(data["groups"]),
            measures=tuple(data["measures"]),
            eyes=tuple(Eyes(name, tuple(a), tuple(b)) for name, a, b in data["eyes"]),
            joints=tuple(data["joints"]),
            torso=None if torso is None else (int(torso[0]), int(torso[1])),
            split=str(data["split"]),
            sources=sources,
            **arrays,  # type: ignore[arg-type]
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise FormatError(
            f"{path} is damaged: {error}.", "Remove it; it is made again."
        ) from error


def pictures_of(sources: tuple[tuple[Path, int], ...]) -> Callable[[int], Image]:
    """Reads pictures and frames of videos by their number."""
    frame = frames_of(sources, "Name the videos that were labelled.")

    def picture(number: int) -> Image:
        path, _ = sources[number]
        return read_picture(path) if path.suffix.lower() in PICTURES else frame(number)

    return picture
