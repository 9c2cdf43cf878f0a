"""Squares that turn with a long body seen from above, so that its head is always at the top."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from limner_engine.cropping.motion import (
    CLOSE_S,
    LEFT_OUT,
    SMALLEST_SIDE_PX,
    TYPICAL,
    moves,
    off_the_line,
    smoothing_s,
)
from limner_engine.cropping.setting import CropSetting
from limner_engine.cropping.silhouette import AXIS, BREADTH, LEFT, LENGTH, SINGLE, X, Y
from limner_engine.cropping.smoothing import Doubles, median_of_neighbours, smooth

LONG = 1.35
"""Length in breadths from which a body counts as long."""
ONE_WAY = 0.8
"""Mean resultant length of the axes, 0 to 1, from which on the body keeps one direction."""
LEAST_TURN_RAD = math.pi / 2
ALONE = 0.8
"""Share of what moves that has to hang together as one body."""
ABOUT = 1.2
"""How many of its lengths a body has to get about."""
LARGE = 0.5
"""Length in shares of the frame's short side above which nothing is seen from far above."""
TURN_SIGMA = 0.35
"""How far an axis turns between close samples, radians: the scale on which turns are unlikely."""
TRAVEL_WEIGHT = 2.0
"""Most that one sample's direction of travel counts against the continuity of turning."""
FOLLOWED_S = 0.35
"""Seconds between samples up to which turns are followed from one to the next."""
QUICK = 0.6
"""Speed in lengths of the body a second at which half of that counts."""


def headings(silhouettes: Doubles, seconds: Doubles) -> Doubles:
    """Which way the head of a long body points.

    An axis has two ends. Which of them leads is chosen for all samples at once: by turning little
    from one to the next, and by heads going first. The cheapest choice is found by Viterbi's
    recursion over the two ends.

    Args:
        silhouettes: ``(N, COLUMNS)`` without NaN.
        seconds: ``(N,)``: time of each, rising.

    Returns:
        ``(N,)`` radians, clockwise as seen from the frame's x axis, without jumps by whole turns.
    """
    count = len(silhouettes)
    axis = silhouettes[:, AXIS]
    if count == 1:
        return np.asarray(axis.copy(), np.float64)
    gaps = np.diff(seconds)
    sigma = smoothing_s(float(np.median(gaps)))
    x = smooth(seconds, silhouettes[:, X], sigma)
    y = smooth(seconds, silhouettes[:, Y], sigma)
    length = max(float(np.median(silhouettes[:, LENGTH])), 1e-6)
    forward = np.gradient(x, seconds) * np.cos(axis) + np.gradient(y, seconds) * np.sin(axis)
    forward /= length
    # How much it tells grows with speed, and reaches its most in a quick walk.
    toward = TRAVEL_WEIGHT * forward / (QUICK + abs(forward))
    # A round outline has an axis only by chance; nothing is learned from its turning.
    long = np.clip(silhouettes[:, LENGTH] / np.maximum(silhouettes[:, BREADTH], 1e-6) - 1, 0, 1)
    sure = np.minimum(long[:-1], long[1:])
    # Half a turn is the most that two ends can differ by, and equally likely after a long gap.
    width = TURN_SIGMA * np.sqrt(np.maximum(gaps, 1e-6) / CLOSE_S * 2).clip(0.25)
    step = np.angle(np.exp(1j * np.diff(axis)))
    stay = sure * (step / width) ** 2 / 2
    swap = sure * ((np.pi - abs(step)) / width) ** 2 / 2
    cost = np.array([-toward[0], toward[0]])
    came_by_swap = np.zeros((count, 2), np.bool_)
    for i in range(1, count):
        kept, swapped = cost + stay[i - 1], cost[::-1] + swap[i - 1]
        came_by_swap[i] = swapped < kept
        cost = np.where(came_by_swap[i], swapped, kept) + np.array([-toward[i], toward[i]])
    end = int(np.argmin(cost))
    ends = np.zeros(count, np.int64)
    for i in range(count - 1, -1, -1):
        ends[i] = end
        if came_by_swap[i, end]:
            end = 1 - end
    return np.unwrap(axis + np.pi * ends)


def may_turn(silhouettes: Doubles, size: tuple[int, int]) -> bool:
    """Whether what moves is a long body that gets about and turns, seen from above.

    Heads, and bodies that stand upright, are no such thing: their axis keeps its direction, or
    they are large.

    Args:
        silhouettes: ``(N, COLUMNS)``; NaN where nothing was seen.
        size: Width and height of the frames.
    """
    if not moves(silhouettes):
        return False
    seen = silhouettes[np.isfinite(silhouettes[:, LEFT])]
    length = float(np.median(seen[:, LENGTH]))
    far = max(np.ptp(np.percentile(seen[:, column], [2, 98])) for column in (X, Y))
    return bool(
        float(np.median(seen[:, LENGTH] / seen[:, BREADTH])) >= LONG
        and length <= LARGE * min(size)
        and far > ABOUT * length
        and float(np.mean(seen[:, SINGLE] >= ALONE)) >= ALONE
        and abs(np.exp(2j * seen[:, AXIS]).mean()) < ONE_WAY
    )


def turning_suits(silhouettes: Doubles, seconds: Doubles, size: tuple[int, int]) -> bool:
    """Whether `may_turn` holds, and samples tell that its heading goes through a right angle.

    Args:
        silhouettes: ``(N, COLUMNS)``; NaN where nothing was seen.
        seconds: ``(N,)``: time of each.
        size: Width and height of the frames.
    """
    if not may_turn(silhouettes, size):
        return False
    known = np.isfinite(silhouettes[:, LEFT])
    seen, times = silhouettes[known], seconds[known]
    if float(np.median(np.diff(times))) > FOLLOWED_S:
        return False
    return bool(np.ptp(np.percentile(headings(seen, times), [2, 98])) > LEAST_TURN_RAD)


def turning_crops(
    silhouettes: Doubles, seconds: Doubles, size: tuple[int, int], setting: CropSetting
) -> Doubles | None:
    """Smooth squares that turn with what moves.

    Args:
        silhouettes: ``(N, COLUMNS)``; NaN where nothing was seen.
        seconds: ``(N,)``: time of each.
        size: Width and height of the frames.
        setting: Margin and least side.

    Returns:
        ``(N, 4)``: centre x, centre y, side in pixels of the video, angle in radians; the head
        points up in the square. NaN where nothing was seen; None where nothing moves.
    """
    if not moves(silhouettes):
        return None
    known = np.isfinite(silhouettes[:, LEFT])
    seen, times = silhouettes[known], seconds[known]
    sigma = smoothing_s(float(np.median(np.diff(times))))
    x, y = (smooth(times, median_of_neighbours(seen[:, column], 1), sigma) for column in (X, Y))
    heading = smooth(times, median_of_neighbours(headings(seen, times), 1), sigma)
    needed = _needed(seen, x, y, heading)
    side = max(
        (1 + setting.margin) * float(np.percentile(seen[:, LENGTH], TYPICAL)),
        (1 + setting.margin / 2) * float(np.percentile(needed, 100 - LEFT_OUT)),
    )
    side += 2 * max(off_the_line(times, centre) for centre in (x, y))
    side = min(max(side, setting.least_side_px or SMALLEST_SIDE_PX), float(math.hypot(*size)))
    crops = np.full((len(silhouettes), 4), np.nan)
    crops[known] = np.column_stack([x, y, np.full(len(x), side), heading + np.pi / 2])
    return crops


def _needed(seen: Doubles, x: Doubles, y: Doubles, heading: Doubles) -> NDArray[np.float64]:
    """Sides of the squares at given places and angles that hold the boxes along the axes."""
    off = seen[:, AXIS] - heading
    cos, sin = abs(np.cos(off)), abs(np.sin(off))
    length, breadth = seen[:, LENGTH] / 2, seen[:, BREADTH] / 2
    dx, dy = seen[:, X] - x, seen[:, Y] - y
    along = abs(np.cos(heading) * dx + np.sin(heading) * dy) + length * cos + breadth * sin
    across = abs(np.cos(heading) * dy - np.sin(heading) * dx) + length * sin + breadth * cos
    return 2 * np.maximum(along, across)
