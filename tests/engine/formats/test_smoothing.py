from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from limner_engine.formats import LandmarkTable, Smoothing, fill_gaps, smooth

EVERY = [
    Smoothing("savgol", 7),
    Smoothing("gaussian", 7),
    Smoothing("savgol", 0, 0.3),
    Smoothing("gaussian", 0, 0.3),
]


def _table(points: NDArray[np.float64], times: NDArray[np.float64] | None = None) -> LandmarkTable:
    n, k = points.shape[:2]
    there = np.isfinite(points).all(axis=2)
    return LandmarkTable(
        "v",
        "s",
        tuple(f"p{i}" for i in range(k)),
        np.arange(n),
        np.arange(n) / 25 if times is None else times,
        points,
        np.where(there, 0.9, np.nan),
        np.full((n, k), np.nan),
        np.where(there, "model:m", "").astype(object),
    )


def _line(n: int, times: NDArray[np.float64] | None = None) -> NDArray[np.float64]:
    t = np.arange(n) / 25 if times is None else times
    return np.stack([3 + 40 * t, 100 - 7 * t], axis=-1)[:, None]


@pytest.mark.parametrize("how", EVERY)
def test_constant_and_linear_motion_stay(how: Smoothing) -> None:
    times = np.cumsum(np.random.default_rng(1).uniform(0.02, 0.06, 40))
    steady = np.full((40, 1, 2), [12.5, 80.25])
    np.testing.assert_allclose(smooth(_table(steady), how).points, steady, atol=1e-6)
    np.testing.assert_allclose(smooth(_table(_line(40)), how).points, _line(40), atol=2e-6)
    uneven = _line(40, times)
    np.testing.assert_allclose(smooth(_table(uneven, times), how).points, uneven, atol=2e-6)


@pytest.mark.parametrize("how", EVERY)
def test_noise_shrinks_and_is_marked(how: Smoothing) -> None:
    noise = np.random.default_rng(2).normal(0, 1, (400, 1, 2))
    table = _table(_line(400) + noise)
    made = smooth(table, how)
    assert np.std(made.points - _line(400)) < 0.75 * np.std(noise)
    assert set(made.source.ravel()) == {"smoothed:m"}
    assert set(table.source.ravel()) == {"model:m"}
    np.testing.assert_array_equal(table.points, _line(400) + noise)


def test_savgol_is_the_textbook_filter() -> None:
    points = np.random.default_rng(3).normal(0, 5, (30, 1, 2))
    made = smooth(_table(points), Smoothing("savgol", 5)).points
    weights = np.array([-3, 12, 17, 12, -3]) / 35
    wanted = np.convolve(points[:, 0, 0], weights, "valid")
    np.testing.assert_allclose(made[2:-2, 0, 0], wanted, atol=2e-6)


def test_what_a_person_placed_stays_to_the_bit() -> None:
    table = _table(_line(40) + np.random.default_rng(4).normal(0, 2, (40, 1, 2)))
    table.source[10, 0] = "person:Ada"
    made = smooth(table, Smoothing("gaussian", 9))
    np.testing.assert_array_equal(made.points[10], table.points[10])
    assert made.source[10, 0] == "person:Ada"
    assert (made.points[11] != table.points[11]).all()


def test_a_window_never_reaches_over_missing_frames() -> None:
    points = np.zeros((40, 1, 2))
    points[20:] = 100
    points[20] = np.nan
    made = smooth(_table(points), Smoothing("savgol", 11)).points
    np.testing.assert_allclose(made[:20], 0, atol=1e-9)
    np.testing.assert_allclose(made[21:], 100, atol=1e-6)
    assert np.isnan(made[20]).all()


def test_runs_too_short_for_a_fit_stay() -> None:
    points = np.full((9, 1, 2), np.nan)
    points[2:5] = [[[0, 0]], [[9, 1]], [[0, 4]]]
    table = _table(points)
    made = smooth(table, Smoothing("savgol", 7))
    np.testing.assert_array_equal(made.points, points)
    assert made.source[3, 0] == "model:m"


def test_windows_that_make_no_sense_are_bugs() -> None:
    for frames, seconds in ((6, 0.0), (3, 0.0), (0, 0.0), (7, 0.2)):
        with pytest.raises(ValueError, match="window"):
            Smoothing("savgol", frames, seconds)
    timeless = _table(_line(9), np.full(9, np.nan))
    with pytest.raises(ValueError, match="times"):
        smooth(timeless, Smoothing("savgol", 0, 0.2))
    assert np.isfinite(smooth(timeless, Smoothing("savgol", 5)).points).all()


def test_short_gaps_are_filled_on_the_line_and_long_ones_left() -> None:
    points = _line(40)
    points[5:8] = np.nan
    points[20:25] = np.nan
    points[:2] = np.nan
    points[38:] = np.nan
    made = fill_gaps(_table(points), 3)
    np.testing.assert_allclose(made.points[5:8], _line(40)[5:8], atol=1e-6)
    assert made.source[5:8, 0].tolist() == ["filled"] * 3
    assert np.isnan(made.confidence[5:8]).all()
    for gap in (slice(20, 25), slice(0, 2), slice(38, 40)):
        assert np.isnan(made.points[gap]).all()
        assert set(made.source[gap, 0]) == {""}
    np.testing.assert_array_equal(fill_gaps(_table(points), 0).points, points)
    assert np.isfinite(fill_gaps(_table(points), 5).points[20:25]).all()


def test_gaps_are_walked_by_the_streams_own_times() -> None:
    times = np.array([0.0, 1.0, 1.1, 4.0])
    points = _line(4, times)
    points[1:3] = np.nan
    made = fill_gaps(_table(points, times), 2)
    np.testing.assert_allclose(made.points, _line(4, times), atol=1e-6)


def test_what_a_person_called_hidden_is_never_filled() -> None:
    points = _line(12)
    points[4:6] = np.nan
    table = _table(points)
    table.visible[5, 0] = 0
    table.source[5, 0] = "person:Ada"
    made = fill_gaps(table, 9)
    assert np.isnan(made.points[4:6]).all()
    assert made.source[5, 0] == "person:Ada"


def test_filled_places_are_smoothed_and_stay_marked_as_filled() -> None:
    points = _line(30) + np.random.default_rng(5).normal(0, 1, (30, 1, 2))
    points[10] = np.nan
    table = fill_gaps(_table(points), 2)
    made = smooth(table, Smoothing("savgol", 7))
    assert made.source[10, 0] == "filled"
    assert (made.points[10] != table.points[10]).any()
    assert "Gaps filled in 1 frame: 10" in made.report().sentence()
