"""How well a model's landmarks tell which labelled points are visible.

Wiles et al. 2019 train a network of two layers on their embedding by binary cross-entropy and
report the area under the ROC curve of each point, averaged. Landmarks are few numbers, so that a
logistic regression does here, from the places of all landmarks and their confidences.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from limner_engine.naming.visibility import fit_logistic, roc_area
from limner_engine.types import Floats
from limner_training.data.datasets.labelled import Doubles, Indices


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
