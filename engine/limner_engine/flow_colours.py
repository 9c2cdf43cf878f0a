"""Displacements as colours: the direction is the hue, the distance is how strong it is."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from limner_engine.types import Image


def flow_colours(flow: NDArray[np.float32], most: float) -> Image:
    """A picture of a flow.

    White is at rest. Right is red; from there by way of yellow (down), green, cyan (left) and blue
    (up) round to red again.

    Args:
        flow: ``(H, W, 2)`` ``(x, y)``, any unit.
        most: Distance, in that unit, at which colours are full; above 0.

    Returns:
        ``(H, W, 3)`` uint8 RGB.
    """
    direction = np.arctan2(flow[..., 1], flow[..., 0])
    hue = np.mod(direction / (2 * np.pi), 1.0) * 360
    strength = np.clip(np.hypot(flow[..., 0], flow[..., 1]) / most, 0, 1)
    wheel = np.stack([hue, strength, np.ones_like(hue)], -1).astype(np.float32)
    coloured = cv2.cvtColor(wheel, cv2.COLOR_HSV2RGB)
    return np.ascontiguousarray((coloured * 255).round(), np.uint8)
