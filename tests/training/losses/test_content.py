"""The content loss: what it compares, how its weights follow, where the mask counts."""

from __future__ import annotations

import pytest
import torch

from limner_training.losses.colouriser import Colouriser, grey
from limner_training.losses.content import FOLLOW, SCALE, ContentLoss, mean_square
from limner_training.losses.vgg import FULL, NINETEEN, SIXTEEN, VGG, narrower


def _loss(pixels: int = 0) -> ContentLoss:
    torch.manual_seed(0)
    return ContentLoss(VGG(SIXTEEN, (4, 4, 8, 8, 8), inputs=1), grey, pixels)


def _pictures(seed: int, side: int = 32) -> torch.Tensor:
    return torch.rand(2, 3, side, side, generator=torch.Generator().manual_seed(seed))


def test_vgg_has_the_published_number_of_weights() -> None:
    counted = [
        sum(weight.numel() for weight in VGG(depths).parameters())
        for depths in (SIXTEEN, NINETEEN)
    ]
    assert counted == [14_714_688, 20_024_384]  # the convolutions of VGG-16 and VGG-19
    assert narrower(0.25) == (16, 32, 64, 128, 128)
    assert narrower(1.0) == FULL


def test_taps_lie_after_the_second_convolution_of_each_block() -> None:
    network = VGG(SIXTEEN, (4, 6, 8, 10, 12))
    taps = network(torch.rand(1, 3, 32, 32))
    assert [tuple(tap.shape[1:]) for tap in taps] == [
        (4, 32, 32),
        (6, 16, 16),
        (8, 8, 8),
        (10, 4, 4),
        (12, 2, 2),
    ]
    assert all(bool((tap >= 0).all()) for tap in taps)
    assert torch.equal(
        network(torch.ones(1, 3, 32, 32), last=2)[1], network(torch.ones(1, 3, 32, 32))[1]
    )


def test_the_first_batch_sets_the_weights_and_later_ones_move_them_by_a_hundredth() -> None:
    loss = _loss()
    first = loss(_pictures(0), _pictures(1))
    assert float(first) == pytest.approx(SCALE)  # every term over itself
    before = loss.weights.clone()
    loss(_pictures(2) * 0.3, _pictures(3))
    alone = _loss()
    alone(_pictures(2) * 0.3, _pictures(3))
    assert torch.allclose(loss.weights, before + FOLLOW * (alone.weights - before))


def test_equal_pictures_have_no_loss_and_weights_stay_finite() -> None:
    loss = _loss()
    assert float(loss(_pictures(0), _pictures(0))) == 0
    assert bool(torch.isfinite(loss(_pictures(0), _pictures(1))))


def test_gradients_reach_the_picture_and_no_loss_network() -> None:
    loss = _loss()
    redrawn = _pictures(0).requires_grad_()
    loss(redrawn, _pictures(1)).backward()
    assert redrawn.grad is not None
    assert float(redrawn.grad.abs().sum()) > 0
    assert all(weight.grad is None for weight in loss.parameters())


def test_what_is_masked_does_not_count() -> None:
    loss = _loss()
    loss(_pictures(0), _pictures(1))
    target, mask = _pictures(1), torch.zeros(2, 1, 32, 32)
    mask[..., :8] = 1
    spoilt = target.clone()
    spoilt[..., 24:] = 0
    # The widest tap looks 16 px and more around itself; the picture's own term sees nothing.
    assert float(loss(spoilt, target, torch.zeros_like(mask))) == 0
    assert float(loss(spoilt, target, mask)) < 0.2 * float(loss(spoilt, target))


def test_the_loss_network_may_see_smaller_pictures_than_the_first_term() -> None:
    fine = torch.zeros(1, 3, 32, 32)
    fine[..., ::2] = 0.2  # stripes that vanish when averaged in pairs
    level = torch.full_like(fine, 0.1)
    halved = _loss(16)
    halved(fine, level)
    assert float(halved.weights[0]) > 1e-3
    assert float(halved.weights[1:].max()) < 1e-9
    whole = _loss(0)
    whole(fine, level)
    assert float(whole.weights[1]) > 1e-6


def test_a_colouriser_serves_as_loss_network() -> None:
    torch.manual_seed(0)
    loss = ContentLoss(Colouriser(0.1).trunk, grey)
    assert float(loss(_pictures(0), _pictures(1))) > 0


@pytest.mark.parametrize("masked", [False, True])
def test_the_mean_square_and_its_gradient_are_those_of_the_plain_form(masked: bool) -> None:
    got, wanted = _pictures(0).requires_grad_(), _pictures(1)
    mask = torch.rand(2, 1, 32, 32) if masked else None
    ours = mean_square(got, wanted, mask)
    (ours * 3).backward()
    gradient = got.grad
    plain = ((got - wanted).square() * (1 if mask is None else mask)).mean()
    assert float(ours.detach()) == pytest.approx(float(plain.detach()), rel=1e-5)
    (wanted_gradient,) = torch.autograd.grad(plain * 3, got)
    assert gradient is not None
    assert torch.allclose(gradient, wanted_gradient, rtol=1e-4, atol=1e-9)
