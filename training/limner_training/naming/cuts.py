"""Everything a run for named landmarks learns from, in arrays; and how it comes from videos."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from limner_engine.coordinates import cut
from limner_engine.cropping.track import CropTrack
from limner_engine.errors import FrameUnreadableError, TrainingError
from limner_engine.naming.labelled import LabelledFrames
from limner_engine.types import Crop, Floats, Image, Skeleton
from limner_training.data.frames import wider
from limner_training.naming.placing import stored_size

if TYPE_CHECKING:
    from limner_engine.video.reader import VideoReader

RUN = 3
"""Unlabelled frames come in runs of so many neighbours, which must agree."""

Report = Callable[[str, float], bool]
"""Told what is being done and the share done; answers False to give up."""


def _none(*shape: int) -> NDArray[np.uint8]:
    return np.zeros(shape, np.uint8)


@dataclass(frozen=True, slots=True, eq=False)
class NameCuts:
    """N labelled pictures with P landmarks, and U unlabelled ones.

    Attributes:
        pixels: ``(N, Q, Q, 3)`` uint8 RGB, wider than the crop by `MARGIN`; see `stored_size`.
        points_norm: ``(N, P, 2)`` float32, -1..1 of the crop, NaN where not labelled.
        visible: ``(N, P)`` float32: 1 to be seen, 0 hidden, NaN where nothing was said.
        group: ``(N,)`` int64: pictures of one video or person have one number.
        px_per_unit: ``(N,)`` float32: pixels of the video in one unit.
        skeleton: Names of the P landmarks.
        unlabelled: ``(U, Q, Q, 3)`` uint8, runs of `RUN` neighbouring frames one after another.
        still: Whether the unlabelled pictures are unrelated stills instead, in any number.
    """

    pixels: NDArray[np.uint8]
    points_norm: Floats
    visible: Floats
    group: NDArray[np.int64]
    px_per_unit: Floats
    skeleton: Skeleton
    unlabelled: NDArray[np.uint8] = field(default_factory=lambda: _none(0, 1, 1, 3))
    still: bool = False

    def __post_init__(self) -> None:
        count, landmarks = len(self.pixels), len(self.skeleton.names)
        good = (
            self.pixels.ndim == 4
            and self.points_norm.shape == (count, landmarks, 2)
            and self.visible.shape == (count, landmarks)
            and self.group.shape == self.px_per_unit.shape == (count,)
            and (self.still or len(self.unlabelled) % RUN == 0)
        )
        if not good:
            raise ValueError("the labels do not fit their pictures")
        labelled = int(np.isfinite(self.points_norm).all(-1).any(-1).sum())
        if labelled < 2:
            raise TrainingError(
                "There are too few labels to learn from.", "Label at least two frames."
            )

    def __len__(self) -> int:
        return len(self.pixels)

    @property
    def size(self) -> int:
        """``Q``."""
        return int(self.pixels.shape[1])


def stored_cut(frame: Image, crop: Crop, image_size: int) -> Image:
    """What is stored of a frame, ``(Q, Q, 3)``."""
    return cut(frame, wider(crop), stored_size(image_size))


def from_pictures(
    pictures: Sequence[Image],
    labelled: LabelledFrames,
    image_size: int,
    unlabelled: NDArray[np.uint8] | None = None,
    *,
    still: bool = False,
) -> NameCuts:
    """Cuts of labelled pictures that are in memory.

    Args:
        pictures: The frames that ``labelled`` names, whole, in its order.
        labelled: What a person said.
        image_size: ``S`` of the network.
        unlabelled: As in `NameCuts`, each from `stored_cut`; none if not given.
        still: As in `NameCuts`.
    """
    pairs = zip(pictures, labelled.crops, strict=True)
    said = np.where(labelled.told, labelled.visible, np.nan).astype(np.float32)
    size = stored_size(image_size)
    return NameCuts(
        np.stack([stored_cut(picture, crop, image_size) for picture, crop in pairs]),
        labelled.crop_points(),
        said,
        labelled.group,
        labelled.px_per_unit(),
        labelled.skeleton,
        _none(0, size, size, 3) if unlabelled is None else unlabelled,
        still,
    )


def from_videos(
    labelled: LabelledFrames,
    tracks: Mapping[str, CropTrack],
    image_size: int,
    most: int,
    report: Report,
) -> NameCuts:
    """Read labelled frames, and unlabelled ones spread over the same videos.

    Args:
        labelled: What a person said.
        tracks: Crops of the videos from which unlabelled frames are taken.
        image_size: ``S`` of the network.
        most: Unlabelled frames, all videos together.
        report: Told of progress.

    Raises:
        VideoError: A video cannot be read.
        TrainingError: The report said to give up.
    """
    # Evaluation learns from pictures in memory, on servers without a video reader.
    from limner_engine.video.reader import VideoReader

    chosen = _spread(tracks, most // RUN)
    paths = list(dict.fromkeys([*(path for path, _ in labelled.sources), *map(Path, chosen)]))
    pictures: dict[int, Image] = {}
    others: list[Image] = []
    for number, path in enumerate(paths):
        with VideoReader(path) as reader:
            rows = {i: row for row, (source, i) in enumerate(labelled.sources) if source == path}
            track = chosen.get(str(path))
            runs = [] if track is None else run_starts(len(reader), most // len(chosen) // RUN)
            # In rising order, so that nothing is decoded twice.
            for index in sorted({*rows, *runs}):
                if not report(f"Reading {path.name}", (number + index / len(reader)) / len(paths)):
                    raise TrainingError("The run was stopped while it read its videos.")
                if index in rows:
                    pictures[rows[index]] = reader[index]
                if track is not None and index in runs:
                    others += run_cuts(reader, track, index, image_size)
    ordered = [pictures[row] for row in range(len(labelled))]
    return from_pictures(ordered, labelled, image_size, np.stack(others) if others else None)


def _spread(tracks: Mapping[str, CropTrack], most: int) -> dict[str, CropTrack]:
    """At most so many of the videos, spread over all of them."""
    names = list(tracks)
    if len(names) > most:
        names = [names[int(i)] for i in np.linspace(0, len(names) - 1, most)]
    return {name: tracks[name] for name in names}


def run_cuts(reader: VideoReader, track: CropTrack, first: int, image_size: int) -> list[Image]:
    """`RUN` neighbouring frames, cut; none where one of them is damaged: there are others."""
    try:
        frames = [(i, reader[i]) for i in range(first, first + RUN)]
    except FrameUnreadableError:
        return []
    return [stored_cut(frame, track.at(i), image_size) for i, frame in frames]


def run_starts(length: int, count: int) -> list[int]:
    """First frames of ``count`` runs spread evenly over a video of ``length`` frames."""
    count = min(count, length // RUN)
    return [int(start) for start in np.linspace(0, length - RUN, count)] if count else []
