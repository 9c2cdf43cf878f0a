"""Colours of displacements."""

from __future__ import annotations

import numpy as np

from limner_engine.flow_colours import flow_colours


def test_rest_is_white_and_directions_have_their_colours() -> None:
    flow = np.array([[[0, 0], [2, 0], [-2, 0], [1, 0]]], np.float32)
    drawn = flow_colours(flow, 2.0)
    assert drawn.shape == (1, 4, 3)
    assert drawn.dtype == np.uint8
    assert drawn[0].tolist()[:3] == [[255, 255, 255], [255, 0, 0], [0, 255, 255]]
    np.testing.assert_allclose(drawn[0, 3], [255, 128, 128], atol=1)


def test_further_than_the_most_is_full() -> None:
    far = flow_colours(np.full((2, 2, 2), 9, np.float32), 1.0)
    np.testing.assert_array_equal(far, flow_colours(np.full((2, 2, 2), 1, np.float32), 1.0))
