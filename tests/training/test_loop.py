"""Runs: they learn, stop, back off, and go on after a crash as if nothing had been."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch

from drawn_frames import drawn_frames
from limner_engine.errors import TrainingError
from limner_engine.model_file import load_model, read_model_info
from limner_engine.models.imm import IMM, IMMConfig
from limner_training.config import TrainConfig
from limner_training.control import Control
from limner_training.events import Done, Event, HeldBack, Paused, Preparing, Warned, from_line
from limner_training.loop import learn
from limner_training.recipes.imm import IMMRecipe
from limner_training.run_folder import RunFolder, runs_in


@pytest.fixture(scope="module")
def packed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("packed") / "drawn.npz"
    drawn_frames(2, 30).pack(path)
    return path


def _config(packed: Path, **changes: object) -> TrainConfig:
    settings: dict[str, object] = {
        "sources": [str(packed)],
        "landmarks": 3,
        "minutes": 0,
        "steps": 12,
        "batch": 4,
        "preview_seconds": 1000,
        "checkpoint_seconds": 1000,
        "device": "cpu",
        "threads": 1,
        "loss": "l1",
    }
    return TrainConfig.from_json(json.dumps(settings | changes))


class _CrashError(Exception):
    """Stands for a power cut: nothing of ours catches it."""


def test_a_run_learns_and_leaves_a_model(packed: Path, tmp_path: Path) -> None:
    folder = RunFolder.create(
        tmp_path, _config(packed, steps=150, name="crosses", learning_rate=5e-3)
    )
    events: list[Event] = []
    done = learn(folder, events.append, Control(None))
    assert events[-1] == done
    untrained = learn(
        RunFolder.create(tmp_path / "untrained", _config(packed, steps=1)),
        lambda _: None,
        Control(None),
    )
    assert done.figures["held_back_l1"] < 0.5 * untrained.figures["held_back_l1"]
    info = read_model_info(folder.model_path)
    assert info.name == "crosses"
    assert info.provenance["steps"] == 150
    spread = load_model(folder.model_path).model.typical_spread
    assert not torch.allclose(spread, IMM(IMMConfig.lite(3)).typical_spread, atol=1e-4)
    assert folder.preview_path.stat().st_size > 1000
    assert not folder.checkpoint_path.exists()
    assert not folder.frames_path.exists()
    assert [run.path for run in runs_in(tmp_path)] == [folder.path]


@pytest.mark.parametrize("crash_at", [3, 7])
def test_a_broken_run_ends_as_an_unbroken_one(
    packed: Path, tmp_path: Path, crash_at: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = RunFolder.create(tmp_path, _config(packed))
    learn(whole, lambda _: None, Control(None))

    broken = RunFolder.create(tmp_path, _config(packed, checkpoint_seconds=0.1))
    lossy = IMMRecipe.loss

    def crash(recipe: IMMRecipe, step: int, batch: int) -> torch.Tensor:
        if step == crash_at and (broken.path / "checkpoint.safetensors").exists():
            raise _CrashError
        time.sleep(0.11)  # so that a checkpoint falls due before every step
        return lossy(recipe, step, batch)

    monkeypatch.setattr(IMMRecipe, "loss", crash)
    with pytest.raises(_CrashError):
        learn(broken, lambda _: None, Control(None))
    assert broken.status == "unfinished"
    monkeypatch.setattr(IMMRecipe, "loss", lossy)
    started: list[Event] = []
    learn(broken, started.append, Control(None))
    assert crash_at - 1 <= started[0].step <= crash_at  # type: ignore[union-attr]
    ours, theirs = (load_model(run.model_path).model.state_dict() for run in (broken, whole))
    for name in theirs:
        assert torch.equal(ours[name], theirs[name]), name


def test_fine_tuning_starts_from_the_model(packed: Path, tmp_path: Path) -> None:
    first = RunFolder.create(tmp_path, _config(packed, landmarks=5))
    learn(first, lambda _: None, Control(None))
    second = RunFolder.create(tmp_path, _config(packed, start_from=str(first.model_path), steps=1))
    learn(second, lambda _: None, Control(None))
    info = read_model_info(second.model_path)
    assert len(info.skeleton.names) == 5
    assert info.provenance["started_from"] == read_model_info(first.model_path).name


def test_fine_tuning_ends_when_held_back_frames_are_redrawn_no_better(
    packed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("limner_training.loop._MEASURING_SHARE", 100.0)
    first = RunFolder.create(tmp_path, _config(packed, steps=60, learning_rate=5e-3))
    learn(first, lambda _: None, Control(None))
    begun = load_model(first.model_path)
    # A step size that can only do harm: what was there before is the best that will be.
    second = RunFolder.create(
        tmp_path,
        _config(
            packed,
            start_from=str(first.model_path),
            steps=400,
            learning_rate=0.5,
            patience=0.02,
            preview_seconds=0.1,
        ),
    )
    events: list[Event] = []
    done = learn(second, events.append, Control(None))
    assert done.step < 400
    assert not done.stopped
    assert any(isinstance(event, Warned) and "no better" in event.message for event in events)
    figures = [event.loss for event in events if isinstance(event, HeldBack)]
    assert figures[-1] == pytest.approx(min(figures))
    assert begun.info.provenance["figures"]["held_back_l1"] < done.figures["held_back_l1"] * 20


@pytest.mark.parametrize("loss", ["l2", "l1+adversarial", "content"])
def test_every_loss_goes_on_after_a_crash(
    packed: Path, tmp_path: Path, loss: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = {"loss": loss, "steps": 6, "colour_steps": 2, "warp_share": 0.5}
    whole = RunFolder.create(tmp_path, _config(packed, **settings))
    learn(whole, lambda _: None, Control(None))
    broken = RunFolder.create(tmp_path, _config(packed, **settings))
    control, after = Control(None), IMMRecipe.after_step
    steps: list[int] = []

    def crash(recipe: IMMRecipe) -> float:
        shown = after(recipe)
        steps.append(1)
        if len(steps) == 3:
            control.tell("save")
        if len(steps) == 4:
            raise _CrashError
        return shown

    monkeypatch.setattr(IMMRecipe, "after_step", crash)
    with pytest.raises(_CrashError):
        learn(broken, lambda _: None, control)
    monkeypatch.setattr(IMMRecipe, "after_step", after)
    learn(broken, lambda _: None, Control(None))
    ours, theirs = (load_model(run.model_path).model.state_dict() for run in (broken, whole))
    for name in theirs:
        assert torch.equal(ours[name], theirs[name]), name


def test_a_run_at_half_size_grows_and_goes_on_after_a_crash(
    packed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = RunFolder.create(tmp_path, _config(packed, half_size=0.5, steps=8))
    done = learn(whole, lambda _: None, Control(None))
    assert load_model(whole.model_path).model.config.image_size == 64
    assert done.step == 8
    broken = RunFolder.create(tmp_path, _config(packed, half_size=0.5, steps=8))
    control, after = Control(None), IMMRecipe.after_step
    steps: list[int] = []

    def crash(recipe: IMMRecipe) -> float:
        shown = after(recipe)
        steps.append(recipe.model.config.image_size)
        if len(steps) == 5:
            control.tell("save")
        if len(steps) == 6:
            raise _CrashError
        return shown

    monkeypatch.setattr(IMMRecipe, "after_step", crash)
    with pytest.raises(_CrashError):
        learn(broken, lambda _: None, control)
    assert steps == [32, 32, 32, 32, 64, 64]
    monkeypatch.setattr(IMMRecipe, "after_step", after)
    learn(broken, lambda _: None, Control(None))
    ours, theirs = (load_model(run.model_path).model.state_dict() for run in (broken, whole))
    for name in theirs:
        assert torch.equal(ours[name], theirs[name]), name


def test_a_vector_in_place_of_landmarks_learns_too(packed: Path, tmp_path: Path) -> None:
    folder = RunFolder.create(tmp_path, _config(packed, bottleneck="vector", landmarks=5))
    done = learn(folder, lambda _: None, Control(None))
    assert "known_move_error" not in done.figures
    assert load_model(folder.model_path).info.config["bottleneck"] == "vector"


def test_grey_frames_take_the_loss_network_as_it_is(tmp_path: Path) -> None:
    frames = drawn_frames(2, 12)
    frames.pixels[:] = frames.pixels.mean(-1, keepdims=True)
    frames.pack(tmp_path / "grey.npz")
    events: list[Event] = []
    folder = RunFolder.create(tmp_path, _config(tmp_path / "grey.npz", loss="content", steps=2))
    learn(folder, events.append, Control(None))
    assert any(isinstance(event, Warned) and "grey" in event.message for event in events)
    narrow = _config(tmp_path / "grey.npz", loss="content", loss_width=0.1, steps=2)
    with pytest.raises(TrainingError, match="no colour"):
        learn(RunFolder.create(tmp_path, narrow), lambda _: None, Control(None))


def test_a_run_stopped_while_colours_are_learned_keeps_nothing(
    packed: Path, tmp_path: Path
) -> None:
    folder = RunFolder.create(tmp_path, _config(packed, loss="content", colour_steps=5))
    control = Control(None)

    def stop(event: Event) -> None:
        if isinstance(event, Preparing) and "colours" in event.message:
            control.tell("stop")

    with pytest.raises(TrainingError, match="stopped while its loss network"):
        learn(folder, stop, control)
    assert not folder.loss_network_path.exists()
    assert not folder.model_path.exists()


def test_memory_running_out_halves_the_batch(
    packed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lossy = IMMRecipe.loss

    def hungry(recipe: IMMRecipe, step: int, batch: int) -> torch.Tensor:
        if batch > 2:
            raise RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried 1 TB")
        return lossy(recipe, step, batch)

    monkeypatch.setattr(IMMRecipe, "loss", hungry)
    folder = RunFolder.create(tmp_path, _config(packed, batch=8, steps=2))
    events: list[Event] = []
    learn(folder, events.append, Control(None))
    warned = [event.message for event in events if isinstance(event, Warned)]
    assert [message.split("with ")[1] for message in warned] == [
        "4 pairs a step.",
        "2 pairs a step.",
    ]


def test_other_errors_are_not_taken_for_lack_of_memory(
    packed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def wrong(recipe: IMMRecipe, step: int, batch: int) -> torch.Tensor:
        raise RuntimeError("shapes do not match")

    monkeypatch.setattr(IMMRecipe, "loss", wrong)
    with pytest.raises(RuntimeError, match="shapes"):
        learn(RunFolder.create(tmp_path, _config(packed)), lambda _: None, Control(None))


def test_a_loss_that_is_no_number_changes_no_weight(
    packed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[IMMRecipe] = []
    lossy = IMMRecipe.loss

    def explode(recipe: IMMRecipe, step: int, batch: int) -> torch.Tensor:
        seen.append(recipe)
        return lossy(recipe, step, batch) * (float("nan") if step == 1 else 1.0)

    monkeypatch.setattr(IMMRecipe, "loss", explode)
    with pytest.raises(TrainingError, match="not a number at step 1"):
        learn(RunFolder.create(tmp_path, _config(packed)), lambda _: None, Control(None))
    assert all(bool(weight.isfinite().all()) for weight in seen[0].model.parameters())


def _start(folder: RunFolder) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "limner_training", "run", "--folder", str(folder.path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def _until(process: subprocess.Popen[str], kind: type[Event]) -> Event:  # type: ignore[valid-type]
    assert process.stdout
    for line in process.stdout:
        event = from_line(line)
        if isinstance(event, kind):
            return event
    raise AssertionError(f"the run ended without {kind}")


def test_pause_resume_and_stop_from_outside(packed: Path, tmp_path: Path) -> None:
    folder = RunFolder.create(tmp_path, _config(packed, steps=0, minutes=5, preview_seconds=0.2))
    process = _start(folder)
    assert process.stdin
    _until(process, HeldBack)
    process.stdin.write("pause\n")
    process.stdin.flush()
    paused = _until(process, Paused)
    assert folder.checkpoint_path.exists()
    process.stdin.write("resume\n")
    process.stdin.flush()
    later = _until(process, HeldBack)
    assert later.step > paused.step  # type: ignore[union-attr]
    process.stdin.close()  # the window closes: the run ends and keeps its model
    done = _until(process, Done)
    assert process.wait(60) == 0
    assert isinstance(done, Done)
    assert done.stopped
    assert load_model(folder.model_path).info.provenance["steps"] == done.step
    assert isinstance(folder.outcome, Done)


def test_a_killed_run_goes_on(packed: Path, tmp_path: Path) -> None:
    folder = RunFolder.create(
        tmp_path,
        _config(packed, steps=0, minutes=5, preview_seconds=0.2, checkpoint_seconds=0.1),
    )
    process = _start(folder)
    _until(process, HeldBack)
    _until(process, HeldBack)  # between two of them lies a checkpoint
    process.send_signal(signal.SIGKILL)
    process.wait(60)
    assert folder.status == "unfinished"
    again = _start(folder)
    assert again.stdin
    first = next(event for event in iter(lambda: _until(again, Event), None))  # type: ignore[arg-type]
    assert first.step > 0  # type: ignore[union-attr]
    again.stdin.close()
    _until(again, Done)
    assert again.wait(60) == 0
    assert folder.status == "done"


def test_a_mistake_ends_with_a_sentence_and_status_2(tmp_path: Path) -> None:
    config = TrainConfig(sources=(str(tmp_path / "none.npz"),))
    folder = RunFolder.create(tmp_path, config)
    process = _start(folder)
    out, _ = process.communicate("", timeout=60)
    assert process.returncode == 2
    assert "none.npz holds no packed frames" in out
    assert folder.status == "failed"


def test_two_runs_cannot_share_a_folder(packed: Path, tmp_path: Path) -> None:
    folder = RunFolder.create(tmp_path, _config(packed))
    with pytest.raises(TrainingError, match="already holds a run"):
        RunFolder.adopt(folder.path, _config(packed))
