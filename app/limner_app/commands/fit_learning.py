"""What learns in ``limner fit``: the base where none fits, the first layer, the second."""

from __future__ import annotations

import argparse
import contextlib
import shutil
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from limner_app.commands.learning import learn
from limner_app.commands.looking import opened
from limner_app.fitting_model import fitting_model
from limner_app.naming_memory import RUN_FOLDER, NamingMemory
from limner_app.progress import long_work
from limner_engine.importing.gathered import GATHERED
from limner_engine.model_file import SELF_TAUGHT
from limner_resources import bundled_models, sample_video

if TYPE_CHECKING:
    from limner_engine.naming.labelled import LabelledFrames
    from limner_engine.project import Project, Video
    from limner_engine.types import Image
    from limner_engine.video.reader import VideoReader

BASE_RUN = "base"


def chosen_base(
    chosen: argparse.Namespace, project: Project, folder: Path, named: Path | None
) -> Path | None:
    """The self-supervised model to start from.

    The one that is named; else the one that the project's names were made upon, or that it shows;
    else the bundled one that fits; else, with ``--learn-minutes``, one that is learned now.

    Args:
        chosen: The words.
        project: The open project, with crops.
        folder: Where its named model lives.
        named: What ``--base`` names.

    Returns:
        None where there is none, and the first layer goes by small pictures.
    """
    if named is not None:
        return named
    known = {model.id: model for model in project.models() if model.info.kind in SELF_TAUGHT}
    for number in (NamingMemory.of(project).base, project.current_model_id):
        if number in known and not known[number].missing:
            return known[number].path
    fitting = _bundled(project)
    if fitting is not None:
        return fitting
    return _learned_base(chosen, project, folder) if chosen.learn_minutes else None


def _bundled(project: Project) -> Path | None:
    from limner_engine.cropping import CropTrack
    from limner_engine.video.fingerprint import fingerprint

    for video in _filmed(project):
        text = project.crop_track_json(video.id, 0)
        mode = None if text is None else CropTrack.from_json(text).mode
        is_sample = video.fingerprint == fingerprint(sample_video())
        found = fitting_model(bundled_models(), mode, is_sample=is_sample)
        if found is not None:
            return found
    return None


def _filmed(project: Project) -> list[Video]:
    """Videos that are there, without those of gathered pictures."""
    gathered = project.setting(GATHERED, {})
    return [v for v in project.videos() if not v.missing and str(v.id) not in gathered]


def _learned_base(chosen: argparse.Namespace, project: Project, folder: Path) -> Path | None:
    from limner_training.config import TrainConfig
    from limner_training.run_folder import RunFolder

    videos = _filmed(project)
    if not videos:
        print("limner: there is no video to learn a base from", file=sys.stderr)
        return None
    run_folder = folder / BASE_RUN
    if run_folder.exists():
        shutil.rmtree(run_folder)
    config = TrainConfig(
        sources=tuple(str(video.path) for video in videos),
        minutes=chosen.learn_minutes,
        size="medium",
        crop_mode=chosen.crop if chosen.crop in ("face", "motion", "whole") else "auto",
        seed=chosen.seed,
    )
    run = RunFolder.adopt(run_folder, config)
    with long_work("Learning from the videos, without labels") as advance:
        learn(run, advance, _warn)
    return run.model_path


def learned_second(
    chosen: argparse.Namespace,
    project: Project,
    labelled: LabelledFrames,
    base: Path | None,
    folder: Path,
) -> Path:
    """Let the second layer learn in a process of its own; gives its file.

    Its folder is the window's, so that the window goes on from it.
    """
    from limner_training.naming.settings import NameOrder, NameSettings
    from limner_training.run_folder import RunFolder

    run_folder = folder / RUN_FOLDER
    if run_folder.exists():
        shutil.rmtree(run_folder)
    settings = NameSettings(
        minutes=0.0 if chosen.steps else chosen.minutes,
        steps=chosen.steps,
        start_from="" if base is None else str(base),
        seed=chosen.seed,
        threads=chosen.threads,
        device=chosen.device,
    )
    tracks = {
        str(video.path): text
        for video in _filmed(project)
        if (text := project.crop_track_json(video.id, 0)) is not None
    }
    NameOrder(labelled, tracks, settings).write(run_folder)
    with long_work("Learning the names") as advance:
        done = learn(RunFolder(run_folder), advance, _warn, verb="name")
    return run_folder / done.model


def named(
    labelled: LabelledFrames,
    base: Path | None,
    second: Path | None,
    out: Path,
    chosen: argparse.Namespace,
) -> None:
    """Fit the first layer and write the named model.

    Args:
        labelled: The labels.
        base: The model that the first layer looks with.
        second: The file of a second layer that is kept beside it.
        out: Where the model goes.
        chosen: Device and threads.
    """
    from limner_engine.inference.naming_answers import Namer
    from limner_engine.model_file import save_model
    from limner_training.evaluation.threads import use_threads

    use_threads(chosen.threads)
    with contextlib.ExitStack() as stack:
        readers: dict[str, VideoReader] = {}

        def frame(video: str, index: int) -> Image:
            if video not in readers:
                readers[video] = stack.enter_context(opened(Path(video), chosen.threads))
            return readers[video][index]

        assembled, _, used = Namer(frame, device=chosen.device).name(labelled, base, second)
    save_model(out, assembled.network, assembled.info)
    for sentence in used.skipped:
        _warn(sentence)


def settled(project: Project, path: Path, base: Path | None) -> int:
    """Make the named model the project's, as the window does; gives its number."""
    from limner_engine.model_file import read_model_info

    info = read_model_info(path)
    memory = NamingMemory.of(project)
    known = {model.id for model in project.models()}
    number = memory.model
    if number is None or number not in known:
        number = project.add_model(info, path)
    else:
        project.renew_model(number, info, path)
    upon = None if base is None else project.add_model(read_model_info(base), base)
    replace(memory, model=number, base=upon, follow=True).keep(project)
    project.current_model_id = number
    return number


def _warn(text: str) -> None:
    print(f"limner: {text}", file=sys.stderr)
