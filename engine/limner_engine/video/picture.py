"""From a decoder's frame to the picture that is shown: colours, and which way up."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import NamedTuple, cast

import numpy as np
from av.sidedata.sidedata import SideData, Type
from av.video.frame import VideoFrame
from av.video.reformatter import VideoReformatter

from limner_engine.types import Image


class Orientation(NamedTuple):
    """How a stored picture is turned before it is shown.

    Attributes:
        rotation: Degrees clockwise: 0, 90, 180 or 270.
        mirrored: Whether it is mirrored left to right before it is turned.
    """

    rotation: int = 0
    mirrored: bool = False


def orientation(frame: VideoFrame) -> Orientation:
    """The orientation that a frame asks for.

    Only right angles are followed; a matrix that is broken or slanted counts as upright, as
    players have it.
    """
    try:
        data = cast("Mapping[Type, SideData]", frame.side_data).get(Type.DISPLAYMATRIX)
    except ValueError:
        # A photograph's own notes are data that PyAV has no name for, and so it gives none at all;
        # how the picture is turned it tells nevertheless, counted the other way round.
        return Orientation(-round(frame.rotation) % 360)
    if data is None:
        return Orientation()
    # Row vectors times a matrix: x' = a x + c y, y' = b x + d y, in 16.16 fixed point.
    a, b, _, c, d = np.frombuffer(bytes(data), np.int32)[:5].astype(np.float64) / 65536.0
    determinant = a * d - b * c
    if abs(determinant) < 1e-6:
        return Orientation()
    mirrored = bool(determinant < 0)
    if mirrored:
        a, b = -a, -b
    angle = math.degrees(math.atan2(b, a))
    quarter = round(angle / 90.0)
    if abs(angle - 90.0 * quarter) > 5.0:
        return Orientation(0, mirrored)
    return Orientation(90 * (quarter % 4), mirrored)


class PictureMaker:
    """Turns decoded frames into pictures of one size.

    Args:
        width: Width of the stored picture, pixels, before it is turned.
        height: Height of the stored picture, pixels.
        turn: How it is turned.
        threads: Threads for the change of colours.
    """

    def __init__(self, width: int, height: int, turn: Orientation, threads: int) -> None:
        self._width = width
        self._height = height
        self._turn = turn
        self._threads = threads
        self._reformatter = VideoReformatter()

    def __call__(self, frame: VideoFrame) -> Image:
        """The picture as shown.

        The matrix and the range are those that the frame names; where it names none, FFmpeg's
        choice (BT.601, limited).

        Returns:
            ``(H, W, 3)`` uint8, its own memory.
        """
        rgb = self._reformatter.reformat(
            frame, self._width, self._height, "rgb24", threads=self._threads
        )
        # The array lives in the frame that was just made, which nobody else holds.
        image = rgb.to_ndarray()
        if self._turn.mirrored:
            image = image[:, ::-1]
        if self._turn.rotation:
            image = np.rot90(image, -self._turn.rotation // 90)
        return np.require(image, np.uint8, ("C", "W"))
