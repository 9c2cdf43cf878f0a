"""Pictures of a warp, for people: its numbers are in ``flow.npz``."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from limner_engine.flow_colours import flow_colours
from limner_engine.inference.frame_warp import FrameWarp
from limner_engine.types import Image

PANE = 256
"""Pictures are enlarged to about this side."""
_LEAST_FULL_PX = 1.0
_CAPTION = 26
_GAP = 8
_WHEEL = 27


def full_colour_px(warp: FrameWarp) -> float:
    """Length of a displacement whose colour is full, pixels of the redrawn picture."""
    lengths = np.hypot(warp.flow_px[..., 0], warp.flow_px[..., 1])
    return max(_LEAST_FULL_PX, float(np.percentile(lengths, 95)))


def warp_pictures(warp: FrameWarp) -> dict[str, Image]:
    """By name: the redrawn target, its flow, confidence (if there is one) and difference.

    In ``confidence`` white is sure; in ``difference`` black is no difference, and white is half
    the range of colours or more.
    """
    full = full_colour_px(warp)
    made = {
        "redrawn": _enlarged(warp.redrawn, cv2.INTER_CUBIC),
        "flow": _enlarged(flow_colours(warp.flow_px, full), cv2.INTER_NEAREST),
    }
    if warp.confidence is not None:
        made["confidence"] = _enlarged(_grey(warp.confidence), cv2.INTER_NEAREST)
    made["difference"] = _enlarged(_grey(2 * warp.difference), cv2.INTER_NEAREST)
    return made


def overview(source: Image, target: Image, pictures: dict[str, Image]) -> Image:
    """All of them beside each other, with their names, in rows of three.

    Args:
        source: ``(S, S, 3)``: the cut that colours come from.
        target: ``(S, S, 3)``: the cut that is redrawn.
        pictures: From `warp_pictures`.
    """
    panes = {"source": source, "target": target, **pictures}
    captioned = [
        _captioned(_with_wheel(picture) if name == "flow" else picture, name)
        for name, picture in panes.items()
    ]
    rows = [_row(captioned[start : start + 3]) for start in (0, 3)]
    widest = max(row.shape[1] for row in rows)
    padded = [
        np.pad(r, ((0, 0), (0, widest - r.shape[1]), (0, 0)), constant_values=255) for r in rows
    ]
    return np.concatenate(padded)


def _row(panes: Sequence[Image]) -> Image:
    return np.concatenate(panes, axis=1)


def _captioned(picture: Image, name: str) -> Image:
    shown = np.full((PANE + _CAPTION + _GAP, PANE + 2 * _GAP, 3), 255, np.uint8)
    how = cv2.INTER_AREA if picture.shape[0] > PANE else cv2.INTER_CUBIC
    if picture.shape[0] != PANE:
        picture = np.asarray(cv2.resize(picture, (PANE, PANE), interpolation=how), np.uint8)
    shown[_CAPTION : _CAPTION + PANE, _GAP : _GAP + PANE] = picture
    place, font = (_GAP, _CAPTION - 8), cv2.FONT_HERSHEY_SIMPLEX
    cv2.putText(shown, name.capitalize(), place, font, 0.48, (70, 72, 76), 1, cv2.LINE_AA)
    return shown


def _with_wheel(picture: Image) -> Image:
    """A copy with the wheel of directions in its lower right corner."""
    shown = picture.copy()
    rows, columns = np.mgrid[-_WHEEL : _WHEEL + 1, -_WHEEL : _WHEEL + 1].astype(np.float32)
    colours = flow_colours(np.stack([columns, rows], -1), _WHEEL)
    inside = np.hypot(rows, columns) <= _WHEEL
    corner = shown[-2 * _WHEEL - 7 : -6, -2 * _WHEEL - 7 : -6]
    corner[inside] = colours[inside]
    middle = shown.shape[1] - _WHEEL - 7, shown.shape[0] - _WHEEL - 7
    cv2.circle(shown, middle, _WHEEL, (70, 72, 76), 1, cv2.LINE_AA)
    return shown


def _grey(values: NDArray[np.floating]) -> Image:
    level = (np.clip(values, 0, 1) * 255).round().astype(np.uint8)
    return np.repeat(level[..., None], 3, -1)


def _enlarged(picture: Image, how: int) -> Image:
    times = max(1, PANE // picture.shape[0])
    return np.asarray(cv2.resize(picture, None, fx=times, fy=times, interpolation=how), np.uint8)
