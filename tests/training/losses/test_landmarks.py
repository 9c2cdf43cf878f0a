"""Terms on landmarks."""

from __future__ import annotations

import math

import pytest
import torch

from limner_training.losses.landmarks import SEPARATION_SIGMA, equivariance, separation


def test_landmarks_on_one_another_count_one_and_far_ones_nothing() -> None:
    assert float(separation(torch.zeros(2, 4, 2))) == pytest.approx(1.0)
    far = torch.tensor([[[-0.9, -0.9], [0.9, 0.9], [0.9, -0.9]]])
    assert float(separation(far)) == pytest.approx(0.0, abs=1e-6)


def test_separation_is_the_mean_over_pairs() -> None:
    points = torch.tensor([[[0.0, 0.0], [SEPARATION_SIGMA, 0.0], [0.9, 0.9]]])
    assert float(separation(points)) == pytest.approx(2 * math.exp(-0.5) / 6, abs=1e-6)


def test_separation_pushes_apart() -> None:
    points = torch.tensor([[[0.0, 0.0], [0.05, 0.0]]], requires_grad=True)
    separation(points).backward()
    assert points.grad is not None
    assert points.grad[0, 0, 0] > 0 > points.grad[0, 1, 0]


def test_one_landmark_has_nothing_to_keep_off() -> None:
    assert float(separation(torch.zeros(2, 1, 2))) == 0.0


def test_equivariance_is_the_mean_squared_distance() -> None:
    first = torch.zeros(1, 2, 2)
    second = torch.tensor([[[3.0, 4.0], [0.0, 0.0]]])
    assert float(equivariance(first, second)) == pytest.approx(12.5)
