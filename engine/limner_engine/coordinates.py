"""The only place that turns pixels into normalised units and back.

A network sees a square crop resampled to ``S x S`` pixels. Its coordinates are
``x_norm = (2 x + 1) / S - 1``: -1 and 1 are the *outer edges* of the first and last pixel
(``align_corners=False``), integers are pixel centres. The same holds along y.
"""

from __future__ import annotations

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from limner_engine.types import Crop, Floats, Image


def pixel_to_norm(points_px: NDArray[np.floating], size: int) -> Floats:
    """Pixels of an ``S x S`` picture to -1..1.

    Args:
        points_px: ``(..., 2)`` pixels.
        size: ``S``.
    """
    return ((2.0 * np.asarray(points_px, np.float64) + 1.0) / size - 1.0).astype(np.float32)


def norm_to_pixel(points_norm: NDArray[np.floating], size: int) -> Floats:
    """The inverse of `pixel_to_norm`."""
    return (((np.asarray(points_norm, np.float64) + 1.0) * size - 1.0) / 2.0).astype(np.float32)


def crop_to_frame(points_norm: NDArray[np.floating], crop: Crop) -> Floats:
    """Normalised coordinates of a crop to pixels of the video.

    Args:
        points_norm: ``(..., 2)``, -1..1 inside the crop.
        crop: The square that was cut.

    Returns:
        ``(..., 2)`` float32 pixels.
    """
    offset = np.asarray(points_norm, np.float64) * (crop.side_px / 2.0)
    cos, sin = math.cos(crop.angle_rad), math.sin(crop.angle_rad)
    x = crop.centre_x_px + cos * offset[..., 0] - sin * offset[..., 1]
    y = crop.centre_y_px + sin * offset[..., 0] + cos * offset[..., 1]
    return np.stack([x, y], axis=-1).astype(np.float32)


def frame_to_crop(points_px: NDArray[np.floating], crop: Crop) -> Floats:
    """The inverse of `crop_to_frame`."""
    points = np.asarray(points_px, np.float64)
    dx, dy = points[..., 0] - crop.centre_x_px, points[..., 1] - crop.centre_y_px
    cos, sin = math.cos(crop.angle_rad), math.sin(crop.angle_rad)
    half = crop.side_px / 2.0
    x, y = (cos * dx + sin * dy) / half, (-sin * dx + cos * dy) / half
    return np.stack([x, y], axis=-1).astype(np.float32)


def crop_matrix(crop: Crop, size: int) -> NDArray[np.float64]:
    """The affine map from pixels of an ``S x S`` cut to pixels of the video.

    Returns:
        ``(2, 3)``: ``video = matrix @ (x, y, 1)``.
    """
    scale = crop.side_px / size
    cos, sin = math.cos(crop.angle_rad) * scale, math.sin(crop.angle_rad) * scale
    middle = (size - 1) / 2.0
    return np.array(
        [
            [cos, -sin, crop.centre_x_px - (cos - sin) * middle],
            [sin, cos, crop.centre_y_px - (sin + cos) * middle],
        ]
    )


def cut(frame: Image, crop: Crop, size: int, *, sharp: bool = False) -> Image:
    """Resample a crop of a frame to ``S x S``, averaging areas where it shrinks.

    Outside the frame the nearest edge pixel goes on, so that no black border is learned.

    Args:
        frame: ``(H, W, 3)`` uint8.
        crop: What to cut.
        size: ``S``.
        sharp: Resample by cubics, which keep fine detail where lines would soften it.

    Returns:
        ``(S, S, 3)`` uint8.
    """
    # Bilinear resampling alone drops pixels when it shrinks. So average whole blocks first, and
    # resample the small picture: averaging is much cheaper than turning at full resolution.
    matrix = crop_matrix(crop, size)
    block = min(round(crop.side_px / size), 8, *frame.shape[:2])
    if block > 1:
        half = crop.side_px / 2 * (abs(math.cos(crop.angle_rad)) + abs(math.sin(crop.angle_rad)))
        left, columns = _blocks(crop.centre_x_px, half, block, frame.shape[1])
        top, rows = _blocks(crop.centre_y_px, half, block, frame.shape[0])
        around = frame[top : top + rows * block, left : left + columns * block]
        frame = np.asarray(cv2.resize(around, (columns, rows), interpolation=cv2.INTER_AREA))
        # The centre of the first block lies half a block, less half a pixel, into it.
        matrix[:, 2] -= np.array([left, top]) + (block - 1) / 2
        matrix /= block
    picture = cv2.warpAffine(
        frame,
        matrix,
        (size, size),
        flags=(cv2.INTER_CUBIC if sharp else cv2.INTER_LINEAR) | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_REPLICATE,
    )
    return np.asarray(picture, np.uint8)


def _blocks(centre: float, half: float, block: int, length: int) -> tuple[int, int]:
    """Whole blocks along one axis that hold ``centre`` within ``half``: first pixel and count."""
    first = min(max(0, math.floor(centre - half) - 2 * block), length - block)
    last = max(first + block, min(length, math.ceil(centre + half) + 2 * block))
    return first, (last - first) // block


def paste(
    frame: Image,
    cut_image: Image,
    crop: Crop,
    feather_px: float = 0.0,
    weight: Floats | None = None,
) -> Image:
    """Put an ``S x S`` picture back where `cut` took it from.

    Args:
        frame: ``(H, W, 3)`` uint8; not changed.
        cut_image: ``(S, S, 3)`` uint8.
        crop: Where it belongs.
        feather_px: Width of the ramp along the border, pixels of the cut, over which it blends in.
        weight: ``(S, S)`` 0..1: how much of each pixel to put in; all of it if not given.

    Returns:
        A new frame.
    """
    size = cut_image.shape[0]
    height, width = frame.shape[:2]
    ramp = np.minimum(np.arange(size) + 0.5, size - np.arange(size) - 0.5)
    strip = np.clip(ramp / feather_px, 0.0, 1.0) if feather_px > 0 else np.ones(size)
    mask = np.outer(strip, strip).astype(np.float32)
    if weight is not None:
        mask *= weight
    matrix = crop_matrix(crop, size)
    placed = cv2.warpAffine(
        cut_image,
        matrix,
        (width, height),
        flags=cv2.INTER_CUBIC,
        borderMode=cv2.BORDER_REPLICATE,
    )
    share = cv2.warpAffine(mask, matrix, (width, height), flags=cv2.INTER_LINEAR)
    return np.asarray(cv2.blendLinear(placed, frame, share, 1 - share), np.uint8)
