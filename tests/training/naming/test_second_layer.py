"""Runs of the second layer, on drawn pictures."""

from __future__ import annotations

import dataclasses
import math
from pathlib import Path

import numpy as np
import pytest
import torch

from limner_engine.errors import TrainingError
from limner_engine.inference.device import choose_device
from limner_engine.model_file import load_model, save_model
from limner_engine.models.heatmaps import HeatmapConfig, HeatmapEnsemble, HeatmapNet
from limner_engine.models.imm import IMM, IMMConfig
from limner_engine.types import Floats, ModelInfo, Skeleton
from limner_training.control import Control
from limner_training.data.frames import MARGIN
from limner_training.events import Event, Named, Warned
from limner_training.naming.cuts import RUN, NameCuts, run_starts
from limner_training.naming.network import Learning, Lessons, rate
from limner_training.naming.placing import Placing, stored_size
from limner_training.naming.second_layer import learn_names, swapped
from limner_training.naming.settings import HELD_BACK_FILE, MODEL_FILE, NameSettings
from limner_training.naming.teaching import smoothness, taught_by

SIZE = 32
QUICK = NameSettings(
    minutes=0, steps=6, image_size=SIZE, width=4, batch=4, members=2, threads=1, device="cpu"
)


def _drawn(points: Floats) -> np.ndarray:
    """A red square at the first point and a green one at the second, ``(N, Q, Q, 3)``."""
    side = stored_size(SIZE)
    cells = ((2 * np.arange(side) + 1) / side - 1) * MARGIN
    pixels = np.full((len(points), side, side, 3), 40, np.uint8)
    for picture, pose in zip(pixels, points, strict=True):
        for channel, (x, y) in enumerate(np.nan_to_num(pose)):
            picture[np.ix_(abs(cells - y) < 0.12, abs(cells - x) < 0.12, [channel])] = 240
    return pixels


@pytest.fixture(scope="module")
def cuts() -> NameCuts:
    rng = np.random.default_rng(0)
    points = rng.uniform(-0.7, 0.7, (6, 2, 2)).astype(np.float32)
    pixels = _drawn(points)
    points[0, 1] = np.nan
    visible = np.asarray(np.isfinite(points).all(-1), np.float32)
    others = _drawn(rng.uniform(-0.7, 0.7, (2 * RUN, 2, 2)).astype(np.float32))
    return NameCuts(
        pixels,
        points,
        visible,
        np.zeros(6, np.int64),
        np.full(6, 50, np.float32),
        Skeleton(("red", "green")),
        others,
    )


def _silent(_: Event) -> None:
    pass


def test_the_same_seed_gives_the_same_weights(cuts: NameCuts) -> None:
    first, second = (
        learn_names(cuts, QUICK, _silent, Control(None)).ensemble.state_dict() for _ in range(2)
    )
    assert all(torch.equal(first[name], second[name]) for name in first)


def test_every_improvement_is_written_and_said(cuts: NameCuts, tmp_path: Path) -> None:
    heard: list[Event] = []
    settings = dataclasses.replace(QUICK, steps=20)
    learned = learn_names(cuts, settings, heard.append, Control(None), tmp_path)
    named = [event for event in heard if isinstance(event, Named)]
    assert [event.share for event in named] == pytest.approx([0.3, 0.6, 1.0], abs=0.06)
    assert named[-1].error_px == learned.error_px
    assert all(error is not None and error > 0 for error in learned.error_px)
    assert (tmp_path / HELD_BACK_FILE).is_file()
    model = load_model(tmp_path / named[-1].model).model
    images = torch.rand(1, 3, SIZE, SIZE)
    with torch.inference_mode():
        found = model.detect(images).points_norm  # type: ignore[operator]
        wanted = learned.ensemble.read(images)
    seen = wanted.visible >= 0
    assert torch.allclose(found[seen], wanted.points_norm[seen], atol=1e-5)
    assert not list(tmp_path.glob(".*"))


def test_held_back_predictions_are_there_for_every_label(cuts: NameCuts) -> None:
    learned = learn_names(cuts, QUICK, _silent, Control(None))
    assert np.isfinite(learned.held_back.points_norm).all()
    assert np.isfinite(learned.held_back.peak).all()


def test_a_run_that_is_stopped_keeps_what_it_has(cuts: NameCuts, tmp_path: Path) -> None:
    control = Control(None)

    def stop_at_first(event: Event) -> None:
        if isinstance(event, Named):
            control.tell("stop")

    settings = dataclasses.replace(QUICK, steps=20)
    learned = learn_names(cuts, settings, stop_at_first, control, tmp_path)
    assert learned.stopped
    assert len(learned.ensemble.members) == 1
    assert learned.steps == 6
    assert (tmp_path / MODEL_FILE).is_file()


def test_a_loss_that_is_no_number_changes_no_weight(cuts: NameCuts) -> None:
    torch.manual_seed(0)
    config = HeatmapConfig(landmark_count=2, image_size=SIZE, width=4, map_size=16)
    weight = np.full((6, 2), math.inf, np.float32)
    lessons = Lessons(cuts.pixels, cuts.points_norm, weight, cuts.visible)
    learning = Learning(
        HeatmapNet(config),
        lessons,
        4,
        placing=Placing(),
        swap=torch.arange(2),
        device=choose_device("cpu"),
        seed=0,
    )
    before = [part.clone() for part in learning.net.parameters()]
    with pytest.raises(TrainingError, match="not a number at step 0"):
        learning.step(0.5)
    after = learning.net.parameters()
    assert all(torch.equal(old, new) for old, new in zip(before, after, strict=True))


def test_what_is_taught_joins_every_step(cuts: NameCuts) -> None:
    config = HeatmapConfig(landmark_count=2, image_size=SIZE, width=4, map_size=16)
    lessons = Lessons(cuts.pixels, cuts.points_norm, cuts.visible, cuts.visible)
    learning = Learning(
        HeatmapNet(config),
        lessons,
        4,
        placing=Placing(),
        swap=torch.arange(2),
        device=choose_device("cpu"),
        seed=0,
    )
    weight = np.full((len(cuts.unlabelled), 2), 0.25, np.float32)
    points = np.zeros((*weight.shape, 2), np.float32)
    learning.teach(Lessons(cuts.unlabelled, points, weight, np.full_like(weight, np.nan)), 3)
    pictures, places, counts, seen = learning._draw()
    assert pictures.shape == (7, 3, SIZE, SIZE)
    assert len(places) == len(seen) == 7
    assert counts[4:].tolist() == [[0.25, 0.25]] * 3
    assert bool(seen[4:].isnan().all())


def test_every_picture_has_its_turn(cuts: NameCuts) -> None:
    config = HeatmapConfig(landmark_count=2, image_size=SIZE, width=4, map_size=16)
    lessons = Lessons(cuts.pixels, cuts.points_norm, cuts.visible, cuts.visible)
    learning = Learning(
        HeatmapNet(config),
        lessons,
        4,
        placing=Placing(),
        swap=torch.arange(2),
        device=choose_device("cpu"),
        seed=0,
    )
    turns = []
    for step in range(3):
        learning.step_count = step
        turns += learning._turn_of(6, 4).tolist()
    assert sorted(turns[:6]) == sorted(turns[6:]) == list(range(6))


def test_a_base_of_another_size_is_not_started_from_and_that_is_said(
    cuts: NameCuts, tmp_path: Path
) -> None:
    paths = []
    for size in (SIZE, 2 * SIZE):
        sizes = IMMConfig(image_size=size, width=8, grid_size=8, landmark_count=2)
        paths.append(tmp_path / f"{size}.safetensors")
        info = ModelInfo("imm", "base", sizes.to_json(), Skeleton.numbered(2))
        save_model(paths[-1], IMM(sizes), info)
    heard: list[Event] = []
    quick = dataclasses.replace(QUICK, steps=2)
    for path in paths:
        settings = dataclasses.replace(quick, start_from=str(path))
        learned = learn_names(cuts, settings, heard.append, Control(None))
        assert learned.ensemble.config.width == (8 if path is paths[0] else QUICK.width)
    warned = [event.message for event in heard if isinstance(event, Warned)]
    assert any("random weights" in sentence for sentence in warned)


def test_left_and_right_change_places_in_a_mirror() -> None:
    skeleton = Skeleton(("nose", "left", "right"), symmetries=((1, 2),))
    assert swapped(skeleton).tolist() == [0, 2, 1]


def test_the_step_size_rises_and_falls() -> None:
    assert rate(0.1) == 1.0
    assert rate(0.0) < 0.05
    assert rate(1.0) == pytest.approx(0.01)
    assert rate(0.3) > rate(0.6)


def test_points_that_jump_are_not_taught() -> None:
    points = np.zeros((2 * RUN, 1, 2), np.float32)
    points[:RUN, 0, 0] = [0.1, 0.2, 0.3]
    points[RUN:, 0, 0] = [0.0, 0.8, 0.0]
    trust = smoothness(points)
    assert trust[:RUN, 0].tolist() == pytest.approx([1.0] * RUN)
    assert bool((trust[RUN:] < 1e-3).all())


def test_unrelated_pictures_need_not_come_in_runs(cuts: NameCuts) -> None:
    with pytest.raises(ValueError, match="do not fit"):
        dataclasses.replace(cuts, unlabelled=cuts.unlabelled[:2])
    still = dataclasses.replace(cuts, unlabelled=cuts.unlabelled[:2], still=True)
    torch.manual_seed(0)
    config = HeatmapConfig(landmark_count=2, image_size=SIZE, width=4, map_size=16)
    ensemble = HeatmapEnsemble(config, 1).eval()
    taught = taught_by(ensemble, still.unlabelled, choose_device("cpu"), still=True)
    assert taught.weight.shape == (2, 2)


def test_runs_of_unlabelled_frames_spread_over_the_video() -> None:
    starts = run_starts(100, 4)
    assert starts[0] == 0
    assert starts[-1] == 100 - RUN
    assert run_starts(2, 4) == []
