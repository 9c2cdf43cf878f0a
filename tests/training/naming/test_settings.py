"""Orders in folders."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from limner_engine.errors import TrainingError
from limner_engine.naming.labelled import LabelledFrames
from limner_engine.types import Crop, Skeleton
from limner_training.naming.settings import NAMES_FILE, NameOrder, NameSettings


def _labelled() -> LabelledFrames:
    points = np.array([[[1, 2], [np.nan, np.nan]], [[3, 4], [5, 6]]], np.float32)
    told = np.array([[True, True], [True, False]])
    return LabelledFrames(
        ((Path("a.mp4"), 3), (Path("b.mp4"), 0)),
        (Crop(10, 12, 20), Crop(5, 6, 7, 0.1)),
        points,
        told & np.isfinite(points).all(-1),
        told,
        np.array([0, 1]),
        Skeleton(("nose", "tail"), edges=((0, 1),)),
    )


def test_an_order_comes_back_as_it_was_written(tmp_path: Path) -> None:
    settings = NameSettings(minutes=1, seed=4, start_from="base.safetensors")
    NameOrder(_labelled(), {"a.mp4": "{}"}, settings).write(tmp_path)
    order = NameOrder.read(tmp_path)
    assert order.settings == settings
    assert dict(order.tracks) == {"a.mp4": "{}"}
    wanted = _labelled()
    assert order.labelled.sources == wanted.sources
    assert order.labelled.skeleton == wanted.skeleton
    assert np.array_equal(order.labelled.points_px, wanted.points_px, equal_nan=True)
    assert np.array_equal(order.labelled.visible, wanted.visible)
    assert np.array_equal(order.labelled.told, wanted.told)


def test_a_folder_without_labels_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match="holds no labels"):
        NameOrder.read(tmp_path)
    (tmp_path / NAMES_FILE).write_text("[]", "utf-8")
    with pytest.raises(TrainingError, match="holds no labels"):
        NameOrder.read(tmp_path)


def test_settings_that_make_no_run_are_refused() -> None:
    with pytest.raises(TrainingError, match="never end"):
        NameSettings(minutes=0, steps=0)
    with pytest.raises(TrainingError, match="at least 2 members"):
        NameSettings(members=1)
    with pytest.raises(TrainingError, match="cannot be"):
        NameSettings.from_json({"seed": "one"})
    with pytest.raises(TrainingError, match="cannot be"):
        NameSettings.from_json({"colour": 1})
