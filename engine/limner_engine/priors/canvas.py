"""Poses on the canvas that crops are: laid there, and varied a little at every look.

The canvas is -1..1 in x and y, as a crop's own coordinates are; x right, y down.
"""

from __future__ import annotations

from typing import Any, Literal, NamedTuple, TypeAlias, get_args

import numpy as np
from numpy.typing import NDArray

from limner_engine.types import Floats

Fit: TypeAlias = Literal["each", "centred", "set", "given"]
FITS: tuple[Fit, ...] = get_args(Fit)

EXTENT = 1.4
"""Longer side of a fitted pose's box, canvas units: seven tenths of the crop's side."""
TYPICAL = 85.0
"""Percentile of the boxes' longer sides that gets the extent where poses share one scale: the same
percentile that a crop around what moves is made for (`cropping.motion.TYPICAL`)."""


class Placing(NamedTuple):
    """Where poses lie in crops of a kind: the arguments of `fit`.

    Attributes:
        how: See there.
        extent: Likewise.
        centre: Likewise.
    """

    how: Fit
    extent: float
    centre: tuple[float, float]


PLACINGS: dict[str, Placing] = {
    # Brows to chin, in crops of 1.6 sides of the cascade's box. Measured without labels:
    # OpenCV's own finder of eyes has them 0.44 apart and their middle at -0.14 in such crops.
    "face": Placing("each", 1.0, (0.0, 0.165)),
    # Somebody's joints have 0.85 of the outline's height, which has 0.8 of such a crop; hair takes
    # more room above the joints than feet do below.
    "motion": Placing("centred", EXTENT, (0.0, 0.04)),
}
"""Where to begin, for crops of a mode, with faces and with bodies."""

ZOOM_SIGMA = 0.25
"""Standard deviation of the half-normal share that a pose shrinks by, at strength 1."""
MOST_ZOOM = 0.5
"""Share that a pose shrinks by at most, at strength 1."""
ASPECT = 0.12
"""A pose's width over its height changes by a factor of exp(-ASPECT) to exp(ASPECT)."""
TURN_RAD = 0.2
"""A pose turns by -TURN_RAD to TURN_RAD about the middle of its box: 11 degrees."""

_TINY = 1e-6


def fit(
    poses: NDArray[np.floating[Any]],
    how: Fit = "each",
    *,
    extent: float = EXTENT,
    centre: tuple[float, float] = (0.0, 0.0),
) -> Floats:
    """Lay poses of any unit on the canvas.

    Args:
        poses: ``(N, K, 2)``, x right, y down, without NaN.
        how: ``each``: every pose gets its own scale, so that the longer side of its box is
            ``extent``, and the middle of its box comes to ``centre``; for poses of pictures of all
            sizes. ``centred``: one scale for all, at which the longer side of the `TYPICAL`th
            percentile is ``extent``, and each box in the middle: as in crops that follow somebody,
            where who crouches is smaller. ``set``: one scale and one shift for all, so that
            the middle of all boxes comes to ``centre``: where a pose stands in the picture is
            kept. ``given``: they are on the canvas already.
        extent: Above 0, canvas units.
        centre: Canvas units.

    Returns:
        ``(N, K, 2)`` float32.

    Raises:
        ValueError: ``how`` is none of these, or all landmarks of all poses lie in one place.
    """
    if how not in FITS:
        raise ValueError(f"poses are not fitted by {how!r}")
    given = np.asarray(poses, np.float64)
    if how == "given":
        return given.astype(np.float32)
    low, high = given.min(axis=1), given.max(axis=1)
    middles = (low + high) / 2
    sides = (high - low).max(axis=1)
    if not sides.max() > _TINY:
        raise ValueError("the landmarks of every pose lie in one place")
    scale: Any = extent / float(np.percentile(sides, TYPICAL))
    if how == "each":
        scale = extent / np.maximum(sides, _TINY * sides.max())[:, None, None]
    if how == "set":
        middles = np.broadcast_to(np.median(middles, axis=0), middles.shape)
    laid = (given - middles[:, None]) * scale + np.asarray(centre)
    return np.asarray(laid, np.float32)


def jittered(poses: Floats, rng: np.random.Generator, strength: float) -> Floats:
    """Vary poses as crops vary: somebody further off, not in the middle, leaning.

    Each pose is turned about the middle of its box by up to `TURN_RAD`, stretched (`ASPECT`), made
    smaller by a half-normal share (`ZOOM_SIGMA`, at most `MOST_ZOOM`), and shifted to a place
    drawn evenly from all that keep its box within the canvas. All of these are scaled by
    ``strength``, the shift as a share of the way, and the milder, the more alike to either side.
    A pose that reaches out of the canvas gets no further out than it was; one that would, being
    turned, is made smaller.

    Args:
        poses: ``(B, K, 2)`` float32, canvas units.
        rng: What is random.
        strength: 0 leaves the poses as they are; 1 is all of it.

    Returns:
        ``(B, K, 2)`` float32.

    Raises:
        ValueError: ``strength`` is not 0 to 1.
    """
    if not 0 <= strength <= 1:
        raise ValueError(f"the strength of jitter is 0 to 1, not {strength}")
    count = len(poses)
    # The same numbers are drawn at every strength, so that it alone makes the difference.
    turn = rng.uniform(-TURN_RAD, TURN_RAD, count)
    aspect = rng.uniform(-ASPECT, ASPECT, count)
    shrink = np.minimum(np.abs(rng.normal(0.0, ZOOM_SIGMA, count)), MOST_ZOOM)
    place = rng.uniform(0.0, 1.0, (count, 2))
    if strength == 0:
        return np.array(poses, np.float32)
    given = poses.astype(np.float64)
    first, last = given.min(axis=1), given.max(axis=1)
    middles = ((first + last) / 2)[:, None]
    turn, aspect, shrink = turn * strength, aspect * strength, shrink * strength
    cos, sin = np.cos(turn), np.sin(turn)
    turns = np.stack([np.stack([cos, -sin], -1), np.stack([sin, cos], -1)], axis=1)
    stretch = np.exp(np.stack([aspect, -aspect], axis=-1) / 2) * (1 - shrink)[:, None]
    varied = np.einsum("bij,bkj->bki", turns, given - middles) * stretch[:, None] + middles
    room_first, room_last = np.minimum(first, -1.0), np.maximum(last, 1.0)
    extents = varied.max(axis=1) - varied.min(axis=1)
    squeeze = np.minimum((room_last - room_first) / np.maximum(extents, _TINY), 1.0).min(axis=1)
    varied = (varied - middles) * squeeze[:, None, None] + middles
    least = room_first - varied.min(axis=1)
    most = np.maximum(room_last - varied.max(axis=1), least)
    # Mild jitter goes as far to either side: poses that lie low on purpose are not lifted by it.
    both = np.minimum(-least, most).clip(min=0.0)
    first_share, last_share = (both + strength * (reach - both) for reach in (-least, most))
    drawn = place * (first_share + last_share) - first_share
    shift = np.clip(drawn * strength, least, most)
    return np.asarray(varied + shift[:, None], np.float32)
