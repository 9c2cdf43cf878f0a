"""One step down a loss, the same for every recipe."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Iterable, Iterator

import torch
from torch import Tensor, nn

from limner_engine.errors import TrainingError


def descend(
    loss: Tensor,
    optimiser: torch.optim.Optimizer,
    weights: Iterable[Tensor],
    rate: float,
    step: int,
    *,
    each: bool = False,
) -> None:
    """Change weights once, unless the loss is not a finite number.

    Args:
        loss: Scalar.
        optimiser: Of those weights.
        weights: Whose gradient is cut off at a norm of 1.
        rate: Step size.
        step: Number of the step, for the error.
        each: Cut the gradient of each tensor off by itself, instead of the whole.

    Raises:
        TrainingError: The loss is not finite; no weight has taken it on.
    """
    if not math.isfinite(float(loss.detach())):
        raise TrainingError(
            f"The loss is not a number at step {step}; no weight has taken it on.",
            "Start again with a smaller learning rate.",
        )
    for group in optimiser.param_groups:
        group["lr"] = rate
    optimiser.zero_grad(set_to_none=True)
    loss.backward()  # type: ignore[no-untyped-call]
    if each:
        for weight in weights:
            torch.nn.utils.clip_grad_norm_(weight, 1.0)
    else:
        torch.nn.utils.clip_grad_norm_(weights, 1.0)
    optimiser.step()


@contextlib.contextmanager
def frozen(*modules: nn.Module) -> Iterator[None]:
    """Inside, gradients pass through these networks and leave their weights alone."""
    weights = [weight for module in modules for weight in module.parameters()]
    kept = [weight.requires_grad for weight in weights]
    try:
        for weight in weights:
            weight.requires_grad_(False)
        yield
    finally:
        for weight, learns in zip(weights, kept, strict=True):
            weight.requires_grad_(learns)
