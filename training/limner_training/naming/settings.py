"""What a run for named landmarks is told, and its folder; read by the window, so no torch here.

names.json             settings, skeleton, labelled frames and their crops
labels.npz             points, what was said of visibility, groups
events.jsonl           everything the run said, one event a line
second.safetensors     the newest networks; replaced at each improvement
held_back.npz          what networks said of labels that they had not seen
"""

from __future__ import annotations

import dataclasses
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from limner_engine.errors import TrainingError
from limner_engine.formats.whole_file import replacing
from limner_engine.naming.labelled import LabelledFrames
from limner_training.data.array_file import stored_arrays

NAMES_FILE, LABELS_FILE = "names.json", "labels.npz"
MODEL_FILE, HELD_BACK_FILE = "second.safetensors", "held_back.npz"
_ARRAYS = ("points", "said", "group")


@dataclass(frozen=True, kw_only=True, slots=True)
class NameSettings:
    """All knobs of a run for named landmarks.

    Attributes:
        minutes: Time to learn; 0 for no limit.
        steps: Steps to learn, all networks together; 0 for no limit.
        image_size: Side of the pictures, a power of two from 32 up; 0 to judge (`picture_side`).
        width: Channels of the first convolutions.
        members: Networks that each learn without a part of the labels.
        batch: Labelled pictures in a step.
        turn: Largest turn of a picture, degrees; negative to judge by the labels.
        mirror: 1 to learn from mirrored pictures too, 0 not to, negative to do so where the
            skeleton says which landmarks are left and right.
        unlabelled: Frames of the videos, at most, that the members label for the last network.
        start_from: A self-supervised model (IMM) whose encoder to start from; "" for none.
        seed: Of all draws.
        threads: Processor threads.
        device: See `limner_engine.inference.device.choose_device`.
    """

    minutes: float = 2.5
    steps: int = 0
    image_size: int = 0
    width: int = 16
    members: int = 3
    batch: int = 16
    turn: float = -1.0
    mirror: int = -1
    unlabelled: int = 400
    start_from: str = ""
    seed: int = 0
    threads: int = 2
    device: str = "auto"

    def __post_init__(self) -> None:
        if self.minutes <= 0 and self.steps <= 0:
            raise TrainingError("The run would never end.", "Give it minutes or steps.")
        if self.members < 2 or self.batch < 2 or self.threads < 1 or self.unlabelled < 0:
            raise TrainingError(
                "The settings make no run for named landmarks.",
                "Use at least 2 members, 2 pictures in a batch and 1 thread.",
            )

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> NameSettings:
        """Settings as `dataclasses.asdict` gave them; what is not named has its default.

        Raises:
            TrainingError: A name is unknown or a value has the wrong type.
        """
        kinds = {field.name: type(field.default) for field in dataclasses.fields(cls)}
        for name, value in data.items():
            whole = type(value) is int and kinds.get(name) is float
            if name not in kinds or not (type(value) is kinds[name] or whole):
                raise TrainingError(f"The setting {name!r} cannot be {value!r}.")
        return cls(**data)


@dataclass(frozen=True, slots=True)
class NameOrder:
    """What a run is to do.

    Attributes:
        labelled: What a person labelled.
        tracks: For each video from which unlabelled frames may be taken, its crops, as
            `CropTrack.to_json` wrote them.
        settings: Knobs.
    """

    labelled: LabelledFrames
    tracks: Mapping[str, str]
    settings: NameSettings

    def write(self, folder: Path) -> None:
        """Make ``folder`` that of a new run; ``names.json`` comes last and makes it whole."""
        folder.mkdir(parents=True, exist_ok=True)
        header, arrays = self.labelled.to_message()
        write_arrays(folder / LABELS_FILE, dict(zip(_ARRAYS, arrays, strict=True)))
        text = {
            "settings": dataclasses.asdict(self.settings),
            "tracks": dict(self.tracks),
            "labelled": header,
        }
        with replacing(folder / NAMES_FILE) as file:
            json.dump(text, file)

    @classmethod
    def read(cls, folder: Path) -> NameOrder:
        """The order in a folder.

        Raises:
            TrainingError: There is none, or it is damaged.
        """
        try:
            text = json.loads((folder / NAMES_FILE).read_text("utf-8"))
            stored = stored_arrays(folder / LABELS_FILE, _ARRAYS)
            labelled = LabelledFrames.from_message(
                text["labelled"], [stored[name] for name in _ARRAYS]
            )
            tracks = {str(video): str(track) for video, track in text["tracks"].items()}
            settings = NameSettings.from_json(text["settings"])
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise TrainingError(
                f"{folder} holds no labels to learn from: {error}.", "Begin the run again."
            ) from error
        return cls(labelled, tracks, settings)


def write_arrays(path: Path, arrays: Mapping[str, NDArray[Any]]) -> None:
    """Write an ``.npz`` file beside ``path`` and rename it into place."""
    beside = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with beside.open("wb") as file:
            np.savez(file, **dict(arrays))  # type: ignore[arg-type]
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)
