"""Everything a run needs to go on: one safetensors file, written beside and renamed.

Weights, optimiser and counters are in one file, so that a crash between two writes cannot leave
them from different steps. The counters are a JSON object in the file's metadata.
"""

from __future__ import annotations

import json
import math
import os
from dataclasses import asdict, dataclass
from pathlib import Path

import safetensors
import safetensors.torch
import torch
from torch import Tensor, nn

from limner_engine.errors import TrainingError


@dataclass(slots=True)
class Counters:
    """How far a run is.

    Attributes:
        step: Steps done.
        elapsed_s: Seconds of learning, all sessions together.
        batch: Pairs a step, after backing off for lack of memory.
        grown: Whether the network has grown to its whole size.
        best: The best held-back figure, where it is watched; infinite before the first.
        best_share: How much of the run was done then, 0..1.
    """

    step: int
    elapsed_s: float
    batch: int
    grown: bool = False
    best: float = math.inf
    best_share: float = 0.0


def save(
    path: Path,
    model: nn.Module,
    optimiser: torch.optim.Adam,
    extras: dict[str, Tensor],
    counters: Counters,
) -> None:
    """Write a checkpoint.

    Args:
        path: Where to.
        model: Its weights.
        optimiser: Its state.
        extras: What else learns by the way, by name.
        counters: How far the run is.
    """
    tensors: dict[str, Tensor] = {
        f"model.{name}": tensor for name, tensor in model.state_dict().items()
    }
    tensors |= {f"optimiser.{name}": value for name, value in momenta(optimiser).items()}
    tensors |= {f"extra.{name}": value for name, value in extras.items()}
    _write(path, tensors, {"counters": json.dumps(asdict(counters))})


def read_counters(path: Path) -> Counters:
    """How far the run of a checkpoint was.

    Raises:
        TrainingError: The file is damaged.
    """
    try:
        with safetensors.safe_open(path, "pt") as file:
            return Counters(**json.loads((file.metadata() or {})["counters"]))
    except (OSError, KeyError, TypeError, ValueError, safetensors.SafetensorError) as error:
        raise _unreadable(path, error) from error


def load(path: Path, model: nn.Module, optimiser: torch.optim.Adam) -> dict[str, Tensor]:
    """Fill model and optimiser from a checkpoint.

    Returns:
        The extras, by name.

    Raises:
        TrainingError: The file is damaged or of another network.
    """
    try:
        with safetensors.safe_open(path, "pt") as file:
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
        parts: dict[str, dict[str, Tensor]] = {"model": {}, "optimiser": {}, "extra": {}}
        for name, tensor in tensors.items():
            part, _, rest = name.partition(".")
            parts[part][rest] = tensor
        model.load_state_dict(parts["model"])
        load_momenta(optimiser, parts["optimiser"])
    except (OSError, KeyError, ValueError, RuntimeError, safetensors.SafetensorError) as error:
        raise _unreadable(path, error) from error
    return parts["extra"]


def momenta(optimiser: torch.optim.Adam) -> dict[str, Tensor]:
    """What Adam remembers of each weight, by name."""
    return {
        f"{index}.{name}": torch.as_tensor(value)
        for index, state in optimiser.state_dict()["state"].items()
        for name, value in state.items()
    }


def load_momenta(optimiser: torch.optim.Adam, tensors: dict[str, Tensor]) -> None:
    """Go on from what `momenta` gave.

    Raises:
        KeyError, ValueError: They are of other weights.
    """
    state: dict[int, dict[str, Tensor]] = {}
    for name, tensor in tensors.items():
        index, key = name.split(".")
        state.setdefault(int(index), {})[key] = tensor
    groups = optimiser.state_dict()["param_groups"]
    optimiser.load_state_dict({"state": state, "param_groups": groups})


def save_weights(path: Path, model: nn.Module) -> None:
    """Write the weights alone."""
    _write(path, model.state_dict(), {})


def load_weights(path: Path, model: nn.Module) -> None:
    """Fill a model with what `save_weights` wrote.

    Raises:
        TrainingError: The file is damaged or of another network.
    """
    try:
        model.load_state_dict(safetensors.torch.load_file(path))
    except (OSError, RuntimeError, safetensors.SafetensorError) as error:
        raise _unreadable(path, error) from error


def _write(path: Path, tensors: dict[str, Tensor], metadata: dict[str, str]) -> None:
    whole = {name: tensor.detach().cpu().contiguous().clone() for name, tensor in tensors.items()}
    beside = path.with_name(f".{path.name}.part")
    safetensors.torch.save_file(whole, beside, metadata)
    with beside.open("rb+") as file:
        os.fsync(file.fileno())
    beside.replace(path)


def _unreadable(path: Path, error: Exception) -> TrainingError:
    return TrainingError(
        f"The checkpoint {path.name} cannot be read: {error}.", "Start the run afresh."
    )
