"""Learning class embeddings and FAb-Nets: levels, rows of Table 1, and runs that go on."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from drawn_frames import drawn_frames
from limner_engine.errors import TrainingError
from limner_engine.inference.device import choose_device
from limner_engine.model_file import load_model, save_model
from limner_engine.models.class_embedding import ClassEmbedding, ClassEmbeddingConfig
from limner_engine.models.fabnet import FAbNet, FAbNetConfig
from limner_engine.types import ModelInfo, Skeleton
from limner_training.config import TrainConfig
from limner_training.control import Control
from limner_training.data.frames import FrameSet
from limner_training.events import Event, HeldBack
from limner_training.loop import learn
from limner_training.presets import settings
from limner_training.recipes import class_embedding, fabnet
from limner_training.recipes.choice import make_recipe
from limner_training.recipes.class_embedding import ClassEmbeddingRecipe, with_levels
from limner_training.recipes.fabnet import FAbNetRecipe, counted
from limner_training.recipes.warping import WarpingRecipe
from limner_training.run_folder import RunFolder

_TINY = ClassEmbeddingConfig(image_size=32, width=2, embedding_size=8, first_side=4, candidates=3)


@pytest.fixture(autouse=True)
def _tiny_networks(monkeypatch: pytest.MonkeyPatch) -> None:
    def tiny(cls: type[ClassEmbeddingConfig], levels: int = 3) -> ClassEmbeddingConfig:
        return cls.from_json(_TINY.to_json() | {"levels": levels})

    monkeypatch.setattr(ClassEmbeddingConfig, "lite", classmethod(tiny))
    small = FAbNetConfig(image_size=32, width=2, embedding_size=8, side=16)
    monkeypatch.setattr(FAbNetConfig, "lite", classmethod(lambda _: small))


@pytest.fixture(scope="module")
def packed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("packed") / "drawn.npz"
    drawn_frames(2, 24, 40).pack(path)
    return path


def _config(packed: Path, method: str = "class_embedding", **changes: object) -> TrainConfig:
    values: dict[str, object] = settings(method) | {
        "method": method,
        "sources": [str(packed)],
        "minutes": 0,
        "steps": 6,
        "batch": 2,
        "plateau_steps": 1,
        "preview_seconds": 1000,
        "checkpoint_seconds": 1000,
        "device": "cpu",
        "threads": 1,
    }
    return TrainConfig.from_json(json.dumps(values | changes))


def _recipe(packed: Path, method: str = "class_embedding", **changes: object) -> Any:
    recipe = make_recipe(_config(packed, method, **changes), choose_device("cpu"))
    recipe.use(FrameSet.open(packed))
    return recipe


def _weights(network: torch.nn.Module) -> torch.Tensor:
    return torch.cat([weight.detach().flatten().clone() for weight in network.parameters()])


@pytest.mark.parametrize(
    ("method", "network"), [("class_embedding", ClassEmbedding), ("fabnet", FAbNet)]
)
def test_a_run_leaves_a_model(
    packed: Path, tmp_path: Path, method: str, network: type[torch.nn.Module]
) -> None:
    events: list[Event] = []
    folder = RunFolder.adopt(tmp_path / "run", _config(packed, method))
    done = learn(folder, events.append, Control(None))
    assert folder.preview_path.is_file()
    loaded = load_model(folder.model_path)
    assert isinstance(loaded.model, network)
    assert loaded.info.skeleton.names == ()
    assert loaded.info.provenance["steps"] == 6
    assert done.figures["held_back_ratio"] > 0
    assert any(isinstance(event, HeldBack) for event in events)


@pytest.mark.parametrize("method", ["class_embedding", "fabnet"])
def test_a_broken_off_run_ends_with_the_weights_of_an_unbroken_one(
    packed: Path, tmp_path: Path, method: str
) -> None:
    whole = RunFolder.adopt(tmp_path / "whole", _config(packed, method))
    learn(whole, lambda _: None, Control(None))
    parts = RunFolder.adopt(tmp_path / "parts", _config(packed, method))
    control = Control(None)
    learned, taken = WarpingRecipe.learn, 0

    class _CrashError(Exception):
        """Stands for a power cut."""

    def crash(recipe: WarpingRecipe, *args: object) -> float:
        nonlocal taken
        taken += 1
        if taken == 5:  # level 2 has set in
            raise _CrashError
        return learned(recipe, *args)  # type: ignore[arg-type]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(WarpingRecipe, "learn", crash)
        patch.setattr(control, "take_save", lambda: True)
        with pytest.raises(_CrashError):
            learn(parts, lambda _: None, control)
    assert parts.checkpoint_path.is_file()
    learn(parts, lambda _: None, Control(None))
    first, second = (load_model(run.model_path).model for run in (whole, parts))
    torch.testing.assert_close(_weights(first), _weights(second), rtol=0, atol=0)


def test_levels_set_in_one_after_another(packed: Path) -> None:
    recipe = _recipe(packed, steps=10)
    assert isinstance(recipe, ClassEmbeddingRecipe)
    optimiser, levels = recipe.optimiser(), []
    for step in range(10):
        recipe.learn(optimiser, step, 2, 1e-3)
        levels.append(recipe.open_levels)
    assert levels == [1, 1, 1, 2, 2, 3, 3, 3, 3, 3]
    assert recipe.preview().shape == (5 * 132, 6 * 132, 3)


@pytest.mark.parametrize(
    "row",
    [
        {"levels": 1, "confidence": False, "cycle": 0.0},
        {"levels": 2, "confidence": True, "cycle": 0.0},
        {"levels": 3, "confidence": True, "cycle_passes": 1},
        {"refine": "printed", "sigma_form": "softplus", "warp_reduction": "sum"},
        {"candidate_order": "raster", "child_order": "absolute", "warp_share": 1.0},
    ],
)
def test_every_row_of_table_1_learns(packed: Path, row: dict[str, Any]) -> None:
    recipe = _recipe(packed, steps=3, **row)
    optimiser = recipe.optimiser()
    before = _weights(recipe.model)
    for step in range(3):
        assert np.isfinite(recipe.learn(optimiser, step, 2, 1e-3))
    assert float((_weights(recipe.model) - before).abs().max()) > 0
    assert recipe.open_levels == recipe.model.config.levels
    assert 0 < recipe.measure().ratio < 5


def test_the_cycle_is_part_of_the_loss(packed: Path) -> None:
    losses = []
    for cycle in (0.0, 10.0):
        recipe = _recipe(packed, cycle=cycle, embedding_tint=0.0)
        views = recipe._views.draw(*recipe.pairs.draw(0, 2), 0)
        embedded = recipe.model.embed(torch.cat([views.source, views.target])).chunk(2)
        losses.append(float(recipe.loss(*embedded, views)[0].detach()))
    # A warp that knows nothing yet is nearly uniform.
    assert losses[1] - losses[0] == pytest.approx(10 * np.log(16), rel=0.05)


def test_a_run_ended_early_leaves_the_levels_it_learned(packed: Path, tmp_path: Path) -> None:
    recipe = _recipe(packed, steps=1000)
    recipe.learn(recipe.optimiser(), 0, 2, 1e-3)
    figures = recipe.finish()
    assert figures["levels"] == 1
    save_model(tmp_path / "model.safetensors", recipe.model, recipe.describe(1, 0.1, figures))
    loaded = load_model(tmp_path / "model.safetensors").model
    assert isinstance(loaded, ClassEmbedding)
    assert loaded.config.levels == 1


def test_fewer_levels_answer_as_before() -> None:
    model = ClassEmbedding(_TINY).eval()
    embedded = model.embed(torch.rand(2, 3, 32, 32)).chunk(2)
    smaller = with_levels(model, 2)
    kept, whole = smaller.warp(*embedded), model.warp(*embedded)
    torch.testing.assert_close(kept.finest.weights, whole.levels[1].weights)
    torch.testing.assert_close(kept.sigmas[1], whole.sigmas[1])


def test_colours_of_what_is_embedded_leave_the_targets_alone(packed: Path) -> None:
    recipe = _recipe(packed, embedding_tint=1.0)
    views = recipe._views.draw(*recipe.pairs.draw(0, 2), 0)
    seen = recipe._tinted(views, 0)
    both = torch.cat([views.source, views.target])
    assert float((seen - both).abs().max()) > 0.02
    torch.testing.assert_close(seen, recipe._tinted(views, 0))
    assert float((seen - recipe._tinted(views, 1)).abs().max()) > 0


def test_a_model_of_another_kind_is_refused(packed: Path, tmp_path: Path) -> None:
    path = tmp_path / "other.safetensors"
    config = FAbNetConfig.lite()
    save_model(path, FAbNet(config), ModelInfo("fabnet", "f", config.to_json(), Skeleton(())))
    with pytest.raises(TrainingError, match="no class embedding"):
        _recipe(packed, start_from=str(path))
    assert isinstance(_recipe(packed, "fabnet", start_from=str(path)), FAbNetRecipe)
    tiny = ClassEmbeddingConfig.lite()
    info = ModelInfo("class_embedding", "c", tiny.to_json(), Skeleton(()))
    save_model(path, ClassEmbedding(tiny), info)
    with pytest.raises(TrainingError, match="no FAb-Net"):
        _recipe(packed, "fabnet", start_from=str(path))
    again = _recipe(packed, start_from=str(path))
    assert again.open_levels == 3


def test_only_part_of_a_fab_nets_batch_counts() -> None:
    losses = torch.tensor([0.9, 0.1, 0.5, 0.3, 0.7, 0.2, 0.8, 0.4, 0.6, 1.0])
    assert losses[counted(losses, 0)].tolist() == pytest.approx([0.1, 0.2, 0.3, 0.4, 0.5])
    assert losses[counted(losses, 4)].tolist() == pytest.approx([0.5, 0.6, 0.7, 0.8, 0.9])
    assert len(counted(losses[:1], 4)) == 1
    assert len(fabnet.LATEST) == 4
    assert len(class_embedding.LATEST) == 2
