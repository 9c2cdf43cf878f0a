"""SmallNORB: grey toys on a turntable. No points are labelled.

The folder holds the released files, packed (``.gz``) or not; despite their ending they are no
MATLAB files::

    smallnorb-5x46789x9x18x6x2x96x96-training-dat.mat, ...-training-cat.mat, ...-training-info.mat
    smallnorb-5x01235x9x18x6x2x96x96-testing-dat.mat, ...-testing-cat.mat, ...-testing-info.mat

Pictures come in pairs from two cameras; the first of each is taken. A toy counts as a person.
"""

from __future__ import annotations

import gzip
import struct
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from limner_engine.errors import FormatError
from limner_engine.types import Image
from limner_training.data.datasets.labelled import LabelledSet, Progress, whole

NAME = "small_norb"
STEMS = {
    "train": "smallnorb-5x46789x9x18x6x2x96x96-training",
    "test": "smallnorb-5x01235x9x18x6x2x96x96-testing",
}
EXPECTS = " and ".join(f"{stem}-dat.mat, -cat.mat, -info.mat" for stem in STEMS.values())
BYTES, INTEGERS = 0x1E3D4C55, 0x1E3D4C54


def load(folder: Path, progress: Progress | None = None) -> LabelledSet:
    """Read all pictures, half a gigabyte for the whole set.

    Raises:
        FormatError: A file is missing, cut short or in another layout.
    """
    pixels: list[NDArray[np.uint8]] = []
    parts: list[str] = []
    people: list[str] = []
    for number, (part, stem) in enumerate(STEMS.items()):
        pairs = _matrix(folder, f"{stem}-dat.mat", BYTES)
        kinds = _matrix(folder, f"{stem}-cat.mat", INTEGERS)
        facts = _matrix(folder, f"{stem}-info.mat", INTEGERS)
        count = len(pairs)
        if pairs.ndim != 4 or kinds.shape != (count,) or facts.shape != (count, 4):
            raise FormatError(
                f"{stem}: the files hold {pairs.shape}, {kinds.shape} and {facts.shape}.",
                "Take dat, cat and info of the same release.",
            )
        pixels.append(np.asarray(pairs[:, 0], np.uint8))
        parts += [part] * count
        people += [f"{kind}/{toy}" for kind, toy in zip(kinds, facts[:, 0], strict=True)]
        if progress is not None:
            progress((number + 1) / len(STEMS))
    shown = np.concatenate(pixels)

    def picture(number: int) -> Image:
        return np.repeat(shown[number][..., None], 3, axis=2)

    return LabelledSet(
        layout=NAME,
        picture=picture,
        views=np.tile(whole(shown.shape[2], shown.shape[1]), (len(shown), 1)),
        points_px=np.empty((len(shown), 0, 2)),
        part=np.array(parts, dtype=np.str_),
        people=tuple(people),
        measures=(),
    )


def _matrix(folder: Path, name: str, kind: int) -> NDArray[np.integer]:
    """One file: kind, count of sides, sides (three or more are stored), values; little endian."""
    mend = f"Name the folder that holds {EXPECTS}, packed (.gz) or not."
    plain, packed = folder / name, folder / f"{name}.gz"
    try:
        if plain.is_file():
            stored = plain.read_bytes()
        elif packed.is_file():
            stored = gzip.decompress(packed.read_bytes())
        else:
            raise FormatError(f"For SmallNORB, {folder} lacks {name}.", mend)
        found, count = struct.unpack_from("<2i", stored)
        if found != kind or not 1 <= count <= 8:
            raise FormatError(f"{name} is no such matrix.", mend)
        sides = struct.unpack_from(f"<{count}i", stored, 8)
        values = np.frombuffer(
            stored, np.uint8 if kind == BYTES else "<i4", -1, 8 + 4 * max(3, count)
        )
        return values.reshape(sides)
    except (OSError, EOFError, struct.error, ValueError) as error:
        raise FormatError(f"{name} is cut short or damaged: {error}.", "Copy it again.") from error
