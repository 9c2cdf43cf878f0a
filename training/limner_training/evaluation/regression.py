"""How much discovered landmarks say of labelled points (IMM, section 4).

A linear map from landmarks to points is fitted on some people and judged on others. The map of the
paper has no constant, and so it matters from where coordinates count: from the corner of the
picture, as in the paper, or from its middle. With a constant it does not matter.

Points that are not labelled in every picture are each fitted on the pictures that have them. Least
squares treats points one by one anyway, so that complete sets get the papers' figures.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from limner_engine.types import Floats

Doubles = NDArray[np.float64]

FORMS = ("corner", "middle", "bias", "ridge")
"""``corner``: the paper's, from the top left corner, no constant. ``middle``: from the middle of
the picture, no constant. ``bias``: with a constant. ``ridge``: Limner's own, in no paper: with a
constant and with weights kept small, by as much as the labelled pictures themselves ask for."""

STRENGTHS = np.logspace(-8, 2, 41)
"""Strengths of the ridge that are tried, in shares of the largest squared singular value."""
LEAST_FREEDOM = 1e-6
"""A picture that the map reproduces whatever its label says, to this share, tells no strength."""


def fit_linear(
    found: Floats | Doubles, labelled: Floats | Doubles, *, bias: bool = True
) -> Doubles:
    """Ordinary least squares from landmarks to labelled points.

    With 50 landmarks the columns are nearly collinear, so the solver is the SVD one in float64.
    Where there are fewer pictures than columns it is the smallest of all maps that fit; the
    constant is no part of what is kept small. With about as many pictures as columns, ``2 K``, the
    map follows every error of the labels, and more pictures make it worse before they help.

    Args:
        found: ``(N, K, 2)``.
        labelled: ``(N, P, 2)``, in the same units.
        bias: Whether a constant may be added; the paper's protocol has none.

    Returns:
        ``(2 K + bias, 2 P)``.
    """
    columns = found.reshape(len(found), -1).astype(np.float64)
    points = labelled.reshape(len(labelled), -1).astype(np.float64)
    if not bias:
        return _solve(columns, points)
    column_mean, point_mean = columns.mean(axis=0), points.mean(axis=0)
    weights = _solve(columns - column_mean, points - point_mean)
    return np.concatenate([weights, (point_mean - column_mean @ weights)[None]])


def apply_linear(weights: Doubles, found: Floats | Doubles) -> Doubles:
    """Points from landmarks: ``(N, P, 2)``."""
    columns = found.reshape(len(found), -1).astype(np.float64)
    points = columns @ weights[: columns.shape[1]]
    if len(weights) > columns.shape[1]:
        points += weights[-1]
    return points.reshape(len(found), -1, 2)


def fit_ridge(found: Floats | Doubles, labelled: Floats | Doubles) -> Doubles:
    """Least squares with a constant and a penalty ``a |W|^2`` on all weights but the constant.

    The strength ``a`` is the one of `STRENGTHS` with the least squared error when every picture is
    left out once and predicted from the others. No fit is repeated for that: with the singular
    values ``s`` and left vectors ``U`` of the centred landmarks, the error of picture i left out
    is its residual over ``1 - h_i``, where ``h_i = 1/N + sum_j U_ij^2 s_j^2 / (s_j^2 + a)``
    (Allen's PRESS). Unlike `fit_linear`, it does not get worse near ``2 K`` pictures.

    Args:
        found: ``(N, K, 2)``.
        labelled: ``(N, P, 2)``, in the same units, complete.

    Returns:
        ``(2 K + 1, 2 P)``. One picture alone gives its own points whatever is found.
    """
    columns = found.reshape(len(found), -1).astype(np.float64)
    points = labelled.reshape(len(labelled), -1).astype(np.float64)
    column_mean, point_mean = columns.mean(axis=0), points.mean(axis=0)
    left, sizes, right = np.linalg.svd(columns - column_mean, full_matrices=False)
    kept = sizes > sizes[0] * np.finfo(np.float64).eps * max(columns.shape)
    if not kept.any():
        weights = np.zeros((columns.shape[1], points.shape[1]))
        return np.concatenate([weights, point_mean[None]])
    left, sizes, right = left[:, kept], sizes[kept], right[kept]
    centred = points - point_mean
    along = left.T @ centred  # (rank, 2 P)
    squares = sizes**2
    best, least = STRENGTHS[-1] * squares[0], np.inf
    for strength in STRENGTHS * squares[0]:
        shrunk = squares / (squares + strength)
        freedom = 1 - 1 / len(points) - left**2 @ shrunk
        if freedom.min() < LEAST_FREEDOM:
            continue
        residual = centred - left @ (shrunk[:, None] * along)
        error = float(((residual / freedom[:, None]) ** 2).sum())
        if error < least:
            best, least = float(strength), error
    weights = right.T @ ((sizes / (squares + best))[:, None] * along)
    return np.concatenate([weights, (point_mean - column_mean @ weights)[None]])


def regress(
    form: str,
    found: Floats | Doubles,
    labelled: Doubles,
    others: Floats | Doubles,
    *,
    places: bool = True,
) -> Doubles:
    """Fit in one of `FORMS` and predict.

    The size of the picture does not matter to any form, so no pixels are needed.

    Args:
        form: Which.
        found: ``(N, K, 2)`` landmarks in -1..1 to fit on.
        labelled: ``(N, P, 2)`` points in -1..1; NaN where one is not labelled.
        others: ``(M, K, 2)`` landmarks to predict from.
        places: Whether what was found are places; the numbers of a fully connected bottleneck are
            none, have no corner to count from, and are taken as they are.

    Returns:
        ``(M, P, 2)`` in -1..1. A point that no picture has is put in the middle.
    """
    known = np.isfinite(labelled).all(axis=2)
    if known.all():
        return _regress(form, found, labelled, others, places)
    answer = np.zeros((len(others), labelled.shape[1], 2))
    patterns, group = np.unique(known, axis=1, return_inverse=True)
    for number, pattern in enumerate(patterns.T):
        if pattern.any():
            points = np.flatnonzero(group.ravel() == number)
            part = labelled[pattern][:, points]
            answer[:, points] = _regress(form, found[pattern], part, others, places)
    return answer


def _regress(
    form: str, found: Floats | Doubles, labelled: Doubles, others: Floats | Doubles, places: bool
) -> Doubles:
    if form == "ridge":
        return apply_linear(fit_ridge(found, labelled), others)
    if form == "corner":
        shift = 1.0 if places else 0.0
        weights = fit_linear(found + shift, labelled + 1.0, bias=False)
        return apply_linear(weights, others + shift) - 1.0
    return apply_linear(fit_linear(found, labelled, bias=form == "bias"), others)


def _solve(columns: Doubles, points: Doubles) -> Doubles:
    return np.asarray(np.linalg.lstsq(columns, points, rcond=None)[0], np.float64)
