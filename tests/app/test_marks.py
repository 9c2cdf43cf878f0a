"""Which frames are marked, on arrays."""

from __future__ import annotations

import numpy as np

from limner_app.marks import column_minimum, neighbour


def test_columns_take_the_lowest_of_their_frames() -> None:
    values = np.array([0.9, 0.2, 0.8, np.nan, np.nan, np.nan], np.float32)
    found = column_minimum(values, 3)
    np.testing.assert_allclose(found[:2], [0.2, 0.8])
    assert np.isnan(found[2])
    wide = column_minimum(np.array([0.5, 1.0], np.float32), 6)
    np.testing.assert_allclose(wide, [0.5, 0.5, 0.5, 1.0, 1.0, 1.0])
    assert np.isnan(column_minimum(np.zeros(0, np.float32), 4)).all()


def test_no_low_frame_is_lost_however_narrow_the_strip() -> None:
    values = np.ones(100_003, np.float32)
    values[77_777] = 0.1
    assert np.nanmin(column_minimum(values, 917)) == np.float32(0.1)


def test_neighbours() -> None:
    frames = np.array([3, 9, 12])
    assert neighbour(frames, 9, True) == 12
    assert neighbour(frames, 9, False) == 3
    assert neighbour(frames, 12, True) is None
    assert neighbour(np.zeros(0, np.int64), 5, False) is None
