"""Learning a KeypointGAN: what each part of a step touches, ablations, and runs that go on."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from drawn_frames import drawn_frames
from limner_engine.errors import FormatError, TrainingError
from limner_engine.inference.device import choose_device
from limner_engine.model_file import load_model
from limner_engine.models.keypointgan import KeypointGAN
from limner_engine.priors.prior import PosePrior
from limner_engine.types import Skeleton
from limner_training.config import TrainConfig
from limner_training.control import Control
from limner_training.events import Done, Event, HeldBack, Warned
from limner_training.loop import learn
from limner_training.presets import settings
from limner_training.recipes.keypointgan import KeypointGANRecipe
from limner_training.run_folder import RunFolder

_SKELETON = Skeleton(("top", "left", "right"), ((0, 1), (0, 2)), ((1, 2),))


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("packed")
    drawn_frames(2, 24).pack(folder / "drawn.npz")
    rng = np.random.default_rng(0)
    poses = np.array([[0, -0.4], [0.3, 0.4], [-0.3, 0.4]]) + rng.normal(0, 0.1, (40, 3, 2))
    prior = PosePrior("puppets", _SKELETON, poses.astype(np.float32), ("drawn by hand",))
    prior.save(folder / "puppets.prior.npz")
    return folder / "drawn.npz", folder / "puppets.prior.npz"


def _config(sources: tuple[Path, Path], **changes: object) -> TrainConfig:
    packed, prior = sources
    values: dict[str, object] = settings("keypointgan") | {
        "method": "keypointgan",
        "sources": [str(packed)],
        "prior": str(prior),
        "minutes": 0,
        "steps": 4,
        "batch": 2,
        "regressor_steps": 2,
        "preview_seconds": 1000,
        "checkpoint_seconds": 1000,
        "device": "cpu",
        "threads": 1,
        "loss": "l1",
    }
    return TrainConfig.from_json(json.dumps(values | changes))


def _recipe(sources: tuple[Path, Path], tmp_path: Path, **changes: object) -> KeypointGANRecipe:
    from limner_training.data.frames import FrameSet

    config = _config(sources, **changes)
    recipe = KeypointGANRecipe(config, choose_device("cpu"))
    recipe.use(FrameSet.open(sources[0]))
    recipe.prepare(RunFolder.adopt(tmp_path / "run", config), lambda _: None, Control(None))
    return recipe


def _weights(network: torch.nn.Module) -> torch.Tensor:
    return torch.cat([weight.detach().flatten().clone() for weight in network.parameters()])


def test_a_run_leaves_a_model_with_the_priors_names(
    sources: tuple[Path, Path], tmp_path: Path
) -> None:
    events: list[Event] = []
    done = learn(RunFolder.create(tmp_path, _config(sources)), events.append, Control(None))
    assert isinstance(done, Done)
    assert any(isinstance(event, HeldBack) for event in events)
    folder = next(tmp_path.iterdir())
    loaded = load_model(folder / done.model)
    assert isinstance(loaded.model, KeypointGAN)
    assert loaded.info.skeleton == _SKELETON
    prior = PosePrior.open(sources[1])
    assert loaded.info.provenance["prior"] == {
        "name": "puppets",
        "sha256": prior.sha256,
        "poses": 40,
        "sources": ["drawn by hand"],
    }


def test_a_broken_off_run_ends_with_the_weights_of_an_unbroken_one(
    sources: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # All pictures count as empty, so that the remedy sets in on the way, too.
    monkeypatch.setattr("limner_training.recipes.keypointgan.LOOK_EVERY", 1)
    monkeypatch.setattr("limner_training.recipes.collapse.GRACE_STEPS", 2)
    monkeypatch.setattr("limner_training.recipes.collapse.RELIEF_STEPS", 1)
    monkeypatch.setattr("limner_training.recipes.collapse.EMPTY", 1e9)
    whole = RunFolder.adopt(tmp_path / "whole", _config(sources))
    learn(whole, lambda _: None, Control(None))
    parts = RunFolder.adopt(tmp_path / "parts", _config(sources))
    control = Control(None)
    learned, taken = KeypointGANRecipe.learn, 0

    class _CrashError(Exception):
        """Stands for a power cut."""

    def crash(recipe: KeypointGANRecipe, *args: object) -> float:
        nonlocal taken
        taken += 1
        if taken == 3:
            raise _CrashError
        return learned(recipe, *args)  # type: ignore[arg-type]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(KeypointGANRecipe, "learn", crash)
        patch.setattr(control, "take_save", lambda: True)
        with pytest.raises(_CrashError):
            learn(parts, lambda _: None, control)
    assert parts.checkpoint_path.is_file()
    learn(parts, lambda _: None, Control(None))
    first, second = (load_model(run.model_path).model for run in (whole, parts))
    torch.testing.assert_close(_weights(first), _weights(second), rtol=0, atol=0)


def test_translating_leaves_the_regressor_to_its_own_step(
    sources: tuple[Path, Path], tmp_path: Path
) -> None:
    recipe = _recipe(sources, tmp_path)
    before = _weights(recipe.model.reader)
    kept = _weights(recipe.model.first_reader)
    torch.testing.assert_close(before, kept)  # it was taught, and kept
    drawer = _weights(recipe.model.drawer)
    reading = recipe._reading.step
    recipe._reading.step = lambda *_: None  # type: ignore[method-assign,assignment]
    recipe.learn(recipe.optimiser(), 0, 2, 1e-3)
    torch.testing.assert_close(_weights(recipe.model.reader), before)
    assert float((_weights(recipe.model.drawer) - drawer).abs().max()) > 0
    recipe._reading.step = reading  # type: ignore[method-assign]
    recipe.learn(recipe.optimiser(), 1, 2, 1e-3)
    assert float((_weights(recipe.model.reader) - before).abs().max()) > 0
    torch.testing.assert_close(_weights(recipe.model.first_reader), kept)


@pytest.mark.parametrize(
    "ablation",
    [
        {"bottleneck": "picture"},
        {"bottleneck": "picture", "conditional": False},
        {"bottleneck": "picture", "conditional": False, "second_cycle": True},
        {"second_cycle": True},
        {"picture_judge": 1.0},
        {"agreement": 1.0, "equivariance": 1.0},
        {"renderer": "squared"},
    ],
)
def test_every_row_of_table_4_learns(
    sources: tuple[Path, Path], tmp_path: Path, ablation: dict[str, object]
) -> None:
    recipe = _recipe(sources, tmp_path, **ablation)
    optimiser = recipe.optimiser()
    before = _weights(recipe.model)
    for step in range(2):
        assert np.isfinite(recipe.learn(optimiser, step, 2, 1e-3))
    assert float((_weights(recipe.model) - before).abs().max()) > 0


def test_few_poses_are_always_the_same_few(sources: tuple[Path, Path]) -> None:
    few = [
        KeypointGANRecipe(_config(sources, prior_poses=5), choose_device("cpu")).prior
        for _ in range(2)
    ]
    assert len(few[0]) == 5
    assert few[0].sha256 == few[1].sha256


def test_a_loss_that_is_no_number_stops_before_any_weight_takes_it_on(
    sources: tuple[Path, Path], tmp_path: Path
) -> None:
    recipe = _recipe(sources, tmp_path)
    before = _weights(recipe.model)
    recipe._compare = lambda *_: torch.tensor(float("inf"))  # type: ignore[assignment]
    with pytest.raises(TrainingError, match="not a number"):
        recipe.learn(recipe.optimiser(), 0, 2, 1e-3)
    torch.testing.assert_close(_weights(recipe.model), before)


def test_exchanged_sides_bring_the_first_regressor_back(
    sources: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recipe = _recipe(sources, tmp_path)
    with torch.no_grad():
        for weight in recipe.model.reader.parameters():
            weight.add_(1.0)
    monkeypatch.setattr(
        KeypointGAN, "sides_wrong", lambda _, points: torch.ones(len(points), dtype=torch.bool)
    )
    monkeypatch.setattr("limner_training.recipes.collapse.EMPTY", 0.0)
    monkeypatch.setattr("limner_training.recipes.collapse.FROZEN", 0.0)
    recipe._look(1000)
    assert "Left and right" in recipe.warnings()[0]
    assert recipe.warnings() == []
    torch.testing.assert_close(_weights(recipe.model.reader), _weights(recipe.model.first_reader))


def test_a_prior_must_be_there_and_drawable(sources: tuple[Path, Path], tmp_path: Path) -> None:
    device = choose_device("cpu")
    with pytest.raises(TrainingError, match="limner prior"):
        KeypointGANRecipe(_config(sources, prior=""), device)
    with pytest.raises(FormatError):
        KeypointGANRecipe(_config(sources, prior=str(tmp_path / "gone.npz")), device)
    dots = PosePrior("dots", Skeleton(("a", "b")), np.zeros((3, 2, 2), np.float32))
    dots.save(tmp_path / "dots.prior.npz")
    with pytest.raises(TrainingError, match="no edges"):
        KeypointGANRecipe(_config(sources, prior=str(tmp_path / "dots.prior.npz")), device)


def test_a_regressor_that_reads_badly_is_told(sources: tuple[Path, Path], tmp_path: Path) -> None:
    said: list[Event] = []
    recipe = KeypointGANRecipe(_config(sources, regressor_steps=1), choose_device("cpu"))
    from limner_training.data.frames import FrameSet

    recipe.use(FrameSet.open(sources[0]))
    folder = RunFolder.adopt(tmp_path / "run", recipe.config)
    recipe.prepare(folder, said.append, Control(None))
    assert any(
        isinstance(event, Warned) and "read with an error" in event.message for event in said
    )
