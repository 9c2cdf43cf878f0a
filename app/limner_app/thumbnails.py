"""Small pictures along a video, made on a thread and with a reader of their own."""

from __future__ import annotations

import logging
import threading
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QImage

from limner_engine.errors import LimnerError
from limner_engine.types import Image
from limner_engine.video.reader import VideoReader

_HEIGHT = 64
_log = logging.getLogger(__name__)


def small_picture(image: Image, height: int = _HEIGHT) -> QImage:
    """A picture shrunk to a height, averaging areas."""
    import cv2

    width = max(1, round(image.shape[1] * height / image.shape[0]))
    small = np.ascontiguousarray(cv2.resize(image, (width, height), interpolation=cv2.INTER_AREA))
    return QImage(small.data, width, height, 3 * width, QImage.Format.Format_RGB888).copy()


class ThumbnailMaker(QObject):
    """Makes the pictures of one video at a time; another request drops what is left of the last.

    Signals:
        made(str, int, object): Path of the video, frame, picture (`QImage`).
    """

    made = Signal(str, int, object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._serial = 0
        self._thread: threading.Thread | None = None

    def make(self, path: Path, frames: Sequence[int]) -> None:
        """Make the pictures of some frames; `made` tells of each."""
        self._serial += 1
        self._thread = threading.Thread(
            target=self._run,
            args=(self._serial, path, list(frames)),
            name="limner-thumbnails",
            daemon=True,
        )
        self._thread.start()

    def stop(self) -> None:
        """Drop what is left, and wait for the frame in hand."""
        self._serial += 1
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def _run(self, serial: int, path: Path, frames: list[int]) -> None:
        try:
            with VideoReader(path, threads=1) as reader:
                for frame in frames:
                    if serial != self._serial:
                        return
                    picture = self._picture(reader, frame)
                    if picture is not None and serial == self._serial:
                        self.made.emit(str(path), frame, picture)
        except LimnerError as error:
            # The window reads the same file and says what is wrong with it where people look.
            _log.info("no thumbnails of %s: %s", path, error)

    def _picture(self, reader: VideoReader, frame: int) -> QImage | None:
        try:
            return small_picture(reader[frame])
        except LimnerError:
            return None  # an unreadable frame leaves its place on the strip empty
