"""The cheapest one-to-one matching (the Hungarian method, by shortest augmenting paths)."""

from __future__ import annotations

import numpy as np

from limner_engine.errors import ModelError
from limner_training.data.datasets.labelled import Doubles, Indices
from limner_training.evaluation.measures import distances, labelled_points


def assign(costs: Doubles) -> Indices:
    """A column for each row, no column twice, with the least sum of costs.

    Rows are added one by one. Each looks for the cheapest chain of changes that ends in a free
    column, in costs reduced by a price of every row and column, so that no reduced cost is below
    zero and the search is Dijkstra's. The work grows as ``rows^2 * columns``.

    Args:
        costs: ``(R, C)`` finite, with ``R <= C``.

    Returns:
        ``(R,)`` columns.

    Raises:
        ValueError: There are more rows than columns, or a cost is not finite.
    """
    rows, columns = costs.shape
    if rows > columns or not np.isfinite(costs).all():
        raise ValueError(f"costs of {rows} rows and {columns} columns cannot be matched")
    row_price, column_price = np.zeros(rows), np.zeros(columns)
    owner = np.full(columns, -1)
    for fresh in range(rows):
        least = np.full(columns, np.inf)  # reduced cost of the cheapest chain to each column
        before = np.full(columns, -1)  # the column before it in that chain
        done = np.zeros(columns, bool)
        row, at, spent = fresh, -1, 0.0
        while True:
            reach = spent + costs[row] - row_price[row] - column_price
            nearer = ~done & (reach < least)
            least[nearer], before[nearer] = reach[nearer], at
            at = int(np.argmin(np.where(done, np.inf, least)))
            spent = float(least[at])
            done[at] = True
            if owner[at] < 0:
                break
            row = int(owner[at])
        # Keep reduced costs of the chain at zero and of all others at zero or above.
        gain = spent - least[done]
        owned = owner[done]
        row_price[owned[owned >= 0]] += gain[owned >= 0]
        row_price[fresh] += spent
        column_price[done] -= gain
        while at >= 0:
            previous = int(before[at])
            owner[at] = owner[previous] if previous >= 0 else fresh
            at = previous
    matched = np.empty(rows, np.int64)
    for column, row in enumerate(owner):
        if row >= 0:
            matched[row] = column
    return matched


def match(found: Doubles, labelled: Doubles) -> Indices:
    """Which landmark stands for each labelled point: the least mean distance in sum.

    Args:
        found: ``(N, K, 2)``.
        labelled: ``(N, P, 2)``, in the same units; NaN where missing. A point that is missing
            everywhere gets whichever landmark is left.

    Returns:
        ``(P,)`` landmarks, none twice.

    Raises:
        ModelError: There are fewer landmarks than points.
    """
    check_count(found.shape[1], labelled.shape[1])
    known = labelled_points(labelled)
    means = np.zeros((labelled.shape[1], found.shape[1]))
    for point in range(labelled.shape[1]):
        has = known[:, point]
        if has.any():
            means[point] = distances(found[has], labelled[has, point : point + 1]).mean(axis=0)
    return assign(means)


def check_count(landmarks: int, points: int) -> None:
    """Refuse to match fewer landmarks than points.

    Raises:
        ModelError: There are fewer.
    """
    if landmarks < points:
        raise ModelError(
            f"The model has {landmarks} landmarks, but {points} points are labelled.",
            "Leave out --match, or learn more landmarks.",
        )
