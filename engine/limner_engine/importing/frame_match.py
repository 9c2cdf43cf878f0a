"""Which frame of a video a picture is, by looking at both."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray

from limner_engine.types import Image

_SIDE = 48
_ALIKE = 12.0
"""Grey levels that the worst cell may differ by. A frame that another program decoded and kept as
JPEG is within 3, also where the two disagree about colours; the next frame of a person who talks
is 13 and more away, of a running animal 40 and more."""
_THE_SAME = 1.5
_NEARBY = 8
"""Frames to either side that are tried: programs miscount by a few after a seek."""


def unlikeness(one: Image, other: Image) -> float:
    """How different two pictures are: grey levels of the cell that differs most.

    Both are averaged into 48 by 48 cells, so that noise and the traces of compression vanish, and
    a difference that all cells share is left out.

    Args:
        one: ``(H, W, 3)`` uint8.
        other: Of the same size.
    """
    apart = _cells(one) - _cells(other)
    return float(np.abs(apart - np.median(apart)).max())


def find_frame(
    picture: Image, named: int, read: Callable[[int], Image | None], count: int
) -> int | None:
    """The frame that a picture was taken from.

    The frame of the number that labels give is taken where it looks the same; else the one nearby
    that looks most alike.

    Args:
        picture: ``(H, W, 3)`` uint8.
        named: Number that the labels give, from 0.
        read: Gives a frame by its number, or None where it cannot be read.
        count: Frames in the video.

    Returns:
        The number of the frame, or None where none nearby looks like the picture.
    """
    first = read(named) if 0 <= named < count else None
    if first is not None and first.shape != picture.shape:
        return None
    apart = unlikeness(picture, first) if first is not None else np.inf
    if apart <= _THE_SAME:
        return named
    best, least = named, apart
    for number in range(max(0, named - _NEARBY), min(count, named + _NEARBY + 1)):
        image = read(number) if number != named else None
        if image is None or image.shape != picture.shape:
            continue
        found = unlikeness(picture, image)
        # What stands still looks the same for many frames; then the number is believed.
        if found < min(least, 0.8 * apart):
            best, least = number, found
    return best if least <= _ALIKE else None


def _cells(image: Image) -> NDArray[np.float32]:
    grey = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
    small = cv2.resize(grey.astype(np.float32), (_SIDE, _SIDE), interpolation=cv2.INTER_AREA)
    return np.asarray(small, np.float32)
