"""The drawn hands: what is drawn moves as it is said to."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from drawn_hands import PARTS, DrawnHands, draw_hands
from limner_training.data.frames import packed_size


@pytest.fixture(scope="module")
def drawn() -> DrawnHands:
    return draw_hands(2, 20, 64, 0)


def test_pictures_have_the_size_that_learning_takes(drawn: DrawnHands) -> None:
    assert drawn.pixels.shape == (40, packed_size(64), packed_size(64), 3)
    assert drawn.crops(np.arange(3)).shape == (3, 64, 64, 3)
    assert drawn.frame_set().names == ("hands 0", "hands 1")


def test_the_source_moved_by_the_flow_is_the_target(drawn: DrawnHands) -> None:
    for video in (0, 20):
        source, target = video + 1, video + 18
        flow, parts = drawn.flow(source, target, 64)
        assert set(np.unique(parts)) == set(range(len(PARTS) + 1))
        x, y = np.meshgrid(np.arange(64), np.arange(64))
        places = np.stack([x, y], -1) + flow * 32
        first, second = drawn.crops(np.array([source, target]))
        moved = cv2.remap(
            first, places.astype(np.float32), np.empty(0, np.float32), cv2.INTER_LINEAR
        )
        inside = cv2.erode((parts > 0).astype(np.uint8), np.ones((3, 3))) > 0
        unlike = np.abs(moved.astype(int) - second)[inside].mean()
        still = np.abs(first.astype(int) - second)[inside].mean()
        assert unlike < 0.4 * still
        assert np.linalg.norm(flow[parts > 0], axis=-1).mean() > 0.1


def test_a_frame_is_at_rest_with_itself(drawn: DrawnHands) -> None:
    flow, parts = drawn.flow(5, 5, 32)
    np.testing.assert_allclose(flow, 0, atol=1e-6)
    assert (parts > 0).sum() > 50


def test_the_same_seed_draws_the_same(drawn: DrawnHands) -> None:
    again = draw_hands(1, 3, 64, 0)
    np.testing.assert_array_equal(again.pixels.shape[1:], drawn.pixels.shape[1:])
    np.testing.assert_array_equal(again.pixels, draw_hands(1, 3, 64, 0).pixels)
    assert (again.pixels != draw_hands(1, 3, 64, 1).pixels).any()
