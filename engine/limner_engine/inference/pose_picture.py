"""The picture between landmarks and what is redrawn from them, as people see it. No torch."""

from __future__ import annotations

import numpy as np

from limner_engine.priors.picture import skeleton_picture
from limner_engine.types import Floats, Image, Skeleton


def pose_picture(points_norm: Floats, skeleton: Skeleton, side_px: int) -> Image:
    """A pose as a network that draws poses sees it.

    Args:
        points_norm: ``(K, 2)`` -1..1.
        skeleton: Whose edges are drawn.
        side_px: Of the picture.

    Returns:
        ``(side_px, side_px, 3)`` uint8: bright on black.
    """
    light = skeleton_picture(points_norm, skeleton, side_px)
    return np.repeat(np.asarray(255 * light, np.uint8)[..., None], 3, axis=2)
