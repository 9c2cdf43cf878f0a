"""One-to-one matching against trying everything."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from limner_engine.errors import ModelError
from limner_training.evaluation.assignment import assign, match


def test_by_hand() -> None:
    # Greedy takes 1 and then has to take 9: 10. Better is 2 + 3.
    assert assign(np.array([[1.0, 2.0], [3.0, 9.0]])).tolist() == [1, 0]
    assert assign(np.array([[4.0, 1.0, 3.0]])).tolist() == [1]
    assert assign(np.empty((0, 3))).tolist() == []


@pytest.mark.parametrize("seed", range(40))
def test_never_dearer_than_any_other(seed: int) -> None:
    rng = np.random.default_rng(seed)
    rows = int(rng.integers(1, 6))
    columns = rows + int(rng.integers(0, 3))
    costs = rng.integers(-3, 9, (rows, columns)).astype(np.float64)  # whole numbers: many ties
    found = assign(costs)
    assert len(set(found.tolist())) == rows
    least = min(
        costs[np.arange(rows), list(order)].sum()
        for order in itertools.permutations(range(columns), rows)
    )
    assert costs[np.arange(rows), found].sum() == pytest.approx(least)


def test_what_cannot_be_matched() -> None:
    with pytest.raises(ValueError, match="3 rows"):
        assign(np.zeros((3, 2)))
    with pytest.raises(ValueError, match="matched"):
        assign(np.array([[np.nan, 1.0]]))


def test_landmarks_are_matched_over_all_pictures() -> None:
    rng = np.random.default_rng(0)
    found = rng.uniform(-1, 1, (30, 6, 2))
    labelled = found[:, [4, 0, 3]] + rng.normal(0, 0.05, (30, 3, 2))
    assert match(found, labelled).tolist() == [4, 0, 3]
    with pytest.raises(ModelError, match="2 landmarks"):
        match(found[:, :2], labelled)
