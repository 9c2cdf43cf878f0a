"""What moves, against the median of all samples as background."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from limner_engine.cropping.smoothing import Doubles, smooth
from limner_engine.types import Image

SMALL_SIDE_PX = 144
"""Short side of the pictures that are compared."""
BACKGROUND_SAMPLES = 60
SMALLEST_CHANGE = 18.0
"""Least change of a colour, 0 to 255, that may be motion rather than noise of the camera."""
SMALLEST_AREA = 0.0015
"""Share of the picture that must move for the sample to count."""
SWAY_SHARE = 1 / 72
"""How far a camera may sway to either side, in shares of the picture's short side."""
PART_SHARE = 0.1
"""Smallest part of what moves in shares of the largest part."""
TRIM = 0.03
"""Share of the moving area that is left out at each side of its box."""
MARGIN = 1.25
STAYS_SHARE = 1.25
"""Side of a crop that stands still, in sides of one that follows, up to which it stands still."""
STAYS_MARGIN = 1.15
SMALLEST_SIDE_PX = 64
"""Fewer pixels than the smallest network sees are never looked at."""
SMALLEST_SIDE = 0.3
"""Least side of the crop in shares of the frame's short side."""
SMALLEST_SIDE_STAYS = 0.6
"""The same where the object stays: what of it never moves, a body below an arm, is not seen."""
WHOLE_FROM = 0.9
"""Sides from which on the crop is the whole frame, in shares of its long side."""
POSITION_SIGMA_S = 0.4


class MotionFinder:
    """Collects small pictures of sampled frames, then finds what moves in them.

    Args:
        width: Of the frames, pixels.
        height: Of the frames, pixels.
    """

    def __init__(self, width: int, height: int) -> None:
        self._width, self._height = width, height
        self._shrink = max(1.0, min(width, height) / SMALL_SIDE_PX)
        self._small: list[Image] = []

    def look(self, frame: Image) -> None:
        """Add a frame."""
        size = (
            max(1, round(self._width / self._shrink)),
            max(1, round(self._height / self._shrink)),
        )
        small = cv2.resize(frame, size, interpolation=cv2.INTER_AREA)
        self._small.append(np.asarray(cv2.GaussianBlur(small, (3, 3), 0), np.uint8))

    def crops(self, seconds: Doubles) -> Doubles | None:
        """Smooth squares around what moves.

        Args:
            seconds: ``(N,)``: time of each frame that was looked at.

        Returns:
            ``(N, 3)``: centre x, centre y, side in pixels of the video; None where nothing moves.
        """
        boxes = self._boxes()
        known = np.isfinite(boxes).all(axis=1)
        if known.mean() < 0.1 or known.sum() < 2:
            return None
        times = seconds[known]
        left, top, right, bottom = (_median_of_neighbours(edge) for edge in boxes[known].T)
        # One side for the whole video: what the network sees should move, not grow and shrink.
        extent = float(np.percentile(right - left, 85)), float(np.percentile(bottom - top, 85))
        reach_x, reach_y = _reach(left, right), _reach(top, bottom)
        side = self._side(MARGIN, *extent)
        stays = self._side(STAYS_MARGIN, reach_x[1] - reach_x[0], reach_y[1] - reach_y[0])
        crops = np.full((len(boxes), 3), np.nan)
        short, long = min(self._width, self._height), max(self._width, self._height)
        if stays <= STAYS_SHARE * side:
            # Somebody acts on the spot: a square that does not move shows most of the movement.
            centre_x = np.full(len(times), sum(reach_x) / 2)
            centre_y = np.full(len(times), sum(reach_y) / 2)
            side = max(stays, SMALLEST_SIDE_STAYS * short)
        else:
            gap = float(np.median(np.diff(times)))
            sigma = max(POSITION_SIGMA_S, 1.5 * gap)
            centre_x = smooth(times, (left + right) / 2, sigma)
            centre_y = smooth(times, (top + bottom) / 2, sigma)
        side = max(side, SMALLEST_SIDE * short, SMALLEST_SIDE_PX)
        if side >= WHOLE_FROM * long:
            side = float(long)
        crops[known, 0] = _inside(centre_x, side, self._width)
        crops[known, 1] = _inside(centre_y, side, self._height)
        crops[known, 2] = side
        return crops

    def _side(self, margin: float, width: float, height: float) -> float:
        """Side of a square around a box; where the frame ends, no margin is needed."""
        return max(min(margin * width, self._width), min(margin * height, self._height))

    def _boxes(self) -> Doubles:
        """Left, top, right and bottom edge of what moves in each frame, pixels of the video."""
        stack = np.stack(self._small)
        picks = np.linspace(0, len(stack) - 1, min(len(stack), BACKGROUND_SAMPLES)).round()
        background = np.median(stack[picks.astype(int)], axis=0).astype(np.float32)
        boxes = np.full((len(stack), 4), np.nan)
        # A hand-held camera sways a little, and every edge of the room then differs from itself. A
        # pixel counts as moving only if it lies outside what the background shows nearby.
        sway = round(SWAY_SHARE * min(stack.shape[1:3]))
        nearby = np.ones((2 * sway + 1, 2 * sway + 1), np.uint8)
        brightest, darkest = cv2.dilate(background, nearby), cv2.erode(background, nearby)
        for i, small in enumerate(stack):
            change = np.maximum(small - brightest, darkest - small).max(axis=2).clip(min=0)
            # A flickering lamp or a breathing exposure changes everything a little.
            threshold = max(SMALLEST_CHANGE, 3.0 * float(np.median(change)))
            mask = _large_parts(change > threshold, max(2, 2 * sway - 1))
            if mask.mean() >= SMALLEST_AREA:
                left, right = _extent(mask.sum(axis=0))
                top, bottom = _extent(mask.sum(axis=1))
                boxes[i] = left, top, right, bottom
        # Edges between pixels, so that a box of n pixels is n wide: a half more at either end.
        return boxes * self._shrink - 0.5


def _large_parts(mask: NDArray[np.bool_], finest: int) -> NDArray[np.bool_]:
    """What moves, without lines thinner than ``finest`` pixels and parts that are small."""
    opened = cv2.morphologyEx(
        mask.astype(np.uint8), cv2.MORPH_OPEN, np.ones((finest, finest), np.uint8)
    )
    # Limbs that the threshold cut off still belong to their body.
    joined = cv2.dilate(opened, np.ones((5, 5), np.uint8))
    _, labels, stats, _ = cv2.connectedComponentsWithStats(joined)
    areas = stats[:, cv2.CC_STAT_AREA].astype(np.int64)
    areas[0] = 0
    large = areas >= PART_SHARE * areas.max()
    large[0] = False
    return np.asarray(large[labels] & (opened > 0))


def _extent(counts: NDArray[np.int64]) -> tuple[float, float]:
    """First and last edge of the columns (or rows) that hold all but the outermost counts."""
    share = np.cumsum(counts) / counts.sum()
    first = int(np.searchsorted(share, TRIM, side="right"))
    last = int(np.searchsorted(share, 1.0 - TRIM, side="left"))
    return float(first), float(last + 1)


def _reach(first: Doubles, last: Doubles) -> tuple[float, float]:
    """From where to where something ever is along one axis, but for the odd sample."""
    return float(np.percentile(first, 5)), float(np.percentile(last, 95))


def _median_of_neighbours(values: Doubles, reach: int = 2) -> Doubles:
    padded = np.pad(values, reach, mode="edge")
    windows = np.lib.stride_tricks.sliding_window_view(padded, 2 * reach + 1)
    return np.asarray(np.median(windows, axis=1), np.float64)


def _inside(centre: Doubles, side: float, length: int) -> Doubles:
    """Move squares into the frame along one axis; one that is larger stands in the middle."""
    if side >= length:
        return np.full_like(centre, (length - 1) / 2)
    return np.clip(centre, side / 2 - 0.5, length - side / 2 - 0.5)
