"""One picture file, whatever its name and whatever is wrong with it."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from limner_engine.types import Image


def stored_picture(path: Path) -> Image | None:
    """A picture as RGB, turned as its camera noted.

    Returns:
        ``(H, W, 3)`` uint8; None where the file is gone, is no picture or fits no memory.
    """
    try:
        # Not by name: OpenCV cannot open every name on every system.
        stored = cv2.imdecode(np.frombuffer(path.read_bytes(), np.uint8), cv2.IMREAD_COLOR)
    except (OSError, cv2.error):  # gone, empty, or larger than any memory
        return None
    return None if stored is None else np.ascontiguousarray(stored[..., ::-1], np.uint8)
