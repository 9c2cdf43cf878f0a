"""Pixels to normalised units and back, through crops."""

from __future__ import annotations

import numpy as np
import pytest

from limner_engine.coordinates import (
    crop_matrix,
    crop_to_frame,
    cut,
    frame_to_crop,
    norm_to_pixel,
    paste,
    pixel_to_norm,
)
from limner_engine.types import Crop

CROPS = [Crop(100.0, 60.0, 80.0), Crop(31.5, 77.25, 51.0, 0.4), Crop(10.0, 10.0, 200.0, -2.0)]


def _smooth_frame(height: int = 160, width: int = 200) -> np.ndarray:
    y, x = np.mgrid[0:height, 0:width]
    channels = [
        128 + 100 * np.sin(x / 17),
        128 + 100 * np.cos(y / 13),
        128 + 60 * np.sin((x + y) / 23),
    ]
    return np.stack(channels, -1).astype(np.uint8)


def test_edges_of_the_picture_are_minus_one_and_one() -> None:
    ends = np.array([[-0.5, 127.5]])
    assert pixel_to_norm(ends, 128).tolist() == [[-1.0, 1.0]]


def test_first_pixel_centre_follows_the_written_formula() -> None:
    assert pixel_to_norm(np.array([0.0, 3.0]), 4).tolist() == [-0.75, 0.75]


@pytest.mark.parametrize("size", [1, 16, 101])
def test_norm_and_pixel_are_inverse(size: int) -> None:
    points = np.random.default_rng(0).uniform(-5, size + 5, (50, 2))
    np.testing.assert_allclose(norm_to_pixel(pixel_to_norm(points, size), size), points, atol=1e-3)


@pytest.mark.parametrize("crop", CROPS)
def test_crop_and_frame_are_inverse(crop: Crop) -> None:
    points = np.random.default_rng(1).uniform(0, 200, (50, 2))
    np.testing.assert_allclose(crop_to_frame(frame_to_crop(points, crop), crop), points, atol=1e-3)


def test_nan_stays_nan() -> None:
    missing = np.full((2, 2), np.nan)
    assert np.isnan(crop_to_frame(missing, CROPS[1])).all()
    assert np.isnan(frame_to_crop(missing, CROPS[1])).all()


def test_whole_crop_of_a_square_frame_is_the_frame_itself() -> None:
    crop = Crop.whole(64, 64)
    points = np.array([[0.0, 0.0], [63.0, 63.0], [12.0, 40.0]])
    np.testing.assert_allclose(frame_to_crop(points, crop), pixel_to_norm(points, 64), atol=1e-6)
    frame = _smooth_frame(64, 64)
    assert np.array_equal(cut(frame, crop, 64), frame)


@pytest.mark.parametrize("crop", CROPS)
def test_matrix_agrees_with_crop_to_frame(crop: Crop) -> None:
    cut_points = np.random.default_rng(2).uniform(0, 64, (20, 2))
    by_matrix = np.c_[cut_points, np.ones(20)] @ crop_matrix(crop, 64).T
    by_norm = crop_to_frame(pixel_to_norm(cut_points, 64), crop)
    np.testing.assert_allclose(by_matrix, by_norm, atol=1e-3)


@pytest.mark.parametrize("crop", [Crop(100.0, 80.0, 64.0), Crop(96.0, 70.0, 90.0, 0.5)])
def test_cut_shows_what_lies_at_the_mapped_place(crop: Crop) -> None:
    frame, size = _smooth_frame(), 48
    picture = cut(frame, crop, size).astype(float)
    for x, y in [(5, 7), (24, 24), (40, 11)]:
        fx, fy = crop_to_frame(pixel_to_norm(np.array([[x, y]]), size), crop)[0]
        around = frame[round(fy) - 1 : round(fy) + 2, round(fx) - 1 : round(fx) + 2]
        np.testing.assert_allclose(picture[y, x], around.mean((0, 1)), atol=8)


def test_shrinking_averages_instead_of_dropping_pixels() -> None:
    stripes = np.zeros((256, 256, 3), np.uint8)
    stripes[:, ::2] = 255
    picture = cut(stripes, Crop.whole(256, 256), 32)
    assert abs(float(picture.mean()) - 127.5) < 2
    assert picture.std() < 3


def test_outside_the_frame_the_edge_goes_on() -> None:
    frame = np.full((40, 40, 3), 200, np.uint8)
    assert cut(frame, Crop(0.0, 0.0, 80.0), 32).min() == 200


@pytest.mark.parametrize("angle", [0.0, 0.6])
def test_pasting_a_cut_back_gives_nearly_the_frame(angle: float) -> None:
    frame = _smooth_frame()
    crop = Crop(100.0, 80.0, 96.0, angle)
    back = paste(frame, cut(frame, crop, 96), crop, feather_px=6)
    assert np.abs(back.astype(int) - frame.astype(int)).max() <= 6
    assert back is not frame


def test_paste_leaves_what_is_outside_the_crop_alone() -> None:
    frame = _smooth_frame()
    crop = Crop(100.0, 80.0, 40.0)
    back = paste(frame, np.zeros((32, 32, 3), np.uint8), crop)
    assert np.array_equal(back[:, :70], frame[:, :70])
    assert back[80, 100].tolist() == [0, 0, 0]


def test_a_crop_needs_a_side() -> None:
    with pytest.raises(ValueError, match="above 0"):
        Crop(1.0, 1.0, 0.0)
