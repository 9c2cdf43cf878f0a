"""Pictures of how a run is doing."""

from __future__ import annotations

import cv2
import numpy as np
from torch import Tensor

from limner_engine.coordinates import norm_to_pixel
from limner_engine.palette import OKABE_ITO
from limner_engine.types import Image

_TILE = 128
_GAP = 4


def preview_sheet(source: Tensor, target: Tensor, redrawn: Tensor, points_norm: Tensor) -> Image:
    """A sheet with a column for each pair: source, target, redrawn target, target with landmarks.

    Args:
        source: ``(B, 3, S, S)`` in 0..1.
        target: ``(B, 3, S, S)`` in 0..1.
        redrawn: ``(B, 3, S, S)``, about 0..1.
        points_norm: ``(B, K, 2)`` in -1..1.

    Returns:
        ``(H, W, 3)`` uint8.
    """
    count = len(source)
    sheet = np.full((4 * (_TILE + _GAP) - _GAP, count * (_TILE + _GAP) - _GAP, 3), 30, np.uint8)
    for column in range(count):
        tiles = [_tile(pictures[column]) for pictures in (source, target, redrawn, target)]
        _mark(tiles[3], points_norm[column])
        for row, tile in enumerate(tiles):
            y, x = row * (_TILE + _GAP), column * (_TILE + _GAP)
            sheet[y : y + _TILE, x : x + _TILE] = tile
    return sheet


def _tile(picture: Tensor) -> Image:
    pixels = picture.detach().float().clamp(0, 1).mul(255).round().byte().permute(1, 2, 0)
    whole = cv2.resize(pixels.cpu().numpy(), (_TILE, _TILE), interpolation=cv2.INTER_CUBIC)
    return np.ascontiguousarray(whole, np.uint8)


def _mark(tile: Image, points_norm: Tensor) -> None:
    points = norm_to_pixel(points_norm.detach().float().cpu().numpy(), _TILE)
    for number, (x, y) in enumerate(points):
        centre = (round(float(x) * 16), round(float(y) * 16))
        colour = OKABE_ITO[number % len(OKABE_ITO)]
        cv2.circle(tile, centre, 4 * 16, (0, 0, 0), -1, cv2.LINE_AA, 4)
        cv2.circle(tile, centre, 3 * 16, colour, -1, cv2.LINE_AA, 4)
