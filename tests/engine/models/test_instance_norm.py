"""Instance normalisation: torch's own is the measure."""

from __future__ import annotations

import torch
from torch import nn

from limner_engine.models.instance_norm import InstanceNorm


def test_it_normalises_as_torch_does() -> None:
    pictures = torch.randn(3, 5, 8, 6, generator=torch.Generator().manual_seed(0)) * 4 + 2
    given = pictures.contiguous(memory_format=torch.channels_last)
    normalised = InstanceNorm()(given)
    torch.testing.assert_close(normalised, nn.InstanceNorm2d(5)(pictures), atol=1e-5, rtol=1e-5)
    assert normalised.is_contiguous(memory_format=torch.channels_last)


def test_its_gradient_is_right() -> None:
    pictures = torch.randn(2, 3, 4, 4, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(InstanceNorm(), (pictures,), atol=1e-5)


def test_half_precision_stays_near() -> None:
    pictures = torch.randn(2, 4, 16, 16, generator=torch.Generator().manual_seed(1))
    half = InstanceNorm()(pictures.bfloat16())
    assert half.dtype == torch.bfloat16
    assert float((half.float() - nn.InstanceNorm2d(4)(pictures)).abs().max()) < 0.05
