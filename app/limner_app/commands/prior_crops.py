"""Crops of videos and pictures, to lay poses beside."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import cast

import numpy as np
from numpy.typing import NDArray

from limner_app.commands.looking import choose_crops, opened
from limner_app.commands.parsing import CROP_MODES
from limner_app.progress import long_work
from limner_engine.coordinates import cut
from limner_engine.cropping.setting import CropMode
from limner_engine.errors import LimnerError
from limner_engine.types import Crop, Image

SIDE_PX = 128
MOMENTS = 20
"""Frames of each video that are looked at."""
SAMPLE = 12
"""Pictures by which it is told whether a folder shows faces."""
STILLS = 40
"""Pictures of each folder."""


@dataclass(frozen=True, slots=True, eq=False)
class SampleCrops:
    """What learning would look at.

    Attributes:
        stacks: For each source ``(N, S, S, 3)`` uint8.
        signs: For each, see `limner_engine.priors.statistics.sign_of`.
    """

    stacks: tuple[NDArray[np.uint8], ...]
    signs: tuple[str, ...]

    @property
    def faces(self) -> bool:
        """Whether most sources are of faces."""
        return 2 * sum(sign == "face" for sign in self.signs) > len(self.signs)

    @property
    def pictures(self) -> list[Image]:
        """All crops."""
        return [crop for stack in self.stacks for crop in stack]


def sample_crops(paths: list[Path], crop: str) -> SampleCrops:
    """Cut some moments of each video, and some pictures of each folder.

    Args:
        paths: Videos and folders of pictures.
        crop: As ``--crop`` has it.

    Raises:
        LimnerError: One cannot be read, or shows nothing of the kind.
    """
    found = [_stills(path, crop) if path.is_dir() else _video(path, crop) for path in paths]
    return SampleCrops(tuple(stack for stack, _ in found), tuple(sign for _, sign in found))


def _video(path: Path, crop: str) -> tuple[NDArray[np.uint8], str]:
    from limner_engine.errors import FrameUnreadableError
    from limner_engine.priors.statistics import sign_of

    with opened(path, 2) as reader:
        with long_work(f"Looking at {path.name}") as advance:
            track = choose_crops(reader, crop, advance)
        count = min(MOMENTS, reader.frame_count)
        pictures = []
        for index in np.unique(np.linspace(0, reader.frame_count - 1, count).round().astype(int)):
            try:
                pictures.append(cut(reader[int(index)], track.at(int(index)), SIDE_PX))
            except FrameUnreadableError:
                continue  # the others show as much
    if not pictures:
        raise LimnerError(f"No frame of {path.name} can be read.", "Choose another video.")
    return np.stack(pictures), sign_of(track)


def _stills(folder: Path, crop: str) -> tuple[NDArray[np.uint8], str]:
    from limner_engine.priors.statistics import face_boxes
    from limner_training.data.frames import MARGIN
    from limner_training.data.pictures import read_pictures

    if crop not in CROP_MODES:
        raise LimnerError(
            f"--crop {crop} is a square of a video, and {folder.name} is a folder of pictures.",
            f"Give one of {', '.join(CROP_MODES)}.",
        )
    with long_work(f"Looking at {folder.name}") as advance:
        found = read_pictures(folder, cast("CropMode", crop), SIDE_PX, advance, most=STILLS)
    wide = found.frames.pixels
    side = wide.shape[1]
    middle = Crop((side - 1) / 2, (side - 1) / 2, side / MARGIN)
    stack = np.stack([cut(picture, middle, SIDE_PX) for picture in wide])
    # What was cut is not told, and around faces faces are found again.
    faces = crop == "face"
    if crop == "auto":
        faces = bool(np.isfinite(face_boxes(stack[:SAMPLE])[:, 0]).mean() > 0.5)
    return stack, "face" if faces else "apart"
