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
from limner_training.evaluation.detecting import (
    Measured,
    detect,
    known_moves,
    open_model,
    untrained,
)
from pose_models import figure_model


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> Measured:
    return open_model(tiny_model(tmp_path_factory.mktemp("model") / "m.safetensors"), "cpu")


def test_landmarks_are_those_of_the_network(measured: Measured) -> None:
    labelled = drawn_set(people=20)
    told: list[float] = []

    def progress(share: float) -> bool:
        told.append(share)
        return True

    members = np.arange(40, 90)  # more than one batch
    found, confidence, uncorrected = detect(measured, labelled, members, progress)
    assert found.shape == (100, 5, 2)
    assert np.isnan(found[:40]).all()
    assert np.isnan(found[90:]).all()
    one = torch.from_numpy(labelled.cut(57, 64)).permute(2, 0, 1)[None].float() / 255
    with torch.inference_mode():
        expected = measured.network.detect(one)
    np.testing.assert_allclose(found[57], expected.points_norm[0].numpy(), atol=1e-5)
    np.testing.assert_allclose(confidence[57], expected.confidence[0].numpy(), atol=1e-5)
    assert np.isnan(confidence[:40]).all()
    assert told[-1] == 1.0
    assert uncorrected is None  # landmarks without names have no sides


def test_sides_are_kept_as_they_were_read(tmp_path: Path) -> None:
    sided = open_model(figure_model(tmp_path / "poses.safetensors"), "cpu", 1)
    found = detect(sided, drawn_set(people=4, tested=1))
    order = sided.network.swapped.numpy()
    before = found.uncorrected_norm
    kept = np.isclose(before, found.points_norm, atol=1e-5).all(axis=(1, 2))
    changed = np.isclose(before[:, order], found.points_norm, atol=1e-5).all(axis=(1, 2))
    assert (kept | changed).all()
    fresh = untrained(sided)
    assert type(fresh.network) is type(sided.network)


def test_known_moves_need_no_points(measured: Measured) -> None:
    labelled = drawn_set()
    rows, columns = np.mgrid[:10, :20]
    drawn = np.stack([rows * 20, columns * 12, rows * columns], -1).astype(np.uint8)
    moving = dataclasses.replace(labelled, picture=lambda _: drawn)
    strayed = known_moves(measured, moving)
    assert 0 < strayed < 1
    assert strayed == pytest.approx(known_moves(measured, moving))


def test_an_untrained_network_hangs_on_the_seed_alone(measured: Measured) -> None:
    labelled = drawn_set(people=6)
    torch.manual_seed(5)
    before = torch.get_rng_state()
    fresh = untrained(measured, seed=3)
    assert torch.equal(before, torch.get_rng_state())
    assert fresh.network.config == measured.network.config
    assert (fresh.info.name, fresh.info.provenance["loss"]) == ("untrained", "untrained")
    first = detect(fresh, labelled).points_norm
    np.testing.assert_array_equal(first, detect(untrained(measured, 3), labelled).points_norm)
    assert not np.allclose(first, detect(untrained(measured, 4), labelled).points_norm)


def test_bare_numbers_have_no_place_to_stray_from(measured: Measured) -> None:
    info = dataclasses.replace(
        measured.info, config={**measured.info.config, "bottleneck": "vector"}
    )
    with pytest.raises(ModelError, match="without places"):
        known_moves(measured._replace(info=info), drawn_set())


def test_text_is_no_model(tmp_path: Path) -> None:
    path = tmp_path / "m.safetensors"
    path.write_text("Only words.")
    with pytest.raises(ModelError):
        open_model(path, "cpu")
