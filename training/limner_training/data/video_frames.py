"""From the sources of a run to one frame set: read videos and pictures, find crops, cut."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, cast

import numpy as np

from limner_engine.coordinates import cut
from limner_engine.errors import TrainingError
from limner_engine.types import Image
from limner_training.config import TrainConfig
from limner_training.data.frames import FrameSet, packed_size, wider

if TYPE_CHECKING:
    from limner_engine.cropping.find import CropMode

Report = Callable[[str, float], bool]
"""Told what is being done and the share done; answers False to give up."""

Note = Callable[[str], None]
"""Told one sentence of a source of which something was left out."""


def gather(
    config: TrainConfig, image_size: int, report: Report, note: Note | None = None
) -> FrameSet:
    """Everything a run learns from, as one set.

    Packed cuts of twice the size needed, or four times, and so on, are shrunk.

    Args:
        config: ``sources`` are videos, folders of pictures or packed ``.npz`` files, in any
            mixture; ``crops`` are for videos alone.
        image_size: ``S`` of the network.
        report: Told of progress.
        note: Told what was left out; ``report`` is where this is not given.

    Raises:
        TrainingError: No sources, a wrong size of packed cuts, a folder without pictures, or the
            report said to give up.
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
            part = _from_packed(path, image_size)
        elif path.is_dir():
            part, left_out = _from_folder(path, config, image_size, share)
            if left_out and note is not None:
                note(left_out)
            elif left_out:
                report(left_out, (number + 1) / len(config.sources))
        else:
            part = _from_video(path, config, image_size, crops.get(source), share)
        parts.append(part)
    return parts[0] if len(parts) == 1 else FrameSet.join(parts)


def _from_packed(path: Path, image_size: int) -> FrameSet:
    part = FrameSet.open(path)
    stored, needed = part.pixels.shape[1], packed_size(image_size)
    factor = stored // needed
    if stored != factor * needed or factor.bit_count() != 1:
        raise TrainingError(
            f"{path.name} holds cuts of {stored} px, and this network needs {needed} px.",
            "Pack the videos for this size of network.",
        )
    return part if factor == 1 else part.shrunk(factor)


def _from_folder(
    path: Path, config: TrainConfig, image_size: int, share: Callable[[float], bool]
) -> tuple[FrameSet, str]:
    # A GPU server learns from packed arrays and looks for no faces.
    from limner_training.data.pictures import read_pictures

    read = read_pictures(path, cast("CropMode", config.crop_mode), image_size, share)
    return read.frames, read.note


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
