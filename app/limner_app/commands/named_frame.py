"""Single frames named on the command line: a picture, or ``VIDEO:FRAME``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from limner_engine.errors import LimnerError

if TYPE_CHECKING:
    from limner_engine.video.reader import VideoReader


def named_frame(text: str) -> tuple[Path, int | None]:
    """The file that is named, and which of its frames, where that is said.

    A file whose own name ends like a frame's number is meant itself.
    """
    path, (name, _, number) = Path(text), text.rpartition(":")
    if name and number.isascii() and number.isdigit() and not path.exists():
        return Path(name), int(number)
    return path, None


def chosen_frame(frame: int | None, reader: VideoReader) -> int:
    """The frame that `named_frame` means.

    Args:
        frame: What was said of it.
        reader: The file.

    Raises:
        LimnerError: The file has no such frame, or several and none was named.
    """
    name, count = reader.path.name, reader.frame_count
    if frame is None:
        if count > 1:
            raise LimnerError(
                f"{name} has {count} frames.", f"Say which one is meant: {name}:{count // 2}."
            )
        return 0
    if frame >= count:
        raise LimnerError(f"{name} has no frame {frame}.", f"Its frames go from 0 to {count - 1}.")
    return frame
