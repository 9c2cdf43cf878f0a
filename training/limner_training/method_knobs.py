"""Knobs that only some systems heed, and how a knob is told; read by the window, so no torch here.

They stand here by the system that brought them, and in `limner_training.config.TrainConfig` in the
order of the form.
"""

from __future__ import annotations

from dataclasses import field
from typing import Any

IMM, KEYPOINTGAN, CLASS_EMBEDDING = ("imm",), ("keypointgan",), ("class_embedding",)
LANDMARKS = (*IMM, *KEYPOINTGAN)
"""Systems that find landmarks."""
WARPS = (*CLASS_EMBEDDING, "fabnet")
"""Systems that learn where one frame lies in another."""


def knob(default: Any, help_text: str, **extra: Any) -> Any:
    """A field of `limner_training.config.TrainConfig` with what there is to say of it."""
    metadata = {"help": help_text, **extra}
    if isinstance(default, list | dict):
        return field(default_factory=lambda: type(default)(default), metadata=metadata)
    return field(default=default, metadata=metadata)


# --- KeypointGAN ---------------------------------------------------------------------------------

PRIOR_POSES = knob(
    0,
    "Poses of the prior to learn from, drawn by the seed; 0 for all.",
    minimum=0,
    advanced=True,
    methods=KEYPOINTGAN,
)
PRIOR_JITTER = knob(
    0.2,
    "Strength of random scales, shifts and turns of the prior's poses; 0 for none.",
    minimum=0.0,
    maximum=1.0,
    advanced=True,
    methods=KEYPOINTGAN,
)
ADVERSARIAL = knob(
    10.0,
    "Weight of the judge of pose pictures; the content loss has 10.",
    minimum=0.0,
    advanced=True,
    methods=KEYPOINTGAN,
)
AGREEMENT = knob(
    0.0,
    "Weight of the term that pose pictures look as their landmarks drawn again.",
    minimum=0.0,
    advanced=True,
    methods=KEYPOINTGAN,
)
REGRESSOR_STEPS = knob(
    1000,
    "Steps in which the regressor first learns to read drawn poses of the prior.",
    minimum=1,
    advanced=True,
    methods=KEYPOINTGAN,
)
RENDERER = knob(
    "distance",
    "Lines of pose pictures fade with the distance, as the authors' program has it, or with "
    "its square, as the paper's Eq. 2.",
    choices=("distance", "squared"),
    expert=True,
    methods=KEYPOINTGAN,
)
CONDITIONAL = knob(
    True,
    "Whether redrawing sees another frame; without it this is CycleGAN.",
    expert=True,
    methods=KEYPOINTGAN,
)
SECOND_CYCLE = knob(
    False,
    "Whether drawn poses must survive being turned into pictures and back, too.",
    expert=True,
    methods=KEYPOINTGAN,
)
PICTURE_JUDGE = knob(
    0.0,
    "Weight of a judge of redrawn pictures, which sees their pose.",
    minimum=0.0,
    expert=True,
    methods=KEYPOINTGAN,
)

# --- class embeddings and FAb-Net ----------------------------------------------------------------

LEVELS = knob(
    3,
    "Levels of the warp, each twice as fine as the one before.",
    minimum=1,
    maximum=3,
    expert=True,
    methods=CLASS_EMBEDDING,
)
CONFIDENCE = knob(
    True,
    "Whether the network learns how far each redrawn place is to be trusted.",
    expert=True,
    methods=CLASS_EMBEDDING,
)
CYCLE = knob(
    0.1,
    "Weight of the term that every place comes back to itself from the other frame; the paper "
    "writes 1, its authors' program has 0.1.",
    minimum=0.0,
    expert=True,
    methods=CLASS_EMBEDDING,
)
CYCLE_PASSES = knob(
    2,
    "Whether the way back is decoded by itself, or read off the way there.",
    minimum=1,
    maximum=2,
    expert=True,
    methods=CLASS_EMBEDDING,
)
REFINE = knob(
    "log",
    "How a finer level takes the coarser one in: 'printed' as the paper's Eq. 4 stands, or by "
    "logarithms, which begins as the coarser level.",
    choices=("log", "printed"),
    expert=True,
    methods=CLASS_EMBEDDING,
)
CANDIDATE_ORDER = knob(
    "rank",
    "Whether candidates come by how likely they are, or row by row.",
    choices=("rank", "raster"),
    expert=True,
    methods=CLASS_EMBEDDING,
)
CHILD_ORDER = knob(
    "relative",
    "Whether the four children of a candidate come by where they lie against the target's place "
    "in its own cell, or as in the authors' program from the upper left.",
    choices=("relative", "absolute"),
    expert=True,
    methods=CLASS_EMBEDDING,
)
WARP_REDUCTION = knob(
    "mean",
    "Whether losses of warps are the mean over places, or their sum as the paper has it.",
    choices=("mean", "sum"),
    expert=True,
    methods=CLASS_EMBEDDING,
)
SIGMA_FORM = knob(
    "exp",
    "How the scale of the error comes from the network; 'softplus' is the authors' program's.",
    choices=("exp", "softplus"),
    expert=True,
    methods=CLASS_EMBEDDING,
)
SIGMA_FLOOR = knob(
    0.02,
    "Least scale of the error: below it, places that never change would count most.",
    minimum=0.0001,
    maximum=1.0,
    expert=True,
    methods=CLASS_EMBEDDING,
)
SIGMA_POWER = knob(
    0.0,
    "How far places that are redrawn well may not count for more than others: 0 as in the paper, "
    "1 not at all.",
    minimum=0.0,
    maximum=1.0,
    expert=True,
    methods=CLASS_EMBEDDING,
)
EMBEDDING_TINT = knob(
    0.0,
    "Strength of random changes of colour in the pictures that are embedded, each by itself.",
    minimum=0.0,
    maximum=2.0,
    expert=True,
    methods=WARPS,
)
PLATEAU = knob(
    6,
    "Looks without a better held-back figure after which the next level, or harder pairs, set in.",
    minimum=1,
    expert=True,
    methods=WARPS,
)
PLATEAU_STEPS = knob(50, "Steps between such looks.", minimum=1, expert=True, methods=WARPS)
