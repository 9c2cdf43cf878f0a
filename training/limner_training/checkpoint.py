"""Everything a run needs to go on: one safetensors file, written beside and renamed.

Weights, optimiser and counters are in one file, so that a crash between two writes cannot leave
them from different steps. The counters are a JSON object in the file's metadata.
"""

from __future__ import annotations

import json
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
    """

    step: int
    elapsed_s: float
    batch: int


def save(path: Path, model: nn.Module, optimiser: torch.optim.Adam, counters: Counters) -> None:
    """Write a checkpoint."""
    tensors: dict[str, Tensor] = {
        f"model.{name}": tensor for name, tensor in model.state_dict().items()
    }
    for index, state in optimiser.state_dict()["state"].items():
        for name, value in state.items():
            tensors[f"optimiser.{index}.{name}"] = torch.as_tensor(value)
    whole = {name: tensor.detach().cpu().contiguous().clone() for name, tensor in tensors.items()}
    beside = path.with_name(f".{path.name}.part")
    safetensors.torch.save_file(whole, beside, {"counters": json.dumps(asdict(counters))})
    with beside.open("rb+") as file:
        os.fsync(file.fileno())
    beside.replace(path)


def load(path: Path, model: nn.Module, optimiser: torch.optim.Adam) -> Counters:
    """Fill model and optimiser from a checkpoint and give its counters.

    Raises:
        TrainingError: The file is damaged or of another network.
    """
    try:
        with safetensors.safe_open(path, "pt") as file:
            counters = Counters(**json.loads((file.metadata() or {})["counters"]))
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
        model.load_state_dict(
            {
                name.removeprefix("model."): tensor
                for name, tensor in tensors.items()
                if name.startswith("model.")
            }
        )
        state: dict[int, dict[str, Tensor]] = {}
        for name, tensor in tensors.items():
            if name.startswith("optimiser."):
                _, index, key = name.split(".")
                state.setdefault(int(index), {})[key] = tensor
        groups = optimiser.state_dict()["param_groups"]
        optimiser.load_state_dict({"state": state, "param_groups": groups})
    except (
        OSError,
        KeyError,
        TypeError,
        ValueError,
        RuntimeError,
        safetensors.SafetensorError,
    ) as error:
        raise TrainingError(
            f"The checkpoint {path.name} cannot be read: {error}.", "Start the run afresh."
        ) from error
    return counters
