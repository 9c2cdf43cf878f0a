"""Poses in space as a camera sees them that stands anywhere around somebody."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from limner_engine.priors.mocap import turned_about_y

YAW_RAD = math.pi
"""Cameras stand up to this far to either side of the front: all around."""
PITCH_SIGMA_RAD = 0.09
"""Standard deviation of how far a camera looks down or up: 5 degrees."""
MOST_PITCH_RAD = 0.27


def projected(
    points: NDArray[np.float64],
    rng: np.random.Generator,
    *,
    yaw: float = YAW_RAD,
    pitch: float = PITCH_SIGMA_RAD,
) -> NDArray[np.float64]:
    """Look at each pose from a random side, from far away.

    A pose is turned about y by an angle drawn evenly from -yaw to yaw, then about x by a normal
    one, and loses its depth. At yaw 0 somebody who looks along z looks into the camera, so that
    the left hand is on the right of the picture.

    Args:
        points: ``(N, K, 3)``: x to the left of somebody who looks along z, y up; turned about the
            origin.
        rng: What is random.
        yaw: Radians, 0 to pi.
        pitch: Standard deviation, radians; at most `MOST_PITCH_RAD` is drawn.

    Returns:
        ``(N, K, 2)``, x right, y down, same unit; what was at the origin still is.
    """
    turned = turned_about_y(points, rng.uniform(-yaw, yaw, len(points)))
    tilt = np.clip(rng.normal(0.0, 1.0, len(points)) * pitch, -MOST_PITCH_RAD, MOST_PITCH_RAD)
    cos, sin = np.cos(tilt)[:, None], np.sin(tilt)[:, None]
    return np.stack([turned[..., 0], -(cos * turned[..., 1] - sin * turned[..., 2])], axis=-1)
