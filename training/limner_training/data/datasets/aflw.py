"""AFLW with five points, in the pre-cropped release that IMM and its successors use.

The folder::

    output/                               pictures
    aflw_train_images.txt, aflw_test_images.txt
    aflw_train_keypoints.mat, aflw_test_keypoints.mat

The last two are MATLAB files, which Limner does not read. Convert each once, where scipy is::

    m = scipy.io.loadmat("aflw_train_keypoints.mat")
    numpy.savez("aflw_train_keypoints.npz", gt=m["gt"], hw=m["hw"])

``gt`` is ``(N, 5, 2)`` in pixels as ``(x, y)``, ``hw`` is ``(N, 2)`` height and width. A picture
becomes a square, whatever its shape; the last tenth of the training pictures is held for
validation. The release does not say who is in a picture.

Where the file also says which points are visible, save that too, as ``visible``: ``(N, 5)`` of 1
and 0. Then hidden points are no longer measured, and how well visible ones are told from them is.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from limner_engine.errors import FormatError
from limner_engine.types import Image
from limner_training.data.array_file import stored_arrays
from limner_training.data.datasets.labelled import (
    Doubles,
    Eyes,
    LabelledSet,
    Progress,
    need,
    read_arrays,
    read_lines,
    read_picture,
)

NAME = "aflw"
EXPECTS = (
    "output/, aflw_train_images.txt, aflw_test_images.txt, aflw_train_keypoints.npz, "
    "aflw_test_keypoints.npz (arrays gt and hw, converted from the .mat files)"
)


def load(folder: Path, progress: Progress | None = None) -> LabelledSet:  # noqa: ARG001
    """Read lists and points; pictures are read when they are looked at.

    Raises:
        FormatError: A file is missing or not in its layout.
    """
    files = [
        f"aflw_{part}_{what}"
        for part in ("train", "test")
        for what in ("images.txt", "keypoints.npz")
    ]
    need(folder, ["output", *files], "AFLW", _mend(folder))
    names: list[str] = []
    points: list[Doubles] = []
    views: list[Doubles] = []
    parts: list[str] = []
    visible: list[Doubles] = []
    for part in ("train", "test"):
        listed = read_lines(folder / f"aflw_{part}_images.txt")
        path = folder / f"aflw_{part}_keypoints.npz"
        gt, hw = (array.astype(np.float64) for array in read_arrays(path, ("gt", "hw")))
        count = len(listed)
        if gt.shape != (count, 5, 2) or hw.shape != (count, 2):
            raise FormatError(
                f"{path.name} holds gt {gt.shape} and hw {hw.shape}, but {count} pictures are "
                f"listed; ({count}, 5, 2) and ({count}, 2) are expected.",
                "Convert the .mat file of the same release.",
            )
        seen = _visible(path, count)
        if seen is not None:
            gt[seen == 0] = np.nan
            visible.append(seen)
        held = round(0.1 * count) if part == "train" else 0
        names += listed
        points.append(gt)
        views.append(np.column_stack([np.full((count, 2), -0.5), hw[:, ::-1]]))
        parts += [part] * (count - held) + ["validation"] * held

    if len(visible) == 1:
        raise FormatError(
            "Only one of both files of points says which are visible.",
            "Save the array visible in both, or in neither.",
        )

    def picture(number: int) -> Image:
        return read_picture(folder / "output" / names[number])

    return LabelledSet(
        layout=NAME,
        picture=picture,
        views=np.concatenate(views),
        points_px=np.concatenate(points),
        part=np.array(parts, dtype=np.str_),
        measures=("eyes", "image size"),
        eyes=(Eyes("pupils", (0,), (1,)),),
        visible=np.concatenate(visible) if visible else None,
    )


def _visible(path: Path, count: int) -> Doubles | None:
    """What the file says of visibility: ``(N, 5)`` of 1 and 0, or None where it says nothing."""
    stored = stored_arrays(path, ("visible",))
    if not stored:
        return None
    seen = stored["visible"].astype(np.float64)
    if seen.shape != (count, 5) or not np.isin(seen, (0, 1)).all():
        raise FormatError(
            f"visible in {path.name} is {seen.shape}, not ({count}, 5) of 1 and 0.",
            "Convert the .mat file of the same release, or leave visible out.",
        )
    return seen


def _mend(folder: Path) -> str:
    if any(folder.glob("aflw_*_keypoints.mat")):
        return (
            "Limner does not read MATLAB files: save gt and hw of each .mat with "
            "scipy.io.loadmat and numpy.savez under the same name with .npz."
        )
    return f"Name the folder that holds {EXPECTS}."
