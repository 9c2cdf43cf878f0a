"""Pictures of how a run that learns warps is doing."""

from __future__ import annotations

import cv2
import numpy as np
from torch import Tensor

from limner_engine.flow_colours import flow_colours
from limner_engine.types import Image

FULL = 0.8
"""Displacement at which the flow's colours are full, in units of half the picture."""

_TILE = 128
_GAP = 4
_GROUND = 30


def warp_sheet(
    source: Tensor,
    target: Tensor,
    redrawn: Tensor,
    flow: Tensor,
    confidence: Tensor | None = None,
) -> Image:
    """A sheet with a column for each pair.

    The rows: source, target, the target redrawn from the source's colours, the flow as
    `flow_colours` has it, and, where there is one, the confidence, white where it is one.

    Args:
        source: ``(B, 3, S, S)`` in 0..1.
        target: ``(B, 3, S, S)`` in 0..1.
        redrawn: ``(B, 3, W, W)``, about 0..1.
        flow: ``(B, W, W, 2)`` in units of half the picture.
        confidence: ``(B, W, W)`` in 0..1.

    Returns:
        ``(H, W, 3)`` uint8.
    """
    rows = [[_pixels(one) for one in pictures] for pictures in (source, target, redrawn)]
    arrows = flow.detach().float().cpu().numpy()
    rows.append([flow_colours(one, FULL) for one in arrows])
    if confidence is not None:
        rows.append([_pixels(one.expand(3, -1, -1)) for one in confidence])
    return np.concatenate([np.concatenate([_tile(t) for t in row], 1) for row in rows])


def _pixels(picture: Tensor) -> Image:
    whole = picture.detach().float().clamp(0, 1).mul(255).round().byte().permute(1, 2, 0)
    return np.ascontiguousarray(whole.cpu().numpy())


def _tile(pixels: Image) -> Image:
    """At the size of the sheet, with a gap to the right and below."""
    method = cv2.INTER_AREA if pixels.shape[0] > _TILE else cv2.INTER_NEAREST
    large = cv2.resize(pixels, (_TILE, _TILE), interpolation=method)
    return np.pad(large, ((0, _GAP), (0, _GAP), (0, 0)), constant_values=_GROUND)
