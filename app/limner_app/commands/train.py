"""``limner train``: learn from videos without any label."""

from __future__ import annotations

import argparse
import dataclasses
import json
import shutil
import sys
import typing
from pathlib import Path
from typing import Any

from limner_app.commands.learning import learn
from limner_app.commands.looking import named_model, opened
from limner_app.commands.parsing import add_json
from limner_app.progress import long_work
from limner_engine.errors import LimnerError, TrainingError
from limner_training.config import TrainConfig
from limner_training.events import HeldBack
from limner_training.presets import settings
from limner_training.run_folder import RunFolder

NAME = "train"
SUMMARY = "learn landmarks from videos, without labels"
ABOUT = """\
Learn from videos and folders of pictures in a process of its own and keep everything in a run
folder: settings, events, a preview picture, the model. Ctrl+C ends the run and keeps the model;
--resume goes on with a run that was broken off."""
EXAMPLE = "limner train mouse.mp4 --out runs/mouse --minutes 5 --size lite"


def add_options(parser: argparse.ArgumentParser) -> None:
    """Say what may stand after the command: one option for each setting of a run."""
    parser.add_argument(
        "sources",
        nargs="*",
        metavar="VIDEO",
        help="videos, folders of pictures or packed arrays (.npz) to learn from",
    )
    parser.add_argument("--out", metavar="RUN", help="the run folder to make")
    parser.add_argument("--resume", metavar="RUN", help="go on with the run in this folder")
    parser.add_argument(
        "--recipe",
        choices=("limner", "paper"),
        help="defaults: Limner's, which learn in minutes, or those of the IMM paper, which take "
        "days (default: limner)",
    )
    add_json(parser)
    hints = typing.get_type_hints(TrainConfig)
    for knob in dataclasses.fields(TrainConfig):
        if knob.name == "sources":
            continue
        option = f"--{knob.name.replace('_', '-')}"
        text = knob.metadata["help"].replace("%", "%%")
        given: dict[str, Any] = {"dest": f"knob_{knob.name}", "default": None}
        if hints[knob.name] is bool:
            parser.add_argument(option, action=argparse.BooleanOptionalAction, help=text, **given)
            continue
        choices = knob.metadata.get("choices")
        shown = "" if knob.default in ("", None) else f" (default: {knob.default})"
        parser.add_argument(
            option,
            type=hints[knob.name],
            choices=choices,
            metavar=None if choices else hints[knob.name].__name__.upper(),
            help=f"{text}{shown}",
            **given,
        )


def run(chosen: argparse.Namespace) -> int:
    """Start or resume a run and watch it to its end."""
    knobs = {
        name.removeprefix("knob_"): value
        for name, value in vars(chosen).items()
        if name.startswith("knob_") and value is not None
    }
    fresh = not chosen.resume
    folder = _fresh(chosen, knobs) if fresh else _resumed(chosen, knobs)
    try:
        with long_work(f"Learning in {folder.path}") as advance:
            done = learn(folder, advance, lambda text: print(f"limner: {text}", file=sys.stderr))
    except LimnerError:
        if fresh and not folder.checkpoint_path.exists():
            shutil.rmtree(folder.path)
        raise
    model = folder.path / done.model
    if not model.is_file():
        raise RuntimeError(f"the run said it was done, but {model} is not there")
    ratios = [event.ratio for event in folder.events() if isinstance(event, HeldBack)]
    answer = {
        "model": str(model),
        "run": str(folder.path),
        "steps": done.step,
        "stopped": done.stopped,
        "held_back_ratio": ratios[-1] if ratios else None,
        "figures": done.figures,
    }
    if chosen.json:
        print(json.dumps(answer, indent=1))
    else:
        if ratios:
            print(
                f"Held-back frames are redrawn with {ratios[-1]:.0%} of the error that copying "
                "another frame would make."
            )
        print(f"written: {model} ({done.step} steps{', stopped early' * done.stopped})")
    return 0


def _fresh(chosen: argparse.Namespace, knobs: dict[str, Any]) -> RunFolder:
    if not chosen.sources:
        raise TrainingError("There is nothing to learn from.", "Name at least one video.")
    if not chosen.out:
        raise TrainingError("The run has no folder.", "Give one with --out, such as --out run.")
    out = Path(chosen.out)
    if out.is_file() or (out.is_dir() and any(out.iterdir())):
        raise TrainingError(
            f"{out} is there already.", f"Choose another folder, or use --resume {out}."
        )
    sources = tuple(str(Path(source).absolute()) for source in chosen.sources)
    if knobs.get("start_from"):
        knobs["start_from"] = str(named_model(knobs["start_from"]).absolute())
    start = settings(str(knobs.get("method", "imm")), paper=chosen.recipe == "paper")
    config = TrainConfig(sources=sources, **{**start, **knobs})
    _check_sources([Path(source) for source in sources])
    return RunFolder.adopt(out, config)


def _check_sources(paths: list[Path]) -> None:
    """Open every video once, so that one that cannot be read is told before anything is made."""
    for path in paths:
        if path.suffix == ".npz":
            if not path.is_file():
                raise TrainingError(f"There is no file {path}.", "Check the name and the folder.")
            continue
        if not path.is_dir():
            opened(path, 2).close()


def _resumed(chosen: argparse.Namespace, knobs: dict[str, Any]) -> RunFolder:
    if chosen.sources or chosen.out or chosen.recipe or knobs:
        raise TrainingError(
            "A run goes on with the settings it began with.",
            "Give --resume nothing but its folder.",
        )
    folder = RunFolder.open(Path(chosen.resume))
    if folder.status == "done":
        raise TrainingError(
            f"The run in {folder.path} is finished.",
            f"Start a new one from its model: --start-from {folder.model_path}",
        )
    return folder
