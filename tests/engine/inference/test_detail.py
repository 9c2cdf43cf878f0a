from __future__ import annotations

import cv2
import numpy as np
import pytest

from limner_engine.coordinates import paste
from limner_engine.inference.detail import Detail, changed, cut_source, lay_over
from limner_engine.types import Crop

SIDE, SIZE = 256, 64
POINTS = np.array([[-0.3, -0.3], [0.3, -0.3], [0.0, 0.0], [-0.3, 0.3], [0.3, 0.3]], np.float32)


def drawn(dx: int = 0, dy: int = 0) -> np.ndarray:
    """A dark disc with a fine grid on it, before a plain wall."""
    picture = np.full((SIDE, SIDE, 3), 150, np.uint8)
    cv2.circle(picture, (128 + dx, 128 + dy), 80, (60, 40, 30), -1)
    for offset in range(-48, 49, 12):
        x, y = 128 + dx + offset, 128 + dy + offset
        cv2.line(picture, (x, 80 + dy), (x, 176 + dy), (240, 220, 90), 1)
        cv2.line(picture, (80 + dx, y), (176 + dx, y), (240, 220, 90), 1)
    return picture


def soft(picture: np.ndarray) -> np.ndarray:
    """What a small network would draw."""
    small = cv2.resize(picture, (SIZE, SIZE), interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.GaussianBlur(small, (0, 0), 1.5))


def sharpness(picture: np.ndarray) -> float:
    return float(cv2.Laplacian(picture[96:160, 96:160].astype(np.float32), cv2.CV_32F).var())


def test_without_an_edit_it_is_the_source() -> None:
    detail = Detail(drawn(), POINTS, soft(drawn()))
    made = detail.apply(POINTS.copy(), soft(drawn()))
    np.testing.assert_array_equal(made, drawn())
    points = POINTS.copy()
    points[2] = np.nan
    made = Detail(drawn(), points, soft(drawn())).apply(points.copy(), soft(drawn()))
    np.testing.assert_array_equal(made, drawn())


def test_what_moves_is_carried_with_its_fine_lines() -> None:
    dx, dy = 16, -8
    wanted = POINTS + np.float32([2 * dx / SIDE, 2 * dy / SIDE])
    detail = Detail(drawn(), POINTS, soft(drawn()))
    made, true = detail.apply(wanted, soft(drawn(dx, dy))), drawn(dx, dy)
    flow, _ = cv2.phaseCorrelate(
        drawn()[64:192, 64:192, 0].astype(np.float64), made[64:192, 64:192, 0].astype(np.float64)
    )
    np.testing.assert_allclose(flow, [dx, dy], atol=1.0)
    assert sharpness(made) > 0.6 * sharpness(true)
    assert sharpness(cv2.resize(soft(true), (SIDE, SIDE))) < 0.05 * sharpness(true)
    # Nothing stays behind where the disc was, and nothing happens at the border.
    assert np.abs(made.astype(int) - true).mean() < 0.4 * np.abs(drawn().astype(int) - true).mean()
    for edge in (np.s_[:2], np.s_[-2:], np.s_[:, :2], np.s_[:, -2:]):
        np.testing.assert_array_equal(made[edge], drawn()[edge])


def test_a_landmark_dragged_alone_is_obeyed_though_the_network_draws_nothing_new() -> None:
    spotted = drawn()
    cv2.circle(spotted, (128, 128), 5, (255, 0, 0), -1)
    wanted = POINTS.copy()
    dx, dy = 20, -12
    wanted[2] += np.float32([2 * dx / SIDE, 2 * dy / SIDE])
    made = Detail(spotted, POINTS, soft(spotted)).apply(wanted, soft(spotted))
    redder = made[..., 0].astype(int) - made[..., 1]
    y, x = np.nonzero(redder > 100)
    np.testing.assert_allclose([x.mean(), y.mean()], [128 + dx, 128 + dy], atol=4)  # 2 px of 128
    # It stays as sharp as it was, and what is far from the hand is not touched.
    assert sharpness(made) > 0.6 * sharpness(spotted)
    np.testing.assert_array_equal(made[200:], spotted[200:])
    np.testing.assert_array_equal(made[:, :40], spotted[:, :40])


def test_what_was_not_there_is_the_network_s() -> None:
    other = drawn()
    cv2.circle(other, (128, 128), 30, (250, 20, 20), -1)
    wanted = POINTS.copy()
    wanted[2] += 0.05
    made = Detail(drawn(), POINTS, soft(drawn())).apply(wanted, soft(other))
    middle = made[118:138, 118:138].reshape(-1, 3).mean(axis=0)
    np.testing.assert_allclose(middle, [250, 20, 20], atol=30)
    # And only there.
    np.testing.assert_array_equal(made[:30], drawn()[:30])


@pytest.mark.parametrize("far", [np.nan, 5.0, -1e6, np.inf])
def test_a_landmark_may_be_anywhere_or_nowhere(far: float) -> None:
    wanted = POINTS.copy()
    wanted[1] = far
    detail = Detail(drawn(), POINTS, soft(drawn()))
    made = detail.apply(wanted, soft(drawn(6, 0)))
    assert made.shape == (SIDE, SIDE, 3)
    assert made.dtype == np.uint8
    assert np.abs(made.astype(int) - drawn(6, 0)).mean() < 12


def test_the_source_has_the_video_s_resolution_within_limits() -> None:
    frame = drawn()
    assert cut_source(frame, Crop(100, 100, 90.4), 64).shape == (90, 90, 3)
    assert cut_source(frame, Crop(100, 100, 30), 64).shape == (64, 64, 3)
    assert cut_source(frame, Crop(100, 100, 2000), 64).shape == (512, 512, 3)
    np.testing.assert_array_equal(cut_source(frame, Crop(127.5, 127.5, 256), 64), frame)


@pytest.mark.parametrize("crop", [Crop(120.3, 131.7, 160.6), Crop(128, 128, 200.0, 0.3)])
def test_only_what_changed_is_put_into_the_frame(crop: Crop) -> None:
    frame = drawn()
    source = cut_source(frame, crop, 64)
    np.testing.assert_array_equal(lay_over(frame, source, crop), frame)
    other = source.copy()
    middle = slice(len(source) // 2 - 5, len(source) // 2 + 5)
    other[middle, middle] = (255, 0, 0)
    laid = lay_over(frame, other, crop)
    assert (laid[128, 128] != frame[128, 128]).any()
    assert 0 < (laid != frame).any(axis=-1).mean() < 0.05
    weight = changed(frame, other, crop)
    assert weight[middle, middle].min() == 1
    assert weight[:10].max() == 0


def test_a_wholly_new_picture_covers_its_crop_like_any_other() -> None:
    frame, crop = drawn(), Crop(128, 128, 100)
    new = np.full((64, 64, 3), (10, 250, 10), np.uint8)
    np.testing.assert_array_equal(lay_over(frame, new, crop), paste(frame, new, crop, 4.0))
