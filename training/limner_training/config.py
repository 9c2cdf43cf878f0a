"""What a learning run is told; read by the window, so no torch here."""

from __future__ import annotations

import dataclasses
import json
import types
import typing
from dataclasses import dataclass
from pathlib import Path

from limner_engine.errors import TrainingError
from limner_training import method_knobs
from limner_training.method_knobs import (
    CLASS_EMBEDDING,
    IMM,
    KEYPOINTGAN,
    LANDMARKS,
    WARPS,
    knob,
)

LOSSES = ("content", "imagenet", "l1", "l2", "l1+adversarial", "l2+adversarial")

METHODS = (*LANDMARKS, *WARPS)


@dataclass(frozen=True, kw_only=True, slots=True)
class TrainConfig:
    """All knobs of a run. The form in the window and the options of the command are made from it.

    Each field's ``metadata`` holds ``help`` (one sentence), and ``choices``, ``minimum`` and
    ``maximum`` where they apply; ``advanced`` marks those that the form folds away, ``expert``
    those that only the command has: for comparing, and for repeating the papers; ``methods`` names
    the systems that heed it, where not all do; ``offered`` the choices that the form has, where
    the command has more.
    """

    sources: tuple[str, ...] = knob(
        (), "Videos, folders of pictures or packed array files (.npz) to learn from."
    )
    crops: str = knob(
        "", "JSON file with the crops of each video; found when it is empty.", advanced=True
    )
    method: str = knob(
        "imm",
        "Which system learns: landmarks without names (imm) or of a pose prior (keypointgan), or "
        "how one frame is warped onto another (class_embedding, and fabnet to compare with).",
        choices=METHODS,
        offered=(*LANDMARKS, *CLASS_EMBEDDING),
    )
    prior: str = knob(
        "",
        "File with the pose prior: poses without pictures, which give landmarks their names.",
        methods=KEYPOINTGAN,
    )
    size: str = knob(
        "lite",
        "Network: 'lite' (64 px) learns in minutes, 'medium' and 'paper' (128 px) draw finer.",
        choices=("lite", "medium", "paper"),
    )
    start_from: str = knob("", "A model file to fine-tune; from scratch when it is empty.")
    name: str = knob("", "What the model will be called; made from the videos when empty.")
    landmarks: int = knob(
        10, "How many landmarks to discover.", minimum=1, maximum=200, methods=IMM
    )
    minutes: float = knob(5.0, "Time to learn, minutes; 0 for no limit.", minimum=0.0)
    steps: int = knob(0, "Steps to learn; 0 for no limit.", minimum=0)
    batch: int = knob(32, "Pairs in a step.", minimum=2, maximum=1024, advanced=True)
    learning_rate: float = knob(3e-3, "Highest step size of Adam.", minimum=0.0, advanced=True)
    jitter: float = knob(
        0.5,
        "Strength of random shifts, turns and scales; 0 for none.",
        minimum=0.0,
        maximum=3.0,
        advanced=True,
    )
    tint: float = knob(
        0.0,
        "Strength of random changes of brightness and colour, alike for both of a pair.",
        minimum=0.0,
        maximum=2.0,
        advanced=True,
    )
    mirror: bool = knob(
        False,
        "Mirror half of the pairs; for objects that look alike both ways.",
        advanced=True,
        methods=IMM,
    )
    equivariance: float = knob(
        1.0,
        "Weight of the term that landmarks move as the picture is moved.",
        minimum=0.0,
        advanced=True,
        methods=LANDMARKS,
    )
    pull: float = knob(
        0.0,
        "Strength of the random pulls at parts of the picture on which landmarks must agree.",
        minimum=0.0,
        maximum=0.3,
        advanced=True,
        methods=IMM,
    )
    separation: float = knob(
        0.05,
        "Weight of the term that keeps landmarks from lying on one another.",
        minimum=0.0,
        advanced=True,
        methods=IMM,
    )
    obedience: float = knob(
        0.0,
        "Weight of the term that a landmark moved by hand is found again where it was put.",
        minimum=0.0,
        advanced=True,
        methods=IMM,
    )
    loss: str = knob(
        "content",
        "How pictures are compared: by pixels, or through a loss network that learned to colour "
        "your frames (content) or came from ImageNet.",
        choices=LOSSES,
        advanced=True,
        methods=LANDMARKS,
    )
    colour_steps: int = knob(
        200,
        "Steps in which the loss network first learns to colour these frames.",
        minimum=0,
        advanced=True,
        methods=LANDMARKS,
    )
    loss_width: float = knob(
        0.25,
        "Width of that network, 1 for VGG's.",
        minimum=0.05,
        maximum=1.0,
        expert=True,
        methods=LANDMARKS,
    )
    loss_pixels: int = knob(
        64,
        "Side of the pictures that it compares; 0 for the network's.",
        minimum=0,
        expert=True,
        methods=LANDMARKS,
    )
    picture_share: float = knob(
        0.5,
        "Share of the picture itself in the content loss; what the network sees has the rest.",
        minimum=0.0,
        maximum=1.0,
        expert=True,
        methods=LANDMARKS,
    )
    warp_share: float = knob(
        0.0,
        "Share of a video's pairs made from one frame by bending it, as pairs of stills are.",
        minimum=0.0,
        maximum=1.0,
        advanced=True,
    )
    half_size: float = knob(
        0.0,
        "Share of the run at half the picture's side, before the network grows.",
        minimum=0.0,
        maximum=0.95,
        advanced=True,
        methods=IMM,
    )
    patience: float = knob(
        0.3,
        "A run that starts from a model ends after this share of it without a better held-back "
        "figure; 0 to go to the end.",
        minimum=0.0,
        maximum=1.0,
        advanced=True,
    )
    gap_min: int = knob(1, "Fewest frames between source and target.", minimum=0, advanced=True)
    gap_max: int = knob(
        0, "Most frames between them; 0 for any two of a video.", minimum=0, advanced=True
    )
    held_back: float = knob(
        0.15, "Share at the end of each video never learned from.", minimum=0.01, maximum=0.9
    )
    frames_per_video: int = knob(
        1500, "Frames taken from each video, evenly spread.", minimum=2, advanced=True
    )
    crop_mode: str = knob(
        "auto",
        "What the network looks at.",
        choices=("auto", "face", "motion", "turning", "whole"),
    )
    bottleneck: str = knob(
        "landmarks",
        "What passes from the target: places; to compare with, a vector (imm) or the pose picture "
        "as it was drawn (keypointgan).",
        choices=("landmarks", "vector", "picture"),
        expert=True,
        methods=LANDMARKS,
    )
    prior_poses: int = method_knobs.PRIOR_POSES
    prior_jitter: float = method_knobs.PRIOR_JITTER
    adversarial: float = method_knobs.ADVERSARIAL
    agreement: float = method_knobs.AGREEMENT
    regressor_steps: int = method_knobs.REGRESSOR_STEPS
    renderer: str = method_knobs.RENDERER
    conditional: bool = method_knobs.CONDITIONAL
    second_cycle: bool = method_knobs.SECOND_CYCLE
    picture_judge: float = method_knobs.PICTURE_JUDGE
    marginals: str = knob(
        "mean_logit",
        "How a landmark's heat map becomes a place.",
        choices=("mean_logit", "sum_logit", "softmax2d"),
        expert=True,
        methods=IMM,
    )
    grid: str = knob(
        "centres",
        "Where the cells of a heat map lie.",
        choices=("centres", "corners"),
        expert=True,
        methods=IMM,
    )
    initial: str = knob(
        "fast", "How weights begin.", choices=("fast", "paper"), expert=True, methods=IMM
    )
    schedule: str = knob(
        "one_cycle",
        "How the step size goes: up and down once, down a twentieth each 100,000 steps, or not at "
        "all.",
        choices=("one_cycle", "staircase", "constant"),
        expert=True,
    )
    weight_decay: float = knob(
        0.0,
        "Weight of the squared weights in the loss.",
        minimum=0.0,
        expert=True,
        methods=IMM,
    )
    clip: str = knob(
        "whole",
        "Whether the gradient is cut off as a whole or for each tensor.",
        choices=("whole", "each"),
        expert=True,
        methods=IMM,
    )
    levels: int = method_knobs.LEVELS
    confidence: bool = method_knobs.CONFIDENCE
    cycle: float = method_knobs.CYCLE
    cycle_passes: int = method_knobs.CYCLE_PASSES
    refine: str = method_knobs.REFINE
    candidate_order: str = method_knobs.CANDIDATE_ORDER
    child_order: str = method_knobs.CHILD_ORDER
    warp_reduction: str = method_knobs.WARP_REDUCTION
    sigma_form: str = method_knobs.SIGMA_FORM
    sigma_floor: float = method_knobs.SIGMA_FLOOR
    sigma_power: float = method_knobs.SIGMA_POWER
    embedding_tint: float = method_knobs.EMBEDDING_TINT
    plateau: int = method_knobs.PLATEAU
    plateau_steps: int = method_knobs.PLATEAU_STEPS
    threads: int = knob(2, "Processor threads.", minimum=1, maximum=256, advanced=True)
    device: str = knob(
        "auto", "Where to compute.", choices=("auto", "cpu", "cuda", "mps"), advanced=True
    )
    seed: int = knob(0, "Seed of every random choice.", minimum=0, advanced=True)
    preview_seconds: float = knob(
        5.0, "Time between preview pictures and held-back figures.", minimum=0.1, advanced=True
    )
    checkpoint_seconds: float = knob(30.0, "Time between checkpoints.", minimum=0.1, advanced=True)

    def __post_init__(self) -> None:
        for told in dataclasses.fields(self):
            value = getattr(self, told.name)
            choices = told.metadata.get("choices")
            if choices and value not in choices:
                raise TrainingError(
                    f"{told.name} cannot be {value!r}.", f"Choose one of: {', '.join(choices)}."
                )
            low, high = told.metadata.get("minimum"), told.metadata.get("maximum")
            if low is not None and not value >= low:
                raise TrainingError(f"{told.name} must be at least {low}, not {value}.")
            if high is not None and not value <= high:
                raise TrainingError(f"{told.name} must be at most {high}, not {value}.")
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
