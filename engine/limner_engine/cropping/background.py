"""What stands still in a video, and what in a frame differs from it."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from limner_engine.types import Image

PICTURES = 60
"""Pictures from which the background is taken."""
MOST_CHANGE = 18.0
"""Change of a colour, 0 to 255, from which on something moves for sure."""
LEAST_CHANGE = 6.0
"""Change below which nothing is told from a camera's noise, however dim the thing is."""
NOISES = 5.0
"""How many standard deviations of a pixel's own noise it has to change by."""
CONTRAST_SHARE = 0.35
"""Share of what a thing differs by that a pixel has to differ by; its shadow mostly does not."""
CONTRAST_AREA_PX = 12
EDGES = 0.1
"""Share of the picture, where it is steepest, that tells whether the camera stands still."""
STILL_CHANGE = 5.0
"""How far those places may change in a picture of a camera that stands still."""
ONE_SIDED = 3.0
"""How many times more places have to be seen darker than brighter, or the reverse."""
DARKEST, BRIGHTEST = 20.0, 80.0
SWAY_SHARE = 1 / 72
"""How far a camera may sway to either side, in shares of the picture's short side."""
PART_SHARE = 0.1
"""Smallest part of what moves in shares of the largest part."""
COARSE_SIDE_PX = 144
"""Short side at which pictures of a camera that sways are compared."""
SMALLEST_AREA = 0.0015
"""Share of such a picture that must move for it to count."""
SMALLEST_AREA_PX = 10
"""The same in a picture of a camera that stands still, pixels."""


class Background:
    """The background of some pictures.

    Args:
        pictures: ``(H, W, 3)`` uint8, small and a little blurred, all of one size.

    Attributes:
        still: Whether the camera stands still. Where it does, small and dim things are seen too.
        scale: Size of the pictures that are given in sizes of those that masks have.
    """

    def __init__(self, pictures: Sequence[Image]) -> None:
        picks = np.linspace(0, len(pictures) - 1, min(len(pictures), PICTURES)).round()
        chosen = np.stack([pictures[int(i)] for i in np.unique(picks)])
        median = np.asarray(np.median(chosen, axis=0), np.float32)
        self.still = _stands_still(chosen, median)
        height, width = chosen.shape[1:3]
        self.scale = 1.0
        self._opening = np.ones((2, 2), np.uint8)
        if self.still:
            self._still(chosen, median)
            return
        self.scale = max(1.0, min(height, width) / COARSE_SIDE_PX)
        size = max(1, round(width / self.scale)), max(1, round(height / self.scale))
        median = np.asarray(cv2.resize(median, size, interpolation=cv2.INTER_AREA))
        # A hand-held camera sways a little, and every edge of the room then differs from itself. A
        # pixel counts as moving only if it lies outside what the background shows nearby.
        sway = round(SWAY_SHARE * min(size))
        nearby = np.ones((2 * sway + 1, 2 * sway + 1), np.uint8)
        self._opening = np.ones((max(2, 2 * sway - 1),) * 2, np.uint8)
        self._brightest = np.asarray(cv2.dilate(median, nearby).round(), np.uint8)
        self._darkest = np.asarray(cv2.erode(median, nearby).round(), np.uint8)
        self._threshold = np.full(median.shape[:2], MOST_CHANGE, np.float32)
        self._least_area = SMALLEST_AREA * size[0] * size[1]

    def _still(self, chosen: NDArray[np.uint8], median: NDArray[np.float32]) -> None:
        self._brightest = self._darkest = np.asarray(median.round(), np.uint8)
        self._least_area = SMALLEST_AREA_PX
        changes = np.stack([self._change(picture) for picture in chosen])
        noise = cv2.blur(1.4826 * np.median(changes, axis=0).astype(np.float32), (5, 5))
        area = min(CONTRAST_AREA_PX, changes[0].size)
        strongest = np.partition(changes.reshape(len(changes), -1), -area, axis=1)[:, -area]
        contrast = CONTRAST_SHARE * float(np.median(strongest))
        least = float(np.clip(contrast, LEAST_CHANGE, MOST_CHANGE))
        # What is at two places in turn is no noise, though the median lies between the two.
        self._threshold = np.maximum(np.minimum(NOISES * noise, 2 * MOST_CHANGE), least)
        # What rests in one place for most of the time stands in the median itself. Darker things
        # than their background never make it brighter, so that a brighter percentile has them out.
        moved = changes > self._threshold
        grey, base = chosen.sum(axis=3, dtype=np.int32), median.sum(axis=2)
        darker = int((moved & (grey < base)).any(axis=0).sum())
        brighter = int((moved & (grey > base)).any(axis=0).sum())
        if darker > ONE_SIDED * brighter:
            median = np.asarray(np.percentile(chosen, BRIGHTEST, axis=0), np.float32)
        elif brighter > ONE_SIDED * darker:
            median = np.asarray(np.percentile(chosen, DARKEST, axis=0), np.float32)
        self._brightest = self._darkest = np.asarray(median.round(), np.uint8)

    def _change(self, picture: Image) -> Image:
        """``(H, W)`` uint8: how far each pixel lies outside the background."""
        if self._brightest is self._darkest:
            change = cv2.absdiff(picture, self._brightest)
        else:
            above = cv2.subtract(picture, self._brightest)
            change = cv2.max(above, cv2.subtract(self._darkest, picture))
        red, green, blue = cv2.split(change)
        return np.asarray(cv2.max(cv2.max(red, green), blue), np.uint8)

    def mask(self, picture: Image) -> NDArray[np.bool_] | None:
        """What moves in a picture, without thin lines and parts that are small.

        Args:
            picture: As those that made the background.

        Returns:
            ``(h, w)`` at the size of the background; None where too little moves.
        """
        if self.scale > 1:
            height, width = self._brightest.shape[:2]
            small = cv2.resize(picture, (width, height), interpolation=cv2.INTER_AREA)
            picture = np.asarray(small, np.uint8)
        change = self._change(picture)
        # A flickering lamp or a breathing exposure changes everything a little.
        flicker = 3.0 * float(np.median(change[::3, ::3]))
        mask = _large_parts(change > np.maximum(self._threshold, flicker), self._opening)
        return mask if int(mask.sum()) >= self._least_area else None


def _stands_still(chosen: NDArray[np.uint8], median: NDArray[np.float32]) -> bool:
    """Whether the steep places of the background stay as they are."""
    grey = np.asarray(median.mean(axis=2), np.float32)
    steep = np.hypot(cv2.Sobel(grey, cv2.CV_32F, 1, 0), cv2.Sobel(grey, cv2.CV_32F, 0, 1))
    edges = steep >= np.quantile(steep, 1 - EDGES)
    before = median[edges]
    changes = [np.median(np.abs(picture[edges] - before).max(axis=1)) for picture in chosen]
    return float(np.median(changes)) <= STILL_CHANGE


def _large_parts(mask: NDArray[np.bool_], opening: NDArray[np.uint8]) -> NDArray[np.bool_]:
    opened = cv2.morphologyEx(mask.astype(np.uint8), cv2.MORPH_OPEN, opening)
    # Limbs that the threshold cut off still belong to their body.
    joined = cv2.dilate(opened, np.ones((5, 5), np.uint8))
    _, labels, stats, _ = cv2.connectedComponentsWithStats(joined)
    areas = stats[:, cv2.CC_STAT_AREA].astype(np.int64)
    areas[0] = 0
    large = areas >= PART_SHARE * areas.max()
    large[0] = False
    return np.asarray(large[labels] & (opened > 0))
