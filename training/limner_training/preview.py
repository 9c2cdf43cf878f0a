"""Pictures of how a run is doing."""

from __future__ import annotations

import cv2
import numpy as np
from torch import Tensor

from limner_engine.coordinates import norm_to_pixel
from limner_engine.palette import OKABE_ITO
from limner_engine.skeleton_drawing import Pairs, draw_skeleton
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
    rows = [[_tile(one) for one in pictures] for pictures in (source, target, redrawn, target)]
    for tile, points in zip(rows[3], points_norm, strict=True):
        _mark(tile, points)
    return _sheet(rows)


def pose_sheet(
    source: Tensor,
    target: Tensor,
    pose_picture: Tensor,
    clean_pose: Tensor,
    redrawn: Tensor,
    points_norm: Tensor,
    edges: Pairs,
    symmetries: Pairs = (),
) -> Image:
    """A sheet of landmarks that come through pose pictures, with a column for each pair.

    The rows: source, target, the pose picture drawn of the target, the clean pose drawn from its
    landmarks, the target redrawn from that, the target with its landmarks joined.

    Args:
        source: ``(B, 3, S, S)`` in 0..1: the looks.
        target: ``(B, 3, S, S)`` in 0..1.
        pose_picture: ``(B, 1, S, S)`` in -1..1, a little beyond at most.
        clean_pose: ``(B, 1, S, S)`` in -1..1.
        redrawn: ``(B, 3, S, S)``, about 0..1.
        points_norm: ``(B, K, 2)`` in -1..1.
        edges: Pairs of landmarks that are joined.
        symmetries: Pairs (left, right): edges of the two sides have different colours.

    Returns:
        ``(H, W, 3)`` uint8.
    """
    poses = [((drawn + 1) / 2).expand(-1, 3, -1, -1) for drawn in (pose_picture, clean_pose)]
    rows = [
        [_tile(one) for one in pictures] for pictures in (source, target, *poses, redrawn, target)
    ]
    for tile, points in zip(rows[5], points_norm, strict=True):
        places = points.detach().float().cpu().numpy()
        draw_skeleton(tile, places, edges, symmetries)
    return _sheet(rows)


def _sheet(rows: list[list[Image]]) -> Image:
    """Tiles laid out with gaps between them."""
    across, pitch = len(rows[0]), _TILE + _GAP
    sheet = np.full((len(rows) * pitch - _GAP, across * pitch - _GAP, 3), 30, np.uint8)
    for row, tiles in enumerate(rows):
        for column, tile in enumerate(tiles):
            y, x = row * pitch, column * pitch
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
