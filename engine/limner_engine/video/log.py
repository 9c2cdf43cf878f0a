"""Hearing what FFmpeg says about a file, without a word of it on the screen.

FFmpeg has one log for the whole process. It is off, except while `listening`. The lock matters: a
decoder's thread that writes to the log waits for Python, while Python may be waiting for that
thread to come to rest. So nothing that brings decoders to rest runs while somebody listens.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TypeAlias

import av
import av.logging

LogLine: TypeAlias = tuple[int, str, str]
"""Level, who says it, what is said."""

resting = threading.Lock()
"""Hold this while a decoder is flushed or closed."""

logging.getLogger("libav").addHandler(logging.NullHandler())
av.logging.set_level(None)
# Said twice it counts twice: the second time it may be about another packet.
av.logging.set_skip_repeated(False)


@contextmanager
def listening(level: int = av.logging.ERROR) -> Iterator[list[LogLine]]:
    """Collect what this thread's calls make FFmpeg say.

    Args:
        level: The least important level that is collected.

    Yields:
        The lines so far; it grows while the block runs.
    """
    with resting:
        av.logging.set_level(level)
        try:
            with av.logging.Capture(local=True) as lines:
                yield lines
        finally:
            av.logging.set_level(None)
