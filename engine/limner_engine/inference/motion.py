"""How a picture moves when its landmarks do: smoothly, not at its border, and without folds.

A *field* is ``(S, S, 2)`` float32: for each pixel, where its content is taken from, relative to
the pixel itself, in pixels of the ``S x S`` picture, ``(x, y)``. No torch.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from limner_engine.types import Floats, Image

STIFFNESS = 0.02
"""How little the first guess follows single landmarks, which wander where there is nothing."""
LANDMARKS_SHARE = 0.5
"""How much the landmarks' own motion counts where the network's pictures do not move."""
JITTER_NORM = 0.01
"""Landmarks that move no farther than this rest."""
FARTHEST = 0.25
"""A landmark's move counts up to this share of the side; the network alone draws what is more."""
SMOOTH_SHARE = 1 / 64
"""Standard deviation of a field's smoothing, share of the side."""
REST_PX = 0.15
"""Motion up to this size is noise."""
BORDER_SLOPE = 0.7
"""Content comes from no farther than this share of a pixel's distance from the border."""
LEAST_AREA = 0.2
"""To no less than this share of itself does an area shrink; below 0 it would fold."""
HAND = (0.3, 0.6)
"""Shares of resting landmarks between which a move becomes a hand's: such a one is carried."""
GRIP = 0.17
"""Standard deviation of what a hand takes along, in units of half the side, at least."""
GRIP_OF_STEP = 0.8
"""The same as a share of the step: narrower, the picture would fold before it."""
SLACK = (1e-3, 0.1)
"""How little what is under the hand, and the landmarks around it, are held where they belong."""
_ANCHORS_A_SIDE = 8
_COARSE = 24
_GRASPS = 6
_SMOOTHINGS = 8


class Motion:
    """What moves between the picture of the landmarks as found and one of them elsewhere.

    The landmarks give a first guess, the two pictures say the rest: landmarks that were discovered
    need not lie *on* what they move, and single ones may mean nothing.

    Args:
        points_norm: ``(K, 2)`` -1..1, as found; NaN where missing.
        redrawn: ``(S, S, 3)`` uint8: the network's picture with the landmarks there.
    """

    def __init__(self, points_norm: Floats, redrawn: Image) -> None:
        self._points = points_norm
        self._before = cv2.cvtColor(redrawn, cv2.COLOR_RGB2GRAY)
        self._flow = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_FAST)
        # The pictures are so small that every pixel can be looked at.
        self._flow.setFinestScale(0)
        self._flow.setPatchStride(4)
        self._flow.setVariationalRefinementIterations(5)

    def field(self, points_norm: Floats, redrawn: Image) -> Floats:
        """The field from the first picture to another one.

        Args:
            points_norm: ``(K, 2)`` -1..1, as wanted; NaN leaves one out.
            redrawn: ``(S, S, 3)`` uint8: the network's picture with the landmarks there.
        """
        size = redrawn.shape[0]
        guess = landmark_field(self._points, points_norm, size)
        after = cv2.cvtColor(redrawn, cv2.COLOR_RGB2GRAY)
        # Where the new picture's content comes from is the flow from the new one to the old one.
        seen = self._flow.calc(after, self._before, guess.copy())  # it is written over
        # Where the network moves things, it knows better; where it leaves them, landmarks pull.
        lengths = [np.hypot(each[..., 0], each[..., 1])[..., None] for each in (seen, guess)]
        pull = LANDMARKS_SHARE * np.maximum(0, 1 - lengths[0] / np.maximum(lengths[1], 1e-6))
        pull *= 1 - _firmness(self._points, points_norm)  # `hand` carries what it holds, no more
        both = cv2.GaussianBlur(seen + pull * (guess - seen), (0, 0), SMOOTH_SHARE * size)
        return unfolded(_settled(np.asarray(both, np.float32)))

    def hand(self, points_norm: Floats, field: Floats) -> Floats | None:
        """What a hand moves beyond a field: a landmark dragged alone takes its place along.

        The network may leave single landmarks out of account, and a person who drags one then
        sees nothing happen. Where most landmarks rest, the others are exact: a sum of bumps
        carries what is under them all the way, and not what is under those that rest.

        Args:
            points_norm: As given to `field`.
            field: What it answered.

        Returns:
            A field to be applied after the other one, see `after`; None where no hand is at work.
        """
        size = field.shape[0]
        firm = _firmness(self._points, points_norm)
        both = _inside(self._points, points_norm)
        to = points_norm[both].astype(np.float64)
        step = to - self._points[both]
        length = np.hypot(*step.T)
        moved = length > JITTER_NORM
        if not moved.any() or firm == 0:
            return None
        step *= np.minimum(1, 2 * FARTHEST / np.maximum(length, 1e-9))[:, None]
        missing = np.zeros_like(step)
        for _ in range(_GRASPS):
            # The hand takes from where the field has put things: one depends on the other.
            at = ((to + missing + 1) * (size / 2) - 0.5).astype(np.float32)[None]
            there = cv2.remap(field, at, np.empty(0, np.float32), cv2.INTER_LINEAR)[0]
            missing = (missing + np.where(moved[:, None], -step - there * (2 / size), 0.0)) / 2
        width = max(GRIP, GRIP_OF_STEP * float(np.hypot(*missing.T).max()))
        apart = ((to[:, None] - to) ** 2).sum(axis=-1)
        bumps = np.exp(-apart / (2 * width**2))
        bumps[np.diag_indices(len(to))] += np.where(moved, *SLACK)
        weights = np.linalg.solve(bumps, missing)
        line = (2 * np.arange(size) + 1) / size - 1
        # A bump is separable: its rows and columns are enough.
        across, down = (
            np.exp(-((to[:, i] - line[:, None]) ** 2) / (2 * width**2)) for i in (0, 1)
        )
        carried = np.stack([(down * w) @ across.T for w in weights.T], axis=-1)
        return unfolded(_settled(np.asarray(carried * (firm * size / 2), np.float32)))


def after(field: Floats, hand: Floats) -> Floats:
    """Both moves in one field: what the hand then takes, taken from where it has come to lie."""
    size = field.shape[0]
    at = np.arange(size, dtype=np.float32)
    places = np.stack(np.meshgrid(at, at), axis=-1) + hand
    edge = cv2.BORDER_REPLICATE
    empty = np.empty(0, np.float32)
    lain = cv2.remap(field, places, empty, cv2.INTER_LINEAR, borderMode=edge)
    return unfolded(np.asarray(hand + lain, np.float32))


def _inside(found: Floats, wanted: Floats) -> NDArray[np.bool_]:
    """Which landmarks are there and within the picture, before and after; ``(K,)``."""
    # One outside is drawn nowhere, and nothing lies under it; NaN is no less than 1.
    return np.asarray((np.abs(found) < 1).all(axis=1) & (np.abs(wanted) < 1).all(axis=1))


def _firmness(found: Floats, wanted: Floats) -> float:
    """How much a move is a hand's, 0..1: most landmarks rest, see `HAND`."""
    known = _inside(found, wanted)
    if not known.any():
        return 0.0
    resting = float((np.hypot(*(wanted - found)[known].T) <= JITTER_NORM).mean())
    return min(1.0, max(0.0, (resting - HAND[0]) / (HAND[1] - HAND[0])))


def _settled(field: Floats) -> Floats:
    """Exactly nothing where it is noise, so that what rests need not be resampled."""
    square = (field**2).sum(axis=-1, keepdims=True)
    real = np.maximum(0, 1 - REST_PX**2 / np.maximum(square, 1e-12))
    return np.asarray(field * real, np.float32)


def landmark_field(found: Floats, wanted: Floats, size: int) -> Floats:
    """The motion by the landmarks alone: a thin plate, held at the border.

    Args:
        found: ``(K, 2)`` -1..1: where they come from; one that is NaN here or there is ignored.
        wanted: ``(K, 2)`` -1..1: where they go.
        size: ``S``.

    Returns:
        A field; it may fold.
    """
    both = np.isfinite(found).all(axis=1) & np.isfinite(wanted).all(axis=1)
    to = np.clip(wanted[both].astype(np.float64), -1, 1)
    step = to - np.clip(found[both].astype(np.float64), -1, 1)
    length = np.maximum(np.hypot(*step.T), 1e-9)[:, None]
    step *= np.minimum(1, 2 * FARTHEST / length) * np.maximum(0, 1 - (JITTER_NORM / length) ** 2)
    along, edge = np.linspace(-1, 1, _ANCHORS_A_SIDE + 1)[:-1], np.ones(_ANCHORS_A_SIDE)
    sides = [(along, -edge), (edge, along), (-along, edge), (-edge, -along)]
    centres = np.concatenate([to, *(np.stack(side, axis=1) for side in sides)])
    count = len(centres)
    # Thin plate spline: bends at the centres, plus a plane; slack where it need not be exact.
    slack = np.full(count, 1e-6)
    slack[: len(to)] = STIFFNESS
    plane = np.concatenate([np.ones((count, 1)), centres], axis=1)
    system = np.zeros((count + 3, count + 3))
    system[:count, :count] = _bending(centres, centres) + np.diag(slack)
    system[:count, count:], system[count:, :count] = plane, plane.T
    values = np.zeros((count + 3, 2))
    values[: len(to)] = -step
    weights = np.linalg.solve(system, values)
    line = (2 * np.arange(_COARSE) + 1) / _COARSE - 1
    places = np.stack(np.meshgrid(line, line), axis=-1).reshape(-1, 2)
    norm = _bending(places, centres) @ weights[:count] + weights[count] + places @ weights[-2:]
    coarse = (norm * (size / 2)).reshape(_COARSE, _COARSE, 2).astype(np.float32)
    return np.asarray(cv2.resize(coarse, (size, size)), np.float32)


def _bending(a: NDArray[np.float64], b: NDArray[np.float64]) -> NDArray[np.float64]:
    """``r^2 log r^2`` of all pairs."""
    # Single precision is exact enough for a guess, and twice as fast.
    x, y = (np.subtract.outer(a[:, i], b[:, i], dtype=np.float32) for i in (0, 1))
    square = x * x + y * y + np.float32(1e-12)
    return np.asarray(square * np.log(square), np.float64)


def unfolded(field: Floats) -> Floats:
    """The field, brought to nothing at the border and smoothed where it would fold.

    Args:
        field: Any field.

    Returns:
        A field whose `area` is nowhere below `LEAST_AREA`.
    """
    size = field.shape[0]
    at = np.arange(size)
    inward = np.minimum(at, size - 1 - at).astype(np.float32)
    # A limit that grows slower than one pixel a pixel cannot itself make a fold.
    reach = BORDER_SLOPE * np.minimum.outer(inward, inward)[..., None]
    field = np.clip(field, -reach, reach)
    around = np.ones((2 * (size // 24) + 1,) * 2, np.uint8)
    for _ in range(_SMOOTHINGS):
        tight = (area(field) < LEAST_AREA).astype(np.float32)
        if not tight.any():
            return field
        near = cv2.blur(cv2.dilate(tight, around), around.shape)[..., None]
        softer = cv2.GaussianBlur(field, (0, 0), size / 24)
        field = np.clip(field + near * (softer - field), -reach, reach)
    while area(field).min() < LEAST_AREA:
        field = field * np.float32(0.8)
    return field


def area(field: Floats) -> Floats:
    """How much of the source fills each pixel, ``(S, S)``: 1 at rest, below 0 where it folds."""
    along = np.diff(field, axis=1, append=field[:, -1:])
    down = np.diff(field, axis=0, append=field[-1:])
    turned = along[..., 1] * down[..., 0]
    return np.asarray((1 + along[..., 0]) * (1 + down[..., 1]) - turned, np.float32)


def stretch(field: Floats) -> Floats:
    """How many times longer or shorter content becomes along its worst direction, ``(S, S)``."""
    along = np.gradient(field, axis=1) + np.array([1, 0], np.float32)
    down = np.gradient(field, axis=0) + np.array([0, 1], np.float32)
    # Singular values of a 2 x 2 matrix in closed form.
    one = np.hypot(along[..., 0] + down[..., 1], along[..., 1] - down[..., 0])
    other = np.hypot(along[..., 0] - down[..., 1], along[..., 1] + down[..., 0])
    longest, shortest = (one + other) / 2, np.abs(one - other) / 2
    return np.asarray(np.maximum(longest, 1 / np.maximum(shortest, 1e-3)), np.float32)
