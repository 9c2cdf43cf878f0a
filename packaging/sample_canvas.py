"""The canvas of the sample clip: smooth shapes, drawn too large and shrunk."""

from __future__ import annotations

import math
from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

SIZE = 512
FINE = 2  # Drawn this many times larger and shrunk, on top of anti-aliased edges.
SUB = 6  # Binary digits after the point in OpenCV's polygon corners.

Points = NDArray[np.float64]
Colour = tuple[int, int, int]
Corners = Sequence[Sequence[float]] | Points


def spline(corners: Corners, sharp: Sequence[int] = (), n: int = 14) -> Points:
    """A closed smooth curve through ``corners`` with points left pointed at ``sharp``.

    Args:
        corners: ``(N, D)`` points.
        sharp: Indices where the curve may break.
        n: Pieces between two corners.

    Returns:
        ``(N * n, D)``.
    """
    p = np.asarray(corners, np.float64)
    count = len(p)
    t = np.linspace(0, 1, n, endpoint=False)[:, None]
    pieces = []
    for i in range(count):
        a, b = p[i], p[(i + 1) % count]
        tangent_a = (b - p[i - 1]) / 2 if i not in sharp else (b - a) * 0.7
        far = p[(i + 2) % count]
        tangent_b = (far - a) / 2 if (i + 1) % count not in sharp else (b - a) * 0.7
        t2, t3 = t * t, t * t * t
        pieces.append(
            (2 * t3 - 3 * t2 + 1) * a
            + (t3 - 2 * t2 + t) * tangent_a
            + (3 * t2 - 2 * t3) * b
            + (t3 - t2) * tangent_b
        )
    return np.concatenate(pieces)


def moved(points: Points, x: float, y: float) -> Points:
    """``points`` pushed by ``(x, y)``."""
    return np.asarray(points + np.array((x, y)))


def mirror(corners: Corners, side: int) -> Points:
    """``corners`` on the left (+1) or right (-1) half of the head."""
    return np.asarray(corners, np.float64) * (side, 1, 1)


def disc(centre: Sequence[float], rx: float, ry: float, n: int = 40) -> Points:
    """An ellipse that faces the viewer, ``(n, 3)``."""
    angle = np.linspace(0, 2 * math.pi, n, endpoint=False)
    x, y, z = centre
    return np.stack([x + rx * np.cos(angle), y + ry * np.sin(angle), np.full(n, z)], -1)


class Canvas:
    """A picture drawn ``FINE`` times too large."""

    def __init__(self, background: NDArray[np.uint8]) -> None:
        self.pixels = cv2.resize(background, None, fx=FINE, fy=FINE, interpolation=cv2.INTER_CUBIC)

    def corners(self, points_px: Points) -> NDArray[np.int32]:
        """Pixels of the finished picture to OpenCV's fixed-point corners."""
        fine = (points_px + 0.5) * FINE - 0.5
        return np.asarray(np.rint(fine * (1 << SUB)), np.int32)

    def fill(self, points_px: Points, colour: Colour) -> None:
        """A filled shape in one colour."""
        cv2.fillPoly(self.pixels, [self.corners(points_px)], colour, cv2.LINE_AA, SUB)

    def line(
        self, points_px: Points, colour: Colour, width_px: float, closed: bool = False
    ) -> None:
        """A stroke with round ends."""
        width = max(1, round(width_px * FINE))
        corners = [self.corners(points_px)]
        cv2.polylines(self.pixels, corners, closed, colour, width, cv2.LINE_AA, SUB)

    def blend(self, points_px: Points, colour: Colour, strength: float, blur_px: float) -> None:
        """A shape with a soft edge, for shadows and light."""
        self.shade(points_px, [(points_px, colour, strength, blur_px)])

    def shade(
        self,
        clip_px: Points,
        lights: Sequence[tuple[Points, Colour, float, float]],
        soft: bool = True,
    ) -> None:
        """Soft shapes, kept inside ``clip_px`` where ``soft`` is False."""
        everything = np.concatenate([clip_px, *(light[0] for light in lights)])
        reach = 3 * max(light[3] for light in lights) if soft else 4
        region = clip_px if not soft else everything
        low = np.maximum(np.floor((region.min(0) - reach) * FINE).astype(int), 0)
        high = np.minimum(np.ceil((region.max(0) + reach) * FINE).astype(int), SIZE * FINE)
        if (high <= low).any():
            return
        window = self.pixels[low[1] : high[1], low[0] : high[0]]
        shape = window.shape[:2]
        shift = low * (1 << SUB)
        keep: NDArray[np.float32] = np.ones(shape, np.float32)
        if not soft:
            mask = np.zeros(shape, np.uint8)
            corners = [self.corners(clip_px) - shift.astype(np.int32)]
            cv2.fillPoly(mask, corners, 255, cv2.LINE_AA, SUB)
            keep = np.asarray(mask / 255, np.float32)
        result = window.astype(np.float32)
        for points, colour, strength, blur_px in lights:
            mask = np.zeros(shape, np.uint8)
            corners = [self.corners(points) - shift.astype(np.int32)]
            cv2.fillPoly(mask, corners, 255, cv2.LINE_AA, SUB)
            weight = mask.astype(np.float32) * (strength / 255)
            weight = cv2.GaussianBlur(weight, (0, 0), blur_px * FINE) * keep
            result += weight[..., None] * (np.asarray(colour, np.float32) - result)
        window[...] = np.clip(np.rint(result), 0, 255).astype(np.uint8)

    def finished(self) -> NDArray[np.uint8]:
        """The picture at its own size."""
        small = cv2.resize(self.pixels, (SIZE, SIZE), interpolation=cv2.INTER_AREA)
        return np.asarray(small, np.uint8)
