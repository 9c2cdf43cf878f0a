"""An arena seen from above, drawn when asked for: a long body whose place is known."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from types import SimpleNamespace

import cv2
import numpy as np
from numpy.typing import NDArray

from limner_engine.types import Image


class DrawnArena:
    """An ellipse that runs along a curve with many bends, on a floor that is not even.

    Args:
        count: Frames, 30 a second.
        length: Of the body, pixels; it is 0.4 times as broad.
        contrast: How much brighter than the floor it is.
        upright: It stands like a person who walks: its axis never turns.
        rests: Share of the frames, from the first, in which it stays in its place.
    """

    def __init__(
        self,
        count: int = 180,
        *,
        length: float = 40.0,
        contrast: float = -60.0,
        upright: bool = False,
        rests: float = 0.0,
    ) -> None:
        self.path = Path("arena.mp4")
        self.width, self.height, self.frame_count = 320, 240, count
        self.frame_rate = Fraction(30)
        self.index = SimpleNamespace(keyframes=(0,))
        self.length, self._contrast = length, contrast
        random = np.random.default_rng(0)
        moment = np.maximum(np.arange(count) - rests * count, 0) / 30
        # A lying eight, in which it turns both ways and never on the spot.
        self.x = 160 + 105 * np.sin(1.1 * moment)
        self.y = 120 + 70 * np.sin(2.2 * moment + 0.4)
        self.heading = np.arctan2(np.gradient(self.y), np.gradient(self.x))
        self._axis = np.full(count, np.pi / 2) if upright else self.heading
        shade = cv2.GaussianBlur(random.normal(0, 60, (240, 320)), (0, 0), 4)
        self._floor = 130 + shade
        self._noise = random.normal(0, 2, (4, 240, 320))

    def time_s(self, index: int) -> float:
        return index / 30

    def outline(self, index: int) -> NDArray[np.float64]:
        """``(8, 2)`` places on the edge of the body, pixels."""
        around = np.arange(8) * np.pi / 4
        along, across = 0.5 * self.length * np.cos(around), 0.2 * self.length * np.sin(around)
        cos, sin = np.cos(self._axis[index]), np.sin(self._axis[index])
        x = self.x[index] + cos * along - sin * across
        return np.stack([x, self.y[index] + sin * along + cos * across], axis=1)

    def __getitem__(self, index: int) -> Image:
        body = np.zeros((240, 320), np.uint8)
        centre = round(self.x[index] * 16), round(self.y[index] * 16)
        half = round(8 * self.length), round(3.2 * self.length)
        angle = np.degrees(self._axis[index])
        cv2.ellipse(body, centre, half, angle, 0, 360, 255, -1, cv2.LINE_AA, 4)
        grey = self._floor + self._noise[index % 4] + self._contrast * (body / 255.0)
        return np.repeat(grey.clip(0, 255).astype(np.uint8)[..., None], 3, axis=2)

    def read(self, start: int, stop: int, step: int = 1) -> Iterator[tuple[int, Image | None]]:
        for index in range(start, min(stop, self.frame_count), step):
            yield index, self[index]
