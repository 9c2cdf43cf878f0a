"""The table of exact landmarks beside the sample clip."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, eq=False)
class SampleLandmarks:
    """Where every landmark of the sample is in every frame.

    Attributes:
        names: The K names, in the order of the ``sample`` skeleton.
        points_px: ``(F, K, 2)`` float64, ``(x, y)`` in pixels of the clip.
        visible: ``(F, K)`` bool; False where a point lies outside the picture.
    """

    names: tuple[str, ...]
    points_px: NDArray[np.float64]
    visible: NDArray[np.bool_]


def read_sample_landmarks(path: Path) -> SampleLandmarks:
    """Read the table: one row a frame and landmark, frames in order and complete.

    Raises:
        ValueError: rows are missing or out of order.
    """
    with path.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    names = tuple(dict.fromkeys(row["landmark"] for row in rows))
    count = len(names)
    for index, row in enumerate(rows):
        if int(row["frame"]) != index // count or row["landmark"] != names[index % count]:
            raise ValueError(f"row {index + 2} of {path.name} is out of order")
    points = np.array([[float(row["x"]), float(row["y"])] for row in rows])
    visible = np.array([row["visible"] == "1" for row in rows])
    return SampleLandmarks(names, points.reshape(-1, count, 2), visible.reshape(-1, count))
