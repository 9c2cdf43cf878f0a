"""``limner``: the window."""

from __future__ import annotations

import argparse
from pathlib import Path

from limner_engine.errors import LimnerError

NAME = "open"
SUMMARY = "open the window; the same as limner FILE ..."
ABOUT = "Open the window, on a project or on videos. The word open may be left out."
EXAMPLE = "limner mouse.mp4"


def add_options(parser: argparse.ArgumentParser) -> None:
    """Say what may stand after the command."""
    parser.add_argument("files", nargs="*", metavar="FILE", help="a project or videos")
    parser.add_argument("--sample", action="store_true", help="open the sample clip")


def run(chosen: argparse.Namespace) -> int:
    """Open the window; ends when it is closed."""
    files = [Path(name) for name in chosen.files]
    for path in files:
        if not path.exists():
            raise LimnerError(
                f"There is neither a command nor a file {path}.",
                "Check the name, or see: limner --help",
            )
    from limner_app import window

    return window.run(files, sample=chosen.sample)
