"""How large poses are and where they lie on the canvas, against what crops seem to show.

Nothing is labelled, so what crops show is known by signs alone: the box that OpenCV's cascade puts
on a face; the outline of what moves against a background that stands still, which may be no more
than a waving arm; and how crops that follow something are made. All are rough, and so is what is
warned of.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from limner_engine.cropping.background import STILL_CHANGE, Background
from limner_engine.cropping.faces import FaceFinder
from limner_engine.cropping.setting import MARGIN
from limner_engine.cropping.silhouette import BOTTOM, LEFT, RIGHT, TOP, in_video, silhouette
from limner_engine.cropping.track import CropTrack
from limner_engine.types import Floats, Image

Kind: TypeAlias = Literal["poses", "faces", "motion", "followed"]

FACE_SHARE = 0.8
"""Side of the box of a face's landmarks, brows to chin, in sides of the cascade's box."""
FACE_LOWER = 0.13
"""How far that box's middle lies below the cascade's, in sides of the latter."""
BODY_SHARE = 0.85
"""The same for somebody's joints within the outline: hair, hands and feet reach beyond them."""
KNOWN_SHARE = 0.3
"""Share of the crops of which something has to be known."""
LEAST_CROPS = 4
FACE_PICTURE_PX = 80
MOST_FACES = 24
"""Crops of a video in which faces are looked for, which takes a while."""
STILL_SHARE = 0.65
"""Share of the places that stay as they are in crops of a camera that stands still."""
FOLLOWING_SHARE = 0.1
"""How far a crop moves that follows something, in its own sides."""
SMALLER, LARGER = 0.65, 1.35
"""Poses are told of whose size, in sizes of what the crops show, is outside of this."""
OFF = 0.2
"""How far off the middle of poses may be, canvas units."""
OUT_SHARE = 0.02
"""Share of the landmarks outside the canvas from which on it is told."""


@dataclass(frozen=True, slots=True)
class PoseStatistics:
    """Sizes and places on the canvas, -1..1.

    Attributes:
        kind: Of what: ``poses``; ``faces``, estimated from the cascade's boxes; ``motion``: of
            what moves in the crops; ``followed``: as crops are made that follow something.
        count: Of how many.
        centre: Median middle of the boxes, x and y.
        width: Median.
        height: Median.
        side: Median of the longer sides.
        sides: Their 5th and 95th percentiles.
        outside: Share of the landmarks that lie out of the canvas; 0 for what crops show.
    """

    kind: Kind
    count: int
    centre: tuple[float, float]
    width: float
    height: float
    side: float
    sides: tuple[float, float]
    outside: float = 0.0

    @classmethod
    def of(cls, poses: Floats) -> PoseStatistics:
        """Of poses.

        Args:
            poses: ``(N, K, 2)``, canvas units.
        """
        boxes = np.concatenate([poses.min(axis=1), poses.max(axis=1)], axis=1)
        outside = float((np.abs(poses) > 1).any(axis=2).mean())
        return cls.of_boxes(boxes, "poses", outside)

    @classmethod
    def of_boxes(
        cls, boxes: NDArray[np.floating[Any]], kind: Kind, outside: float = 0.0
    ) -> PoseStatistics:
        """Of boxes.

        Args:
            boxes: ``(N, 4)``: left, top, right, bottom, canvas units.
            kind: Of what.
            outside: See the attribute.
        """
        low, high = np.asarray(boxes[:, :2], np.float64), np.asarray(boxes[:, 2:], np.float64)
        sizes = high - low
        longer = sizes.max(axis=1)
        x, y = np.median((low + high) / 2, axis=0).tolist()
        width, height = np.median(sizes, axis=0).tolist()
        least, most = np.percentile(longer, [5, 95]).tolist()
        side = float(np.median(longer))
        return cls(kind, len(boxes), (x, y), width, height, side, (least, most), outside)


def sign_of(track: CropTrack) -> str:
    """By what sign poses can be known in the crops of a video, for `crop_statistics`.

    Args:
        track: The crops.

    Returns:
        ``face``; ``motion`` where the crops follow what moves; empty where they tell nothing.
    """
    if track.mode == "face":
        return "face"
    if track.mode not in ("motion", "turning", "box"):
        return ""
    way = np.ptp(track.values[:, :2], axis=0).max()
    return "motion" if way > FOLLOWING_SHARE * float(np.median(track.values[:, 2])) else ""


def crop_statistics(
    stacks: Sequence[NDArray[np.uint8]], signs: Sequence[str] = ()
) -> PoseStatistics | None:
    """Sizes and places that crops suggest for poses.

    Args:
        stacks: For each video ``(N, S, S, 3)`` uint8, its crops.
        signs: For each what `sign_of` says of its crops; in crops without a sign what moves is
            looked at. Faces are looked for only where that is the sign. Pictures that have
            nothing in common are ``apart``, and tell nothing.

    Returns:
        Of the sign that most of the crops have; None where too little is known.
    """
    signs = list(signs) or [""] * len(stacks)
    boxes: dict[Kind, list[NDArray[np.float64]]] = {"faces": [], "motion": [], "followed": []}
    for stack, sign in zip(stacks, signs, strict=True):
        if sign == "face":
            picks = np.unique(np.linspace(0, len(stack) - 1, min(len(stack), MOST_FACES)).round())
            boxes["faces"].append(face_boxes(stack[picks.astype(int)]))
        elif sign == "motion":
            half = BODY_SHARE / (1 + MARGIN)
            boxes["followed"].append(np.tile([-half, -half, half, half], (len(stack), 1)))
        elif not sign:
            boxes["motion"].append(moving_boxes(stack))
    kind = max(boxes, key=lambda kind: sum(len(part) for part in boxes[kind]))
    if not boxes[kind]:
        return None
    found = np.concatenate(boxes[kind])
    known = np.isfinite(found[:, 0])
    if known.sum() < LEAST_CROPS or known.mean() < KNOWN_SHARE:
        return None
    return PoseStatistics.of_boxes(found[known], kind)


def face_boxes(crops: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Where the landmarks of faces probably are, by OpenCV's cascade.

    Args:
        crops: ``(N, S, S, 3)``.

    Returns:
        ``(N, 4)``: left, top, right, bottom, canvas units; NaN where no face is found.
    """
    boxes = np.full((len(crops), 4), np.nan)
    if not len(crops):
        return boxes
    side = FACE_PICTURE_PX
    finder = FaceFinder(side, side)
    for crop in crops:
        finder.look(np.asarray(cv2.resize(crop, (side, side)), np.uint8))
    for row, found in zip(boxes, finder.search(lambda _: None), strict=True):
        if len(found):
            x, y, size = found[np.argmax(found[:, 2])]
            half = FACE_SHARE * size / 2
            middle = np.array([x, y + FACE_LOWER * size])
            row[:] = np.concatenate([middle - half, middle + half])
    return np.asarray((2 * boxes + 1) / side - 1)


def moving_boxes(crops: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Where the joints of what moves probably are, against what stands still in all crops.

    Args:
        crops: ``(N, S, S, 3)``, all of one video.

    Returns:
        ``(N, 4)`` as `face_boxes`; NaN where nothing moves, and everywhere where the background
        does not stand still.
    """
    boxes = np.full((len(crops), 4), np.nan)
    if len(crops) < LEAST_CROPS:
        return boxes
    blurred: list[Image] = [
        np.asarray(cv2.GaussianBlur(crop, (3, 3), 0), np.uint8) for crop in crops
    ]
    background = Background(blurred)
    if not (background.still or _mostly_still(blurred)):
        return boxes
    for row, picture in zip(boxes, blurred, strict=True):
        seen = in_video(silhouette(background.mask(picture))[None], background.scale)[0]
        row[:] = seen[[LEFT, TOP, RIGHT, BOTTOM]]
    boxes = (2 * boxes + 1) / crops.shape[1] - 1
    middles = (boxes[:, :2] + boxes[:, 2:]) / 2
    halves = BODY_SHARE * (boxes[:, 2:] - boxes[:, :2]) / 2
    return np.concatenate([middles - halves, middles + halves], axis=1)


def _mostly_still(pictures: Sequence[Image]) -> bool:
    """Whether the camera stands still before a plain wall.

    There somebody's own edges are the steepest, which is where `Background` looks for what moves.
    """
    stack = np.stack(pictures).astype(np.float32)
    change = np.abs(stack - np.median(stack, axis=0)).max(axis=-1)
    return float((change <= STILL_CHANGE).mean()) >= STILL_SHARE


def compare(poses: PoseStatistics, crops: PoseStatistics | None) -> list[str]:
    """What should be looked at before learning.

    Args:
        poses: Of the prior.
        crops: What the crops suggest; None where nothing is known.

    Returns:
        Sentences, none where all is well.
    """
    said = []
    if poses.outside > OUT_SHARE:
        said.append(
            f"{poses.outside:.0%} of the poses' landmarks lie outside the crop, where none can be"
            " found."
        )
    if crops is None:
        return said
    what = {"faces": "the faces", "followed": "what is followed"}.get(crops.kind, "what moves")
    ratio = poses.side / crops.side
    # Of what moves the pose is the whole: smaller it cannot be, and larger it may well be.
    if ratio < SMALLER or (ratio > LARGER and crops.kind != "motion"):
        larger = "larger" if ratio > 1 else "smaller"
        said.append(
            f"Poses are {larger} than {what} in the crops: {poses.side / 2:.0%} of the crop's side"
            f" against about {crops.side / 2:.0%}. Scale them by {1 / ratio:.2g}."
        )
    if crops.kind == "motion":
        return said
    off = [a - b for a, b in zip(poses.centre, crops.centre, strict=True)]
    ways = [("right", "left"), ("below", "above")]
    for distance, (more, less) in zip(off, ways, strict=True):
        if abs(distance) > OFF:
            side = more if distance > 0 else less
            where = f"{side} of" if side in ("right", "left") else side
            said.append(
                f"Poses lie {where} {what} in the crops, by {abs(distance) / 2:.0%} of the crop's"
                " side."
            )
    return said
