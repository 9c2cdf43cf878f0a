"""What a learning run is told; read by the window, so no torch here."""

from __future__ import annotations

import dataclasses
import json
import types
import typing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from limner_engine.errors import TrainingError


def _field(default: Any, help_text: str, **extra: Any) -> Any:
    metadata = {"help": help_text, **extra}
    if isinstance(default, list | dict):
        return field(default_factory=lambda: type(default)(default), metadata=metadata)
    return field(default=default, metadata=metadata)


@dataclass(frozen=True, kw_only=True, slots=True)
class TrainConfig:
    """All knobs of a run. The form in the window and the options of the command are made from it.

    Each field's ``metadata`` holds ``help`` (one sentence), and ``choices``, ``minimum`` and
    ``maximum`` where they apply; ``advanced`` marks those that the form folds away.
    """

    sources: tuple[str, ...] = _field((), "Videos or packed array files (.npz) to learn from.")
    crops: str = _field(
        "", "JSON file with the crops of each video; found when it is empty.", advanced=True
    )
    method: str = _field("imm", "Which system learns.", choices=("imm",))
    size: str = _field(
        "lite",
        "Network: 'lite' (64 px) learns in minutes, 'medium' and 'paper' (128 px) draw finer.",
        choices=("lite", "medium", "paper"),
    )
    start_from: str = _field("", "A model file to fine-tune; from scratch when it is empty.")
    name: str = _field("", "What the model will be called; made from the videos when empty.")
    landmarks: int = _field(10, "How many landmarks to discover.", minimum=1, maximum=200)
    minutes: float = _field(5.0, "Time to learn, minutes; 0 for no limit.", minimum=0.0)
    steps: int = _field(0, "Steps to learn; 0 for no limit.", minimum=0)
    batch: int = _field(32, "Pairs in a step.", minimum=2, maximum=1024, advanced=True)
    learning_rate: float = _field(3e-3, "Highest step size of Adam.", minimum=0.0, advanced=True)
    jitter: float = _field(
        0.5,
        "Strength of random shifts, turns and scales; 0 for none.",
        minimum=0.0,
        maximum=3.0,
        advanced=True,
    )
    mirror: bool = _field(
        False, "Mirror half of the pairs; for objects that look alike both ways.", advanced=True
    )
    equivariance: float = _field(
        1.0,
        "Weight of the term that landmarks move as the picture is moved.",
        minimum=0.0,
        advanced=True,
    )
    separation: float = _field(
        0.05,
        "Weight of the term that keeps landmarks from lying on one another.",
        minimum=0.0,
        advanced=True,
    )
    loss: str = _field("l1", "Pixel loss.", choices=("l1", "l2"), advanced=True)
    gap_min: int = _field(1, "Fewest frames between source and target.", minimum=0, advanced=True)
    gap_max: int = _field(
        0, "Most frames between them; 0 for any two of a video.", minimum=0, advanced=True
    )
    held_back: float = _field(
        0.15, "Share at the end of each video never learned from.", minimum=0.01, maximum=0.9
    )
    frames_per_video: int = _field(
        1500, "Frames taken from each video, evenly spread.", minimum=2, advanced=True
    )
    crop_mode: str = _field(
        "auto", "What the network looks at.", choices=("auto", "face", "motion", "whole")
    )
    threads: int = _field(2, "Processor threads.", minimum=1, maximum=256, advanced=True)
    device: str = _field(
        "auto", "Where to compute.", choices=("auto", "cpu", "cuda", "mps"), advanced=True
    )
    seed: int = _field(0, "Seed of every random choice.", minimum=0, advanced=True)
    preview_seconds: float = _field(
        5.0, "Time between preview pictures and held-back figures.", minimum=0.1, advanced=True
    )
    checkpoint_seconds: float = _field(
        30.0, "Time between checkpoints.", minimum=0.1, advanced=True
    )

    def __post_init__(self) -> None:
        for knob in dataclasses.fields(self):
            value = getattr(self, knob.name)
            choices = knob.metadata.get("choices")
            if choices and value not in choices:
                raise TrainingError(
                    f"{knob.name} cannot be {value!r}.", f"Choose one of: {', '.join(choices)}."
                )
            low, high = knob.metadata.get("minimum"), knob.metadata.get("maximum")
            if low is not None and not value >= low:
                raise TrainingError(f"{knob.name} must be at least {low}, not {value}.")
            if high is not None and not value <= high:
                raise TrainingError(f"{knob.name} must be at most {high}, not {value}.")
        if self.minutes == 0 and self.steps == 0:
            raise TrainingError("A run needs an end.", "Give minutes or steps above 0.")

    def to_json(self) -> str:
        """The configuration as one JSON object."""
        return json.dumps(dataclasses.asdict(self), indent=1)

    @classmethod
    def from_json(cls, text: str) -> TrainConfig:
        """The inverse of `to_json`.

        Raises:
            TrainingError: not JSON, an unknown knob or a value of the wrong type.
        """
        try:
            data = json.loads(text)
        except ValueError as error:
            raise TrainingError(f"The run's settings are not JSON: {error}.") from error
        if not isinstance(data, dict):
            raise TrainingError("The run's settings must be one JSON object.")
        hints = typing.get_type_hints(cls)
        unknown = sorted(set(data) - set(hints))
        if unknown:
            raise TrainingError(f"Unknown settings: {', '.join(unknown)}.")
        if isinstance(data.get("sources"), list):
            data["sources"] = tuple(str(item) for item in data["sources"])
        for name, value in data.items():
            wanted = hints[name]
            plain = typing.get_origin(wanted) or wanted
            if plain is float and isinstance(value, int) and not isinstance(value, bool):
                data[name] = float(value)
            elif isinstance(plain, types.UnionType) or not isinstance(value, plain):
                raise TrainingError(f"The setting {name} cannot be {value!r}.")
        return cls(**data)

    @classmethod
    def read(cls, path: Path) -> TrainConfig:
        """Read a configuration from a file."""
        return cls.from_json(path.read_text("utf-8"))
