"""Landmarks of the pictures of a set."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest
import torch

from drawn_sets import drawn_set
from engine_fixtures import tiny_model
from limner_engine.errors import ModelError
from limner_training.evaluation.detecting import detect, known_moves, open_model


def test_landmarks_are_those_of_the_network(tmp_path: Path) -> None:
    labelled = drawn_set(people=20)
    measured = open_model(tiny_model(tmp_path / "m.safetensors"), "cpu")
    told: list[float] = []

    def progress(share: float) -> bool:
        told.append(share)
        return True

    members = np.arange(40, 90)  # more than one batch
    found = detect(measured, labelled, members, progress)
    assert found.shape == (100, 5, 2)
    assert np.isnan(found[:40]).all()
    assert np.isnan(found[90:]).all()
    one = torch.from_numpy(labelled.cut(57, 64)).permute(2, 0, 1)[None].float() / 255
    with torch.inference_mode():
        expected = measured.network.detect(one).points_norm[0].numpy()
    np.testing.assert_allclose(found[57], expected, atol=1e-5)
    assert told[-1] == 1.0


def test_known_moves_need_no_points(tmp_path: Path) -> None:
    labelled = drawn_set()
    rows, columns = np.mgrid[:10, :20]
    drawn = np.stack([rows * 20, columns * 12, rows * columns], -1).astype(np.uint8)
    moving = dataclasses.replace(labelled, picture=lambda _: drawn)
    measured = open_model(tiny_model(tmp_path / "m.safetensors"), "cpu")
    strayed = known_moves(measured, moving)
    assert 0 < strayed < 1
    assert strayed == pytest.approx(known_moves(measured, moving))


def test_text_is_no_model(tmp_path: Path) -> None:
    path = tmp_path / "m.safetensors"
    path.write_text("Only words.")
    with pytest.raises(ModelError):
        open_model(path, "cpu")
