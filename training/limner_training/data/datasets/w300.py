"""300-W with 68 points in iBUG's order.

The folder, as the parts are published::

    afw/, helen/trainset/, helen/testset/, lfpw/trainset/, lfpw/testset/, ibug/

each with pictures (``.jpg`` or ``.png``) and a ``.pts`` file of the same name beside each. Learned
from are AFW and both training sets (3148 pictures); tested on are both test sets and iBUG (689).

What is seen is the usual square around the labelled points: 80/52 of the width of their box,
raised by 2/52 of it. The numbers in ``.pts`` files count pixels from 1.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from limner_engine.errors import FormatError
from limner_engine.types import Image
from limner_training.data.datasets.labelled import (
    Doubles,
    LabelledSet,
    Progress,
    need,
    read_lines,
    read_picture,
)
from limner_training.data.datasets.ytf68 import EYES

NAME = "300w"
TRAIN = ("afw", "helen/trainset", "lfpw/trainset")
TEST = ("helen/testset", "lfpw/testset", "ibug")
EXPECTS = f"{', '.join((*TRAIN, *TEST))}, with pictures and .pts files"
POINTS = 68
SIDE_SHARE = 80 / 52
RAISED_SHARE = 2 / 52


def load(folder: Path, progress: Progress | None = None) -> LabelledSet:
    """Read all points; pictures are read when they are looked at.

    Raises:
        FormatError: A folder or picture is missing, or a file of points is in another layout.
    """
    need(folder, (*TRAIN, *TEST), "300-W", f"Name the folder that holds {EXPECTS}.")
    files: list[tuple[Path, str]] = []
    for homes, part in ((TRAIN, "train"), (TEST, "test")):
        for home in homes:
            found = sorted((folder / home).glob("*.pts"))
            if not found:
                raise FormatError(
                    f"{folder / home} holds no .pts files.", "Unpack that part of 300-W again."
                )
            files += [(path, part) for path in found]
    points: list[Doubles] = []
    pictures: list[Path] = []
    for done, (path, _) in enumerate(files):
        points.append(_points(path))
        beside = [path.with_suffix(end) for end in (".jpg", ".png")]
        picture = next((other for other in beside if other.is_file()), None)
        if picture is None:
            raise FormatError(f"There is no picture {path.stem}.jpg or .png beside {path}.")
        pictures.append(picture)
        if progress is not None:
            progress((done + 1) / len(files))

    def read(number: int) -> Image:
        return read_picture(pictures[number])

    return LabelledSet(
        layout=NAME,
        picture=read,
        views=np.stack([_view(face) for face in points]),
        points_px=np.stack(points),
        part=np.array([part for _, part in files], dtype=np.str_),
        measures=("eyes", "image size"),
        eyes=EYES,
    )


def _points(path: Path) -> Doubles:
    lines = read_lines(path)
    try:
        first, last = lines.index("{"), lines.index("}")
        points = np.array(
            [[float(word) for word in line.split()] for line in lines[first + 1 : last]]
        )
    except ValueError:
        points = np.empty(0)
    if points.shape != (POINTS, 2):
        raise FormatError(
            f"{path} does not hold 68 points between braces.", "Take the files of 300-W."
        )
    return points - 1


def _view(points: Doubles) -> Doubles:
    low, high = points.min(axis=0), points.max(axis=0)
    width = high[0] - low[0] + 1
    side = width * SIDE_SHARE
    middle = (low + high) / 2 - [0, width * RAISED_SHARE]
    return np.array([*(middle - side / 2), side, side])
