"""Lines between landmarks and the shape of poses."""

from __future__ import annotations

import numpy as np
import pytest

from limner_engine.naming.shape import FINEST, fit_lines


def _related(count: int = 15) -> np.ndarray:
    """Landmark 1 follows 0 along x at half the pace; along y, and landmark 2, nothing follows."""
    rng = np.random.default_rng(1)
    points = rng.uniform(-0.8, 0.8, (count, 3, 2))
    points[:, 1, 0] = 0.5 * points[:, 0, 0] + 0.1
    return points


def test_the_line_between_two_landmarks_is_found() -> None:
    lines = fit_lines(_related(), 1)
    assert lines.neighbour[:, 0].tolist() == [1, 0, 2]
    assert lines.slope[1, 0, 0] == pytest.approx(0.5, abs=0.01)
    assert lines.offset[1, 0, 0] == pytest.approx(0.1, abs=0.01)
    assert lines.spread[1, 0, 0] == pytest.approx(FINEST, rel=0.05)
    assert lines.spread[1, 0, 1] > 0.3
    assert lines.spread[2, 0].tolist() == [0, 0]


def test_deviations_are_those_of_frames_left_out() -> None:
    points = _related(8)
    lines = fit_lines(points, 1)
    x, y = points[:, 0, 1], points[:, 1, 1]
    left_out = []
    for frame in range(len(points)):
        rest = np.arange(len(points)) != frame
        columns = np.stack([x[rest], np.ones(rest.sum())], 1)
        ridge = np.diag([len(points) * FINEST**2, 0.0])
        slope, offset = np.linalg.solve(columns.T @ columns + ridge, columns.T @ y[rest])
        left_out.append(y[frame] - slope * x[frame] - offset)
    wanted = np.sqrt(np.mean(np.square(left_out)) + FINEST**2)
    assert lines.spread[1, 0, 1] == pytest.approx(wanted, rel=1e-6)


def test_missing_points_are_left_out_of_lines() -> None:
    points = _related()
    whole = fit_lines(points[3:], 1)
    points[:3, 0] = np.nan
    part = fit_lines(points, 1)
    assert part.slope[1, 0] == pytest.approx(whole.slope[1, 0], abs=1e-5)
    assert part.spread[1, 0] == pytest.approx(whole.spread[1, 0], abs=1e-5)


def test_two_frames_tell_nothing() -> None:
    assert not fit_lines(_related(2), 2).spread.any()
