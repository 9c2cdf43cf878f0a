"""Frames ready to learn from: cuts of one size in one array, with the video each came from.

A pool of unrelated still pictures stands as a video of its own, marked as still.

A set is a folder of plain ``.npy`` arrays while a run uses it, mapped from disk, or one ``.npz``
file to carry it to another machine. Neither video reader nor window is needed to read it.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from limner_engine.errors import TrainingError
from limner_engine.types import Crop
from limner_training.data.array_file import stored_arrays

MARGIN = 1.25
"""Cuts are this much wider than the crop, so that augmentation shows no borders."""


def packed_size(image_size: int) -> int:
    """Side of the stored cuts for a network that sees ``image_size`` pixels; even."""
    return 2 * round(image_size * MARGIN / 2)


def wider(crop: Crop) -> Crop:
    """A crop with the margin that augmentation needs."""
    return Crop(crop.centre_x_px, crop.centre_y_px, crop.side_px * MARGIN, crop.angle_rad)


@dataclass(frozen=True, slots=True, eq=False)
class FrameSet:
    """Cuts of several videos and of pools of still pictures.

    Attributes:
        pixels: ``(N, P, P, 3)`` uint8 RGB; the crop is the middle ``P / MARGIN`` pixels.
        video: ``(N,)`` int32: from which video; rising.
        frame: ``(N,)`` int64: frame number in it; rising within a video.
        names: One name a video.
        still: ``(V,)`` bool, one a name: whether it is a pool of unrelated pictures, each of its
            own object, and no video. None are where it is not given. ``still[video]`` tells it of
            every frame.
    """

    pixels: NDArray[np.uint8]
    video: NDArray[np.int32]
    frame: NDArray[np.int64]
    names: tuple[str, ...]
    still: NDArray[np.bool_] = field(default_factory=lambda: np.zeros(0, np.bool_))

    def __post_init__(self) -> None:
        if not len(self.still):
            object.__setattr__(self, "still", np.zeros(len(self.names), np.bool_))
        count = len(self.pixels)
        good = (
            self.pixels.ndim == 4
            and self.pixels.dtype == np.uint8
            and self.pixels.shape[1] == self.pixels.shape[2]
            and self.pixels.shape[3] == 3
            and self.video.shape == (count,)
            and self.frame.shape == (count,)
            and self.still.shape == (len(self.names),)
            and self.still.dtype == np.bool_
        )
        if not good or count < 2:
            raise TrainingError("The packed frames do not fit together.", "Pack them again.")
        if self.video.min() < 0 or self.video.max() >= len(self.names):
            raise TrainingError("The packed frames name a missing video.", "Pack them again.")

    def __len__(self) -> int:
        return len(self.pixels)

    def save(self, folder: Path) -> None:
        """Write into a folder; the list of names comes last and makes it whole."""
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "names.json").unlink(missing_ok=True)
        for name in ("pixels", "video", "frame", "still"):
            np.save(folder / f"{name}.npy", getattr(self, name))
        beside = folder / "names.json.part"
        beside.write_text(json.dumps(list(self.names)), "utf-8")
        beside.replace(folder / "names.json")

    def pack(self, path: Path) -> None:
        """Write one ``.npz`` file beside ``path`` and rename it into place.

        Raises:
            TrainingError: It cannot be written.
        """
        beside = path.with_name(f".{path.name}.{os.getpid()}.part")
        try:
            try:
                with beside.open("wb") as file:
                    np.savez(
                        file,
                        names=np.array(self.names, dtype=np.str_),
                        pixels=self.pixels,
                        video=self.video,
                        frame=self.frame,
                        still=self.still,
                    )
                beside.replace(path)
            finally:
                beside.unlink(missing_ok=True)
        except OSError as error:
            raise TrainingError(
                f"{path} cannot be written: {error.strerror or error}.",
                "Choose another folder, or make room on the disk.",
            ) from error

    @classmethod
    def open(cls, path: Path) -> FrameSet:
        """Open a folder (mapped from disk) or an ``.npz`` file (read into memory).

        Sets of earlier versions do not say which names are pools of pictures: none of them are.

        Raises:
            TrainingError: Missing, cut short, or not such a set.
        """
        try:
            if path.is_dir():
                names = json.loads((path / "names.json").read_text("utf-8"))
                pixels = np.load(path / "pixels.npy", mmap_mode="r", allow_pickle=False)
                video = np.load(path / "video.npy", allow_pickle=False)
                frame = np.load(path / "frame.npy", allow_pickle=False)
                still = np.zeros(len(names), np.bool_)
                if (path / "still.npy").exists():
                    still = np.load(path / "still.npy", allow_pickle=False)
            else:
                stored = stored_arrays(path, ("names", "pixels", "video", "frame", "still"))
                names = stored["names"].tolist()
                pixels, video, frame = stored["pixels"], stored["video"], stored["frame"]
                still = stored.get("still", np.zeros(len(names), np.bool_))
        except (OSError, ValueError, KeyError, EOFError) as error:
            raise TrainingError(
                f"{path.name} holds no packed frames: {error}.", "Pack the videos again."
            ) from error
        return cls(pixels, video, frame, tuple(str(name) for name in names), still)

    @classmethod
    def join(cls, parts: list[FrameSet]) -> FrameSet:
        """Several sets as one; all must have cuts of one size.

        Raises:
            TrainingError: Sizes differ.
        """
        if len({part.pixels.shape[1] for part in parts}) != 1:
            raise TrainingError(
                "The packed files hold cuts of different sizes.", "Pack them for one network size."
            )
        offsets = np.cumsum([0] + [len(part.names) for part in parts[:-1]])
        return cls(
            np.concatenate([part.pixels for part in parts]),
            np.concatenate(
                [part.video + offset for part, offset in zip(parts, offsets, strict=True)]
            ).astype(np.int32),
            np.concatenate([part.frame for part in parts]),
            tuple(name for part in parts for name in part.names),
            np.concatenate([part.still for part in parts]),
        )

    def shrunk(self, factor: int) -> FrameSet:
        """The same frames in cuts of ``P / factor`` pixels, each the mean of a block.

        Args:
            factor: Divides ``P``.
        """
        count, side = self.pixels.shape[:2]
        small = np.empty((count, side // factor, side // factor, 3), np.uint8)
        for start in range(0, count, 256):
            part = self.pixels[start : start + 256]
            total = np.zeros((len(part), *small.shape[1:]), np.uint32)
            for row in range(factor):
                for column in range(factor):
                    total += part[:, row::factor, column::factor]
            small[start : start + 256] = (total + factor**2 // 2) // factor**2
        return replace(self, pixels=small)
