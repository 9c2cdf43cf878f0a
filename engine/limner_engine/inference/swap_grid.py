"""Several looks and several poses in one sheet: every looks redrawn in every pose."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from limner_engine.coordinates import cut
from limner_engine.errors import FrameUnreadableError, VideoError
from limner_engine.inference.found_again import FoundAgain
from limner_engine.inference.pose_picture import pose_picture
from limner_engine.inference.render_job import Clip, Looks
from limner_engine.inference.rendering import Swap, check_frame, own_points
from limner_engine.inference.session import Session
from limner_engine.types import Floats, Image
from limner_engine.video.reader import VideoReader

TILE_PX = 160
_GAP_PX = 4
_PAPER = 255


@dataclass(frozen=True, slots=True, eq=False)
class SwapGrid:
    """What was drawn.

    Attributes:
        picture: ``(H, W, 3)`` uint8. Above, the driving frames; below them their poses as the
            network draws them, where the model has a skeleton; then a row for each looks, which
            stands at its left.
        frames: Numbers of the driving frames, from the left.
        geometry_error: As `limner_engine.inference.rendering.Rendered` has it, over all of them.
    """

    picture: Image
    frames: tuple[int, ...]
    geometry_error: float | None


def swap_grid(
    session: Session,
    looks: Sequence[Looks],
    clip: Clip,
    columns: int,
    progress: Callable[[float], object],
    *,
    sharp: bool = True,
    relative: bool = False,
) -> SwapGrid:
    """Redraw every looks in the poses of a few frames spread over a clip.

    Args:
        session: The model.
        looks: At least one.
        clip: The driving frames.
        columns: How many of them, 1 or more; all where the clip has no more.
        progress: Told the share done, 0 to 1.
        sharp: Keep the looks' own detail; the network's bare picture if not.
        relative: Add the motion since the first of the frames to the landmarks of each looks.

    Raises:
        VideoError: A video cannot be read, or none of the driving frames can.
        ModelError: The model only finds landmarks.
    """
    session.painter()
    frames, driving, found = _driving(session, clip, columns)
    rows = [[_blank(), *driving]]
    skeleton = session.info.skeleton
    if skeleton.edges:
        rows.append([_blank(), *(pose_picture(points, skeleton, TILE_PX) for points in found)])
    errors = []
    for number, one in enumerate(looks):
        swap, again = Swap(session, one, sharp=sharp), FoundAgain(session, one.crop)
        row = [cut(swap.frame, one.crop, TILE_PX, sharp=True)]
        for at, points in enumerate(swap.wanted(found, relative=relative)):
            drawn = swap.draw(points)
            again.look(drawn, points)
            row.append(cut(drawn, one.crop, TILE_PX, sharp=True))
            progress((number * len(frames) + at + 1) / (len(looks) * len(frames)))
        rows.append(row)
        errors.append(again.error())
    known = [error for error in errors if error is not None]
    return SwapGrid(_sheet(rows), frames, float(np.mean(known)) if known else None)


def _driving(
    session: Session, clip: Clip, columns: int
) -> tuple[tuple[int, ...], list[Image], Floats]:
    """Numbers, cuts and ``(n, K, 2)`` landmarks of the frames that drive; unreadable ones not."""
    wanted = np.unique(np.linspace(clip.start, clip.stop - 1, columns).round().astype(int))
    frames, cuts, points = [], [], []
    with VideoReader(clip.video, threads=1) as reader:
        check_frame(reader, clip.stop - 1)
        for index in wanted.tolist():
            try:
                frame = reader[index]
            except FrameUnreadableError:
                continue
            crop = clip.track.at(index)
            frames.append(index)
            cuts.append(cut(frame, crop, TILE_PX, sharp=True))
            points.append(own_points(session, frame, crop))
    if not frames:
        raise VideoError(f"None of these frames of {clip.video.name} can be read.")
    return tuple(frames), cuts, np.stack(points)


def _blank() -> Image:
    return np.full((TILE_PX, TILE_PX, 3), _PAPER, np.uint8)


def _sheet(rows: list[list[Image]]) -> Image:
    pitch = TILE_PX + _GAP_PX
    size = (len(rows) * pitch - _GAP_PX, len(rows[0]) * pitch - _GAP_PX, 3)
    sheet = np.full(size, _PAPER, np.uint8)
    for row, tiles in enumerate(rows):
        for column, tile in enumerate(tiles):
            y, x = row * pitch, column * pitch
            sheet[y : y + TILE_PX, x : x + TILE_PX] = tile
    return sheet
