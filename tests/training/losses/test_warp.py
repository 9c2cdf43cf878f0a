"""Losses of warps against what they are known to give."""

from __future__ import annotations

import math

import pytest
import torch

from limner_training.losses.warp import confident, cyclic, photometric


def _uniform(cells: int) -> torch.Tensor:
    return torch.full((2, cells, cells), 1 / cells)


def _permutation(cells: int) -> torch.Tensor:
    return torch.eye(cells)[torch.randperm(cells, generator=torch.Generator().manual_seed(0))]


@pytest.mark.parametrize("cells", [16, 1024])
def test_uniform_warps_lose_ln_n(cells: int) -> None:
    warp = _uniform(cells)
    assert float(cyclic(warp, warp)) == pytest.approx(math.log(cells), rel=1e-4)
    assert float(cyclic(warp)) == pytest.approx(math.log(cells), rel=1e-4)


def test_a_permutation_and_its_inverse_lose_nothing() -> None:
    warp = _permutation(64)[None]
    assert float(cyclic(warp, warp.transpose(1, 2))) == pytest.approx(0, abs=1e-6)
    assert float(cyclic(warp)) == pytest.approx(0, abs=1e-6)
    assert float(cyclic(warp, warp)) > 1  # its square is another permutation


def test_a_collapsed_warp_loses_most() -> None:
    collapsed = torch.zeros(1, 64, 64)
    collapsed[:, :, 5] = 1
    other = torch.zeros(1, 64, 64)
    other[:, :, 9] = 1
    assert float(cyclic(collapsed, other)) > 15  # all but one place are lost
    assert float(cyclic(collapsed)) == pytest.approx(2 * math.log(64), rel=1e-4)


def test_the_sum_is_the_mean_times_the_places() -> None:
    warp = torch.randn(2, 16, 16).softmax(-1)
    back = torch.randn(2, 16, 16).softmax(-1)
    assert float(cyclic(warp, back, "sum")) == pytest.approx(16 * float(cyclic(warp, back)))
    one, other = torch.rand(2, 2, 3, 8, 8)
    assert float(photometric(one, other, reduction="sum")) == pytest.approx(
        64 * float(photometric(one, other)), rel=1e-5
    )


def test_the_diagonal_is_that_of_the_whole_product() -> None:
    there, back = torch.randn(2, 3, 9, 9).softmax(-1)
    normal = [torch.minimum(a, a / a.sum(1, keepdim=True)) for a in (there, back)]
    diagonal = (normal[0] @ normal[1]).diagonal(dim1=1, dim2=2)
    assert float(cyclic(there, back)) == pytest.approx(float(-diagonal.log().mean()), rel=1e-5)


def test_the_cycle_pushes_a_collapsed_warp_apart() -> None:
    logits = torch.zeros(1, 16, 16)
    logits[:, :, 3] = 3.0
    logits += 0.01 * torch.randn(1, 16, 16, generator=torch.Generator().manual_seed(0))
    logits.requires_grad_()
    before = cyclic(logits.softmax(-1))
    before.backward()  # type: ignore[no-untyped-call]
    assert logits.grad is not None
    assert float(logits.grad[:, :, 3].mean()) > 0  # descending, less of what all claim
    after = cyclic((logits - logits.grad).softmax(-1))
    assert float(after.detach()) < float(before.detach())


def test_laplace_is_least_where_sigma_is_root_two_times_the_error() -> None:
    redrawn, target = torch.zeros(1, 3, 4, 4), torch.full((1, 3, 4, 4), 0.1)
    best = math.sqrt(2) * 0.3  # colours summed
    sigma = torch.full((1, 1, 4, 4), best, requires_grad=True)
    least = confident(redrawn, target, sigma)
    least.backward()  # type: ignore[no-untyped-call]
    assert sigma.grad is not None
    torch.testing.assert_close(sigma.grad, torch.zeros_like(sigma), rtol=0, atol=1e-6)
    assert float(least.detach()) == pytest.approx(math.log(best) + math.log(2) / 2 + 1, rel=1e-5)
    for other in (0.8 * best, 1.2 * best):
        worse = confident(redrawn, target, torch.full_like(sigma, other))
        assert float(worse) > float(least.detach())


def test_with_a_power_of_one_the_picture_learns_as_from_l1() -> None:
    redrawn, target = torch.rand(2, 2, 3, 4, 4)
    redrawn.requires_grad_()
    sigma = 0.1 + torch.rand(2, 1, 4, 4)
    plain = photometric(redrawn, target)
    weighted = confident(redrawn, target, sigma, power=1.0)
    wanted, found = (torch.autograd.grad(loss, redrawn)[0] for loss in (plain, weighted))
    torch.testing.assert_close(found, math.sqrt(2) * wanted)
    paper = torch.autograd.grad(confident(redrawn, target, sigma), redrawn)[0]
    torch.testing.assert_close(paper * sigma, found)


def test_what_is_masked_does_not_count() -> None:
    redrawn, target = torch.rand(2, 2, 3, 4, 4)
    mask = torch.zeros(2, 1, 4, 4)
    mask[:, :, 0] = 1
    other = target.clone()
    other[:, :, 1:] += 1
    assert float(photometric(redrawn, target, mask)) == pytest.approx(
        float(photometric(redrawn, other, mask))
    )
    sigma = torch.ones(2, 1, 4, 4)
    assert float(confident(redrawn, target, sigma, mask)) == pytest.approx(
        float(confident(redrawn, other, sigma, mask))
    )
