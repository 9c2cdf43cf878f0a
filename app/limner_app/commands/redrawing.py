"""Moving landmarks of a frame and redrawing it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from limner_app.commands.parsing import move
from limner_engine.coordinates import crop_to_frame, frame_to_crop
from limner_engine.errors import LimnerError
from limner_engine.inference.detail import lay_over
from limner_engine.inference.session import Session
from limner_engine.types import Crop, Floats, Image, Skeleton

if TYPE_CHECKING:
    from limner_engine.cropping import CropTrack
    from limner_engine.video.reader import VideoReader


@dataclass(frozen=True, slots=True, eq=False)
class Edited:
    """Landmarks of one frame, before and after.

    Attributes:
        frame: ``(H, W, 3)`` uint8.
        crop: What the model sees of it.
        old_px: ``(K, 2)`` pixels, as found.
        new_px: ``(K, 2)`` pixels, as wanted.
    """

    frame: Image
    crop: Crop
    old_px: Floats
    new_px: Floats

    def offsets(self) -> dict[int, tuple[float, float]]:
        """The edit as `EditJob` has it: by how much which landmark moved, in half sides."""
        by = frame_to_crop(self.new_px, self.crop) - frame_to_crop(self.old_px, self.crop)
        moved = np.flatnonzero((self.new_px != self.old_px).any(axis=1) & np.isfinite(by).all(1))
        return {int(i): (float(by[i, 0]), float(by[i, 1])) for i in moved}


def edited(
    session: Session,
    reader: VideoReader,
    track: CropTrack,
    index: int,
    moves: Sequence[str],
    pose_from: int | None = None,
) -> Edited:
    """The edit that the command line asks for.

    Args:
        session: The model.
        reader: The video.
        track: Its crops.
        index: The frame that is edited.
        moves: What stands behind each ``--move``, in their order.
        pose_from: A frame that has all landmarks where they are wanted, within its crop.

    Raises:
        LimnerError: a move names no landmark, or a frame cannot be read.
    """
    frame, crop = reader[index], track.at(index)
    old_px = new_px = session.detect([frame], [crop])[0].points_px
    if pose_from is not None:
        there = track.at(pose_from)
        posed = session.detect([reader[pose_from]], [there])[0].points_px
        new_px = crop_to_frame(frame_to_crop(posed, there), crop)
    return Edited(frame, crop, old_px, moved_points(new_px, session.info.skeleton, moves))


def moved_points(points_px: Floats, skeleton: Skeleton, moves: Sequence[str]) -> Floats:
    """Landmarks after the moves that stand on the command line, in their order.

    Raises:
        LimnerError: a move cannot be read or names no landmark.
    """
    moved = points_px.copy()
    by_name = {name.casefold(): index for index, name in enumerate(skeleton.names)}
    for text in moves:
        name, x, y, relative = move(text)
        index = by_name.get(name.casefold())
        if index is None:
            raise LimnerError(
                f"The model has no landmark {name!r}.", f"It has: {', '.join(skeleton.names)}."
            )
        moved[index] = moved[index] + (x, y) if relative else (x, y)
    return moved


def redraw(
    session: Session,
    frame: Image,
    crop: Crop,
    new_px: NDArray[np.floating],
    *,
    sharp: bool = True,
) -> Image:
    """The frame with its crop redrawn; `Session.hold` came before.

    Args:
        session: Holds the frame's looks.
        frame: ``(H, W, 3)``.
        crop: The square that is held.
        new_px: ``(K, 2)`` where the landmarks are to be.
        sharp: With the video's detail; the network's bare picture if not.
    """
    return lay_over(frame, session.redraw(new_px, sharp=sharp), crop)
