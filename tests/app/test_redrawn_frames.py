"""Edits of a frame as numbers, and the patch that shows them, without a window."""

from __future__ import annotations

import numpy as np
import pytest

from limner_app.views.frame_edits import FrameEdit
from limner_app.views.redrawer import patch_of
from limner_engine.inference.detail import lay_over
from limner_engine.types import Crop

SIZE = 32


def test_an_offset_holds_in_any_crop() -> None:
    crop = Crop(60.0, 40.0, 50.0, 0.5)
    found = np.array([[60, 40], [70, 45], [np.nan, np.nan]], np.float32)
    edit = FrameEdit({0: (60 + 25 * np.cos(0.5), 40 + 25 * np.sin(0.5)), 2: (9.0, 9.0), 7: (1, 1)})
    offsets = edit.offsets(found, crop)
    assert list(offsets) == [0]
    assert offsets[0] == pytest.approx((1.0, 0.0), abs=1e-5)


def test_a_patch_is_what_pasting_the_whole_frame_gives() -> None:
    rng = np.random.default_rng(0)
    frame = rng.integers(0, 255, (90, 120, 3), np.uint8)
    cut = rng.integers(0, 255, (SIZE, SIZE, 3), np.uint8)
    for crop in (Crop(60, 40, 50), Crop(5, 80, 44, 0.4), Crop(59.5, 44.5, 120)):
        whole = lay_over(frame, cut, crop)
        patch = patch_of(frame, cut, crop)
        assert patch is not None
        height, width = patch.image.shape[:2]
        made = frame.copy()
        made[patch.y : patch.y + height, patch.x : patch.x + width] = patch.image
        assert np.abs(made.astype(int) - whole).max() <= 1
    assert patch_of(frame, cut, Crop(-500, 0, 20)) is None
