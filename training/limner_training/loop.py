"""The loop of a run; read it from top to bottom."""

from __future__ import annotations

import math
import shutil
import time

import torch

from limner_engine.errors import TrainingError
from limner_engine.formats.png_file import write_png
from limner_engine.inference.device import choose_device, out_of_memory
from limner_engine.model_file import save_model
from limner_training import checkpoint
from limner_training.checkpoint import Counters
from limner_training.config import TrainConfig
from limner_training.control import Control
from limner_training.data.frames import FrameSet
from limner_training.data.video_frames import gather
from limner_training.events import (
    Done,
    HeldBack,
    Paused,
    Preparing,
    Progress,
    Say,
    Started,
    Warned,
)
from limner_training.recipes.choice import make_recipe
from limner_training.recipes.loss_network import PREPARING_SHARE
from limner_training.recipes.recipe import Recipe
from limner_training.run_folder import RunFolder

WARM_UP = 0.03
"""Share of the run in which the step size rises."""

FINAL_RATE = 0.01
"""Share of the highest step size that is left at the end."""

GROWN_RATE = 0.7
"""Highest step size of a grown network, share of the half-sized one's: most of it is learned."""

STAIR, STAIR_STEPS = 0.95, 100_000
"""The authors' program's schedule: every so many steps the step size is multiplied."""

_PROGRESS_EVERY_S = 0.5
_MEASURING_SHARE = 0.05
"""At most this share of the time goes into measuring and previews."""

_SMALLEST_BATCH = 2


def learn(folder: RunFolder, say: Say, control: Control) -> Done:
    """Learn until the budget is spent or a person stops; go on from a checkpoint if there is one.

    On the processor, with a budget of steps, a run that was broken off and resumed ends with the
    same weights as an unbroken one.

    Args:
        folder: The run; everything is written into it.
        say: Told of every event.
        control: The person's wishes.

    Returns:
        The last event, which was also said.

    Raises:
        LimnerError: Something a person can mend.
    """
    config = folder.config
    torch.set_num_threads(config.threads)
    device = choose_device(config.device)
    recipe = make_recipe(config, device)
    recipe.use(_frames(folder, recipe.image_size, say, control))
    counters = Counters(step=0, elapsed_s=0.0, batch=config.batch, grown=recipe.grown)
    began = time.monotonic()
    recipe.prepare(folder, say, control)
    # On a busy computer it may take long, and most of the time is for learning.
    most = PREPARING_SHARE * 60 * config.minutes if config.minutes else math.inf
    counters.elapsed_s = min(time.monotonic() - began, most)
    resumed = folder.checkpoint_path.is_file()
    if resumed:
        counters = checkpoint.read_counters(folder.checkpoint_path)
        if counters.grown and not recipe.grown:
            recipe.grow()
    optimiser = recipe.optimiser()
    if resumed:
        recipe.load_extras(checkpoint.load(folder.checkpoint_path, recipe.model, optimiser))
    say(
        Started(
            step=counters.step,
            parameters=sum(weight.numel() for weight in recipe.model.parameters()),
            device=device.label,
            train_frames=len(recipe.learned),
            held_back_frames=len(recipe.held_back),
        )
    )

    now = time.monotonic
    saved_at = said_at = measured_at = now()
    measuring_s = 0.0
    losses: list[float] = []
    while _share_done(config, counters) < 1 and not control.stopped:
        if not recipe.grown and _share_done(config, counters) >= config.half_size:
            began = now()
            say(Preparing("Growing the network to its whole size", 0.0))
            recipe.grow()
            optimiser, counters.grown = recipe.optimiser(), True
            counters.elapsed_s += now() - began
        # The person first: waiting, saving, making room.
        control.wait_while_yielding()
        if control.paused:
            _save(folder, recipe, optimiser, counters)
            say(Paused(counters.step))
            control.wait_while_paused()
            continue
        if control.take_save() or now() - saved_at > config.checkpoint_seconds:
            _save(folder, recipe, optimiser, counters)
            saved_at = now()

        # One step.
        began = now()
        share = _share_done(config, counters)
        rate = _rate(config, counters.step, share)
        try:
            losses.append(recipe.learn(optimiser, counters.step, counters.batch, rate))
        except RuntimeError as error:
            _back_off(error, counters, say)
            optimiser.zero_grad(set_to_none=True)
            continue
        counters.step += 1
        counters.elapsed_s += now() - began

        # Say how it goes.
        if now() - said_at > _PROGRESS_EVERY_S:
            speed = len(losses) * counters.batch / (now() - said_at)
            left = _left_s(config, counters)
            mean = sum(losses) / len(losses)
            say(Progress(counters.step, mean, rate, speed, counters.elapsed_s, left))
            said_at, losses = now(), []
        pause = max(config.preview_seconds, measuring_s / _MEASURING_SHARE)
        if now() - measured_at > pause:
            began = now()
            figure = _say_held_back(folder, recipe, counters.step, say)
            for sentence in recipe.warnings():
                say(Warned(sentence))
            if config.start_from and config.patience:
                _keep_best(folder, recipe, counters, figure, share)
            measured_at = now()
            measuring_s = measured_at - began
            counters.elapsed_s += measuring_s
            if config.start_from and 0 < config.patience < share - counters.best_share:
                say(Warned("Held-back frames are redrawn no better any more: the run ends here."))
                break

    return _finish(folder, recipe, counters, control.stopped, say)


def _save(
    folder: RunFolder, recipe: Recipe, optimiser: torch.optim.Adam, counters: Counters
) -> None:
    checkpoint.save(folder.checkpoint_path, recipe.model, optimiser, recipe.extras(), counters)


def _keep_best(
    folder: RunFolder, recipe: Recipe, counters: Counters, figure: float, share: float
) -> None:
    if figure < counters.best:
        checkpoint.save_weights(folder.best_path, recipe.model)
        counters.best, counters.best_share = figure, share


def _frames(folder: RunFolder, image_size: int, say: Say, control: Control) -> FrameSet:
    """The cuts of the run: those on disk when it goes on, fresh ones otherwise."""
    if (folder.frames_path / "names.json").is_file():
        return FrameSet.open(folder.frames_path)
    said_at = 0.0

    def report(message: str, share: float) -> bool:
        nonlocal said_at
        if time.monotonic() - said_at > _PROGRESS_EVERY_S:
            say(Preparing(message, share))
            said_at = time.monotonic()
        return not control.stopped

    def note(sentence: str) -> None:
        say(Warned(sentence))

    gather(folder.config, image_size, report, note).save(folder.frames_path)
    return FrameSet.open(folder.frames_path)


def _share_done(config: TrainConfig, counters: Counters) -> float:
    """How much of the budget is spent; the budget that ends first counts."""
    by_steps = counters.step / config.steps if config.steps else 0.0
    by_time = counters.elapsed_s / (60 * config.minutes) if config.minutes else 0.0
    return max(by_steps, by_time)


def _left_s(config: TrainConfig, counters: Counters) -> float:
    share = _share_done(config, counters)
    return counters.elapsed_s * (1 - share) / share if share > 0 else 0.0


def _rate(config: TrainConfig, step: int, share: float) -> float:
    """Step size: up in a straight line, down along a cosine; each size of the network anew."""
    highest = config.learning_rate
    if config.schedule == "constant":
        return highest
    if config.schedule == "staircase":
        return highest * STAIR ** (step // STAIR_STEPS)
    if 0 < config.half_size <= share:
        share, highest = (share - config.half_size) / (1 - config.half_size), highest * GROWN_RATE
    elif config.half_size:
        share /= config.half_size
    if share < WARM_UP:
        return highest * max(share / WARM_UP, 0.05)
    down = 0.5 * (1 + math.cos(math.pi * (share - WARM_UP) / (1 - WARM_UP)))
    return highest * (FINAL_RATE + (1 - FINAL_RATE) * down)


def _back_off(error: RuntimeError, counters: Counters, say: Say) -> None:
    """Halve the batch after running out of memory; any other error is a bug and goes on up."""
    if not out_of_memory(error):
        raise error
    if counters.batch <= _SMALLEST_BATCH:
        raise TrainingError(
            "There is not enough memory for even the smallest batch.",
            "Close other programs, or choose the size 'lite'.",
        ) from error
    counters.batch = max(_SMALLEST_BATCH, counters.batch // 2)
    if torch.cuda.is_available():
        torch.cuda.empty_cache()
    say(Warned(f"Memory ran out; going on with {counters.batch} pairs a step."))


def _say_held_back(folder: RunFolder, recipe: Recipe, step: int, say: Say) -> float:
    """Measure, show and tell; the measured L1."""
    measured = recipe.measure()
    write_png(folder.preview_path, recipe.preview())
    say(HeldBack(step, measured.redrawn, measured.ratio, folder.preview_path.name))
    return measured.redrawn


def _finish(
    folder: RunFolder, recipe: Recipe, counters: Counters, stopped: bool, say: Say
) -> Done:
    """Measure, write the model, and drop what is only needed to go on."""
    if folder.best_path.is_file() and recipe.measure().redrawn > counters.best:
        checkpoint.load_weights(folder.best_path, recipe.model)
    _say_held_back(folder, recipe, counters.step, say)
    figures = recipe.finish()
    info = recipe.describe(counters.step, counters.elapsed_s / 60, figures)
    save_model(folder.model_path, recipe.model, info)
    done = Done(counters.step, folder.model_path.name, figures, stopped)
    say(done)
    for path in (folder.checkpoint_path, folder.loss_network_path, folder.best_path):
        path.unlink(missing_ok=True)
    shutil.rmtree(folder.frames_path, ignore_errors=True)
    return done
