"""Redrawing at the video's own resolution: the source's detail on the network's motion.

The network draws a small, soft picture. What is sharp in the video can be kept wherever it only
moves: the network's pictures of the landmarks as found and as wanted tell how everything moves
from one to the other, and the source is carried along. What moving does not explain, such as teeth
in an opening mouth, and what would have to be torn, is taken from the network:

    result = carry(source) + enlarge(wanted - carry(found))

fading to the network's own picture where the source's detail holds no longer. No torch.
"""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from limner_engine.coordinates import cut, paste
from limner_engine.inference.motion import Motion, after, stretch
from limner_engine.types import Crop, Floats, Image

LARGEST_SIDE = 512
"""A redrawn crop has at most so many pixels a side: more take longer than a person should wait."""
NOISE = 6.0
"""Difference between the network's pictures that counts half, grey levels."""
ANOTHER = (12.0, 40.0)
"""Differences, grey levels, between which the detail fades: something else is there now."""
TORN = (1.5, 2.5)
"""Stretches or squeezes between which the detail fades: nothing real moves so."""
SOFT_SHARE = 1 / 64
"""Standard deviation of what decides between source and network, share of the side."""
TINT_SHARE = 1 / 12
"""Standard deviation of the brightness and colour that the network is corrected by."""
RAMP_SHARE = 1 / 12
"""Width of the border over which what the network adds comes in, share of the side."""
FEATHER_SHARE = 1 / 16
"""Width of the border over which a picture blends into its frame, share of the side."""


class Detail:
    """One source, ready to be carried to wanted landmarks.

    Args:
        source: ``(N, N, 3)`` uint8: the crop as `cut_source` gives it.
        points_norm: ``(K, 2)`` -1..1: where the network finds its landmarks; NaN where missing.
        redrawn: ``(S, S, 3)`` uint8: the network's picture with the landmarks there.
    """

    def __init__(self, source: Image, points_norm: Floats, redrawn: Image) -> None:
        size = redrawn.shape[0]
        self._source, self._points, self._redrawn = source, points_norm, redrawn
        self._motion = Motion(points_norm, redrawn)
        small = cv2.resize(source, (size, size), interpolation=cv2.INTER_AREA)
        wrong = cv2.subtract(small, redrawn, dtype=cv2.CV_32F)
        self._tint = cv2.GaussianBlur(wrong, (0, 0), TINT_SHARE * size)
        self._small_places, self._places = _places(size), _places(source.shape[0])
        self._ramp, self._room = _ramp(size), _Room(source.shape[0])

    def apply(self, points_norm: Floats, redrawn: Image) -> Image:
        """The source with its landmarks elsewhere.

        Args:
            points_norm: ``(K, 2)`` -1..1: where they are wanted; NaN leaves one out.
            redrawn: ``(S, S, 3)`` uint8: the network's picture with the landmarks there.

        Returns:
            ``(N, N, 3)`` uint8; exactly the source where all landmarks are as found.
        """
        if np.array_equal(points_norm, self._points, equal_nan=True):
            return self._source.copy()
        size, side = redrawn.shape[0], self._source.shape[0]
        field = self._motion.field(points_norm, redrawn)
        from_small = self._small_places + field
        new = cv2.subtract(redrawn, _carry(self._redrawn, from_small), dtype=cv2.CV_32F)
        soft = SOFT_SHARE * size
        amount = cv2.GaussianBlur(np.abs(new).max(axis=-1), (0, 0), soft)
        lost = np.maximum(_rise(amount, *ANOTHER), _rise(stretch(field), *TORN))
        lost = cv2.GaussianBlur(lost, (0, 0), soft) * self._ramp
        new *= (amount**2 / (amount**2 + NOISE**2) * self._ramp)[..., None]
        alone = redrawn + _carry(self._tint, from_small)
        given = new + lost[..., None] * (alone - new)
        hand = self._motion.hand(points_norm, field)
        if hand is not None:
            # What the hand adds is carried whole, with all that the network gave: the network,
            # which did not move it, would only put it back.
            taken = self._small_places + hand
            given, lost = _carry(given, taken), _carry(lost, taken)
            field = after(field, hand)
        # The field is small, the source is not: here is where the time goes. Fresh memory of this
        # size costs as much as filling it.
        whole, room = (side, side), self._room
        cv2.resize(field * np.float32(side / size), whole, dst=room.places)
        cv2.add(room.places, self._places, dst=room.places)
        moving = (field[..., 0] != 0) | (field[..., 1] != 0)
        rows, columns = _span(moving.any(axis=1), side), _span(moving.any(axis=0), side)
        carried = self._source.copy()
        part = room.places[rows, columns]
        if part.size:
            carried[rows, columns] = _carry(self._source, part, cv2.INTER_CUBIC)
        cv2.resize(np.repeat(1 - lost[..., None], 3, axis=-1), whole, dst=room.kept)
        cv2.multiply(carried, room.kept, dst=room.kept, dtype=cv2.CV_32F)
        cv2.resize(given, whole, dst=room.given)
        made = cv2.add(room.kept, room.given, dtype=cv2.CV_8U)  # rounds and clips
        return np.asarray(made, np.uint8)


class _Room:
    """Memory for what has the source's size."""

    def __init__(self, side: int) -> None:
        self.places = np.empty((side, side, 2), np.float32)
        self.kept = np.empty((side, side, 3), np.float32)
        self.given = np.empty((side, side, 3), np.float32)


def cut_source(frame: Image, crop: Crop, least: int) -> Image:
    """A crop at the video's own resolution.

    Args:
        frame: ``(H, W, 3)`` uint8.
        crop: What to cut.
        least: Fewest pixels a side: the network's.

    Returns:
        ``(N, N, 3)`` uint8, N from ``least`` to `LARGEST_SIDE`.
    """
    return cut(frame, crop, max(least, min(LARGEST_SIDE, round(crop.side_px))), sharp=True)


def lay_over(frame: Image, redrawn: Image, crop: Crop) -> Image:
    """Put a redrawn crop back into its frame, without a seam.

    Args:
        frame: ``(H, W, 3)`` uint8; not changed.
        redrawn: ``(N, N, 3)`` uint8, the crop in any resolution.
        crop: Where it belongs.

    Returns:
        A new frame.
    """
    feather = FEATHER_SHARE * redrawn.shape[0]
    return paste(frame, redrawn, crop, feather, changed(frame, redrawn, crop))


def changed(frame: Image, redrawn: Image, crop: Crop) -> Floats:
    """Where a redrawn crop is another picture than the frame's own.

    Elsewhere the frame's own pixels should stay: resampling them to the crop and back would
    soften them.

    Args:
        frame: ``(H, W, 3)`` uint8, the whole frame: so it is resampled as it was for redrawing.
        redrawn: ``(N, N, 3)`` uint8.
        crop: Where it belongs.

    Returns:
        ``(N, N)`` in 0..1, softly rising to 1 before anything changes.
    """
    size = redrawn.shape[0]
    off = cv2.absdiff(redrawn, cut(frame, crop, size, sharp=True))
    red, green, blue = cv2.split(off)
    _, other = cv2.threshold(cv2.max(cv2.max(red, green), blue), 1, 255, cv2.THRESH_BINARY)
    reach = 1 + round(size / 100)
    window = (2 * reach + 1, 2 * reach + 1)
    wide = cv2.blur(cv2.dilate(other, np.ones(window, np.uint8)), window)
    return np.asarray(wide, np.float32) / np.float32(255)


def _carry(picture: NDArray[Any], places: Floats, how: int = cv2.INTER_LINEAR) -> NDArray[Any]:
    """Each pixel taken from its place, ``(N, N, 2)`` pixels."""
    edge = cv2.BORDER_REPLICATE
    carried: NDArray[Any] = cv2.remap(
        picture, places, np.empty(0, np.float32), how, borderMode=edge
    )
    return carried


def _span(moving: NDArray[np.bool_], side: int) -> slice:
    """Which of ``side`` pixels along an axis lie where the smaller field moves, one cell wider."""
    at, cell = np.flatnonzero(moving), side / len(moving)
    if not at.size:
        return slice(0, 0)
    return slice(max(0, int((at[0] - 1) * cell)), min(side, int((at[-1] + 2) * cell) + 1))


def _rise(values: Floats, low: float, high: float) -> Floats:
    """0 up to ``low``, 1 from ``high`` on."""
    return np.asarray(np.clip((values - low) / (high - low), 0, 1), np.float32)


def _ramp(size: int) -> Floats:
    """1 inside, smoothly falling to 0 at the border; ``(size, size)``."""
    at = np.arange(size)
    rising = np.clip(np.minimum(at, size - 1 - at) / (RAMP_SHARE * size), 0, 1)
    rising = rising * rising * (3 - 2 * rising)
    return np.minimum.outer(rising, rising).astype(np.float32)


def _places(size: int) -> Floats:
    """Each pixel's own place, ``(size, size, 2)``."""
    at = np.arange(size, dtype=np.float32)
    return np.stack(np.meshgrid(at, at), axis=-1)
