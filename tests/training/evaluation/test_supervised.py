"""The supervised baseline: its equations, and that it learns."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
import torch

from limner_engine.types import Image
from limner_training.data.datasets.labelled import Doubles
from limner_training.evaluation.supervised import (
    Fitting,
    SupervisedConfig,
    SupervisedUNet,
    augmented,
    heat_maps,
    learn_supervised,
    read_peaks,
)


@pytest.fixture(autouse=True)
def _one_thread() -> None:
    torch.set_num_threads(1)


def _dots(count: int, seed: int, side: int = 48) -> tuple[list[Image], Doubles]:
    """A red and a green dot on grey."""
    rng = np.random.default_rng(seed)
    points = rng.uniform(8, side - 8, (count, 2, 2))
    frames = []
    for pair in points:
        frame = np.full((side, side, 3), 90, np.uint8)
        for (x, y), colour in zip(pair, ((255, 0, 0), (0, 255, 0)), strict=True):
            cv2.circle(frame, (round(x * 16), round(y * 16)), 64, colour, -1, cv2.LINE_AA, 4)
        frames.append(frame)
    return frames, points


def test_sizes_are_those_of_the_single_instance_default() -> None:
    network = SupervisedUNet(17)
    assert network(torch.zeros(1, 3, 48, 64)).shape == (1, 17, 24, 32)
    widths = [block[0].out_channels for block in network.down]  # type: ignore[index]
    assert widths == [16, 32, 64, 128]
    deepest: list[tuple[int, ...]] = []
    network.middle.register_forward_hook(lambda *told: deepest.append(tuple(told[2].shape)))
    network(torch.zeros(1, 3, 48, 64))
    assert deepest == [(1, 256, 3, 4)]


def test_heat_maps_are_gaussians_and_missing_points_are_nothing() -> None:
    maps = heat_maps(np.array([[[10.0, 6.0], [np.nan, np.nan]]]), 32, 16, 5.0)
    assert maps.shape == (1, 2, 8, 16)
    assert float(maps[0, 0, 3, 5]) == pytest.approx(1.0)
    assert float(maps[0, 0, 3, 5 + 2]) == pytest.approx(np.exp(-(4**2) / 50))
    assert float(maps[0, 0, 1, 5]) == pytest.approx(np.exp(-(4**2) / 50))
    assert not maps[0, 1].any()


def test_peaks_are_read_between_cells() -> None:
    points = np.array([[[21.3, 14.6], [40.0, 31.1]]])
    found = read_peaks(heat_maps(points, 64, 48, 3.0))
    # Half a cell and more without refining; five cells cut the tails of a wide Gaussian off.
    assert np.abs(found - points).max() < 0.45
    # At the border the cells that are not there weigh nothing.
    assert np.isfinite(read_peaks(heat_maps(np.array([[[0.0, 0.0]]]), 64, 48, 3.0))).all()


def test_points_go_with_their_frame() -> None:
    rng = np.random.default_rng(3)
    config = SupervisedConfig(turn_deg=180.0)
    frames, points = _dots(1, 4)
    turned, moved = augmented(frames[0], points[0], config, rng)
    for (x, y), channel in zip(moved, (0, 1), strict=True):
        if 4 < x < 43 and 4 < y < 43:
            others = turned[..., 1 - channel].astype(int)
            strong = np.argwhere((turned[..., channel] > 200) & (others < 60))
            assert np.abs(strong.mean(axis=0)[::-1] - (x, y)).max() < 0.7
    still = SupervisedConfig(turn_deg=0.0, smallest_scale=1.0, largest_scale=1.0)
    same, kept = augmented(frames[0], points[0], still, rng)
    np.testing.assert_array_equal(same, frames[0])
    np.testing.assert_allclose(kept, points[0])


def test_frames_of_all_sizes_come_to_one_and_back() -> None:
    fitting = Fitting([(100, 60), (50, 40)], max_side_px=80)
    assert (fitting.width, fitting.height) == (80, 48)
    assert fitting.padded == (80, 48)
    small = np.full((40, 50, 3), 200, np.uint8)
    assert fitting.scale(small) == pytest.approx(1.2)
    seen = fitting.fit(small)
    assert seen.shape == (48, 80, 3)
    assert (seen[:48, :60] == 200).all()
    assert not seen[:, 60:].any()
    points = np.array([[3.0, 4.0], [49.0, 39.0]])
    np.testing.assert_allclose(fitting.back(fitting.points(points, small), small), points)
    # The outer edge of a frame stays its outer edge.
    np.testing.assert_allclose(fitting.points(np.array([[-0.5, -0.5]]), small), [[-0.5, -0.5]])


def test_it_learns_where_the_dots_are() -> None:
    frames, points = _dots(8, 1, side=32)
    points[3, 1] = np.nan
    others, truth = _dots(6, 2, side=32)
    config = SupervisedConfig(steps=40, learning_rate=2e-3, sigma_px=3.0)
    told: list[float] = []

    def progress(share: float) -> bool:
        told.append(share)
        return True

    learned = learn_supervised(frames, points, [(32, 32)], config, progress)
    assert learned.steps == 40
    assert told[-1] == 1.0
    found = np.stack([learned.predict(frame) for frame in others])
    errors = np.linalg.norm(found - truth, axis=2)
    guess = np.linalg.norm(np.nanmean(points, axis=0) - truth, axis=2)
    # The red dot is learned first; the green one takes more steps than a test has.
    assert np.median(errors[:, 0]) < 0.4 * np.median(guess[:, 0])


@pytest.mark.parametrize("keep", ["best", "last"])
def test_the_same_seed_learns_the_same(keep: str) -> None:
    frames, points = _dots(3, 1, side=32)
    config = SupervisedConfig(steps=2, keep=keep)
    pair = [learn_supervised(frames, points, [(32, 32)], config) for _ in range(2)]
    np.testing.assert_array_equal(pair[0].predict(frames[0]), pair[1].predict(frames[0]))


def test_minutes_end_it_and_so_does_the_caller() -> None:
    frames, points = _dots(2, 1)
    timed = learn_supervised(frames, points, [], SupervisedConfig(minutes=0.002))
    assert timed.steps >= 1
    assert 0.1 < timed.seconds < 5
    ended = learn_supervised(frames, points, [], SupervisedConfig(), lambda _: False)
    assert ended.steps == 1
    with pytest.raises(ValueError, match="best or last"):
        SupervisedConfig(keep="worst")
