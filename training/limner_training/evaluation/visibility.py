"""How well a model's landmarks tell which labelled points are visible.

Wiles et al. 2019 train a network of two layers on their embedding by binary cross-entropy and
report the area under the ROC curve of each point, averaged. Landmarks are few numbers, so that a
logistic regression does here, from the places of all landmarks and their confidences.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from limner_engine.types import Floats
from limner_training.data.datasets.labelled import Doubles, Indices
from limner_training.evaluation.measures import roc_area

RIDGE = 1.0
"""Penalty on half the squared weights, against the sum of cross-entropies over the pictures, with
columns of mean 0 and deviation 1. It makes the optimum finite where classes can be parted."""
STEPS = 50
ENOUGH = 1e-8
"""Largest slope, per picture, at which the optimum counts as reached."""


def visibility_areas(
    found: Floats,
    confidence: Floats,
    visible: Doubles,
    train: Indices,
    test: Indices,
    names: Sequence[str] = (),
) -> dict[str, float]:
    """Area under the ROC curve of every point, 0..1, 0.5 for guessing.

    Args:
        found: ``(N, K, 2)``.
        confidence: ``(N, K)``.
        visible: ``(N, P)``: 1 visible, 0 hidden, NaN unknown.
        train: Pictures to fit on.
        test: Pictures to judge by.
        names: Of the points; numbers if empty.

    Returns:
        By point; those that are always or never visible in the test pictures have no curve and are
        not there. One that never changes in training is guessed.
    """
    columns = np.concatenate([found.reshape(len(found), -1), confidence], axis=1)
    columns = columns.astype(np.float64)
    middle, spread = columns[train].mean(axis=0), columns[train].std(axis=0)
    columns = (columns - middle) / np.where(spread > 1e-9, spread, 1.0)
    areas: dict[str, float] = {}
    for point in range(visible.shape[1]):
        said = np.isfinite(visible[:, point])
        fitted, judged = train[said[train]], test[said[test]]
        score = np.zeros(len(judged))
        yes = visible[fitted, point] > 0
        if yes.any() and not yes.all():
            weights = fit_logistic(columns[fitted], yes)
            score = columns[judged] @ weights[:-1] + weights[-1]
        area = roc_area(score, visible[judged, point] > 0)
        if area == area:
            areas[names[point] if names else f"point {point + 1}"] = area
    return areas


def fit_logistic(columns: Doubles, yes: NDArray[np.bool_], ridge: float = RIDGE) -> Doubles:
    """Weights ``w`` and constant ``b`` that minimise cross-entropy plus ``ridge |w|^2 / 2``.

    Newton's method (iteratively reweighted least squares) in float64. A step that does not lower
    the loss is halved; the loss is convex, so that the optimum is the only one.

    Args:
        columns: ``(N, F)``, of about unit size.
        yes: ``(N,)``.
        ridge: Above 0; the constant is not penalised.

    Returns:
        ``(F + 1,)``, the constant last.
    """
    wide = np.column_stack([columns, np.ones(len(columns))])
    penalty = np.full(wide.shape[1], ridge)
    penalty[-1] = 0.0
    sign = np.where(yes, 1.0, -1.0)
    weights = np.zeros(wide.shape[1])

    def loss(at: Doubles) -> float:
        return float(np.logaddexp(0, -sign * (wide @ at)).sum() + (penalty * at**2).sum() / 2)

    now = loss(weights)
    for _ in range(STEPS):
        # The hyperbolic tangent does not overflow where the exponential would.
        chance = 0.5 + 0.5 * np.tanh(wide @ weights / 2)
        slope = wide.T @ (chance - yes) + penalty * weights
        if np.abs(slope).max() <= ENOUGH * len(wide):
            break
        bend = (wide * (chance * (1 - chance))[:, None]).T @ wide + np.diag(penalty)
        # Far out all chances are 0 or 1 and the constant has no bend of its own left.
        bend[-1, -1] += 1e-12
        step = np.linalg.solve(bend, slope)
        size = 1.0
        while (after := loss(weights - size * step)) > now and size > 1e-6:
            size /= 2
        if after >= now:
            break
        weights, now = weights - size * step, after
    return weights
