"""Skeletons drawn on small pictures."""

from __future__ import annotations

import numpy as np

from limner_engine.skeleton_drawing import LEFT, MIDDLE, RIGHT, draw_skeleton

_EDGES, _SIDES = ((0, 1), (2, 3), (1, 3)), ((0, 2), (1, 3))
_PIXELS = np.array([(16, 16), (16, 48), (48, 16), (48, 48)], np.float32)
_POSE = (2 * _PIXELS + 1) / 64 - 1


def test_each_side_has_its_colour_and_what_joins_them_has_none() -> None:
    picture = np.full((64, 64, 3), 128, np.uint8)
    draw_skeleton(picture, _POSE, _EDGES, _SIDES)
    for (row, column), colour in {(32, 16): LEFT, (32, 48): RIGHT, (48, 32): MIDDLE}.items():
        assert np.abs(picture[row, column].astype(int) - colour).max() < 40, (row, column)
    assert (picture[32, 32] == 128).all()


def test_without_pairs_there_are_no_sides() -> None:
    picture = np.full((64, 64, 3), 128, np.uint8)
    draw_skeleton(picture, _POSE, _EDGES)
    assert np.ptp(picture.astype(int), axis=2).max() == 0


def test_what_lies_far_outside_leaves_the_picture_as_it_is() -> None:
    picture = np.zeros((32, 32, 3), np.uint8)
    draw_skeleton(picture, np.array([(1e6, 1e6), (-1e6, 1e6)], np.float32), ((0, 1),))
    assert not picture.any()
