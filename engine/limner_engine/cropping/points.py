"""Following what landmarks are known of: imported tracks and labels say where their subject is."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from limner_engine.cropping.setting import MARGIN
from limner_engine.cropping.sightings import make_track
from limner_engine.cropping.track import CropTrack

LEAST_POINTS = 2
"""Fewer landmarks of a frame say nothing of the size of what carries them."""
_LEAST_SIDE_PX = 16.0
_SIZE_QUANTILE = 0.95


def track_of_points(points: NDArray[np.floating], *, margin: float = MARGIN) -> CropTrack | None:
    """Squares around landmarks, all of one size, upright.

    The centre of a square is that of the box around the frame's landmarks; its side is that of
    nearly the largest of these boxes, so that a limb that is missed does not change the scale.

    Args:
        points: ``(N, K, 2)`` pixels of the video, one row for each frame; NaN where missing.
        margin: Room around the largest box, to each side, as a share of it.

    Returns:
        The track, or None where no frame has `LEAST_POINTS` landmarks.
    """
    known = np.isfinite(points).all(axis=2)
    frames = np.flatnonzero(known.sum(axis=1) >= LEAST_POINTS)
    if not len(frames):
        return None
    shown = np.where(known[..., None], points, np.nan)[frames].astype(np.float64)
    low, high = np.nanmin(shown, axis=1), np.nanmax(shown, axis=1)
    sides = (high - low).max(axis=1)
    side = max(_LEAST_SIDE_PX, float(np.quantile(sides, _SIZE_QUANTILE)) * (1 + 2 * margin))
    centres = (low + high) / 2
    crops = np.column_stack([centres, np.full(len(frames), side)])
    return make_track(frames.astype(np.int64), crops, "box")
