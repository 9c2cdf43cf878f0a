"""Faces by OpenCV's bundled cascade, followed over time."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np

from limner_engine.cropping.smoothing import Doubles, smooth, without_outliers
from limner_engine.types import Image

FACE_SCALE = 1.6
"""Side of the crop in sides of the cascade's box, which holds brows to chin."""
SEARCH_SIDE_PX = 200
"""Short side of the grey picture that is searched."""
SMALLEST_SHARE = 0.13
"""Smallest face in shares of the frame's short side; smaller ones belong to whole bodies."""
SMALLEST_SHARE_THOROUGH = 0.09
POSITION_SIGMA_S = 0.25
SIDE_SIGMA_S = 1.5
GLANCE_EVERY = 5
GLANCE_SHARE = 0.2
"""Share of every fifth sample that must show a face for the others to be searched at all."""


class FaceFinder:
    """Looks for faces in frame after frame.

    Args:
        width: Of the frames, pixels.
        height: Of the frames, pixels.
        thorough: Take smaller faces too.
    """

    def __init__(self, width: int, height: int, *, thorough: bool = False) -> None:
        folder = Path(cv2.__file__).parent / "data"
        self._front = cv2.CascadeClassifier(str(folder / "haarcascade_frontalface_alt2.xml"))
        self._profile = cv2.CascadeClassifier(str(folder / "haarcascade_profileface.xml"))
        if self._front.empty() or self._profile.empty():
            raise RuntimeError(f"OpenCV's face cascades are missing in {folder}")
        self._shrink = max(1.0, min(width, height) / SEARCH_SIDE_PX)
        share = SMALLEST_SHARE_THOROUGH if thorough else SMALLEST_SHARE
        self._smallest = max(20, round(share * min(width, height) / self._shrink))
        self._grey: list[Image] = []

    def look(self, frame: Image) -> None:
        """Keep a frame, small and grey."""
        size = (round(frame.shape[1] / self._shrink), round(frame.shape[0] / self._shrink))
        full = cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY)
        small = cv2.resize(full, size, interpolation=cv2.INTER_AREA)
        self._grey.append(np.asarray(cv2.equalizeHist(small), np.uint8))

    def search(self, progress: Callable[[float], None]) -> list[Doubles]:
        """Look for faces in all frames, or stop early where hardly any shows one.

        Args:
            progress: Called with the share done, 0 to 1.

        Returns:
            For each frame ``(n, 3)``: centre x, centre y and side of each box, in pixels of the
            video.
        """
        found = [np.empty((0, 3)) for _ in self._grey]
        glance = list(range(0, len(found), GLANCE_EVERY))
        rest = [i for i in range(len(found)) if i % GLANCE_EVERY]
        for done, index in enumerate([*glance, *rest]):
            if done == len(glance):
                seen = sum(len(found[i]) > 0 for i in glance)
                if seen < GLANCE_SHARE * len(glance):
                    break
            found[index] = self._faces(self._grey[index])
            progress((done + 1) / len(found))
        return found

    def _faces(self, grey: Image) -> Doubles:
        boxes = self._search(self._front, grey)
        if len(boxes) == 0:
            boxes = self._search(self._profile, grey)
        if len(boxes) == 0:
            # The cascade knows faces that look to one side only.
            boxes = self._search(self._profile, np.ascontiguousarray(grey[:, ::-1]))
            boxes[:, 0] = grey.shape[1] - boxes[:, 0] - boxes[:, 2]
        middle = boxes[:, :2] + (boxes[:, 2:4] - 1) / 2
        # The middle of a pixel of the small picture is not the middle of the first it was made of.
        middle = (middle + 0.5) * self._shrink - 0.5
        return np.column_stack([middle, boxes[:, 2] * self._shrink])

    def _search(self, cascade: cv2.CascadeClassifier, grey: Image) -> Doubles:
        boxes = cascade.detectMultiScale(
            grey, scaleFactor=1.12, minNeighbors=4, minSize=(self._smallest, self._smallest)
        )
        return np.asarray(boxes, np.float64).reshape(-1, 4)


def face_crops(boxes: Doubles, seconds: Doubles) -> Doubles:
    """Smooth squares from one box a frame.

    Args:
        boxes: ``(N, 3)`` from `one_face`; NaN where there is none.
        seconds: ``(N,)``: time of each.

    Returns:
        ``(N, 3)``: centre x, centre y, side; NaN where no face was found.
    """
    kept = without_outliers(boxes)
    if not np.isfinite(kept).any():
        kept = boxes
    known = np.isfinite(kept).all(axis=1)
    times = seconds[known]
    # Where samples lie far apart a narrower window would hold one of them and smooth nothing.
    gap = float(np.median(np.diff(times))) if len(times) > 1 else 0.0
    crops = np.full_like(boxes, np.nan)
    for column, sigma in ((0, POSITION_SIGMA_S), (1, POSITION_SIGMA_S), (2, SIDE_SIGMA_S)):
        values = smooth(times, kept[known, column], max(sigma, gap))
        crops[known, column] = values
    crops[:, 2] *= FACE_SCALE
    return crops


def one_face(found: list[Doubles]) -> Doubles:
    """One box a frame: the largest face as a rule, then the one nearest to where it was.

    Args:
        found: ``(n, 3)`` boxes of each frame.

    Returns:
        ``(N, 3)``; NaN where there is none near.
    """
    chosen = np.full((len(found), 3), np.nan)
    largest = [boxes[np.argmax(boxes[:, 2])] for boxes in found if len(boxes)]
    if not largest:
        return chosen
    before = np.median(np.stack(largest), axis=0)
    for i, boxes in enumerate(found):
        if len(boxes) == 0:
            continue
        # Distance in sides, with a change of size by half counting as much as a step by half.
        step = np.linalg.norm(boxes[:, :2] - before[:2], axis=1) / before[2]
        step += np.abs(np.log(boxes[:, 2] / before[2]))
        nearest = int(np.argmin(step))
        if step[nearest] < 1.0:
            chosen[i] = boxes[nearest]
            before = boxes[nearest]
        elif i == 0 or len(boxes) == 1:
            # Far off: kept for the outlier test, which sees whether others follow there.
            chosen[i] = boxes[nearest]
    return chosen
