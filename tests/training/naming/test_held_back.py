"""Folds, and what is kept of them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from limner_engine.errors import TrainingError
from limner_engine.models.heatmaps import Reading
from limner_training.naming.held_back import HeldBack, folds


def test_every_picture_is_held_back_once() -> None:
    parts = folds(np.zeros(10, np.int64), 3, seed=0)
    assert sorted(np.concatenate(parts)) == list(range(10))
    assert [len(part) for part in parts] == [4, 3, 3]


def test_pictures_of_one_person_stay_together_where_there_are_many() -> None:
    group = np.repeat(np.arange(6), 4)
    parts = folds(group, 3, seed=0)
    assert sorted(np.concatenate(parts)) == list(range(24))
    people = [set(group[part]) for part in parts]
    assert sum(len(part) for part in people) == 6


def test_a_video_with_nearly_all_labels_is_divided() -> None:
    group = np.array([0] * 12 + [1, 2, 3])
    parts = folds(group, 3, seed=0)
    assert [len(part) for part in parts] == [5, 5, 5]


def test_few_labels_make_few_folds() -> None:
    assert len(folds(np.zeros(2, np.int64), 3, seed=0)) == 2


def _found(points: torch.Tensor) -> Reading:
    flat = torch.zeros(points.shape[:2])
    return Reading(points, flat + 0.5, flat + 0.1, flat + 2, flat)


def test_errors_are_medians_in_pixels_of_the_video(tmp_path: Path) -> None:
    kept = HeldBack.empty(3, 2)
    points = torch.tensor([[[0.1, 0.0], [0.0, 0.0]], [[0.0, 0.3], [0.0, 0.0]]])
    kept.put(np.array([0, 2]), _found(points))
    labels = np.zeros((3, 2, 2), np.float32)
    labels[:, 1] = np.nan
    found = kept.error_px(labels, np.array([100, 100, 50], np.float32))
    assert found == [pytest.approx((10 + 15) / 2), None]
    kept.save(tmp_path / "held_back.npz")
    again = HeldBack.open(tmp_path / "held_back.npz")
    assert np.array_equal(again.points_norm, kept.points_norm, equal_nan=True)
    assert np.array_equal(again.visible, kept.visible, equal_nan=True)


def test_a_damaged_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "held_back.npz").write_bytes(b"nothing")
    with pytest.raises(TrainingError, match=r"held_back\.npz cannot be read"):
        HeldBack.open(tmp_path / "held_back.npz")
