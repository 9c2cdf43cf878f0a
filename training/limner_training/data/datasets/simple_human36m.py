"""Simplified Human3.6M: six activities, cut around the person, 32 joints.

The folder, as released, with a folder a take below each of ``S1, S5, S6, S7, S8, S9, S11``::

    S1/WithBackground/Directions.54138969/1.jpg
    S1/BackgroudMask/Directions.54138969/1.png       (spelt so)
    S1/Landmarks/Directions.54138969/1.mat

The last are MATLAB files, which Limner does not read. Convert each take once, where scipy is, to
``S1/Landmarks/Directions.54138969.npz`` with ``frames``, the numbers ``(N,)``, and ``points``,
``keypoints_2d`` of each, ``(N, 32, 2)`` as ``(x, y)`` in shares of the picture.

Subject 11 is tested on, the others learned from. Backgrounds are masked away, as in KeypointGAN,
where masks are at hand. Means are taken over each activity first, then over activities.
"""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from limner_engine.errors import FormatError
from limner_engine.types import Image
from limner_training.data.datasets.labelled import (
    Doubles,
    LabelledSet,
    Progress,
    read_arrays,
    read_picture,
    whole,
)

NAME = "simple_human36m"
ACTIVITIES = ("Directions", "Discussion", "Greeting", "Posing", "Waiting", "Walking")
SUBJECTS = ("S1", "S5", "S6", "S7", "S8", "S9", "S11")
TEST = "S11"
EXPECTS = (
    "S1, S5 to S9, S11, each with WithBackground/<take>/<frame>.jpg and Landmarks/<take>.npz "
    "(arrays frames and points, converted from the .mat files)"
)
JOINTS = 32


def load(folder: Path, progress: Progress | None = None) -> LabelledSet:
    """Read the points; pictures are read when they are looked at.

    Raises:
        FormatError: A folder, picture or table is missing or not in its layout.
    """
    takes = [
        (subject, take)
        for subject in SUBJECTS
        for take in sorted((folder / subject / "WithBackground").glob("*/"))
        if _activity(take.name)
    ]
    absent = [name for name in SUBJECTS if name not in {subject for subject, _ in takes}]
    if absent:
        raise FormatError(
            f"For simplified Human3.6M, {folder} lacks takes in "
            f"{', '.join(f'{name}/WithBackground' for name in absent)}.",
            f"Name the folder that holds {EXPECTS}.",
        )
    sources: list[tuple[str, str, int]] = []
    points: list[Doubles] = []
    groups: list[str] = []
    for done, (subject, take) in enumerate(takes):
        frames, marked = _marks(folder / subject / "Landmarks" / f"{take.name}.npz")
        sources += [(subject, take.name, int(frame)) for frame in frames]
        points.append(marked)
        groups += [_activity(take.name)] * len(frames)
        if progress is not None:
            progress((done + 1) / len(takes))

    def picture(number: int) -> Image:
        subject, take, frame = sources[number]
        shown = read_picture(folder / subject / "WithBackground" / take / f"{frame}.jpg")
        path = folder / subject / "BackgroudMask" / take / f"{frame}.png"
        if not path.is_file():
            return shown
        mask = cv2.imread(str(path), cv2.IMREAD_GRAYSCALE)
        if mask is None or mask.shape != shown.shape[:2]:
            raise FormatError(f"The mask {path} does not fit its picture.")
        return np.where(mask[..., None] > 127, shown, np.zeros_like(shown))

    height, width = picture(0).shape[:2]
    people = [subject for subject, _, _ in sources]
    return LabelledSet(
        layout=NAME,
        picture=picture,
        views=np.tile(whole(width, height), (len(sources), 1)),
        points_px=np.concatenate(points) * [width, height] - 0.5,
        part=np.where(np.array(people) == TEST, "test", "train").astype(np.str_),
        people=tuple(people),
        groups=tuple(groups),
        measures=("image size",),
    )


def _marks(path: Path) -> tuple[Doubles, Doubles]:
    if not path.is_file():
        raise FormatError(
            f"There is no {path}.",
            "Limner does not read MATLAB files: save the numbers of the frames as frames and "
            "keypoints_2d of all of them as points with numpy.savez.",
        )
    frames, points = (a.astype(np.float64) for a in read_arrays(path, ("frames", "points")))
    if frames.ndim != 1 or points.shape != (len(frames), JOINTS, 2):
        raise FormatError(
            f"{path} holds frames {frames.shape} and points {points.shape}, not (N,) and "
            f"(N, {JOINTS}, 2).",
            "Convert the take again.",
        )
    return frames, points


def _activity(take: str) -> str:
    return next((name for name in ACTIVITIES if take.lower().startswith(name.lower())), "")
