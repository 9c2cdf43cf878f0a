"""Frames of any video or picture, read beside the video on screen."""

from __future__ import annotations

import threading
from collections import OrderedDict
from pathlib import Path

from limner_engine.types import Image
from limner_engine.video.reader import VideoReader

_READERS_KEPT = 3


class FrameReading:
    """Readers of a few files; any thread may ask, one is answered at a time."""

    def __init__(self) -> None:
        self._turn = threading.Lock()
        self._readers: OrderedDict[Path, VideoReader] = OrderedDict()

    def read(self, path: Path, frame_index: int) -> Image:
        """A frame, ``(H, W, 3)`` uint8.

        Args:
            path: A video; a picture has one frame.
            frame_index: Which one; beyond the last the last.

        Raises:
            VideoError: The file or the frame cannot be read.
        """
        with self._turn:
            reader = self._reader(path)
            return reader[min(frame_index, reader.frame_count - 1)]

    def close(self) -> None:
        """Let go of the files; they are opened again when something is asked of them."""
        with self._turn:
            while self._readers:
                self._readers.popitem()[1].close()

    def _reader(self, path: Path) -> VideoReader:
        if path not in self._readers:
            self._readers[path] = VideoReader(path, threads=1)
            while len(self._readers) > _READERS_KEPT:
                self._readers.popitem(last=False)[1].close()
        self._readers.move_to_end(path)
        return self._readers[path]
