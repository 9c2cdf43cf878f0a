"""The first layer, from one label to many, and with labels as people leave them."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from limner_engine.models.embedding import Embedding, lay
from limner_engine.models.imm import IMMConfig
from limner_engine.models.named import Named, NamedConfig
from limner_engine.naming.embedding import SeenFrames
from limner_engine.naming.first_layer import FirstLayer, fit_first_layer, folds

BASE = IMMConfig(image_size=32, width=4, landmark_count=5, grid_size=8)


def made(count: int, seed: int = 0, turn: float = 0.0) -> tuple[Embedding, SeenFrames, np.ndarray]:
    """An object of five points that moves (and turns), and three labels fixed to it."""
    rng = np.random.default_rng(seed)
    embedding = Embedding(BASE)
    shape = torch.tensor([[-0.3, -0.2], [0.3, -0.2], [0.0, 0.3], [0.2, 0.4], [-0.4, 0.1]])
    labels = torch.tensor([[0.1, 0.0], [-0.2, 0.2], [0.3, 0.3]])
    angle = torch.from_numpy(rng.uniform(-turn, turn, count)).float()
    shift = torch.from_numpy(rng.uniform(-0.3, 0.3, (count, 2))).float()
    placement = torch.cat([angle.cos()[:, None], angle.sin()[:, None], shift], 1)
    points = lay(shape.expand(count, -1, -1), placement).numpy()
    points += rng.normal(scale=0.003, size=points.shape).astype(np.float32)
    looks = rng.normal(size=(count, embedding.looks_count)).astype(np.float32)
    seen = SeenFrames(points, np.full((count, 5), 0.9, np.float32), looks)
    return embedding, seen, lay(labels.expand(count, -1, -1), placement).numpy().astype(float)


def fit(
    embedding: Embedding, seen: SeenFrames, truth: np.ndarray, **said: np.ndarray
) -> FirstLayer:
    visible = said.get("visible", np.ones(truth.shape[:2]))
    return fit_first_layer(embedding, seen, truth, visible, np.arange(len(truth)))


def test_labels_fixed_to_an_object_are_found_again() -> None:
    embedding, seen, truth = made(40)
    rows = np.arange(20)
    found = fit(embedding, seen.take(rows), truth[rows])
    apart = np.linalg.norm(found.predict(embedding, seen.take(rows + 20)) - truth[20:], axis=2)
    assert apart.mean() < 0.02
    left_out = np.linalg.norm(found.left_out - truth[rows], axis=2)
    assert left_out.mean() < 0.02
    assert found.form == "landmarks"
    assert not found.laid.any()


def test_an_object_that_turns_is_predicted_in_the_frame_of_its_shape() -> None:
    embedding, seen, truth = made(40, turn=3.1)
    rows = np.arange(12)
    found = fit(embedding, seen.take(rows), truth[rows])
    assert found.laid.all()
    apart = np.linalg.norm(found.predict(embedding, seen.take(rows + 20)) - truth[20:32], axis=2)
    assert apart.mean() < 0.03


def test_one_label_is_said_of_every_frame() -> None:
    embedding, seen, truth = made(3)
    found = fit(embedding, seen.take(np.array([0])), truth[:1])
    np.testing.assert_allclose(found.predict(embedding, seen), truth[:1].repeat(3, 0), atol=1e-6)
    assert np.isnan(found.left_out).all()
    assert np.isfinite(found.weights).all()


def test_two_labels_and_equal_frames_give_finite_maps() -> None:
    embedding, seen, truth = made(6)
    two = fit(embedding, seen.take(np.array([0, 1])), truth[:2])
    assert np.isfinite(two.predict(embedding, seen)).all()
    np.testing.assert_allclose(two.left_out[0], truth[1], atol=1e-6)
    same = np.zeros(6, np.int64)
    equal = fit(embedding, seen.take(same), truth[same])
    np.testing.assert_allclose(equal.predict(embedding, seen)[3], truth[0], atol=1e-4)
    flat = SeenFrames(np.zeros((6, 5, 2), np.float32), *(np.zeros_like(p) for p in seen[1:]))
    degenerate = fit(embedding, flat, truth)
    np.testing.assert_allclose(degenerate.predict(embedding, flat)[0], truth.mean(0), atol=1e-6)


def test_missing_labels_are_left_to_the_frames_that_have_them() -> None:
    embedding, seen, truth = made(12)
    part = truth.copy()
    part[:5, 0] = np.nan
    part[:, 2] = np.nan
    found = fit(embedding, seen, part)
    assert found.known.tolist() == [True, True, False]
    assert np.isnan(found.left_out[:5, 0]).all()
    assert np.isfinite(found.left_out[5:, 0]).all()
    predicted = found.predict(embedding, seen)
    assert np.isfinite(predicted[:, :2]).all()
    assert np.isnan(predicted[:, 2]).all()
    with pytest.raises(ValueError, match="no landmark has a place"):
        fit(embedding, seen, np.full_like(truth, np.nan))


def test_hidden_landmarks_are_told_from_visible_ones() -> None:
    embedding, seen, truth = made(30)
    visible = np.ones((30, 3))
    visible[:, 1] = seen.points_norm[:, 0, 0] > -0.3
    found = fit(embedding, seen, truth, visible=visible)
    columns = embedding.columns(seen.seen()).columns.numpy()
    odds = columns @ found.sight[:-1] + found.sight[-1]
    assert (odds[:, [0, 2]] > 0).all()
    assert ((odds[:, 1] > 0) == (visible[:, 1] > 0)).mean() > 0.8
    assert found.visibility is not None


def test_the_network_says_what_the_fit_says() -> None:
    embedding, seen, truth = made(16, turn=3.1)
    found = fit(embedding, seen, truth)
    config = NamedConfig(image_size=32, landmark_count=3, base=BASE.to_json(), rank=found.rank)
    network = Named(config, embedding=embedding).eval()
    for name in ("weights", "laid", "known", "middle", "stretch", "metric", "novelty", "sight"):
        getattr(network, name).copy_(torch.from_numpy(getattr(found, name)))
    layers = network.both(embedding.columns(seen.seen()), torch.zeros(16, 3, 32, 32))
    np.testing.assert_allclose(layers.points_norm[0], found.predict(embedding, seen), atol=1e-4)
    # Likeness of a frame that nothing is like is small; of a labelled one, larger.
    strange = SeenFrames(seen.points_norm + 3, seen.confidence, -4 * seen.looks)
    odd = network.both(embedding.columns(strange.seen()), torch.zeros(16, 3, 32, 32))
    assert (odd.signals[0, ..., 0] < layers.signals[0, ..., 0]).all()


def test_frames_that_look_alike_are_left_out_together() -> None:
    group, frames = np.zeros(7, np.int64), np.array([0, 3, 100, 200, 300, 305, 400])
    assert folds(group, frames).tolist() == [0, 0, 1, 2, 3, 3, 4]
    # Too few runs to judge by: each frame alone.
    assert folds(group[:3], frames[:3]).tolist() == [0, 1, 2]
    people = np.array([5, 5, 2, 3, 4, 9, 9])
    assert len(np.unique(folds(people, frames))) == 5
    assert folds(people, frames)[0] == folds(people, frames)[1]
