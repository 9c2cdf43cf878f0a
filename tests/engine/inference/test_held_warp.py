"""What is told of a warp whose every share is known, in the pixels of two videos."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from limner_engine.coordinates import crop_matrix
from limner_engine.errors import ModelError
from limner_engine.inference.held_warp import EncodedFrame, HeldWarp, likely_places
from limner_engine.models.class_embedding import ClassEmbedding, ClassEmbeddingConfig
from limner_engine.models.fabnet import FAbNet, FAbNetConfig
from limner_engine.models.warps import Level, Warp, cell_places
from limner_engine.types import Crop

SOURCE = Crop(100.0, 60.0, 80.0, 0.3)
TARGET = Crop(40.5, 30.0, 64.0, -0.2)
SIDE = 16
TARGET_CELL = (5, 2)  # column, row
SOURCE_CELL = (1, 12)


@pytest.fixture(autouse=True, scope="module")
def _one_thread() -> None:
    """On a busy computer two threads wait for each other at every small layer."""
    torch.set_num_threads(1)


def encoded(crop: Crop, seed: int) -> EncodedFrame:
    torch.manual_seed(seed)
    return EncodedFrame(crop, torch.rand(1, 3, SIDE, SIDE), torch.zeros(1, 4))


def dense_warp(*, doubled: bool = False) -> HeldWarp:
    """The identity, but for one cell; where ``doubled``, two places share that cell, 3 to 1."""
    config = ClassEmbeddingConfig(
        image_size=SIDE, width=1, embedding_size=4, first_side=SIDE, levels=1
    )
    weights = torch.eye(SIDE * SIDE).view(1, SIDE, SIDE, SIDE * SIDE).clone()
    (column, row), (x, y) = TARGET_CELL, SOURCE_CELL
    weights[0, row, column] = 0
    weights[0, row, column, y * SIDE + x] = 0.75 if doubled else 1
    if doubled:
        weights[0, row, column, 2 * SIDE + 14] = 0.25
    sigma = torch.full((1, 1, SIDE, SIDE), 0.3)
    warp = Warp((Level(weights),), (sigma,))
    return HeldWarp(ClassEmbedding(config).eval(), warp, encoded(SOURCE, 0), encoded(TARGET, 1))


def pixel(crop: Crop, cell: tuple[int, int], side: int = SIDE) -> np.ndarray:
    """Where the centre of a cell is in the video, by the matrix that cuts."""
    return crop_matrix(crop, side) @ (*cell, 1)


def test_a_moved_cell_moves_so_far_and_shows_the_sources_colours() -> None:
    held = dense_warp()
    found = held.level()
    column, row = TARGET_CELL
    moved = np.array(SOURCE_CELL) - TARGET_CELL
    np.testing.assert_allclose(found.flow_px[row, column], moved, atol=1e-4)
    np.testing.assert_allclose(found.expected_px[row, column], moved, atol=1e-4)
    others = np.delete(found.flow_px.reshape(-1, 2), row * SIDE + column, 0)
    np.testing.assert_allclose(others, 0, atol=1e-4)
    colours = (encoded(SOURCE, 0).units[0].permute(1, 2, 0).numpy() * 255).round()
    expected = colours.copy()
    expected[row, column] = colours[SOURCE_CELL[1], SOURCE_CELL[0]]
    assert np.abs(found.redrawn - expected).max() <= 1
    target = encoded(TARGET, 1).units[0].permute(1, 2, 0).numpy()
    np.testing.assert_allclose(
        found.difference, np.abs(expected / 255 - target).mean(-1), atol=3e-3
    )
    np.testing.assert_allclose(found.source_px(SOURCE)[row, column], pixel(SOURCE, SOURCE_CELL))


def test_a_place_of_one_video_is_answered_in_pixels_of_the_other() -> None:
    x, y = pixel(TARGET, TARGET_CELL)
    found = dense_warp().places(x + 0.4, y - 0.4)
    assert found is not None
    assert found.share.shape == (SIDE, SIDE)
    assert found.share[SOURCE_CELL[1], SOURCE_CELL[0]] == 1
    assert len(found.alternatives) == 1
    np.testing.assert_allclose(found.alternatives[0], (*pixel(SOURCE, SOURCE_CELL), 1), atol=1e-3)


def test_of_two_places_the_likelier_is_the_flows_and_none_lies_between() -> None:
    held = dense_warp(doubled=True)
    found = held.places(*pixel(TARGET, TARGET_CELL))
    assert found is not None
    best, second = found.alternatives
    np.testing.assert_allclose(best, (*pixel(SOURCE, SOURCE_CELL), 0.75), atol=1e-3)
    np.testing.assert_allclose(second, (*pixel(SOURCE, (14, 2)), 0.25), atol=1e-3)
    column, row = TARGET_CELL
    warp = held.level()
    np.testing.assert_allclose(warp.source_px(SOURCE)[row, column], best[:2], atol=1e-3)
    assert warp.peak[row, column] == pytest.approx(0.75)
    assert warp.spread_px[row, column] == pytest.approx(
        np.hypot(13, 10) * np.sqrt(0.75 * 0.25), rel=1e-4
    )
    best_only = held.places(*pixel(TARGET, TARGET_CELL), most=1)
    assert best_only is not None
    assert best_only.alternatives == (best,)


def test_outside_the_crop_there_is_no_answer() -> None:
    held = dense_warp()
    edge = pixel(TARGET, (-1, 4))  # one cell to the left of the first
    assert held.places(*edge) is None
    just_in = crop_matrix(TARGET, SIDE) @ (-0.49, 4, 1)
    found = held.places(*just_in)
    assert found is not None
    assert found.share[4, 0] == 1


def test_a_level_that_is_not_there_is_refused() -> None:
    held = dense_warp()
    assert held.level(0) is held.level()
    with pytest.raises(ModelError, match="no level 1"):
        held.level(1)
    with pytest.raises(ModelError, match="no level -1"):
        held.places(40, 30, -1)


def test_near_cells_are_one_place_and_far_ones_are_others() -> None:
    share = np.zeros((12, 12), np.float32)
    share[3, 3], share[3, 4] = 0.3, 0.1  # one place, a quarter of a cell to the right
    share[8, 9], share[9, 9], share[8, 8] = 0.2, 0.2, 0.19  # likelier in all, with a lower top
    share[0, 11] = 0.01
    found = likely_places(share, 5)
    np.testing.assert_allclose(found[0], (3.25, 3, 0.4), rtol=1e-5)
    assert found[1, 2] == pytest.approx(0.59)
    assert len(found) == 2


def test_a_baselines_flow_has_one_place_and_no_opinion_of_itself() -> None:
    network = FAbNet(FAbNetConfig(image_size=SIDE, width=1, embedding_size=4, side=SIDE)).eval()
    places = cell_places(SIDE)[None] + torch.tensor([4.5, -1.0]) * 2 / SIDE
    held = HeldWarp(network, places, encoded(SOURCE, 0), encoded(TARGET, 1))
    warp = held.level()
    assert held.sides == (SIDE,)
    assert warp.confidence is None
    np.testing.assert_allclose(
        warp.flow_px, np.broadcast_to([4.5, -1], (SIDE, SIDE, 2)), atol=1e-4
    )
    found = held.places(*pixel(TARGET, (3, 8)))
    assert found is not None
    assert found.share[7, 7] == pytest.approx(0.5, abs=1e-4)
    assert found.share[7, 8] == pytest.approx(0.5, abs=1e-4)
    np.testing.assert_allclose(
        found.alternatives[0], (*(crop_matrix(SOURCE, SIDE) @ (7.5, 7, 1)), 1), atol=1e-2
    )
