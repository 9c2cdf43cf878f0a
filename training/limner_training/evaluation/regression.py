"""How much discovered landmarks say of labelled points (IMM, section 4).

A linear map from landmarks to points is fitted on some people and judged on others. The map of the
paper has no constant, and so it matters from where coordinates count: from the corner of the
picture, as in the paper, or from its middle. With a constant it does not matter.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from limner_engine.types import Floats

Doubles = NDArray[np.float64]

FORMS = ("corner", "middle", "bias")
"""``corner``: the paper's, from the top left corner, no constant. ``middle``: from the middle of
the picture, no constant. ``bias``: with a constant."""


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


def regress(
    form: str, found: Floats | Doubles, labelled: Doubles, others: Floats | Doubles
) -> Doubles:
    """Fit in one of `FORMS` and predict.

    The size of the picture does not matter to any form, so no pixels are needed.

    Args:
        form: Which.
        found: ``(N, K, 2)`` landmarks in -1..1 to fit on.
        labelled: ``(N, P, 2)`` points in -1..1, complete.
        others: ``(M, K, 2)`` landmarks to predict from.

    Returns:
        ``(M, P, 2)`` in -1..1.
    """
    if form == "corner":
        weights = fit_linear(found + 1.0, labelled + 1.0, bias=False)
        return apply_linear(weights, others + 1.0) - 1.0
    return apply_linear(fit_linear(found, labelled, bias=form == "bias"), others)


def _solve(columns: Doubles, points: Doubles) -> Doubles:
    return np.asarray(np.linalg.lstsq(columns, points, rcond=None)[0], np.float64)
