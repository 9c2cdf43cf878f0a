"""Moving landmarks of a frame and redrawing it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from limner_app.commands.parsing import move
from limner_engine.errors import LimnerError
from limner_engine.inference.detail import lay_over
from limner_engine.inference.session import Session
from limner_engine.types import Crop, Floats, Image, Skeleton


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
