"""Settings that belong together: what each system starts with, and what its paper has.

Defaults of `TrainConfig` are those of an IMM that learns in minutes.
"""

from __future__ import annotations

from typing import Any

_WARPS: dict[str, Any] = {
    "minutes": 15.0,
    "batch": 16,
    "learning_rate": 2e-3,
    "embedding_tint": 0.3,
    "gap_max": 50,
}

METHOD_DEFAULTS: dict[str, dict[str, Any]] = {
    "imm": {},
    "keypointgan": {
        "minutes": 20.0,
        "batch": 16,
        "learning_rate": 7e-4,
        "equivariance": 20.0,
        "tint": 0.5,
        "separation": 0.0,
        "gap_min": 0,
    },
    "class_embedding": _WARPS,
    "fabnet": _WARPS,
}
"""What differs by method, by name of the knob."""

_WARPS_PAPER: dict[str, Any] = {
    "size": "paper",
    "jitter": 0.0,
    "embedding_tint": 0.0,
    "learning_rate": 1e-3,
    "schedule": "constant",
    "plateau": 15,
    "plateau_steps": 150,
    "gap_min": 1,
    "gap_max": 50,
    "minutes": 0.0,
    "steps": 100_000,
}

PAPER: dict[str, dict[str, Any]] = {
    "imm": {
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
    },
    "keypointgan": {
        "size": "paper",
        "loss": "imagenet",
        "loss_pixels": 0,
        "picture_share": 1 / 6,
        "jitter": 0.0,
        "prior_jitter": 0.0,
        "batch": 16,
        "learning_rate": 2e-4,
        "schedule": "constant",
        "adversarial": 10.0,
        "agreement": 0.0,
        "equivariance": 0.0,
        "tint": 0.0,
        "regressor_steps": 50_000,
        "gap_min": 0,
        "gap_max": 0,
        "minutes": 0.0,
        "steps": 200_000,
    },
    "class_embedding": _WARPS_PAPER
    | {
        "cycle": 0.1,
        "cycle_passes": 2,
        "refine": "printed",
        "candidate_order": "rank",
        "child_order": "absolute",
        "warp_reduction": "mean",
        "sigma_form": "softplus",
        "sigma_floor": 0.01,
        "sigma_power": 0.0,
        "batch": 16,
    },
    "fabnet": _WARPS_PAPER | {"batch": 32},
}
"""Knobs of the papers as their authors' programs have them: no term of ours, and days to learn."""


def settings(method: str, *, paper: bool = False) -> dict[str, Any]:
    """Values that a run of a method starts with, where they are not `TrainConfig`'s own.

    Args:
        method: One of `limner_training.config.METHODS`.
        paper: Those of the paper rather than those that learn in minutes.
    """
    return METHOD_DEFAULTS[method] | (PAPER[method] if paper else {})
