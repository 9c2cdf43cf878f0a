"""A warp as pictures for the screen; colours of its numbers, and what stands behind the mouse."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QImage

from limner_app.views.edit_canvas import to_qimage
from limner_engine.flow_colours import flow_colours
from limner_engine.inference.frame_warp import FrameWarp
from limner_engine.types import Floats, Image

FULLS = (0.05, 0.1, 0.2, 0.4, 0.8)
"""Displacements at which the flow's colours may be full, in sides of the crop."""
DIFFERENT = 0.4
"""Difference, 0..1, that is drawn as strongly as any larger one."""
_MOST = 98
"""So many per cent of a flow's displacements stay below what is drawn in full colour."""
_HOT: NDArray[np.float32] = np.array(
    [[0.0, 0.0, 0.0], [0.30, 0.07, 0.33], [0.85, 0.30, 0.16], [0.99, 0.90, 0.55]], np.float32
)
"""From nothing to much, each lighter than the one before."""
_SURE: NDArray[np.float32] = np.array(
    [[0.16, 0.12, 0.28], [0.13, 0.42, 0.55], [0.36, 0.76, 0.48], [0.98, 0.92, 0.35]], np.float32
)


@dataclass(frozen=True, slots=True, eq=False)
class WarpPictures:
    """What is drawn of one level of a warp.

    Attributes:
        redrawn: The target from the colours of the source.
        difference: How far that is from the target.
        flow: Where everything comes from, as colours.
        confidence: How far the model trusts what it redrew; None where it has no opinion.
        moved: ``(W, W, 2)`` float32: from each place of the target to its place in the source,
            in sides of the crop.
        strength: ``(W, W)`` in 0..1: how likely that place is.
        full: Displacement at which the flow's colours are full, in sides of the crop.
    """

    redrawn: QImage
    difference: QImage
    flow: QImage
    confidence: QImage | None
    moved: Floats
    strength: Floats
    full: float


def pictures_of(warp: FrameWarp) -> WarpPictures:
    """The pictures of a warp."""
    moved = np.asarray(warp.flow_px / warp.side, np.float32)
    far = float(np.percentile(np.hypot(moved[..., 0], moved[..., 1]), _MOST))
    full = next((step for step in FULLS if step >= far), FULLS[-1])
    return WarpPictures(
        to_qimage(warp.redrawn),
        to_qimage(hot(warp.difference / DIFFERENT)),
        to_qimage(flow_colours(moved, full)),
        None if warp.confidence is None else to_qimage(sure(warp.confidence)),
        moved,
        warp.peak,
        full,
    )


def hot(values: NDArray[np.float32]) -> Image:
    """Numbers 0..1 as colours from black by way of red to pale yellow."""
    return _ramp(values, _HOT)


def sure(values: NDArray[np.float32]) -> Image:
    """Numbers 0..1 as colours from dark violet by way of green to yellow."""
    return _ramp(values, _SURE)


def heat_of(share: NDArray[np.float32]) -> QImage:
    """A distribution to be laid over a picture: where nothing is likely it can be seen through.

    Args:
        share: ``(W, W)``, at least 0; how likely each cell is.
    """
    # The root lets less likely places be seen beside the likeliest one.
    strength = np.sqrt(share / max(float(share.max()), 1e-12)).astype(np.float32)
    colours = _ramp(0.35 + 0.65 * strength, _HOT)
    alpha = (np.clip(1.4 * strength, 0, 0.9) * 255).round().astype(np.uint8)
    pixels = np.ascontiguousarray(np.dstack([colours, alpha]))
    side = share.shape[0]
    return QImage(pixels.data, side, side, 4 * side, QImage.Format.Format_RGBA8888).copy()


def wheel(side: int) -> QImage:
    """The colours of all directions: what moves from the middle to a place has its colour."""
    along = (2 * np.arange(side, dtype=np.float32) + 1) / side - 1
    flow = np.stack(np.meshgrid(along, along), -1).astype(np.float32)
    return to_qimage(flow_colours(flow, 1.0))


def target_of(moved: Floats, place: tuple[float, float]) -> tuple[float, float]:
    """The place of the target that comes from nearest to a place of the source.

    Args:
        moved: As in `WarpPictures`.
        place: ``(x, y)`` in the source, 0..1 from the top left.
    """
    side = moved.shape[0]
    along = (np.arange(side, dtype=np.float32) + 0.5) / side
    x = along[None, :] + moved[..., 0] - place[0]
    y = along[:, None] + moved[..., 1] - place[1]
    row, column = divmod(int(np.argmin(x * x + y * y)), side)
    return float(along[column]), float(along[row])


def _ramp(values: NDArray[np.float32], stops: NDArray[np.float32]) -> Image:
    """Numbers 0..1 between equidistant colours."""
    place = np.clip(values, 0, 1) * (len(stops) - 1)
    low = np.minimum(place.astype(np.int64), len(stops) - 2)
    part = (place - low)[..., None]
    mixed = stops[low] * (1 - part) + stops[low + 1] * part
    return np.ascontiguousarray((mixed * 255).round(), np.uint8)
