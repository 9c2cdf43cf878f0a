"""``limner train``: learn from videos without any label."""

from __future__ import annotations

import argparse
import dataclasses
import json
import shutil
import sys
import typing
from pathlib import Path
from typing import TYPE_CHECKING, Any

from limner_app.commands.learning import learn
from limner_app.commands.looking import named_model, opened
from limner_app.commands.parsing import add_json
from limner_app.progress import long_work
from limner_engine.errors import LimnerError, TrainingError
from limner_training.config import METHODS, TrainConfig
from limner_training.events import HeldBack
from limner_training.presets import settings
from limner_training.run_folder import RunFolder

if TYPE_CHECKING:
    from limner_engine.priors.prior import PosePrior

NAME = "train"
SUMMARY = "learn landmarks from videos, without labels"
ABOUT = """\
Learn from videos and folders of pictures in a process of its own and keep everything in a run
folder: settings, events, a preview picture, the model. Ctrl+C ends the run and keeps the model;
--resume goes on with a run that was broken off.

With --method keypointgan, landmarks get their names from a pose prior: poses without pictures, of
other individuals, which `limner prior` makes. Nothing in the videos is labelled then, either."""
EXAMPLE = """\
limner train mouse.mp4 --out runs/mouse --minutes 5 --size lite
  limner train walk.mp4 --method keypointgan --prior people.prior.npz --out runs/walk"""


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
        help="defaults: Limner's, which learn in minutes, or those of the system's paper, which "
        "take days (default: limner)",
    )
    parser.add_argument(
        "--skeleton",
        metavar="SKELETON",
        help="landmarks that are learned, where they are not all of the prior's or have other "
        "names: a skeleton that ships, such as body-13, or a file of the skeleton editor",
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
    method = str(knobs.get("method", METHODS[0]))
    _check_heeded(method, knobs, chosen.skeleton)
    prior = _prior(knobs, chosen.skeleton, out) if "prior" in knobs else None
    start = settings(method, paper=chosen.recipe == "paper")
    config = TrainConfig(sources=sources, **{**start, **knobs})
    _check_sources([Path(source) for source in sources])
    folder = RunFolder.adopt(out, config)
    if prior is not None:
        prior.save(Path(config.prior))
    return folder


def _check_heeded(method: str, knobs: dict[str, Any], skeleton: str | None) -> None:
    """What a system does not heed is told, and what it cannot do without."""
    for knob in dataclasses.fields(TrainConfig):
        methods = knob.metadata.get("methods", METHODS)
        if knob.name in knobs and method not in methods:
            raise TrainingError(
                f"--{knob.name.replace('_', '-')} means nothing to {method}.",
                f"Leave it out, or choose --method {' or '.join(methods)}.",
            )
    if skeleton and method != "keypointgan":
        raise TrainingError(
            f"--skeleton means nothing to {method}.",
            "Leave it out, or choose --method keypointgan.",
        )
    if method == "keypointgan" and not knobs.get("prior"):
        raise TrainingError(
            "KeypointGAN learns from a pose prior, and none is named.",
            "Make one with `limner prior`, and name it with --prior.",
        )


def _prior(knobs: dict[str, Any], skeleton: str | None, out: Path) -> PosePrior | None:
    """Open the prior, so that one that does not go is told before anything is made.

    Returns:
        What is to be written into the run's folder; None where the prior goes as it is.
    """
    from limner_app.commands.named_prior import fitted, named_skeleton
    from limner_engine.priors.prior import PRIOR_SUFFIX, PosePrior

    path = Path(knobs["prior"]).absolute()
    knobs["prior"] = str(path)
    prior = PosePrior.open(path)
    made = prior if skeleton is None else fitted(prior, named_skeleton(skeleton))
    if made is prior:
        return None
    knobs["prior"] = str(out.absolute() / f"fitted{PRIOR_SUFFIX}")
    return made


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
    if chosen.sources or chosen.out or chosen.recipe or chosen.skeleton or knobs:
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
