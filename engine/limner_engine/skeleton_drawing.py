"""Landmarks joined by their skeleton's lines on a small picture, for people to look at. No Qt."""

from __future__ import annotations

import cv2
import numpy as np

from limner_engine.coordinates import norm_to_pixel
from limner_engine.types import Floats, Image

Pairs = tuple[tuple[int, int], ...]
Colour = tuple[int, int, int]

LEFT: Colour = (86, 180, 233)
RIGHT: Colour = (230, 159, 0)
MIDDLE: Colour = (242, 242, 242)
"""RGB of the left side, of the right one, and of what has no side."""
FEW = 30
"""Landmarks up to which each gets a dot that is easily seen."""

_RIM: Colour = (0, 0, 0)
_SUB = 4
_FAR = 2.0
"""Landmarks far outside, as at the start of a run, would leave the range of the drawing."""


def draw_skeleton(
    picture: Image, points_norm: Floats, edges: Pairs, symmetries: Pairs = ()
) -> None:
    """Draw lines and dots in the colour of their side, each with a dark rim.

    Args:
        picture: ``(S, S, 3)`` uint8 RGB; drawn upon.
        points_norm: ``(K, 2)`` in -1..1 of the picture.
        edges: Pairs of landmarks that are joined.
        symmetries: Pairs (left, right).
    """
    side = picture.shape[0]
    near = norm_to_pixel(np.clip(points_norm, -_FAR, _FAR), side) * 2**_SUB
    places = [(round(float(x)), round(float(y))) for x, y in near]
    left, right = ({pair[at] for pair in symmetries} for at in (0, 1))

    def colour(*landmarks: int) -> Colour:
        of_left, of_right = (any(one in those for one in landmarks) for those in (left, right))
        return MIDDLE if of_left == of_right else LEFT if of_left else RIGHT

    # All rims first: a rim over another line would cut it.
    for thick, rim in ((3, True), (1, False)):
        for first, second in edges:
            ink = _RIM if rim else colour(first, second)
            cv2.line(picture, places[first], places[second], ink, thick, cv2.LINE_AA, _SUB)
    radius = 3 if len(places) <= FEW else 1
    for number, place in enumerate(places):
        _dot(picture, place, radius + 1, _RIM)
        _dot(picture, place, radius, colour(number))


def _dot(picture: Image, place: tuple[int, int], diameter: int, colour: Colour) -> None:
    cv2.circle(picture, place, diameter << (_SUB - 1), colour, -1, cv2.LINE_AA, _SUB)
