"""Terms on landmarks themselves, which the paper does without; each is an option."""

from __future__ import annotations

from torch import Tensor

SEPARATION_SIGMA = 0.1
"""Reach of `separation`, in units of half the picture's side: the width of a drawn landmark."""


def equivariance(first: Tensor, second: Tensor) -> Tensor:
    """Landmarks of one picture placed in two ways, both told in the same coordinates, agree.

    As Thewlis, Bilen and Vedaldi (2017) have it, for similarity maps.

    Args:
        first: ``(B, K, 2)``.
        second: ``(B, K, 2)``.

    Returns:
        Scalar: mean squared distance.
    """
    return (first - second).square().sum(-1).mean()


def separation(points_norm: Tensor) -> Tensor:
    """How much landmarks of a picture lie on one another.

    Zhang et al. (2018), BKinD: the mean over pairs of ``exp(-d^2 / (2 sigma^2))``.

    Args:
        points_norm: ``(B, K, 2)``.

    Returns:
        Scalar in 0..1; 0 for a single landmark.
    """
    count = points_norm.shape[1]
    if count < 2:
        return points_norm.new_zeros(())
    apart = (points_norm.unsqueeze(2) - points_norm.unsqueeze(1)).square().sum(-1)  # (B, K, K)
    overlap = (-apart / (2 * SEPARATION_SIGMA**2)).exp().sum((1, 2)) - count
    return overlap.mean() / (count * (count - 1))
