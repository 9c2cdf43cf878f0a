"""The renderer against the equation it is for, edge by edge."""

from __future__ import annotations

import math

import pytest
import torch
from torch import Tensor

from limner_engine.models.skeleton_picture import (
    FAR,
    SHARPNESS,
    Renderer,
    pixel_centres,
    skeleton_pictures,
)

_EDGES = torch.tensor([[0, 1], [1, 2], [2, 3], [3, 4], [1, 4]])


def _edge_by_edge(points: Tensor, edges: Tensor, pixels: Tensor, renderer: Renderer) -> Tensor:
    """The maximum over edges of one exponential each, as the paper writes it."""
    pictures = []
    for pose in points:
        drawn = []
        for a, b in edges.tolist():
            along = pose[b] - pose[a]
            share = ((pixels - pose[a]) @ along / along.square().sum().clamp_min(1e-6)).clamp(0, 1)
            place = pose[a] + share.unsqueeze(-1) * along
            squared = (place - pixels).square().sum(-1)
            apart = squared if renderer == "squared" else (squared + 1e-6).sqrt()
            drawn.append(torch.exp(-SHARPNESS * apart))
        pictures.append(torch.stack(drawn).amax(0))
    return torch.stack(pictures).unsqueeze(1)


def _poses(seed: int, count: int = 3) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.rand(count, 5, 2, generator=generator) * 2 - 1


@pytest.mark.parametrize("renderer", ["distance", "squared"])
def test_pictures_and_gradients_are_those_of_the_equation(renderer: Renderer) -> None:
    pixels = pixel_centres(24)
    ours, plain = _poses(1).requires_grad_(), _poses(1).requires_grad_()
    drawn = skeleton_pictures(ours, _EDGES, pixels, renderer)
    wanted = _edge_by_edge(plain, _EDGES, pixels, renderer)
    torch.testing.assert_close(drawn, wanted, atol=1e-5, rtol=1e-4)
    weights = torch.randn(drawn.shape, generator=torch.Generator().manual_seed(2))
    (drawn * weights).sum().backward()
    (wanted * weights).sum().backward()
    assert ours.grad is not None
    torch.testing.assert_close(ours.grad, plain.grad, atol=1e-2, rtol=1e-3)


def test_an_edge_without_length_is_a_dot() -> None:
    pixels = pixel_centres(16)
    point = torch.tensor([[[0.1, -0.2], [0.1, -0.2]]], requires_grad=True)
    drawn = skeleton_pictures(point, torch.tensor([[0, 1]]), pixels)
    apart = (pixels - torch.tensor([0.1, -0.2])).norm(dim=-1)
    wanted = torch.exp(-SHARPNESS * (apart**2 + 1e-6).sqrt())
    torch.testing.assert_close(drawn[0, 0].detach(), wanted, atol=1e-5, rtol=1e-4)
    drawn.sum().backward()
    assert point.grad is not None
    assert bool(point.grad.isfinite().all())


def test_the_line_is_3_5_px_wide_at_128_and_the_papers_is_21() -> None:
    # Half of the height is reached at ln 2 / gamma, or at its root (methods, fact 6).
    half = math.log(2) / SHARPNESS
    assert 2 * half * 64 == pytest.approx(3.5, abs=0.1)
    assert 2 * math.sqrt(half) * 64 == pytest.approx(21, abs=0.5)
    pixels = pixel_centres(128)
    line = torch.tensor([[[-2.0, 1 / 128], [2.0, 1 / 128]]])
    for renderer, width in (("distance", 3.5), ("squared", 21.3)):
        column = skeleton_pictures(line, torch.tensor([[0, 1]]), pixels, renderer)[0, 0, :, 64]  # type: ignore[arg-type]
        assert abs(int((column > 0.5).sum()) - width) <= 1.5


def test_a_landmark_that_is_not_there_takes_its_edges_along() -> None:
    pixels = pixel_centres(16)
    pose = _poses(3, 1)
    without = torch.tensor([[0, 1], [1, 2], [1, 4]])
    gone = pose.clone()
    gone[0, 3] = 10 * FAR
    drawn = skeleton_pictures(gone, _EDGES, pixels)
    torch.testing.assert_close(drawn, skeleton_pictures(pose, without, pixels))
    nothing = skeleton_pictures(torch.full((1, 5, 2), 10 * FAR), _EDGES, pixels)
    assert float(nothing.abs().max()) == 0
