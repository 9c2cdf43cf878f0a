"""The outline of what moves: its upright box, and its long axis with the box along it."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from limner_engine.cropping.smoothing import Doubles

TRIM = 0.03
"""Share of the moving area that is left out at each side of its upright box."""
TRIM_ALONG = 0.01
"""The same for the box along the axis, which should have noses and most of a tail."""

LEFT, TOP, RIGHT, BOTTOM, X, Y, AXIS, LENGTH, BREADTH, SINGLE = range(10)
"""Columns of silhouettes: the edges of the upright box; the middle of the box along the axis; the
axis, radians, clockwise as seen, known up to half a turn; the sides of the box along the axis and
across it; the share of the largest connected part. Lengths and places in pixels."""
COLUMNS = 10


def silhouette(mask: NDArray[np.bool_] | None) -> Doubles:
    """Measure a mask.

    Args:
        mask: ``(h, w)``; None where nothing moves.

    Returns:
        ``(COLUMNS,)`` in pixels of the mask, edges of pixels at whole numbers; NaN for None.
    """
    if mask is None:
        return np.full(COLUMNS, np.nan)
    rows, columns = np.nonzero(mask)
    left, right = _extent(mask.sum(axis=0))
    top, bottom = _extent(mask.sum(axis=1))
    x, y = columns + 0.5, rows + 0.5
    mean_x, mean_y = x.mean(), y.mean()
    dx, dy = x - mean_x, y - mean_y
    # The direction in which the second moment is largest.
    axis = 0.5 * np.arctan2(2 * (dx * dy).mean(), (dx * dx).mean() - (dy * dy).mean())
    cos, sin = np.cos(axis), np.sin(axis)
    along, across = cos * dx + sin * dy, cos * dy - sin * dx
    first, last = np.quantile(along, [TRIM_ALONG, 1 - TRIM_ALONG])
    near, far = np.quantile(across, [TRIM_ALONG, 1 - TRIM_ALONG])
    middle, aside = (first + last) / 2, (near + far) / 2
    _, _, stats, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8))
    return np.array(
        [
            left,
            top,
            right,
            bottom,
            mean_x + cos * middle - sin * aside,
            mean_y + sin * middle + cos * aside,
            axis,
            last - first + 1,
            far - near + 1,
            stats[1:, cv2.CC_STAT_AREA].max() / len(x),
        ]
    )


def in_video(silhouettes: Doubles, scale: float) -> Doubles:
    """Silhouettes of small pictures as those of the video.

    Args:
        silhouettes: ``(N, COLUMNS)`` as `silhouette` gives them.
        scale: Pixels of the video in one of the small picture.

    Returns:
        ``(N, COLUMNS)``; places are pixels of the video, an integer the centre of one.
    """
    made = silhouettes.copy()
    made[:, [LENGTH, BREADTH]] *= scale
    made[:, [LEFT, TOP, RIGHT, BOTTOM, X, Y]] *= scale
    # Edges between pixels, so that a box of n pixels is n wide: a half more at either end.
    made[:, [LEFT, TOP, RIGHT, BOTTOM, X, Y]] -= 0.5
    return made


def _extent(counts: NDArray[np.int64]) -> tuple[float, float]:
    """First and last edge of the columns (or rows) that hold all but the outermost counts."""
    share = np.cumsum(counts) / counts.sum()
    first = int(np.searchsorted(share, TRIM, side="right"))
    last = int(np.searchsorted(share, 1.0 - TRIM, side="left"))
    return float(first), float(last + 1)
