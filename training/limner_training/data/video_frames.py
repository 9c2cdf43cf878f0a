"""From the sources of a run to one frame set: read videos, find crops, cut."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, cast

import numpy as np

from limner_engine.coordinates import cut
from limner_engine.errors import TrainingError
from limner_engine.types import Crop, Image
from limner_training.config import TrainConfig
from limner_training.data.frames import MARGIN, FrameSet, packed_size

if TYPE_CHECKING:
    from limner_engine.cropping.find import CropMode

Report = Callable[[str, float], bool]
"""Told what is being done and the share done; answers False to give up."""


def gather(config: TrainConfig, image_size: int, report: Report) -> FrameSet:
    """Everything a run learns from, as one set.

    Args:
        config: ``sources`` are videos or packed ``.npz`` files, in any mixture.
        image_size: ``S`` of the network.
        report: Told of progress.

    Raises:
        TrainingError: No sources, a wrong size of packed cuts, or the report said to give up.
        VideoError: A video cannot be read.
    """
    if not config.sources:
        raise TrainingError("There is nothing to learn from.", "Name at least one video.")
    crops = _stored_crops(config)
    parts: list[FrameSet] = []
    for number, source in enumerate(config.sources):
        path = Path(source)

        def share(done: float, number: int = number, path: Path = path) -> bool:
            return report(f"Reading {path.name}", (number + done) / len(config.sources))

        if path.suffix == ".npz":
            part = FrameSet.open(path)
            if part.pixels.shape[1] != packed_size(image_size):
                raise TrainingError(
                    f"{path.name} holds cuts of {part.pixels.shape[1]} px, and this network needs "
                    f"{packed_size(image_size)} px.",
                    "Pack the videos for this size of network.",
                )
        else:
            part = _from_video(path, config, image_size, crops.get(source), share)
        parts.append(part)
    return parts[0] if len(parts) == 1 else FrameSet.join(parts)


def wider(crop: Crop) -> Crop:
    """A crop with the margin that augmentation needs."""
    return Crop(crop.centre_x_px, crop.centre_y_px, crop.side_px * MARGIN, crop.angle_rad)


def _from_video(
    path: Path,
    config: TrainConfig,
    image_size: int,
    stored: str | None,
    share: Callable[[float], bool],
) -> FrameSet:
    # A GPU server learns from packed arrays and has no video reader.
    from limner_engine.cropping import CropsCancelledError, CropTrack, find_crops
    from limner_engine.video.reader import VideoReader

    given_up = TrainingError("The run was stopped while it read its videos.")
    with VideoReader(path, threads=config.threads) as reader:
        if stored is None:
            mode = cast("CropMode", config.crop_mode)
            try:
                found = find_crops(reader, mode, progress=lambda done: share(0.3 * done))
            except CropsCancelledError:
                raise given_up from None
        else:
            found = CropTrack.from_json(stored)
        step = max(1, -(-len(reader) // config.frames_per_video))
        pixels: list[Image] = []
        numbers: list[int] = []
        size = packed_size(image_size)
        for index, frame in reader.read(0, len(reader), step):
            if frame is not None:
                pixels.append(cut(frame, wider(found.at(index)), size))
                numbers.append(index)
            if not share(0.3 + 0.7 * index / len(reader)):
                raise given_up
    if len(pixels) < 2:
        raise TrainingError(
            f"{path.name} has fewer than two readable frames.", "Choose a longer video."
        )
    return FrameSet(
        np.stack(pixels),
        np.zeros(len(pixels), np.int32),
        np.array(numbers, np.int64),
        (path.name,),
    )


def _stored_crops(config: TrainConfig) -> dict[str, str]:
    if not config.crops:
        return {}
    try:
        stored = json.loads(Path(config.crops).read_text("utf-8"))
        return {str(video): json.dumps(track) for video, track in stored.items()}
    except (OSError, ValueError, AttributeError) as error:
        raise TrainingError(f"The crops in {config.crops} cannot be read: {error}.") from error
