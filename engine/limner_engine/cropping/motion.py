"""What moves, against what all samples share as background."""

from __future__ import annotations

import cv2
import numpy as np

from limner_engine.cropping.background import Background
from limner_engine.cropping.setting import CropSetting
from limner_engine.cropping.silhouette import (
    BOTTOM,
    COLUMNS,
    LEFT,
    RIGHT,
    TOP,
    in_video,
    silhouette,
)
from limner_engine.cropping.smoothing import Doubles, median_of_neighbours, smooth
from limner_engine.types import Image

SMALL_SIDE_PX = 256
"""Short side of the pictures that are compared."""
STAYS_SHARE = 1.25
"""Side of a crop that stands still, in sides of one that follows, up to which it stands still."""
STAYS_MARGIN = 0.6
"""Share of the margin that a square gets which stands still, where all that moves is in it."""
SMALLEST_SIDE_PX = 64
"""Fewer pixels than the smallest network sees are never looked at."""
SMALLEST_SIDE = 0.3
"""Least side of the crop in shares of the frame's short side."""
SMALLEST_SIDE_STAYS = 0.6
"""The same where the object stays: what of it never moves, a body below an arm, is not seen."""
ROAMS_SIDES = 2.5
"""How many of its own sides a thing has to get about for all of it to be known to move."""
WHOLE_FROM = 0.9
"""Sides from which on the crop is the whole frame, in shares of its long side."""
POSITION_SIGMA_S = 0.4
CLOSE_SIGMA_S = 0.12
"""The same where samples lie so close together that a quick thing can be followed."""
CLOSE_S = 0.15
"""Seconds between samples up to which they lie close together."""
LEFT_OUT = 2.0
"""Percentage of samples whose boxes may reach over the inner half of the margin."""
TYPICAL = 85.0
"""Percentile of the boxes' sides to which the whole margin is added."""
SURE_OFF = 0.03
"""How far a thing may be off the line between its neighbours in time, in sides of its crop, to be
known between samples too."""


class MotionFinder:
    """Collects small pictures of sampled frames, then finds what moves in them and in others.

    Args:
        width: Of the frames, pixels.
        height: Of the frames, pixels.

    Attributes:
        size: Width and height.
    """

    def __init__(self, width: int, height: int) -> None:
        self.size = width, height
        self._shrink = max(1.0, min(width, height) / SMALL_SIDE_PX)
        self._small: list[Image] = []
        self._background: Background | None = None

    def look(self, frame: Image) -> None:
        """Add a frame."""
        self._small.append(self._made_small(frame))
        self._background = None

    @property
    def background(self) -> Background:
        """What stands still in the frames that were added."""
        if self._background is None:
            self._background = Background(self._small)
        return self._background

    def silhouettes(self) -> Doubles:
        """``(N, COLUMNS)``: what moves in the frames that were added; NaN where nothing does."""
        background = self.background
        seen = [silhouette(background.mask(small)) for small in self._small]
        return self._scaled(np.array(seen).reshape(-1, COLUMNS))

    def silhouette(self, frame: Image) -> Doubles:
        """``(COLUMNS,)``: what moves in a frame, added or not."""
        mask = self.background.mask(self._made_small(frame))
        row: Doubles = self._scaled(silhouette(mask)[None])[0]
        return row

    def crops(self, seconds: Doubles) -> Doubles | None:
        """Smooth squares around what moves.

        Args:
            seconds: ``(N,)``: time of each frame that was looked at.

        Returns:
            ``(N, 3)``: centre x, centre y, side in pixels of the video; None where nothing moves.
        """
        return moving_crops(self.silhouettes(), seconds, self.size, CropSetting())

    def _made_small(self, frame: Image) -> Image:
        width, height = (max(1, round(side / self._shrink)) for side in self.size)
        small = cv2.resize(frame, (width, height), interpolation=cv2.INTER_AREA)
        return np.asarray(cv2.GaussianBlur(small, (3, 3), 0), np.uint8)

    def _scaled(self, silhouettes: Doubles) -> Doubles:
        return in_video(silhouettes, self._shrink * self.background.scale)


def moves(silhouettes: Doubles) -> bool:
    """Whether there is enough that moves, ``(N, COLUMNS)``."""
    known = np.isfinite(silhouettes[:, LEFT])
    return bool(known.mean() >= 0.1 and known.sum() >= 2)


def moving_crops(
    silhouettes: Doubles,
    seconds: Doubles,
    size: tuple[int, int],
    setting: CropSetting,
    *,
    apart: bool = False,
) -> Doubles | None:
    """Smooth upright squares around what moves.

    Args:
        silhouettes: ``(N, COLUMNS)``; NaN where nothing was seen.
        seconds: ``(N,)``: time of each.
        size: Width and height of the frames.
        setting: Margin and least side.
        apart: They are of separate pictures, so that nothing is smoothed.

    Returns:
        ``(N, 3)``: centre x, centre y, side in pixels of the video, NaN where nothing was seen;
        None where nothing moves.
    """
    if not moves(silhouettes):
        return None
    known = np.isfinite(silhouettes[:, LEFT])
    times = seconds[known]
    edges = silhouettes[known][:, [LEFT, TOP, RIGHT, BOTTOM]]
    left, top, right, bottom = (edge if apart else median_of_neighbours(edge) for edge in edges.T)
    # One side for the whole video: what the network sees should move, not grow and shrink.
    margin = 1 + setting.margin
    extent = (
        float(np.percentile(right - left, TYPICAL)),
        float(np.percentile(bottom - top, TYPICAL)),
    )
    reach_x, reach_y = _reach(left, right), _reach(top, bottom)
    side = _side(size, margin, *extent)
    across = reach_x[1] - reach_x[0], reach_y[1] - reach_y[0]
    stays = _side(size, 1 + STAYS_MARGIN * setting.margin, *across)
    crops = np.full((len(silhouettes), 3), np.nan)
    short, long = min(size), max(size)
    gap = float(np.median(np.diff(times)))
    if stays <= STAYS_SHARE * side:
        # Somebody acts on the spot: a square that does not move shows most of the movement.
        centre_x = np.full(len(times), sum(reach_x) / 2)
        centre_y = np.full(len(times), sum(reach_y) / 2)
        least = SMALLEST_SIDE_STAYS * short
        side = stays
    else:
        centre_x, centre_y = (left + right) / 2, (top + bottom) / 2
        if not apart:
            centre_x, centre_y = (smooth(times, c, smoothing_s(gap)) for c in (centre_x, centre_y))
        roams = max(across) > ROAMS_SIDES * max(extent)
        least = 0.0 if roams else SMALLEST_SIDE * short
        # What smoothing lags behind, and an odd stretch, the margin has to hold.
        half_x = np.maximum(right - centre_x, centre_x - left)
        half_y = np.maximum(bottom - centre_y, centre_y - top)
        holds = [float(np.percentile(2 * half, 100 - LEFT_OUT)) for half in (half_x, half_y)]
        side = max(side, _side(size, 1 + setting.margin / 2, holds[0], holds[1]))
        off = 0.0 if apart else max(off_the_line(times, c) for c in (centre_x, centre_y))
        side = min(side + 2 * off, float(long))
    side = max(side, setting.least_side_px or max(least, SMALLEST_SIDE_PX))
    if side >= WHOLE_FROM * long and not setting.least_side_px > long:
        side = float(long)
    crops[known, 0] = _inside(centre_x, side, size[0])
    crops[known, 1] = _inside(centre_y, side, size[1])
    crops[known, 2] = side
    return crops


def smoothing_s(gap: float) -> float:
    """Width of the smoothing in time for samples so many seconds apart."""
    if gap <= CLOSE_S:
        return max(CLOSE_SIGMA_S, 1.5 * gap)
    return max(POSITION_SIGMA_S, 1.5 * gap)


def runs_about(silhouettes: Doubles, seconds: Doubles) -> bool:
    """Whether what moves gets too far from sample to sample to be known in between."""
    known = np.isfinite(silhouettes[:, LEFT])
    if known.sum() < 3:
        return False
    times, seen = seconds[known], silhouettes[known]
    width, height = seen[:, RIGHT] - seen[:, LEFT], seen[:, BOTTOM] - seen[:, TOP]
    side = float(np.percentile(np.maximum(width, height), TYPICAL))
    off = [
        off_the_line(times, seen[:, [a, b]].mean(axis=1))
        for a, b in ((LEFT, RIGHT), (TOP, BOTTOM))
    ]
    return max(off) > SURE_OFF * side


def off_the_line(times: Doubles, values: Doubles) -> float:
    """How far something strays between samples from the line that joins them, at most as a rule.

    Each sample is compared with the line between its neighbours, which are twice as far apart as
    samples are; what keeps its acceleration for so long strays a quarter as far between samples.

    Args:
        times: ``(N,)`` rising.
        values: ``(N,)`` without NaN.
    """
    if len(times) < 3:
        return 0.0
    before, now, after = times[:-2], times[1:-1], times[2:]
    share = (now - before) / (after - before)
    line = values[:-2] + share * (values[2:] - values[:-2])
    return float(np.percentile(abs(values[1:-1] - line), 95)) / 4


def _side(size: tuple[int, int], factor: float, width: float, height: float) -> float:
    """Side of a square around a box; where the frame ends, no margin is needed."""
    return max(min(factor * width, size[0]), min(factor * height, size[1]))


def _reach(first: Doubles, last: Doubles) -> tuple[float, float]:
    """From where to where something ever is along one axis, but for the odd sample."""
    return float(np.percentile(first, 5)), float(np.percentile(last, 95))


def _inside(centre: Doubles, side: float, length: int) -> Doubles:
    """Move squares into the frame along one axis; one that is larger stands in the middle."""
    if side >= length:
        return np.full_like(centre, (length - 1) / 2)
    return np.clip(centre, side / 2 - 0.5, length - side / 2 - 0.5)
