"""Answers about what to look at in a video; none of them needs a model."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from limner_engine.cropping import CropSetting, CropTrack, find_crops, look
from limner_engine.cropping.box import follow_box
from limner_engine.inference.protocol import Message
from limner_engine.video.reader import VideoReader


def find_answer(
    message: Message, threads: int, progress: Callable[[float], bool]
) -> dict[str, Any]:
    """The crops that a setting asks for; ``apart`` where frames are separate pictures."""
    setting = CropSetting.from_json(message.header["setting"])
    apart = bool(message.header.get("apart", False))
    with VideoReader(Path(message.header["video"]), threads=threads) as reader:
        track = find_crops(reader, setting, apart=apart, progress=progress)
    return {"track": track.to_json()}


def look_answer(
    message: Message, threads: int, progress: Callable[[float], bool]
) -> dict[str, Any]:
    """What is seen in a video, from which crops of any margin follow."""
    apart = bool(message.header.get("apart", False))
    mode = CropSetting(message.header["mode"]).mode
    with VideoReader(Path(message.header["video"]), threads=threads) as reader:
        seen = look(reader, mode, apart=apart, progress=progress)
    return {"sightings": seen.to_json()}


def follow_answer(
    message: Message, threads: int, progress: Callable[[float], bool]
) -> dict[str, Any]:
    """The crops that follow what is in drawn boxes."""
    drawn = CropTrack.from_json(message.header["track"])
    with VideoReader(Path(message.header["video"]), threads=threads) as reader:
        track = follow_box(reader, drawn, progress=progress)
    return {"track": track.to_json()}


CROP_ANSWERS = {
    "find_crops": find_answer,
    "look_for_crops": look_answer,
    "follow_box": follow_answer,
}
"""By the name of the request."""
