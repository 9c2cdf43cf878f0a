"""The learning process: ``python -m limner_training run --folder RUN``.

``name`` in place of ``run`` learns named landmarks.

Events go to standard output, one JSON line each; wishes come from standard input.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

from limner_engine.errors import LimnerError, TrainingError
from limner_engine.kept_memory import keep_freed_memory
from limner_engine.quiet_threads import wait_without_spinning
from limner_training.config import TrainConfig
from limner_training.control import Control
from limner_training.events import Event, Failed, Say, to_line
from limner_training.naming.settings import NAMES_FILE
from limner_training.run_folder import RunFolder


def main(arguments: list[str] | None = None) -> int:
    """Run one command.

    Returns:
        0 when the output is whole, 2 for a person's mistake.
    """
    parser = argparse.ArgumentParser(prog="python -m limner_training", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    run = commands.add_parser("run", help="learn in a run folder, or go on there")
    run.add_argument("--folder", type=Path, required=True)
    run.add_argument(
        "--config", type=Path, help="settings for a new run, when the folder holds none yet"
    )
    run.add_argument("--detached", action="store_true", help="heed nobody on standard input")
    name = commands.add_parser("name", help="learn named landmarks in a folder made for it")
    name.add_argument("--folder", type=Path, required=True)
    name.add_argument("--detached", action="store_true", help="heed nobody on standard input")
    pack = commands.add_parser("pack", help="cut videos and pictures into one .npz file")
    pack.add_argument(
        "sources", nargs="+", help="videos, folders of pictures, or .npz files made before"
    )
    pack.add_argument("--out", type=Path, required=True)
    pack.add_argument("--size", choices=("lite", "medium", "paper"), default="paper")
    pack.add_argument("--frames-per-video", type=int, default=300)
    pack.add_argument(
        "--crop-mode", choices=("auto", "face", "motion", "turning", "whole"), default="auto"
    )
    chosen = parser.parse_args(arguments)
    wait_without_spinning()
    keep_freed_memory()
    try:
        return {"run": _run, "name": _name, "pack": _pack}[chosen.command](chosen)
    except LimnerError as error:
        print(f"limner: {error}", file=sys.stderr)
        return 2


def _run(chosen: argparse.Namespace) -> int:
    folder = RunFolder(chosen.folder)
    if not folder.config_path.exists() and chosen.config:
        RunFolder.adopt(chosen.folder, TrainConfig.read(chosen.config))
    folder = RunFolder.open(chosen.folder)

    def work(say: Say, control: Control) -> None:
        from limner_training.loop import learn

        learn(folder, say, control)

    return _converse(folder.events_path, work, detached=chosen.detached)


def _name(chosen: argparse.Namespace) -> int:
    folder: Path = chosen.folder
    if not (folder / NAMES_FILE).is_file():
        raise TrainingError(f"{folder} holds no labels.", "Choose the folder of a run for names.")

    def work(say: Say, control: Control) -> None:
        from limner_training.naming.second_layer import learn_in

        learn_in(folder, say, control)

    return _converse(RunFolder(folder).events_path, work, detached=chosen.detached)


def _converse(events_path: Path, work: Callable[[Say, Control], None], *, detached: bool) -> int:
    """Work while events go out and wishes come in.

    Returns:
        The command's status.
    """
    if not detached:
        # An interrupt from the terminal reaches the whole group; the one who started us tells us.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
    # Libraries print; the events' stream must not carry that.
    stream = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())

    with events_path.open("a", encoding="utf-8") as log:

        def say(event: Event) -> None:
            line = to_line(event)
            log.write(line + "\n")
            log.flush()
            with contextlib.suppress(
                BrokenPipeError
            ):  # the window is gone; the run ends by itself
                stream.write(line + "\n")
                stream.flush()

        try:
            work(say, Control(None if detached else sys.stdin))
        except LimnerError as error:
            say(Failed(str(error)))
            return 2
        except Exception as error:
            say(Failed(f"Learning broke off: {type(error).__name__}: {error}"))
            raise
    return 0


def _pack(chosen: argparse.Namespace) -> int:
    from limner_training.data.video_frames import gather

    # Looking through the sources takes minutes.
    if chosen.out.suffix != ".npz":
        raise TrainingError(f"--out {chosen.out} has to end in .npz.", "Runs know it by that.")
    if not chosen.out.absolute().parent.is_dir():
        raise TrainingError(
            f"There is no folder {chosen.out.absolute().parent}.",
            "Make it first, or choose another.",
        )
    config = TrainConfig(
        sources=tuple(chosen.sources),
        frames_per_video=chosen.frames_per_video,
        crop_mode=chosen.crop_mode,
    )

    def report(message: str, share: float) -> bool:
        print(f"\r{message}: {share:4.0%}", end="", file=sys.stderr, flush=True)
        return True

    def note(sentence: str) -> None:
        print(f"\n{sentence}", file=sys.stderr)

    frames = gather(config, 64 if chosen.size == "lite" else 128, report, note)
    frames.pack(chosen.out)
    stills = int(frames.still[frames.video].sum())
    kinds = ((len(frames) - stills, "frames of videos"), (stills, "still pictures"))
    said = " and ".join(f"{count} {kind}" for count, kind in kinds if count)
    print(f"\n{said}", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
