"""Measures, on detectors whose answer is known."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from drawn_frames import drawn_frames
from limner_engine.models.imm import IMM, Detection, IMMConfig
from limner_training.evaluation.metrics import equivariance_error, plain, redrawing


class _Centroid(IMM):
    """Finds the centre of what is bright: moves exactly with the picture."""

    def detect(self, images: torch.Tensor) -> Detection:
        weight = (images.mean(1) - images.mean(1).amin((1, 2), keepdim=True)).square()
        size = images.shape[-1]
        grid = (2 * torch.arange(size) + 1) / size - 1
        total = weight.sum((1, 2))
        x = (weight.sum(1) * grid).sum(1) / total
        y = (weight.sum(2) * grid).sum(1) / total
        points = torch.stack([x, y], -1).unsqueeze(1)
        return Detection(points, torch.ones(len(x), 1), torch.ones(len(x), 1))


class _Fixed(IMM):
    """Always answers the middle."""

    def detect(self, images: torch.Tensor) -> Detection:
        count = len(images)
        return Detection(torch.zeros(count, 1, 2), torch.ones(count, 1), torch.ones(count, 1))


class _Copier(IMM):
    """Redraws the source."""

    def forward(
        self, source: torch.Tensor, target: torch.Tensor
    ) -> tuple[torch.Tensor, Detection]:
        return source, self.detect(target)


def test_a_detector_that_moves_with_the_picture_has_no_equivariance_error() -> None:
    model = _Centroid(IMMConfig.lite(1))
    error = equivariance_error(model, drawn_frames(), np.arange(40))
    assert error < 0.006


def test_a_detector_that_stays_errs_by_the_shift() -> None:
    model = _Fixed(IMMConfig.lite(1))
    error = equivariance_error(model, drawn_frames(), np.arange(40), shift=0.1, turn_rad=0.3)
    assert error == pytest.approx(0.1, abs=1e-5)


def test_copying_has_ratio_one() -> None:
    frames = drawn_frames()
    model = _Copier(IMMConfig.lite(1))
    sources, targets = (plain(frames, np.arange(at, at + 10), 64) for at in (0, 10))
    measured = redrawing(model, sources, targets)
    assert measured.ratio == pytest.approx(1.0)
    assert model.training
