"""Warps as values: through the pipe and back, and places in the pixels of two videos."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from limner_engine.coordinates import crop_matrix
from limner_engine.inference.frame_warp import CroppedFrame, FrameWarp, WarpPair
from limner_engine.inference.protocol import crop_to_json
from limner_engine.types import Crop

SOURCE = Crop(100.0, 60.0, 80.0, 0.3)
TARGET = Crop(40.5, 30.0, 64.0, -0.2)


def a_warp(*, doubt: bool) -> FrameWarp:
    rng = np.random.default_rng(3)

    def values(*more: int) -> np.ndarray:
        return rng.uniform(-1, 1, (4, 4, *more)).astype(np.float32)

    redrawn = rng.integers(0, 255, (4, 4, 3)).astype(np.uint8)
    maps = (values(2), values(2), values(), values(), values())
    return FrameWarp(1, (2, 4, 8), redrawn, *maps, values() if doubt else None)


@pytest.mark.parametrize("doubt", [True, False])
def test_a_warp_goes_through_the_pipe(doubt: bool) -> None:
    warp = a_warp(doubt=doubt)
    back = FrameWarp.from_message(*warp.to_message())
    assert (back.level, back.sides, back.side) == (1, (2, 4, 8), 4)
    for name in ("redrawn", "flow_px", "expected_px", "peak", "spread_px", "difference"):
        assert np.array_equal(getattr(back, name), getattr(warp, name))
    assert (back.confidence is None) == (warp.confidence is None) == (not doubt)
    if back.confidence is not None and warp.confidence is not None:
        assert np.array_equal(back.confidence, warp.confidence)


def test_pixels_lie_in_the_videos_as_crops_are_cut() -> None:
    warp = a_warp(doubt=False)
    row, column = 1, 3
    into_target = crop_matrix(TARGET, warp.side)
    assert np.allclose(warp.target_px(TARGET)[row, column], into_target @ (column, row, 1))
    x, y = np.array([column, row]) + warp.flow_px[row, column]
    into_source = crop_matrix(SOURCE, warp.side)
    assert np.allclose(warp.source_px(SOURCE)[row, column], into_source @ (x, y, 1), atol=1e-4)


def test_a_pair_is_plain_values_and_back() -> None:
    source = CroppedFrame(Path("a.mp4"), 3, SOURCE)
    pair = WarpPair(Path("m.safetensors"), source, CroppedFrame(Path("b.mp4"), 0, TARGET))
    assert WarpPair.from_json(pair.to_json()) == pair
    for wrong in (None, ["a.mp4", 3], ["a.mp4", 3, [1.0, 2.0, math.inf, 0.0]]):
        with pytest.raises(ValueError, match="not a"):
            CroppedFrame.from_json(wrong)
    assert source.to_json()[2] == crop_to_json(SOURCE)
