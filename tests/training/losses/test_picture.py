"""Every loss of the ablation, and what a checkpoint must hold of it."""

from __future__ import annotations

import pytest
import torch

from limner_engine.inference.device import choose_device
from limner_training.losses.adversarial import Adversary
from limner_training.losses.colouriser import Colouriser, grey
from limner_training.losses.content import ContentLoss
from limner_training.losses.picture import PictureLoss
from limner_training.losses.pixel import L2_SCALE, pixel_loss


def _pictures(seed: int) -> torch.Tensor:
    return torch.rand(2, 3, 64, 64, generator=torch.Generator().manual_seed(seed))


def test_pixel_losses_by_hand() -> None:
    redrawn, target = torch.zeros(1, 3, 2, 2), torch.full((1, 3, 2, 2), 0.5)
    assert float(pixel_loss(redrawn, target, "l1")) == pytest.approx(0.5)
    assert float(pixel_loss(redrawn, target, "l2")) == pytest.approx(0.25 * L2_SCALE)
    mask = torch.tensor([[1.0, 0.0], [0.0, 0.0]]).view(1, 1, 2, 2)
    assert float(pixel_loss(redrawn, target, "l1", mask)) == pytest.approx(0.125)


def _made(kind: str) -> PictureLoss:
    torch.manual_seed(0)
    if kind == "content":
        return PictureLoss(content=ContentLoss(Colouriser(0.1).trunk, grey))
    pixels, _, judged = kind.partition("+")
    return PictureLoss(pixels, adversary=Adversary(choose_device("cpu"), 0) if judged else None)


@pytest.mark.parametrize("kind", ["l1", "l2", "l1+adversarial", "l2+adversarial", "content"])
def test_a_loss_goes_on_from_its_tensors(kind: str) -> None:
    loss = _made(kind)
    for step in range(2):
        loss(_pictures(step), _pictures(9), None)
        loss.after_step(_pictures(step), _pictures(9), None)
    other = _made(kind)
    other.load(loss.tensors())
    mask = torch.ones(2, 1, 64, 64)
    ours, theirs = (each(_pictures(5), _pictures(9), mask) for each in (loss, other))
    assert float(ours) == float(theirs) > 0


def test_the_adversarial_term_adds_to_the_pixels() -> None:
    bare, judged = (
        _made(kind)(_pictures(0), _pictures(1), None) for kind in ("l1", "l1+adversarial")
    )
    assert float(judged) > float(bare)
