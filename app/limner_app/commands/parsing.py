"""Words of the command line that several commands understand."""

from __future__ import annotations

import argparse
import math
import re
from pathlib import Path
from typing import Any, NoReturn

from limner_engine.errors import LimnerError

CROP_MODES = ("auto", "face", "motion", "turning", "whole")


class UsageError(Exception):
    """The words do not fit the command; one line that says how they would."""


class Parser(argparse.ArgumentParser):
    """A parser whose complaints are one line, without the usage before it."""

    def __init__(self, *args: Any, **settings: Any) -> None:
        # A shortened option that works today would become ambiguous with the next new one.
        settings["allow_abbrev"] = False
        super().__init__(*args, **settings)

    def error(self, message: str) -> NoReturn:
        """Complain.

        Raises:
            UsageError: always.
        """
        raise UsageError(f"{message}. See: {self.prog} --help")


def add_json(parser: argparse.ArgumentParser) -> None:
    """``--json``."""
    parser.add_argument(
        "--json",
        action="store_true",
        help="print the result as one JSON object on standard output",
    )


def add_looking(parser: argparse.ArgumentParser, model: str = "") -> None:
    """Options about what looks at a video and where: model, crop, device, threads.

    Args:
        parser: The command's.
        model: Which model has to be named, where none is bundled.
    """
    parser.add_argument(
        "--model",
        metavar="M",
        required=bool(model),
        help=model
        or "a model file, or the name of a bundled model; "
        "the bundled 'faces' where faces are found, if not given",
    )
    parser.add_argument(
        "--crop",
        default="auto",
        metavar="CROP",
        help="what to look at: auto, face, motion, turning (what moves, turned with it), whole, "
        "or a square as X,Y,SIDE in pixels with its centre at X,Y (default: auto)",
    )
    parser.add_argument(
        "--device", default="auto", choices=("auto", "cpu", "cuda", "mps"), help="where to compute"
    )
    parser.add_argument(
        "--threads", type=whole_number, default=2, metavar="N", help="processor threads"
    )


def whole_number(text: str) -> int:
    """A whole number above 0, for argparse."""
    if not text.isascii() or not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number above 0")
    return int(text)


def minutes(text: str) -> float:
    """A time above 0, for argparse."""
    return _above_zero(text, "a number of minutes above 0")


def positive(text: str) -> float:
    """A number above 0, for argparse."""
    return _above_zero(text, "a number above 0")


def _above_zero(text: str, what: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 0 < value < math.inf:
        raise argparse.ArgumentTypeError(f"{text!r} is not {what}")
    return value


def crop_square(text: str) -> tuple[float, float, float] | None:
    """The square in ``X,Y,SIDE``, or None where the text names a mode.

    Raises:
        LimnerError: neither.
    """
    if text in CROP_MODES:
        return None
    parts = text.split(",")
    try:
        x, y, side = (float(part) for part in parts)
    except ValueError:
        x = y = side = math.nan
    if not (math.isfinite(x) and math.isfinite(y) and 0 < side < math.inf):
        raise LimnerError(
            f"--crop cannot be {text!r}.",
            f"Give {', '.join(CROP_MODES)}, or X,Y,SIDE in pixels such as 320,240,200.",
        )
    return x, y, side


_NUMBER = r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)"
_MOVE = re.compile(rf"^(?P<name>.+)=\s*(?P<x>{_NUMBER})\s*,\s*(?P<y>{_NUMBER})\s*$")


def move(text: str) -> tuple[str, float, float, bool]:
    """A move such as ``nose=+10,-5`` (by) or ``nose=120,80`` (to).

    Returns:
        The landmark's name, x and y in pixels, and whether they are relative.

    Raises:
        LimnerError: the text is no move.
    """
    found = _MOVE.match(text)
    if found is None:
        raise LimnerError(
            f"--move cannot be {text!r}.", 'Write it as "point 3=+10,-5" or "point 3=120,80".'
        )
    signed = [found[axis][0] in "+-" for axis in ("x", "y")]
    if signed[0] != signed[1]:
        raise LimnerError(
            f"In --move {text!r} one number has a sign and the other has none.",
            "Give both a sign to move by so many pixels, or neither to move to a place.",
        )
    return found["name"].strip(), float(found["x"]), float(found["y"]), signed[0]


def output_file(
    text: str, suffixes: tuple[str, ...], inputs: list[Path], option: str = "--out"
) -> Path:
    """Where a file is to go, checked before any work is done.

    Args:
        text: What stands after ``--out``.
        suffixes: How the name may end.
        inputs: Files that are read, none of which may be written.
        option: What the person wrote before it.

    Raises:
        LimnerError: it cannot go there.
    """
    path = Path(text)
    if path.suffix.lower() not in suffixes:
        raise LimnerError(
            f"{option} {path} has to end in {' or '.join(suffixes)}.",
            f"Try {path.stem}{suffixes[0]}.",
        )
    if path.is_dir():
        raise LimnerError(f"{option} {path} is a folder.", "Name a file in it.")
    if not path.absolute().parent.is_dir():
        raise LimnerError(
            f"There is no folder {path.absolute().parent}.", "Make it first, or choose another."
        )
    refuse_inputs(path, inputs)
    return path


def refuse_inputs(path: Path, inputs: list[Path]) -> None:
    """Refuse to write over what is read.

    Raises:
        LimnerError: ``path`` is one of ``inputs``.
    """
    if path.exists() and any(other.exists() and path.samefile(other) for other in inputs):
        raise LimnerError(f"--out {path} is also an input.", "Choose another name.")
