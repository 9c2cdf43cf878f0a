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

METHODS = ("imm", "keypointgan")


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
    those that only the command has: for comparing, and for repeating the papers; ``methods`` names
    the systems that heed it, where not all do.
    """

    sources: tuple[str, ...] = _field(
        (), "Videos, folders of pictures or packed array files (.npz) to learn from."
    )
    crops: str = _field(
        "", "JSON file with the crops of each video; found when it is empty.", advanced=True
    )
    method: str = _field(
        "imm",
        "Which system learns: landmarks without names, or those of a pose prior.",
        choices=METHODS,
    )
    prior: str = _field(
        "",
        "File with the pose prior: poses without pictures, which give landmarks their names.",
        methods=("keypointgan",),
    )
    size: str = _field(
        "lite",
        "Network: 'lite' (64 px) learns in minutes, 'medium' and 'paper' (128 px) draw finer.",
        choices=("lite", "medium", "paper"),
    )
    start_from: str = _field("", "A model file to fine-tune; from scratch when it is empty.")
    name: str = _field("", "What the model will be called; made from the videos when empty.")
    landmarks: int = _field(
        10, "How many landmarks to discover.", minimum=1, maximum=200, methods=("imm",)
    )
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
    tint: float = _field(
        0.0,
        "Strength of random changes of brightness and colour, alike for both of a pair.",
        minimum=0.0,
        maximum=2.0,
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
        methods=("imm",),
    )
    separation: float = _field(
        0.05,
        "Weight of the term that keeps landmarks from lying on one another.",
        minimum=0.0,
        advanced=True,
        methods=("imm",),
    )
    obedience: float = _field(
        0.0,
        "Weight of the term that a landmark moved by hand is found again where it was put.",
        minimum=0.0,
        advanced=True,
        methods=("imm",),
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
        methods=("imm",),
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
        "What passes from the target: places; to compare with, a vector (imm) or the pose picture "
        "as it was drawn (keypointgan).",
        choices=("landmarks", "vector", "picture"),
        expert=True,
    )
    prior_poses: int = _field(
        0,
        "Poses of the prior to learn from, drawn by the seed; 0 for all.",
        minimum=0,
        advanced=True,
        methods=("keypointgan",),
    )
    prior_jitter: float = _field(
        0.5,
        "Strength of random scales, shifts and turns of the prior's poses; 0 for none.",
        minimum=0.0,
        maximum=1.0,
        advanced=True,
        methods=("keypointgan",),
    )
    adversarial: float = _field(
        10.0,
        "Weight of the judge of pose pictures; the content loss has 10.",
        minimum=0.0,
        advanced=True,
        methods=("keypointgan",),
    )
    agreement: float = _field(
        0.0,
        "Weight of the term that pose pictures look as their landmarks drawn again.",
        minimum=0.0,
        advanced=True,
        methods=("keypointgan",),
    )
    regressor_steps: int = _field(
        2000,
        "Steps in which the regressor first learns to read drawn poses of the prior.",
        minimum=1,
        advanced=True,
        methods=("keypointgan",),
    )
    renderer: str = _field(
        "distance",
        "Lines of pose pictures fade with the distance, as the authors' program has it, or with "
        "its square, as the paper's Eq. 2.",
        choices=("distance", "squared"),
        expert=True,
        methods=("keypointgan",),
    )
    conditional: bool = _field(
        True,
        "Whether redrawing sees another frame; without it this is CycleGAN.",
        expert=True,
        methods=("keypointgan",),
    )
    second_cycle: bool = _field(
        False,
        "Whether drawn poses must survive being turned into pictures and back, too.",
        expert=True,
        methods=("keypointgan",),
    )
    picture_judge: float = _field(
        0.0,
        "Weight of a judge of redrawn pictures, which sees their pose.",
        minimum=0.0,
        expert=True,
        methods=("keypointgan",),
    )
    marginals: str = _field(
        "mean_logit",
        "How a landmark's heat map becomes a place.",
        choices=("mean_logit", "sum_logit", "softmax2d"),
        expert=True,
        methods=("imm",),
    )
    grid: str = _field(
        "centres",
        "Where the cells of a heat map lie.",
        choices=("centres", "corners"),
        expert=True,
        methods=("imm",),
    )
    initial: str = _field(
        "fast", "How weights begin.", choices=("fast", "paper"), expert=True, methods=("imm",)
    )
    schedule: str = _field(
        "one_cycle",
        "How the step size goes: up and down once, down a twentieth each 100,000 steps, or not at "
        "all.",
        choices=("one_cycle", "staircase", "constant"),
        expert=True,
    )
    weight_decay: float = _field(
        0.0,
        "Weight of the squared weights in the loss.",
        minimum=0.0,
        expert=True,
        methods=("imm",),
    )
    clip: str = _field(
        "whole",
        "Whether the gradient is cut off as a whole or for each tensor.",
        choices=("whole", "each"),
        expert=True,
        methods=("imm",),
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
        if self.bottleneck == ("picture" if self.method == "imm" else "vector"):
            raise TrainingError(f"There is no bottleneck {self.bottleneck!r} in {self.method}.")
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
