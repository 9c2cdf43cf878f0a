"""MAFL, the part of CelebA with five points on which faces are compared.

The folder, as CelebA and its authors lay it out::

    Img/img_align_celeba/000001.jpg ...     (or img_align_celeba_hq)
    Anno/list_landmarks_align_celeba.txt
    MAFL/training.txt, MAFL/testing.txt
    Anno/identity_CelebA.txt                (if at hand: who is in each picture)

As in IMM's program a picture becomes a square of 160 px, whatever its shape, of which the middle
128 px are seen; the last tenth of the training pictures is held for validation.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from limner_engine.errors import FormatError
from limner_engine.types import Image
from limner_training.data.datasets.labelled import (
    Doubles,
    Eyes,
    LabelledSet,
    Progress,
    need,
    read_lines,
    read_picture,
)

NAME = "mafl"
EXPECTS = (
    "Img/img_align_celeba, Anno/list_landmarks_align_celeba.txt, MAFL/training.txt, "
    "MAFL/testing.txt"
)
SEEN = 0.8
"""Share of either side that is seen."""


def load(folder: Path, progress: Progress | None = None) -> LabelledSet:  # noqa: ARG001
    """Read lists and points; pictures are read when they are looked at.

    Raises:
        FormatError: A file is missing or not in its layout.
    """
    points_file = "Anno/list_landmarks_align_celeba.txt"
    mend = f"Name the folder of CelebA that holds {EXPECTS}."
    need(folder, [points_file, "MAFL/training.txt", "MAFL/testing.txt"], "MAFL", mend)
    homes = [folder / "Img" / name for name in ("img_align_celeba_hq", "img_align_celeba")]
    home = next((path for path in homes if path.is_dir()), None)
    if home is None:
        raise FormatError(f"For MAFL, {folder} lacks Img/img_align_celeba.", mend)
    training = read_lines(folder / "MAFL" / "training.txt")
    testing = read_lines(folder / "MAFL" / "testing.txt")
    known = _points(folder / points_file)
    # The order of CelebA's own list, as the last tenth of it is the validation part.
    names = [name for name in known if name in {*training, *testing}]
    absent = [name for name in (*training, *testing) if name not in known]
    if absent:
        raise FormatError(
            f"{points_file} has no points for {absent[0]}, which MAFL lists "
            f"({len(absent)} in all).",
            "Take both files from the same release.",
        )
    test = set(testing)
    part = np.where([name in test for name in names], "test", "train").astype("U10")
    learned = np.flatnonzero(part == "train")
    held = round(0.1 * len(learned))
    part[learned[len(learned) - held :]] = "validation"
    height, width = read_picture(home / names[0]).shape[:2]
    margin = (1 - SEEN) / 2
    view = [margin * width - 0.5, margin * height - 0.5, SEEN * width, SEEN * height]

    def picture(number: int) -> Image:
        return read_picture(home / names[number])

    return LabelledSet(
        layout=NAME,
        picture=picture,
        views=np.tile(view, (len(names), 1)),
        points_px=np.stack([known[name] for name in names]),
        part=part,
        people=_people(folder / "Anno" / "identity_CelebA.txt", names),
        measures=("eyes", "image size"),
        eyes=(Eyes("pupils", (0,), (1,)),),
    )


def _points(path: Path) -> dict[str, Doubles]:
    found: dict[str, Doubles] = {}
    # A count and a heading come first.
    for number, line in enumerate(read_lines(path)[2:], start=3):
        words = line.split()
        try:
            values = np.array([float(word) for word in words[1:]])
        except ValueError:
            values = np.empty(0)
        if values.size != 10:
            raise FormatError(
                f"{path.name}, row {number}: not a file name and ten numbers.",
                "Take list_landmarks_align_celeba.txt as CelebA publishes it.",
            )
        found[words[0]] = values.reshape(5, 2)
    return found


def _people(path: Path, names: list[str]) -> tuple[str, ...]:
    if not path.is_file():
        return ()
    who = dict(line.split()[:2] for line in read_lines(path) if len(line.split()) >= 2)
    absent = [name for name in names if name not in who]
    if absent:
        raise FormatError(
            f"{path.name} does not say who is in {absent[0]}.", "Take CelebA's own file."
        )
    return tuple(who[name] for name in names)
