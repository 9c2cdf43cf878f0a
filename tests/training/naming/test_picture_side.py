"""The size of the second layer's pictures follows the model it starts from, where that will do."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from limner_engine.naming.labelled import LabelledFrames
from limner_engine.types import Crop, Skeleton
from limner_training.naming.picture_side import FINE_ENOUGH_PX, USUAL, picture_side
from small_engine import small_model


def _labelled(side_px: float) -> LabelledFrames:
    return LabelledFrames(
        ((Path("a.mp4"), 0),),
        (Crop(50.0, 50.0, side_px),),
        np.zeros((1, 2, 2), np.float32),
        np.ones((1, 2), np.bool_),
        np.ones((1, 2), np.bool_),
        np.zeros(1, np.int64),
        Skeleton.numbered(2),
    )


def test_what_a_person_set_stands(tmp_path: Path) -> None:
    assert picture_side(96, "", _labelled(100)) == 96


def test_without_a_start_it_is_the_usual_one() -> None:
    assert picture_side(0, "", _labelled(100)) == USUAL


def test_a_start_is_followed_where_its_pictures_are_fine_enough(tmp_path: Path) -> None:
    model = small_model(tmp_path / "base.safetensors")
    seen = 32
    assert picture_side(0, str(model), _labelled(FINE_ENOUGH_PX * seen)) == seen
    assert picture_side(0, str(model), _labelled(FINE_ENOUGH_PX * seen + 1)) == USUAL
