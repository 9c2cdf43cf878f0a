"""Pictures kept in memory, the least recently used given up first."""

from __future__ import annotations

import threading
from collections import OrderedDict

from limner_engine.types import Image


class FrameCache:
    """Decoded pictures by frame index, within a budget of memory; safe to use from any thread.

    Args:
        budget_bytes: How much memory the pictures may take together.
    """

    def __init__(self, budget_bytes: int) -> None:
        if budget_bytes < 0:
            raise ValueError(f"a budget cannot be negative, not {budget_bytes}")
        self._budget_bytes = budget_bytes
        self._used_bytes = 0
        self._images: OrderedDict[int, Image] = OrderedDict()
        self._lock = threading.Lock()

    def __len__(self) -> int:
        with self._lock:
            return len(self._images)

    @property
    def used_bytes(self) -> int:
        """Memory that the kept pictures take."""
        with self._lock:
            return self._used_bytes

    def get(self, index: int) -> Image | None:
        """The picture of a frame, or None where it is not kept."""
        with self._lock:
            image = self._images.get(index)
            if image is not None:
                self._images.move_to_end(index)
            return image

    def put(self, index: int, image: Image) -> None:
        """Keep a picture; one that alone is over the budget is not kept."""
        with self._lock:
            known = self._images.pop(index, None)
            if known is not None:
                self._used_bytes -= known.nbytes
            if image.nbytes > self._budget_bytes:
                return
            self._images[index] = image
            self._used_bytes += image.nbytes
            while self._used_bytes > self._budget_bytes:
                _, dropped = self._images.popitem(last=False)
                self._used_bytes -= dropped.nbytes

    def clear(self) -> None:
        """Give up all pictures."""
        with self._lock:
            self._images.clear()
            self._used_bytes = 0
