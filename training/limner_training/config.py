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

LOSSES = ("content", "imagenet", "l1", "l2", "l1+adversarial", "l2+adversarial")

PAPER: dict[str, Any] = {
    "size": "paper",
    "landmarks": 30,
    "loss": "content",
    "colour_steps": 20_000,
    "loss_width": 1.0,
    "loss_pixels": 0,
    "picture_share": 1 / 6,
    "jitter": 0.0,
    "mirror": True,
    "equivariance": 0.0,
    "pull": 0.0,
    "separation": 0.0,
    "obedience": 0.0,
    "batch": 50,
    "learning_rate": 1e-3,
    "schedule": "staircase",
    "weight_decay": 1e-5,
    "clip": "each",
    "initial": "paper",
    "grid": "corners",
}
"""Knobs of the IMM paper as its authors' program has them: no term of ours, and days to learn."""


def _field(default: Any, help_text: str, **extra: Any) -> Any:
    metadata = {"help": help_text, **extra}
    if isinstance(default, list | dict):
        return field(default_factory=lambda: type(default)(default), metadata=metadata)
    return field(default=default, metadata=metadata)


@dataclass(frozen=True, kw_only=True, slots=True)
class TrainConfig:
    """All knobs of a run. The form in the window and the options of the command are made from it.

    Each field's ``metadata`` holds ``help`` (one sentence), and ``choices``, ``minimum`` and
    ``maximum`` where they apply; ``advanced`` marks those that the form folds away, ``expert``
    those that only the command has: for comparing, and for repeating the papers.
    """

    sources: tuple[str, ...] = _field(
        (), "Videos, folders of pictures or packed array files (.npz) to learn from."
    )
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
    pull: float = _field(
        0.0,
        "Strength of the random pulls at parts of the picture on which landmarks must agree.",
        minimum=0.0,
        maximum=0.3,
        advanced=True,
    )
    separation: float = _field(
        0.05,
        "Weight of the term that keeps landmarks from lying on one another.",
        minimum=0.0,
        advanced=True,
    )
    obedience: float = _field(
        0.0,
        "Weight of the term that a landmark moved by hand is found again where it was put.",
        minimum=0.0,
        advanced=True,
    )
    loss: str = _field(
        "content",
        "How pictures are compared: by pixels, or through a loss network that learned to colour "
        "your frames (content) or came from ImageNet.",
        choices=LOSSES,
        advanced=True,
    )
    colour_steps: int = _field(
        200,
        "Steps in which the loss network first learns to colour these frames.",
        minimum=0,
        advanced=True,
    )
    loss_width: float = _field(
        0.25, "Width of that network, 1 for VGG's.", minimum=0.05, maximum=1.0, expert=True
    )
    loss_pixels: int = _field(
        64, "Side of the pictures that it compares; 0 for the network's.", minimum=0, expert=True
    )
    picture_share: float = _field(
        0.5,
        "Share of the picture itself in the content loss; what the network sees has the rest.",
        minimum=0.0,
        maximum=1.0,
        expert=True,
    )
    warp_share: float = _field(
        0.0,
        "Share of a video's pairs made from one frame by bending it, as pairs of stills are.",
        minimum=0.0,
        maximum=1.0,
        advanced=True,
    )
    half_size: float = _field(
        0.0,
        "Share of the run at half the picture's side, before the network grows.",
        minimum=0.0,
        maximum=0.95,
        advanced=True,
    )
    patience: float = _field(
        0.3,
        "A run that starts from a model ends after this share of it without a better held-back "
        "figure; 0 to go to the end.",
        minimum=0.0,
        maximum=1.0,
        advanced=True,
    )
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
        "auto",
        "What the network looks at.",
        choices=("auto", "face", "motion", "turning", "whole"),
    )
    bottleneck: str = _field(
        "landmarks",
        "What passes from the target: places, or a vector to compare with.",
        choices=("landmarks", "vector"),
        expert=True,
    )
    marginals: str = _field(
        "mean_logit",
        "How a landmark's heat map becomes a place.",
        choices=("mean_logit", "sum_logit", "softmax2d"),
        expert=True,
    )
    grid: str = _field(
        "centres",
        "Where the cells of a heat map lie.",
        choices=("centres", "corners"),
        expert=True,
    )
    initial: str = _field("fast", "How weights begin.", choices=("fast", "paper"), expert=True)
    schedule: str = _field(
        "one_cycle",
        "How the step size goes: up and down once, or down a twentieth each 100,000 steps.",
        choices=("one_cycle", "staircase"),
        expert=True,
    )
    weight_decay: float = _field(
        0.0, "Weight of the squared weights in the loss.", minimum=0.0, expert=True
    )
    clip: str = _field(
        "whole",
        "Whether the gradient is cut off as a whole or for each tensor.",
        choices=("whole", "each"),
        expert=True,
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
