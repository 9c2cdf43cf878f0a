"""Pictures on disk, as PNG."""

from __future__ import annotations

import os
from pathlib import Path

import cv2
import numpy as np

from limner_engine.errors import LimnerError
from limner_engine.types import Image


def write_png(path: Path, image: Image) -> None:
    """Write a picture beside its place and give it its name once it is whole.

    Args:
        path: Where to.
        image: ``(H, W, 3)`` uint8 RGB.

    Raises:
        LimnerError: It cannot be written.
    """
    whole, data = cv2.imencode(".png", np.ascontiguousarray(image[..., ::-1]))
    if not whole:
        raise RuntimeError(f"OpenCV cannot encode a picture of shape {image.shape}")
    beside = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        try:
            beside.write_bytes(data.tobytes())
            beside.replace(path)
        finally:
            beside.unlink(missing_ok=True)
    except OSError as error:
        raise LimnerError(
            f"{path} cannot be written: {error.strerror or error}.",
            "Choose a folder that you may write to.",
        ) from error
