"""SVHN: house numbers cut to single digits of 32 px. No points are labelled.

The released files ``train_32x32.mat`` and ``test_32x32.mat`` are MATLAB files, which Limner does
not read. Convert each once, where scipy is::

    m = scipy.io.loadmat("train_32x32.mat"); numpy.savez("train_32x32.npz", X=m["X"], y=m["y"])

``X`` is ``(32, 32, 3, N)`` uint8, ``y`` is ``(N, 1)``: the digit, with 10 for zero.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from limner_engine.errors import FormatError
from limner_engine.types import Image
from limner_training.data.datasets.labelled import (
    LabelledSet,
    Progress,
    need,
    read_arrays,
    whole,
)

NAME = "svhn"
FILES = {"train": "train_32x32.npz", "test": "test_32x32.npz"}
EXPECTS = "train_32x32.npz and test_32x32.npz (arrays X and y, converted from the .mat files)"


def load(folder: Path, progress: Progress | None = None) -> LabelledSet:
    """Read all pictures, a third of a gigabyte for the whole set.

    Raises:
        FormatError: A file is missing or in another layout.
    """
    mend = f"Name the folder that holds {EXPECTS}."
    if any(folder.glob("*_32x32.mat")):
        mend = (
            "Limner does not read MATLAB files: save X and y of each .mat with scipy.io.loadmat "
            "and numpy.savez under the same name with .npz."
        )
    need(folder, list(FILES.values()), "SVHN", mend)
    pixels: list[NDArray[np.uint8]] = []
    parts: list[str] = []
    digits: list[str] = []
    for number, (part, name) in enumerate(FILES.items()):
        stored, label = read_arrays(folder / name, ("X", "y"))
        good = stored.ndim == 4 and stored.shape[:3] == (32, 32, 3) and stored.dtype == np.uint8
        if not good or label.size != stored.shape[3]:
            raise FormatError(
                f"{name} holds X {stored.shape} and y {label.shape}, not (32, 32, 3, N) of bytes "
                "and (N, 1).",
                "Convert it again.",
            )
        pixels.append(np.moveaxis(stored, 3, 0).astype(np.uint8, copy=False))
        parts += [part] * stored.shape[3]
        digits += [str(int(value) % 10) for value in label.ravel().astype(np.int64)]
        if progress is not None:
            progress((number + 1) / len(FILES))
    shown = np.concatenate(pixels)

    def picture(number: int) -> Image:
        return np.ascontiguousarray(shown[number])

    return LabelledSet(
        layout=NAME,
        picture=picture,
        views=np.tile(whole(32, 32), (len(shown), 1)),
        points_px=np.empty((len(shown), 0, 2)),
        part=np.array(parts, dtype=np.str_),
        groups=tuple(digits),
        measures=(),
    )
