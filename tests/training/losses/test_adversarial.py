"""The adversarial term and the network behind it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import torch
from torch import Tensor

from limner_engine.errors import TrainingError
from limner_engine.inference.device import DeviceSpec
from limner_training.losses.adversarial import Adversary, PatchNet, judge_loss

FP32 = DeviceSpec("cpu", torch.float32, "CPU fp32")
BF16 = DeviceSpec("cpu", torch.bfloat16, "CPU bf16")


@pytest.fixture(autouse=True)
def _one_thread() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def flat(seed: int, count: int = 4) -> Tensor:
    return torch.rand(count, 3, 1, 1, generator=torch.Generator().manual_seed(seed)).expand(
        -1, -1, 32, 32
    )


def striped(seed: int, count: int = 4) -> Tensor:
    stripes = 0.3 * (torch.arange(32) // 2 % 2 * 2 - 1).float()
    return (flat(seed, count) * 0.4 + 0.3 + stripes).clamp(0, 1)


def test_labels_are_one_and_nought_and_count_the_same() -> None:
    one, nought = torch.ones(2, 1, 3, 3), torch.zeros(2, 1, 3, 3)
    assert float(judge_loss(one, nought)) == 0.0
    assert float(judge_loss(nought, one)) == 1.0
    assert float(judge_loss(one / 2, one / 2)) == pytest.approx(0.25)
    real, redrawn = torch.randn(2, 1, 3, 3), torch.randn(2, 1, 3, 3)
    swapped = judge_loss(1 - redrawn, 1 - real)
    assert float(judge_loss(real, redrawn)) == pytest.approx(float(swapped), rel=1e-5)


def test_it_judges_patches() -> None:
    net = PatchNet()
    assert net(torch.rand(2, 3, 128, 128)).shape == (2, 1, 15, 15)
    pictures = torch.rand(1, 3, 128, 128, requires_grad=True)
    # Normalisation looks at the whole picture; without it a judgement sees its patch alone.
    for number, layer in enumerate(net.layers):
        if isinstance(layer, torch.nn.InstanceNorm2d):
            net.layers[number] = torch.nn.Identity()
    net(pictures)[0, 0, 7, 7].backward()
    assert pictures.grad is not None
    seen = pictures.grad.abs().sum((0, 1))
    assert int((seen.sum(1) > 0).sum()) == int((seen.sum(0) > 0).sum()) == 46


@pytest.mark.parametrize("device", [FP32, BF16], ids=["fp32", "bf16"])
def test_the_term_reaches_the_pictures_and_leaves_the_judge_alone(device: DeviceSpec) -> None:
    adversary = Adversary(device, seed=0)
    adversary.step(flat(0), striped(0))
    before = adversary.tensors()
    gradients = [weight.grad for weight in adversary.network.parameters()]
    kept = [gradient.clone() for gradient in gradients if gradient is not None]
    redrawn = flat(1).clone().requires_grad_()
    term = adversary.generator_term(redrawn)
    assert term.dtype == torch.float32
    term.backward()  # type: ignore[no-untyped-call]
    assert redrawn.grad is not None
    assert float(redrawn.grad.abs().sum()) > 0
    for gradient, old in zip(gradients, kept, strict=True):
        assert gradient is not None
        assert torch.equal(gradient, old)
    after = adversary.tensors()
    assert all(torch.equal(before[name], after[name]) for name in before)
    assert all(weight.requires_grad for weight in adversary.network.parameters())


def test_a_step_moves_the_judge_and_follows_no_history() -> None:
    adversary = Adversary(FP32, seed=0)
    before = adversary.tensors()
    redrawn = flat(1).clone().requires_grad_()
    adversary.step(redrawn, striped(0))
    assert redrawn.grad is None
    after = adversary.tensors()
    assert any(not torch.equal(before[name], after[name]) for name in before)


def test_it_learns_to_tell_them_apart_and_then_draws_redrawn_pictures_towards_real_ones() -> None:
    adversary = Adversary(FP32, seed=0, learning_rate=2e-3)
    losses = [adversary.step(flat(step), striped(1000 + step)) for step in range(30)]
    assert losses[0] > 0.2
    assert sum(losses[-5:]) / 5 < 0.1

    redrawn = flat(5000).clone().requires_grad_()
    start = adversary.generator_term(redrawn)
    start.backward()  # type: ignore[no-untyped-call]
    assert redrawn.grad is not None
    with torch.no_grad():
        moved = redrawn - 0.02 * redrawn.grad.sign()
        assert float(adversary.generator_term(moved)) < float(start.detach())


def test_going_on_from_saved_tensors_equals_going_on() -> None:
    whole = Adversary(FP32, seed=3)
    for step in range(2):
        whole.step(flat(step), striped(step))
    resumed = Adversary(FP32, seed=99)
    resumed.load(whole.tensors())
    for step in range(2, 4):
        assert whole.step(flat(step), striped(step)) == resumed.step(flat(step), striped(step))
    ours, theirs = whole.tensors(), resumed.tensors()
    assert ours.keys() == theirs.keys()
    assert any(name.startswith("optimiser.") for name in ours)
    assert all(torch.equal(ours[name], theirs[name]) for name in ours)


def test_saved_tensors_do_not_move_with_later_steps() -> None:
    adversary = Adversary(FP32, seed=0)
    saved = adversary.tensors()
    copies = {name: tensor.clone() for name, tensor in saved.items()}
    adversary.step(flat(0), striped(0))
    assert all(torch.equal(saved[name], copies[name]) for name in saved)


def test_tensors_of_another_network_are_refused() -> None:
    adversary = Adversary(FP32, seed=0)
    tensors = adversary.tensors()
    tensors["network.layers.0.weight"] = torch.zeros(1)
    with pytest.raises(TrainingError, match="does not fit"):
        adversary.load(tensors)
    with pytest.raises(TrainingError, match="does not fit"):
        adversary.load({**Adversary(FP32, seed=0).tensors(), "optimiser.x": torch.zeros(1)})


def test_its_first_weights_are_its_seeds_alone() -> None:
    torch.manual_seed(0)
    expected = torch.rand(1)
    torch.manual_seed(0)
    first = Adversary(FP32, seed=7).tensors()
    assert torch.equal(torch.rand(1), expected)
    torch.manual_seed(1)
    second = Adversary(FP32, seed=7).tensors()
    assert all(torch.equal(first[name], second[name]) for name in first)
