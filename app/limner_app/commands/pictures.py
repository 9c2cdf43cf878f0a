"""Pictures the commands write: landmarks over a frame, before and after, curves. No Qt needed."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from limner_engine.palette import OKABE_ITO
from limner_engine.types import Image, Skeleton

Colour = tuple[int, int, int]

_INK: Colour = (30, 31, 34)
_SUB = 4
_SEEN_PX = 160
"""Frames of less than two thirds of this height are enlarged."""
_FONT = cv2.FONT_HERSHEY_SIMPLEX


def colour_of(landmark: int) -> Colour:
    """The colour of a landmark; later ones repeat the first, darker."""
    turn, index = divmod(landmark, len(OKABE_ITO))
    return tuple(round(v * 0.7**turn) for v in OKABE_ITO[index])  # type: ignore[return-value]


def draw_landmarks(image: Image, points_px: NDArray[np.floating], skeleton: Skeleton) -> Image:
    """A copy of a frame with its landmarks; those that are missing are left out."""
    drawn = image.copy()
    radius = max(2.5, min(image.shape[:2]) / 90)
    fixed = [_fixed(point) for point in points_px]
    _join(drawn, fixed, skeleton)
    for landmark, place in enumerate(fixed):
        if place is not None:
            _dot(drawn, place, radius, colour_of(landmark))
    return drawn


def before_and_after(
    before: Image,
    after: Image,
    old_px: NDArray[np.floating],
    new_px: NDArray[np.floating],
    skeleton: Skeleton,
) -> Image:
    """Two pictures side by side: where the landmarks were, and where they were moved.

    Returns:
        ``(H, 2 W + 8, 3)``; small frames are enlarged, so that dots leave something to be seen.
    """
    scale = max(1, round(_SEEN_PX / min(before.shape[:2])))
    if scale > 1:
        before, after = _enlarged(before, scale), _enlarged(after, scale)
        old_px, new_px = ((points + 0.5) * scale - 0.5 for points in (old_px, new_px))
    left, right = draw_landmarks(before, old_px, skeleton), after.copy()
    radius = max(2.5, min(before.shape[:2]) / 90)
    moved = np.hypot(*(new_px - old_px).T) > 0.01
    _join(right, [_fixed(point) for point in new_px], skeleton)
    for landmark, (old, new) in enumerate(zip(old_px, new_px, strict=True)):
        start, end = _fixed(old), _fixed(new)
        if end is None:
            continue
        if moved[landmark] and start is not None:
            for picture in (left, right):
                cv2.line(picture, start, end, _INK, 3, cv2.LINE_AA, _SUB)
                cv2.line(picture, start, end, (255, 255, 255), 1, cv2.LINE_AA, _SUB)
            _dot(left, end, radius * 0.6, (255, 255, 255))
        _dot(right, end, radius * (1.4 if moved[landmark] else 1.0), colour_of(landmark))
    gap = np.full((before.shape[0], 8, 3), 255, np.uint8)
    return np.concatenate([left, gap, right], axis=1)


def curve_picture(
    title: str, curves: Sequence[tuple[str, NDArray[np.floating], NDArray[np.floating]]]
) -> Image:
    """Curves over steps in one frame; each curve is scaled from 0 to its own highest value.

    Args:
        title: Stands above.
        curves: Name, ``(n,)`` steps and ``(n,)`` values of each.

    Returns:
        ``(560, 960, 3)``.
    """
    scale = 2
    picture = np.full((560 * scale, 960 * scale, 3), 252, np.uint8)
    left, right, top, low = 70 * scale, 930 * scale, 90 * scale, 500 * scale
    last = max((float(steps[-1]) for _, steps, _ in curves if len(steps)), default=1.0)
    highest = max((float(np.nanmax(v)) for _, _, v in curves if len(v)), default=1.0)
    highest = max(highest * 1.05, 1e-9)
    for value in _ticks(highest):
        y = round(low - (low - top) * value / highest)
        cv2.line(picture, (left, y), (right, y), (228, 228, 228), scale)
        _write(picture, f"{value:g}", (18 * scale, y + 5 * scale), 0.45 * scale)
    for value in _ticks(last):
        x = round(left + (right - left) * value / last)
        _write(picture, f"{value:g}", (x - 12 * scale, low + 24 * scale), 0.45 * scale)
    _write(picture, "step", (right - 30 * scale, low + 46 * scale), 0.45 * scale)
    _write(picture, title, (left, 36 * scale), 0.62 * scale)
    at = left
    for number, (name, steps, values) in enumerate(curves):
        colour = ((0, 114, 178), (213, 94, 0), (0, 158, 115))[number % 3]
        cv2.line(picture, (at, 62 * scale), (at + 24 * scale, 62 * scale), colour, 3 * scale)
        _write(picture, name, (at + 32 * scale, 66 * scale), 0.48 * scale)
        at += (60 + 9 * len(name)) * scale
        if len(steps):
            across = left + (right - left) * np.asarray(steps, np.float64) / last
            up = low - (low - top) * np.asarray(values, np.float64) / highest
            line = np.rint(np.stack([across, up], -1)).astype(np.int32)
            cv2.polylines(picture, [line], False, colour, 2 * scale, cv2.LINE_AA)
    return np.asarray(
        cv2.resize(picture, None, fx=1 / scale, fy=1 / scale, interpolation=cv2.INTER_AREA),
        np.uint8,
    )


def _ticks(highest: float) -> list[float]:
    """Round numbers from 0 up to ``highest``, about five of them."""
    power = 10.0 ** np.floor(np.log10(highest / 5))
    step = next(power * factor for factor in (1, 2, 5, 10) if highest / (power * factor) <= 6)
    return [round(step * i, 10) for i in range(int(highest / step) + 1)]


def _fixed(point: NDArray[np.floating]) -> tuple[int, int] | None:
    """A place in OpenCV's fixed point; None where it is missing or far outside."""
    if not np.isfinite(point).all() or np.abs(point).max() > 1e5:
        return None
    x, y = np.rint(np.asarray(point, np.float64) * (1 << _SUB)).astype(int)
    return int(x), int(y)


def _enlarged(picture: Image, scale: int) -> Image:
    how = cv2.INTER_CUBIC
    return np.asarray(cv2.resize(picture, None, fx=scale, fy=scale, interpolation=how), np.uint8)


def _join(picture: Image, places: Sequence[tuple[int, int] | None], skeleton: Skeleton) -> None:
    for a, b in skeleton.edges:
        first, second = places[a], places[b]
        if first is not None and second is not None:
            cv2.line(picture, first, second, (235, 235, 235), 1, cv2.LINE_AA, _SUB)


def _dot(picture: Image, place: tuple[int, int], radius: float, colour: Colour) -> None:
    size = 1 << _SUB
    cv2.circle(picture, place, round((radius + 1.2) * size), _INK, -1, cv2.LINE_AA, _SUB)
    cv2.circle(picture, place, round(radius * size), colour, -1, cv2.LINE_AA, _SUB)


def _write(picture: Image, text: str, place: tuple[int, int], size: float) -> None:
    cv2.putText(picture, text, place, _FONT, size, (70, 72, 76), max(1, round(size)), cv2.LINE_AA)
