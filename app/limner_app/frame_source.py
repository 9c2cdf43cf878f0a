"""Frames of the open video, decoded on a thread of their own so that the window never waits."""

from __future__ import annotations

import threading
from collections import deque
from concurrent.futures import Future

from PySide6.QtCore import QObject, Signal

from limner_engine.errors import FrameUnreadableError
from limner_engine.types import Image
from limner_engine.video.cache import FrameCache
from limner_engine.video.reader import VideoReader

CACHE_BYTES = 384 * 1024 * 1024
AHEAD_STEPPING = 4
"""Frames decoded beyond the wanted one in the direction of the last step."""
AHEAD_PLAYING = 12


class FrameSource(QObject):
    """Decodes on its own thread; while a person scrubs only the newest wish is met.

    Signals:
        arrived(int, object): A wished frame and its picture, None where it cannot be read.

    Args:
        reader: From now on used by this source's thread alone.
    """

    arrived = Signal(int, object)

    def __init__(self, reader: VideoReader, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._reader = reader
        self._cache = FrameCache(CACHE_BYTES)
        self._unreadable: set[int] = set()
        self._condition = threading.Condition()
        self._wish: int | None = None
        self._errands: deque[tuple[int, Future[Image | None]]] = deque()
        self._ahead: deque[int] = deque()
        self._last_wish = 0
        self._playing = False
        self._closed = False
        self._thread = threading.Thread(target=self._run, name="limner-frames", daemon=True)
        self._thread.start()

    def cached(self, frame_index: int) -> tuple[bool, Image | None]:
        """Whether a frame is at hand, and its picture, None where it cannot be read."""
        if frame_index in self._unreadable:
            return True, None
        image = self._cache.get(frame_index)
        return image is not None, image

    def wish(self, frame_index: int) -> None:
        """Ask for a frame; an older wish that is not met yet is dropped. `arrived` answers."""
        with self._condition:
            self._wish = frame_index
            self._ahead.clear()
            self._condition.notify()

    def look_ahead(self, frame_index: int) -> None:
        """Decode what is likely to be wished after a frame that is already at hand."""
        with self._condition:
            self._plan_ahead(frame_index)
            self._condition.notify()

    def read(self, frame_index: int) -> Image | None:
        """Wait for one frame, before all wishes; None where it cannot be read."""
        known, image = self.cached(frame_index)
        if known:
            return image
        answer: Future[Image | None] = Future()
        with self._condition:
            if self._closed:
                return None
            self._errands.append((frame_index, answer))
            self._condition.notify()
        return answer.result()

    def set_playing(self, playing: bool) -> None:
        """Whether the wishes now come from playing, which looks further ahead."""
        self._playing = playing

    def close(self) -> None:
        """End the thread and close the reader."""
        with self._condition:
            self._closed = True
            self._condition.notify()
        self._thread.join()
        self._reader.close()

    def _plan_ahead(self, frame_index: int) -> None:
        back = frame_index < self._last_wish and not self._playing
        jump = abs(frame_index - self._last_wish)
        self._last_wish = frame_index
        self._ahead.clear()
        if back or (jump > 10 and not self._playing):
            return  # a scrub: its next wish cannot be foretold, and going back is dear
        count = AHEAD_PLAYING if self._playing else AHEAD_STEPPING
        last = min(len(self._reader), frame_index + 1 + count)
        self._ahead.extend(i for i in range(frame_index + 1, last) if not self.cached(i)[0])

    def _decode(self, frame_index: int) -> Image | None:
        known, image = self.cached(frame_index)
        if known:
            return image
        try:
            image = self._reader[frame_index]
        except FrameUnreadableError:
            self._unreadable.add(frame_index)
            return None
        self._cache.put(frame_index, image)
        return image

    def _run(self) -> None:
        while True:
            with self._condition:
                while not (self._closed or self._errands or self._ahead) and self._wish is None:
                    self._condition.wait()
                if self._closed:
                    for _, answer in self._errands:
                        answer.set_result(None)
                    return
                errand = self._errands.popleft() if self._errands else None
                wish = None
                if errand is None and self._wish is not None:
                    wish, self._wish = self._wish, None
                elif errand is None:
                    self._decode_ahead = self._ahead.popleft()
            if errand is not None:
                try:
                    errand[1].set_result(self._decode(errand[0]))
                except Exception as error:  # handed on to the thread that waits
                    errand[1].set_exception(error)
            elif wish is not None:
                image = self._decode(wish)
                with self._condition:
                    if self._wish is None:
                        self._plan_ahead(wish)
                self.arrived.emit(wish, image)
            else:
                self._decode(self._decode_ahead)
