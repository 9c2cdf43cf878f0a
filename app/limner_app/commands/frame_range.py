"""Frames named on the command line: one by itself, or ``--from`` and ``--to``."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from limner_engine.errors import LimnerError

if TYPE_CHECKING:
    from limner_engine.video.reader import VideoReader


def add_range(parser: argparse.ArgumentParser, what: str, first: str, last: str) -> None:
    """The two options.

    Args:
        parser: The command's.
        what: What is done to the frames, to stand behind "first frame".
        first: What goes without ``--from``.
        last: What goes without ``--to``.
    """
    parser.add_argument(
        "--from",
        dest="first",
        type=int,
        metavar="A",
        help=f"first frame {what}, from 0 (default: {first})",
    )
    parser.add_argument(
        "--to", dest="last", type=int, metavar="B", help=f"last frame {what} (default: {last})"
    )


def has_range(chosen: argparse.Namespace) -> bool:
    """Whether either was given."""
    return chosen.first is not None or chosen.last is not None


def check_frame(option: str, frame: int, reader: VideoReader) -> None:
    """Refuse a frame that a video does not have.

    Args:
        option: Where it was named.
        frame: Its number.
        reader: The video.

    Raises:
        LimnerError: the video has no such frame.
    """
    if not 0 <= frame < reader.frame_count:
        raise LimnerError(
            f"{option} {frame}: {reader.path.name} has no such frame.",
            f"Its frames go from 0 to {reader.frame_count - 1}.",
        )


def frame_range(chosen: argparse.Namespace, reader: VideoReader) -> tuple[int, int]:
    """The first frame, and the one after the last.

    Raises:
        LimnerError: the video has no such frames.
    """
    first = 0 if chosen.first is None else chosen.first
    last = reader.frame_count - 1 if chosen.last is None else chosen.last
    check_frame("--from", first, reader)
    check_frame("--to", last, reader)
    if first > last:
        raise LimnerError(
            f"--from {first} is behind --to {last}.", "Give the earlier frame to --from."
        )
    return first, last + 1
