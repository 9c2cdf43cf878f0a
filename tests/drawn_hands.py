"""A head and two hands of one colour that move far between frames; every displacement is known.

Each part is a rigid shape with a pattern of its own that a similarity moves over a clothed body
and a textured wall. The hands are mirror images: only their shape, and where they are, tells them
apart. Nearer parts cover farther ones: left hand, right hand, head.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from limner_engine.types import Floats, Image
from limner_training.data.frames import MARGIN, FrameSet, packed_size

PARTS = ("head", "left hand", "right hand")
"""Part p has the number p + 1 in maps; 0 is what does not move."""

Numbers = NDArray[np.float64]
Numbered = NDArray[np.int64]

_FINGERS = ((-0.55, 0.75), (-0.2, 1.0), (0.15, 1.0), (0.5, 0.85))
"""``(across, along)`` of finger tips, in units of a hand."""
_HOMES = ((0.0, -0.45), (0.38, 0.28), (-0.38, 0.28))
_REACHES = ((0.2, 0.1), (0.5, 0.5), (0.5, 0.5))
"""How far parts move from where they are at home, in units of half the picture."""
_TURNS = (0.25, 0.9, 0.9)
_SIZES = (0.27, 0.2, 0.2)


@dataclass(frozen=True, slots=True, eq=False)
class DrawnHands:
    """Frames of several videos and where the parts are in them.

    Attributes:
        pixels: ``(N, P, P, 3)`` uint8 RGB, the crop and the margin that learning needs around it.
        video: ``(N,)`` int32, rising.
        frame: ``(N,)`` int64, rising within a video.
        placements: ``(N, 3, 4)`` float32: x, y (-1..1 of the crop), turn (rad) and size of each of
            `PARTS`.
    """

    pixels: Image
    video: NDArray[np.int32]
    frame: NDArray[np.int64]
    placements: Floats

    def frame_set(self) -> FrameSet:
        """What a run learns from: the pictures alone."""
        names = tuple(f"hands {number}" for number in range(int(self.video.max()) + 1))
        return FrameSet(self.pixels, self.video, self.frame, names)

    def crops(self, rows: Numbered) -> Image:
        """``(R, S, S, 3)`` uint8: the crop alone of some frames."""
        outer = self.pixels.shape[1]
        side = round(outer / MARGIN)
        start = (outer - side) // 2
        return self.pixels[rows, start : start + side, start : start + side]

    def flow(self, source: int, target: int, side: int) -> tuple[Floats, NDArray[np.int64]]:
        """Where the places of a target come from.

        Args:
            source: Frame.
            target: Frame.
            side: ``W``.

        Returns:
            ``(W, W, 2)`` displacements from place to source in units of half the picture, 0 where
            nothing moves; and ``(W, W)`` which part is there and seen in the source, 0 for none.
        """
        places = _grid(side, 1.0)
        parts = part_map(self.placements[target], places)
        flow = np.zeros((side, side, 2))
        seen = np.zeros((side, side), np.int64)
        for part in range(1, len(PARTS) + 1):
            there = parts == part
            own = _local(self.placements[target, part - 1], places[there])
            moved = _placed(self.placements[source, part - 1], own)
            flow[there] = moved - places[there]
            visible = part_map(self.placements[source], moved) == part
            seen[there] = part * (visible & (np.abs(moved) < 1).all(-1))
        return flow.astype(np.float32), seen


def draw_hands(videos: int, frames: int, side: int, seed: int) -> DrawnHands:
    """Draw videos.

    Args:
        videos: How many, each of its own skin, clothes and wall.
        frames: Of each video.
        side: Of the crop, pixels; pictures are ``packed_size(side)`` wide.
        seed: The same seed draws the same pictures.
    """
    random = np.random.default_rng([seed, 2])
    outer = packed_size(side)
    places = _grid(outer, outer / side)
    pictures = np.empty((videos * frames, outer, outer, 3), np.uint8)
    placements = np.empty((videos * frames, len(PARTS), 4), np.float32)
    row = 0
    for _ in range(videos):
        wall = _wall(random, outer)
        skin = np.array([205.0, 150.0, 120.0]) * random.uniform(0.6, 1.15)
        shirt, hair = random.uniform(30, 200, 3), random.uniform(20, 120, 3)
        behind = _clothed(wall, places, shirt, 2 / side)
        for placement in _paths(random, frames):
            picture = behind.copy()
            for part, paint in ((0, _head), (2, _hand), (1, _hand)):
                own = _local(placement[part], places)
                own[..., 0] *= -1 if part == 2 else 1
                edge = 2 / side / placement[part, 3]
                colour, inside = paint(own, edge, skin, hair)
                picture += inside[..., None] * (colour - picture)
            noise = random.normal(0.0, 2.0, picture.shape)
            pictures[row] = np.clip(picture + noise, 0, 255).round()
            placements[row] = placement
            row += 1
    return DrawnHands(
        pictures,
        np.repeat(np.arange(videos, dtype=np.int32), frames),
        np.tile(np.arange(frames, dtype=np.int64), videos),
        placements,
    )


def part_map(placement: Floats, places: Numbers) -> Numbered:
    """Which part is nearest to the viewer: ``(...)`` for ``(..., 2)`` places in -1..1."""
    parts = np.zeros(places.shape[:-1], np.int64)
    for part, apart in ((0, _head_distance), (2, _hand_distance), (1, _hand_distance)):
        own = _local(placement[part], places)
        own[..., 0] *= -1 if part == 2 else 1
        parts[apart(own) < 0] = part + 1
    return parts


def _grid(side: int, extent: float) -> Numbers:
    """``(side, side, 2)`` places of pixels, in units of half the crop."""
    along = ((2 * np.arange(side) + 1) / side - 1) * extent
    x, y = np.meshgrid(along, along)
    return np.stack([x, y], -1)


def _local(placement: Floats, places: Numbers) -> Numbers:
    """Places as a part sees them."""
    x, y, turn, size = placement.astype(np.float64)
    off = places - (x, y)
    cos, sin = np.cos(turn), np.sin(turn)
    return np.stack(
        [cos * off[..., 0] + sin * off[..., 1], cos * off[..., 1] - sin * off[..., 0]], -1
    ) / float(size)


def _placed(placement: Floats, own: Numbers) -> Numbers:
    """The inverse of `_local`."""
    x, y, turn, size = placement.astype(np.float64)
    cos, sin = np.cos(turn), np.sin(turn)
    turned = [cos * own[..., 0] - sin * own[..., 1], sin * own[..., 0] + cos * own[..., 1]]
    placed: Numbers = np.stack(turned, -1) * float(size) + np.array([x, y], np.float64)
    return placed


def _paths(random: np.random.Generator, frames: int) -> Floats:
    """``(frames, 3, 4)``: smooth ways of all parts."""
    moment = np.arange(frames) / 12.5
    made = np.empty((frames, len(PARTS), 4), np.float32)

    def wave(reach: float) -> Numbers:
        total = np.zeros(frames)
        for share in (0.65, 0.35):
            pace, phase = random.uniform(1.0, 3.5), random.uniform(0, 2 * np.pi)
            total += share * np.sin(pace * moment + phase)
        return reach * total

    for part in range(len(PARTS)):
        for axis in (0, 1):
            made[:, part, axis] = _HOMES[part][axis] + wave(_REACHES[part][axis])
        made[:, part, 2] = wave(_TURNS[part])
        made[:, part, 3] = _SIZES[part] * (1 + wave(0.1))
    return made


def _length(vectors: Numbers) -> Numbers:
    return np.asarray(np.linalg.norm(vectors, axis=-1), np.float64)


def _capsule(own: Numbers, start: tuple[float, float], end: tuple[float, float]) -> Numbers:
    """Distance to a stretch of a line."""
    first, along = np.array(start), np.array(end) - np.array(start)
    share = np.clip((own - first) @ along / (along @ along), 0, 1)
    return _length(own - first - share[..., None] * along)


def _hand_distance(own: Numbers) -> Numbers:
    """Below 0 inside a hand; fingers point up."""
    apart = _length(own * (1.0, 0.9) - (0, 0.1)) - 0.62
    for across, along in _FINGERS:
        finger = _capsule(own, (0.6 * across, -0.2), (1.1 * across, -1.15 * along)) - 0.17
        apart = np.minimum(apart, finger)
    thumb = _capsule(own, (0.2, 0.2), (1.0, -0.35)) - 0.18
    return np.asarray(np.minimum(apart, thumb), np.float64)


def _head_distance(own: Numbers) -> Numbers:
    """Below 0 inside a head."""
    return _length(own * (1.2, 0.9)) - 1.0


def _hand(own: Numbers, edge: float, skin: Numbers, _: Numbers) -> tuple[Numbers, Numbers]:
    """Colours of a hand, and how much of each pixel it covers."""
    shade = 1 - 0.18 * own[..., 1] - 0.12 * own[..., 0]
    creases = 0.8 + 0.2 * np.clip(np.abs(_capsule(own, (-0.4, 0.3), (0.45, 0.1))) / 0.08, 0, 1)
    nails = np.ones_like(shade)
    for across, along in _FINGERS:
        tip = _length(own - (1.1 * across, -1.15 * along))
        nails = np.where(tip < 0.13, 1.25, nails)
    rim = np.clip(-_hand_distance(own) / 0.12, 0.45, 1)
    return (shade * creases * nails * rim)[..., None] * skin, _covered(_hand_distance(own), edge)


def _head(own: Numbers, edge: float, skin: Numbers, hair: Numbers) -> tuple[Numbers, Numbers]:
    """The same of a head."""
    colours = (1 - 0.12 * own[..., 0] - 0.08 * own[..., 1])[..., None] * skin
    for across in (-0.32, 0.32):
        eye = _length(own - (across, -0.08))
        colours = np.where((eye < 0.15)[..., None], 240.0, colours)
        colours = np.where((eye < 0.08)[..., None], 30.0, colours)
    mouth = _capsule(own, (-0.25, 0.5), (0.25, 0.5)) < 0.07
    colours = np.where(mouth[..., None], np.array([150.0, 50.0, 50.0]), colours)
    crown = own[..., 1] < -0.42 + 0.25 * own[..., 0] ** 2
    colours = np.where(crown[..., None], hair, colours)
    return colours, _covered(_head_distance(own), edge)


def _covered(distance: Numbers, edge: float) -> Numbers:
    return np.asarray(np.clip(0.5 - distance / edge, 0, 1), np.float64)


def _clothed(wall: Numbers, places: Numbers, shirt: Numbers, pixel: float) -> Numbers:
    """A wall with a body before it that does not move."""
    wide = 0.42 + 0.2 * np.clip(places[..., 1], -0.1, 1)
    distance = np.maximum(np.abs(places[..., 0]) - wide, -0.12 - places[..., 1])
    stripes = 1 + 0.12 * np.sin(28 * places[..., 1])
    return wall + _covered(distance, pixel)[..., None] * (stripes[..., None] * shirt - wall)


def _wall(random: np.random.Generator, outer: int) -> Numbers:
    """A soft pattern of two colours."""

    def smooth(cells: int) -> Numbers:
        large = cv2.resize(
            random.random((cells, cells)), (outer, outer), None, 0, 0, cv2.INTER_CUBIC
        )
        return np.asarray(large, np.float64)

    mixed = (0.7 * smooth(5) + 0.3 * smooth(13))[..., None]
    return mixed * random.uniform(60, 220, 3) + (1 - mixed) * random.uniform(60, 220, 3)
