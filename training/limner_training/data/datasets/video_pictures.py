"""Single frames of videos as the pictures of a set."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from limner_engine.errors import FormatError
from limner_engine.types import Image

if TYPE_CHECKING:
    from limner_engine.video.reader import VideoReader


def frames_of(sources: Sequence[tuple[Path, int]], mend: str) -> Callable[[int], Image]:
    """Reads frames; the video of the last one stays open, as the next is mostly in it too.

    Args:
        sources: Video and frame of each picture.
        mend: What to do where a video ends before one of its frames.

    Returns:
        A function from the number of a picture to ``(H, W, 3)`` uint8 RGB.
    """
    kept: list[VideoReader] = []

    def picture(number: int) -> Image:
        # A GPU server has no video reader, and sets of stills need none.
        from limner_engine.video.reader import VideoReader

        video, frame = sources[number]
        if not kept or kept[0].path != video:
            while kept:
                kept.pop().close()
            kept.append(VideoReader(video))
        if frame >= len(kept[0]):
            raise FormatError(
                f"{video} has {len(kept[0])} frames, but frame {frame} is labelled.", mend
            )
        return kept[0][frame]

    return picture
