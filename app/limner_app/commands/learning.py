"""A learning run watched from the command line; it runs in a process of its own."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import IO

from limner_engine.errors import TrainingError
from limner_training.events import (
    Done,
    Event,
    Failed,
    HeldBack,
    Paused,
    Preparing,
    Progress,
    Started,
    Warned,
    from_line,
)
from limner_training.run_folder import RunFolder

Show = Callable[[float, str], object]

_PREPARING = 0.1
"""Share of the bar that reading the videos and learning their colours get."""


@dataclass(slots=True)
class _Shown:
    """What the bar says."""

    share: float = 0.0
    ratio: float = float("nan")


def learn(run: RunFolder, show: Show, warn: Callable[[str], object], *, verb: str = "run") -> Done:
    """Learn in a run folder until the end, or until Ctrl+C, which keeps the model.

    Args:
        run: The folder, with its settings.
        show: Told the share done, 0..1, and how it goes.
        warn: Told what a person should know.
        verb: What the learning process is to do in it: ``run``, or ``name`` for named landmarks.

    Returns:
        The last event of the run.

    Raises:
        TrainingError: the run cannot start or go on, and says why.
        RuntimeError: the process died without saying why.
    """
    command = [sys.executable, "-m", "limner_training", verb, "--folder", str(run.path)]
    process = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8"
    )
    assert process.stdin is not None
    assert process.stdout is not None
    shown = _Shown()
    last: Event | None = None
    asked = False
    try:
        while True:
            try:
                last = _follow(process.stdout, shown, show, warn, last)
                break
            except KeyboardInterrupt:
                if asked:
                    raise
                asked = True
                warn("stopping; the model is kept. Ctrl+C again to give it up")
                _tell(process.stdin, "stop\n")
        status = process.wait()
    finally:
        # A second Ctrl+C, or a bug here, must not leave a process behind.
        if process.poll() is None:
            process.kill()
            process.wait()
        process.stdin.close()
        process.stdout.close()
    if isinstance(last, Failed):
        raise TrainingError(last.message)
    if status or not isinstance(last, Done):
        raise RuntimeError(f"the learning process ended with status {status} and without a model")
    return last


def _tell(stream: IO[str], line: str) -> None:
    try:
        stream.write(line)
        stream.flush()
    except BrokenPipeError:  # it has just ended by itself
        return


def _follow(
    lines: IO[str],
    shown: _Shown,
    show: Show,
    warn: Callable[[str], object],
    last: Event | None,
) -> Event | None:
    """Read events to the end; gives the last one that ends a run."""
    for line in lines:
        event = from_line(line)
        match event:
            case Preparing(message, share):
                # Each of several works begins at 0 again; the bar never goes back.
                shown.share = max(shown.share, _PREPARING * share)
                show(shown.share, f"{message}, {share:.0%}" if share else message)
            case Started(step, _, device, train_frames, _):
                again = f", going on at step {step}" if step else ""
                show(shown.share, f"{train_frames} frames on {device}{again}")
            case Progress(_, loss, _, speed, elapsed, left):
                # The last step may end a little after the time is up.
                done = min(1.0, elapsed / max(elapsed + left, 1e-9))
                shown.share = _PREPARING + (1 - _PREPARING) * done
                held = "" if shown.ratio != shown.ratio else f", held back {shown.ratio:.2f}"
                show(shown.share, f"loss {loss:.4f}{held}, {speed:.0f} pairs/s")
            case HeldBack(_, _, ratio, _):
                shown.ratio = ratio
            case Warned(message):
                warn(message)
            case Paused() | None:
                pass
            case Done() | Failed():
                last = event
    return last
