"""One step: cut off, refused where the loss is no number, and frozen networks."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from limner_engine.errors import TrainingError
from limner_training.recipes.descent import descend, frozen


def test_the_gradient_is_cut_off_at_one() -> None:
    weight = nn.Parameter(torch.tensor([3.0, 4.0]))
    optimiser = torch.optim.SGD([weight], lr=9.0)
    descend((100 * weight).sum(), optimiser, [weight], 0.5, 0)
    assert optimiser.param_groups[0]["lr"] == 0.5
    assert weight.grad is not None
    assert float(weight.grad.norm()) == pytest.approx(1)


def test_a_loss_that_is_no_number_changes_nothing() -> None:
    weight = nn.Parameter(torch.ones(2))
    optimiser = torch.optim.SGD([weight], lr=1.0)
    with pytest.raises(TrainingError, match="step 7"):
        descend(weight.sum() * float("nan"), optimiser, [weight], 1.0, 7)
    assert weight.tolist() == [1, 1]


def test_gradients_pass_through_what_is_frozen() -> None:
    first, second = nn.Linear(2, 2), nn.Linear(2, 1)
    second.bias.requires_grad_(False)
    with frozen(second):
        out = second(first(torch.ones(1, 2))).sum()
    out.backward()
    assert first.weight.grad is not None
    assert second.weight.grad is None
    assert second.weight.requires_grad
    assert not second.bias.requires_grad
