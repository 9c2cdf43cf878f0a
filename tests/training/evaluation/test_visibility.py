"""Telling visible points from landmarks and confidences."""

from __future__ import annotations

import numpy as np

from limner_training.evaluation.visibility import visibility_areas


def test_areas_of_points_that_come_and_go() -> None:
    rng = np.random.default_rng(1)
    count = 100
    found = rng.uniform(-1, 1, (count, 2, 2)).astype(np.float32)
    confidence = rng.uniform(0, 1, (count, 2)).astype(np.float32)
    visible = np.ones((count, 4))
    visible[:, 0] = confidence[:, 1] > 0.4  # the model says it
    visible[:, 1] = rng.random(count) > 0.5  # nothing says it
    visible[80:90, 2] = 0  # hidden in the test pictures only, so that it is guessed
    visible[::7, 0] = np.nan
    train, test = np.arange(80), np.arange(80, count)
    areas = visibility_areas(found, confidence, visible, train, test, ("a", "b", "c", "d"))
    assert list(areas) == ["a", "b", "c"]  # the last is always visible
    assert areas["a"] > 0.95
    assert 0.1 < areas["b"] < 0.9
    assert areas["c"] == 0.5
    unnamed = visibility_areas(found, confidence, visible, train, test)
    assert list(unnamed) == ["point 1", "point 2", "point 3"]
