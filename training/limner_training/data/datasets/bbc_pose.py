"""BBC Pose: signers on television, seven points of the upper body.

The folder, as released: ``1/`` to ``20/`` with frames ``<number>.jpg``, and ``bbcpose.mat``. The
last is a MATLAB file, which Limner does not read. Convert it once, where scipy is, into
``bbcpose.csv`` beside it, with a row a frame: ``video, frame, type, x0, y0`` to ``x6, y6``::

    import csv, scipy.io
    with open("bbcpose.csv", "w", newline="") as file:
        table = csv.writer(file)
        table.writerow(["video", "frame", "type"] + [a + str(i) for i in range(7) for a in "xy"])
        for n, v in enumerate(scipy.io.loadmat("bbcpose.mat")["bbcpose"][0][:20], start=1):
            kind = v["type"][0]
            which = "test" if kind == "test" else "train"
            frames, joints = v[which + "_frames"][0], v[which + "_joints"]
            for i, frame in enumerate(frames):
                table.writerow([n, int(frame), kind, *joints[:2, :, i].T.ravel()])

``type`` is ``train`` (videos 1 to 10), ``val`` (11 to 15) or ``test`` (16 to 20, marked by hand).
The released numbers count pixels from 1. What is seen is the box of the labelled points, 60 px
wider on every side and clipped to the frame, made a square whatever its shape.
"""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np

from limner_engine.errors import FormatError
from limner_engine.types import Image
from limner_training.data.datasets.labelled import (
    Doubles,
    LabelledSet,
    Progress,
    need,
    read_picture,
)

NAME = "bbc"
EXPECTS = "folders 1 to 20 with frames, and bbcpose.csv (converted from bbcpose.mat)"
JOINTS = (
    "head",
    "right wrist",
    "left wrist",
    "right elbow",
    "left elbow",
    "right shoulder",
    "left shoulder",
)
MARGIN_PX = 60
PARTS = {"train": "train", "val": "validation", "test": "test"}


def load(folder: Path, progress: Progress | None = None) -> LabelledSet:
    """Read the points; frames are read when they are looked at.

    Raises:
        FormatError: The table or a frame is missing, or a row is not in its layout.
    """
    mend = f"Name the folder that holds {EXPECTS}."
    if (folder / "bbcpose.mat").exists():
        mend = (
            "Limner does not read MATLAB files: convert bbcpose.mat to bbcpose.csv with columns "
            "video, frame, type, x0, y0 to x6, y6; the lines that do it stand in the "
            "documentation of limner_training.data.datasets.bbc_pose."
        )
    need(folder, ["bbcpose.csv"], "BBC Pose", mend)
    frames, parts, points = _table(folder / "bbcpose.csv")
    sizes: dict[str, tuple[int, int]] = {}
    views = np.empty((len(frames), 4))
    for number, (video, frame) in enumerate(frames):
        if video not in sizes:
            height, width = read_picture(folder / video / f"{frame}.jpg").shape[:2]
            sizes[video] = width, height
        views[number] = _view(points[number], *sizes[video])
        if progress is not None:
            progress((number + 1) / len(frames))

    def picture(number: int) -> Image:
        video, frame = frames[number]
        return read_picture(folder / video / f"{frame}.jpg")

    return LabelledSet(
        layout=NAME,
        picture=picture,
        views=views,
        points_px=points,
        part=np.array(parts, dtype=np.str_),
        people=tuple(video for video, _ in frames),
        measures=("pck 6 px", "pixels"),
        joints=JOINTS,
    )


def _table(path: Path) -> tuple[list[tuple[str, str]], list[str], Doubles]:
    frames: list[tuple[str, str]] = []
    parts: list[str] = []
    points: list[list[float]] = []
    columns = [f"{axis}{joint}" for joint in range(len(JOINTS)) for axis in "xy"]
    with path.open(encoding="utf-8-sig", newline="") as file:
        for number, row in enumerate(csv.DictReader(file), start=2):
            try:
                # In MATLAB the first pixel is 1.
                values = [float(row[column]) - 1 for column in columns]
                video, frame = str(int(row["video"])), str(int(row["frame"]))
                part = PARTS[row["type"]]
            except (KeyError, TypeError, ValueError) as error:
                raise FormatError(
                    f"{path.name}, row {number}: video, frame, type (train, val or test) and x0, "
                    f"y0 to x6, y6 are expected.",
                    "Convert bbcpose.mat again.",
                ) from error
            frames.append((video, frame))
            parts.append(part)
            points.append(values)
    if not frames:
        raise FormatError(f"{path.name} has no rows.", "Convert bbcpose.mat again.")
    return frames, parts, np.array(points).reshape(-1, len(JOINTS), 2)


def _view(points: Doubles, width: int, height: int) -> Doubles:
    low = np.maximum(points.min(axis=0) - MARGIN_PX, 0)
    high = np.minimum(points.max(axis=0) + MARGIN_PX, [width - 1, height - 1])
    return np.array([*(low - 0.5), *(high - low + 1)])
