"""The term that makes a generator obey a landmark that is dragged alone."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from limner_engine.models.imm import IMM, Detection, IMMConfig
from limner_training.losses.obedience import INSIDE, REACH, dragged, obedience, pulled

CONFIG = IMMConfig(image_size=16, width=4, landmark_count=3, grid_size=8)
POINTS = torch.tensor([[[-0.5, 0.0], [0.5, 0.0], [0.0, 0.5]]]).repeat(64, 1, 1)


class _Elsewhere(IMM):
    """Finds what it is told to, whatever the picture shows."""

    answer = torch.zeros(1)

    def detect(self, images: torch.Tensor) -> Detection:
        count, landmarks = self.answer.shape[:2]
        return Detection(self.answer, torch.ones(count, landmarks), torch.ones(count, landmarks))


def model() -> IMM:
    torch.manual_seed(0)
    return IMM(CONFIG).train()


def test_one_landmark_is_dragged_no_farther_than_the_reach() -> None:
    wanted, which = dragged(POINTS, np.random.default_rng(0), REACH)
    step = (wanted - POINTS).norm(dim=-1)
    assert ((step > 0).sum(1) <= 1).all()
    torch.testing.assert_close(step.sum(1), step[torch.arange(64), which])
    assert float(step.max()) <= REACH + 1e-6
    assert 0.4 * REACH < float(step.sum(1).mean()) < 0.6 * REACH
    assert set(which.tolist()) == {0, 1, 2}
    again, _ = dragged(POINTS, np.random.default_rng(0), REACH)
    assert torch.equal(again, wanted)


def test_no_drag_leads_out_and_what_is_outside_is_not_pulled_in() -> None:
    points = torch.full((200, 1, 2), 0.94)
    points[100:, :, 0] = 1.2
    wanted, _ = dragged(points, np.random.default_rng(0), REACH)
    assert float(wanted[:100].max()) <= INSIDE
    assert float(wanted[100:, :, 0].max()) <= 1.2 + 1e-6
    assert float((wanted - points).norm(dim=-1).max()) <= REACH + 1e-6


def test_it_is_the_square_of_the_dragged_one_and_the_mean_square_of_the_others() -> None:
    network = _Elsewhere(CONFIG)
    network.answer = POINTS + torch.tensor([0.03, 0.04])  # all of them stray by 0.05
    looks = network.encode(torch.rand(64, 3, 16, 16))
    value = obedience(network, looks, POINTS, np.random.default_rng(0), reach=0.0)
    assert float(value) == pytest.approx(2 * 0.05**2, rel=1e-4)
    # Who ignores the hand pays the mean square of a drag: a third of the longest one's.
    network.answer = POINTS
    value = obedience(network, looks, POINTS, np.random.default_rng(0), reach=0.3)
    assert float(value) == pytest.approx(0.3**2 / 3, rel=0.25)


def test_looks_and_generator_learn_and_the_detector_only_judges() -> None:
    network = model()
    looks = network.encode(torch.rand(4, 3, 16, 16))
    before = {name: value.clone() for name, value in network.detector.state_dict().items()}
    obedience(network, looks, POINTS[:4], np.random.default_rng(0), REACH).backward()
    assert all(w.grad is not None and w.grad.abs().sum() > 0 for w in parts(network, True))
    assert all(w.grad is None for w in parts(network, False))
    for name, value in network.detector.state_dict().items():
        assert torch.equal(value, before[name]), name
    assert all(part.training for part in network.modules())


def parts(network: IMM, learn: bool) -> list[torch.Tensor]:
    """Weights of convolutions that are to learn from the term, or that are not."""
    wanted = (network.appearance, network.generator) if learn else (network.detector,)
    found = [w for part in wanted for w in part.parameters() if w.dim() == 4]
    return found if learn else [*found, *network.heatmaps.parameters()]


def test_no_gradient_goes_to_where_the_landmarks_were() -> None:
    network, points = model(), POINTS[:4].clone().requires_grad_()
    looks = network.encode(torch.rand(4, 3, 16, 16))
    obedience(network, looks, points, np.random.default_rng(0), REACH).backward()
    assert points.grad is None


def test_a_single_landmark_has_no_others() -> None:
    network = IMM(IMMConfig(image_size=16, width=4, landmark_count=1, grid_size=8))
    looks = network.encode(torch.rand(2, 3, 16, 16))
    value = obedience(network, looks, torch.zeros(2, 1, 2), np.random.default_rng(0), REACH)
    assert math.isfinite(float(value.detach()))


def test_landmarks_of_a_pulled_picture_lie_on_what_they_lay_on() -> None:
    side, points = 64, POINTS[:16].clone()
    line = (2 * torch.arange(side) + 1) / side - 1
    places = torch.stack(torch.meshgrid(line, line, indexing="xy"))
    # The colours of a picture are its own coordinates; so what lies somewhere says whence it came.
    images = torch.cat([places, places[:1]])[None].repeat(16, 1, 1, 1)
    made, there = pulled(images, points, np.random.default_rng(0))
    colours = torch.nn.functional.grid_sample(made[:, :2], there[:, None], align_corners=False)
    torch.testing.assert_close(colours[:, :, 0].transpose(1, 2), points, atol=0.02, rtol=0)
    step = (there - points).norm(dim=-1)
    assert 0.03 < float(step.mean()) < 0.3
    # They go their own ways, and pictures theirs.
    ways = there - points
    assert float((ways[:, 0] - ways[:, 1]).norm(dim=-1).mean()) > 0.05
    assert float(ways.mean(0).norm(dim=-1).max()) < 0.1
    again, _ = pulled(images, points, np.random.default_rng(0))
    assert torch.equal(again, made)


def test_where_nothing_pulls_pictures_stay_as_they_are() -> None:
    images = torch.rand(2, 3, 32, 32)
    made, there = pulled(images, POINTS[:2], np.random.default_rng(0), strength=0.0)
    torch.testing.assert_close(made, images, atol=1e-5, rtol=0)
    assert torch.equal(there, POINTS[:2])


def test_gradients_pass_to_where_landmarks_were_found() -> None:
    points = POINTS[:2].clone().requires_grad_()
    pulled(torch.rand(2, 3, 32, 32), points, np.random.default_rng(0))[1].sum().backward()
    assert points.grad is not None
    torch.testing.assert_close(points.grad, torch.ones_like(points))
