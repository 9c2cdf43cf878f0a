"""Squares to look at in stills that are taken from one video but are no neighbours in time."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from limner_engine.cropping.faces import FACE_SCALE, FaceFinder, one_face
from limner_engine.cropping.find import FACES_SHARE, MODES
from limner_engine.cropping.motion import MotionFinder
from limner_engine.errors import FormatError
from limner_engine.types import Crop, Image


def face_squares(
    pictures: Iterable[Image], width: int, height: int, least_share: float = 0.0
) -> list[Crop] | None:
    """A square around the face in every picture of a video.

    Args:
        pictures: All of one size.
        width: Pixels.
        height: Pixels.
        least_share: Of the pictures, in which a face has to be found.

    Returns:
        One square a picture; None where too few pictures show a face, or none does.
    """
    finder = FaceFinder(width, height, thorough=True)
    for picture in pictures:
        finder.look(picture)
    boxes = one_face(finder.search(lambda _: None))
    known = np.isfinite(boxes).all(axis=1)
    if not known.any() or known.mean() < least_share:
        return None
    boxes[~known] = np.median(boxes[known], axis=0)
    # One side for all: the cascade's boxes breathe, heads do not.
    side = float(np.median(boxes[:, 2])) * FACE_SCALE
    return [Crop(float(x), float(y), side) for x, y, _ in boxes]


def still_squares(
    pictures: Iterable[Image], sizes: Sequence[tuple[int, int]], mode: str, name: str
) -> list[Crop]:
    """Squares as they are found in videos: faces, else where it moves, else everything.

    A square that follows what moves is smoothed over time, which stills have none of; so motion
    counts only where it stays on the spot and one square does for all.

    Args:
        pictures: Of one video.
        sizes: ``(N,)``: width and height of each.
        mode: One of ``limner_engine.cropping.find.MODES``.
        name: Of the video, for people.

    Raises:
        FormatError: ``face`` or ``motion`` was asked for and there is none, or an unknown mode.
    """
    if mode not in MODES:
        raise FormatError(f"There is no crop {mode}.", f"Choose one of: {', '.join(MODES)}.")
    everything = [Crop.whole(*size) for size in sizes]
    if mode == "whole":
        return everything
    if len(set(sizes)) != 1:
        if mode == "auto":
            return everything
        raise FormatError(
            f"The pictures of {name} differ in size, so that no crop can be found in them.",
            "Choose whole.",
        )
    width, height = sizes[0]
    kept = list(pictures)
    if mode != "motion":
        squares = face_squares(kept, width, height, FACES_SHARE if mode == "auto" else 0.0)
        if squares is not None:
            return squares
        if mode == "face":
            raise FormatError(f"No face was found in {name}.", "Choose motion or whole.")
    finder = MotionFinder(width, height)
    for picture in kept:
        finder.look(picture)
    moving = finder.crops(np.arange(len(kept), dtype=np.float64))
    if moving is not None:
        squares_of_some = moving[np.isfinite(moving).all(axis=1)]
        if (squares_of_some == squares_of_some[0]).all():
            x, y, side = (float(value) for value in squares_of_some[0])
            return [Crop(x, y, side)] * len(kept)
    if mode == "motion":
        raise FormatError(
            f"Nothing in {name} moves on the spot, which alone can be found in stills.",
            "Choose whole.",
        )
    return everything
