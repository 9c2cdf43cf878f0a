"""Articulated figures before a textured wall, drawn when asked for: every joint is known.

A body of thirteen joints moves in three dimensions (it walks, waves, jumps, bends, reaches), is
turned about its upright axis by up to about fifty degrees, and is drawn limb by limb from the
farthest to the nearest. Every video has clothes and a wall of its own; in half of them the left
and the right half of the body are dressed differently.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from drawn_moves import JOINTS, Trajectory, bodies
from limner_engine.priors.prior import PosePrior
from limner_engine.types import Floats, Image, Skeleton
from limner_resources import skeleton_templates
from limner_training.data.frames import MARGIN, FrameSet, packed_size

_SUBPIXEL = 4
"""Bits behind the point in what OpenCV draws."""
_FINER = 2
"""Drawn this much larger, then averaged."""


def figure_skeleton() -> Skeleton:
    """The bundled skeleton that the figures have: ``body-13``."""
    return Skeleton.from_json(skeleton_templates()["body-13"])


@dataclass(frozen=True, slots=True, eq=False)
class DrawnFigures:
    """Frames of several videos with the joints that are in them.

    Attributes:
        pixels: ``(N, P, P, 3)`` uint8 RGB, the crop and the margin that learning needs around it.
        video: ``(N,)`` int32, rising.
        frame: ``(N,)`` int64, rising within a video.
        joints_norm: ``(N, 13, 2)`` float32, ``(x, y)`` in -1..1 of the crop.
    """

    pixels: Image
    video: NDArray[np.int32]
    frame: NDArray[np.int64]
    joints_norm: Floats

    def frame_set(self) -> FrameSet:
        """What a run learns from: the pictures without the joints."""
        names = tuple(f"figure {number}" for number in range(int(self.video.max()) + 1))
        return FrameSet(self.pixels, self.video, self.frame, names)

    def crops(self) -> Image:
        """``(N, S, S, 3)`` uint8: the crop alone, as detection sees it."""
        return inner(self.pixels)


def inner(pixels: Image) -> Image:
    """The crops of pictures that have the margin of learning around them."""
    outer = pixels.shape[1]
    side = round(outer / MARGIN)
    start = (outer - side) // 2
    return pixels[:, start : start + side, start : start + side]


def draw_videos(videos: int, frames: int, side: int, seed: int) -> DrawnFigures:
    """Draw videos.

    Args:
        videos: How many, each of its own clothes, wall, size and movements.
        frames: Of each video.
        side: Of the crop, pixels: what the network sees. Pictures are ``packed_size(side)`` wide.
        seed: The same seed draws the same pictures.
    """
    random = np.random.default_rng([seed, 0])
    outer = packed_size(side)
    pictures = np.empty((videos * frames, outer, outer, 3), np.uint8)
    joints = np.empty((videos * frames, JOINTS, 2), np.float32)
    row = 0
    for number in range(videos):
        moved = bodies(random, frames)
        look = _Look.drawn(random, outer * _FINER, unequal=number % 2 == 1)
        # As far from the edge as the crop is narrower than the picture.
        scale = outer * _FINER / (2 * outer / side)
        for body in moved:
            places = body[:, :2] * scale + outer * _FINER / 2 - 0.5
            large = look.paint(places, body[:, 2])
            small = cv2.resize(large, (outer, outer), interpolation=cv2.INTER_AREA)
            noise = random.normal(0.0, 2.0, small.shape)
            pictures[row] = np.clip(small + noise, 0, 255).round()
            joints[row] = body[:, :2]
            row += 1
    return DrawnFigures(
        pictures,
        np.repeat(np.arange(videos, dtype=np.int32), frames),
        np.tile(np.arange(frames, dtype=np.int64), videos),
        joints,
    )


def draw_prior(count: int, seed: int) -> PosePrior:
    """Loose poses of the distribution that `draw_videos` draws from; none of them is drawn there.

    Args:
        count: How many.
        seed: Poses of other seeds, and of videos of the same seed, are other ones.
    """
    random = np.random.default_rng([seed, 1])
    poses: list[Floats] = []
    while len(poses) < count:
        moves = bodies(random, 60)
        poses.extend(moves[::10, :, :2].astype(np.float32))
    return PosePrior(
        f"{count} drawn figures", figure_skeleton(), np.stack(poses[:count]), ("drawn figures",)
    )


_Colour = tuple[int, int, int]


@dataclass(frozen=True, slots=True, eq=False)
class _Look:
    """Clothes, skin and wall of one video; colours are RGB."""

    wall: Image
    shirt: _Colour
    hair: _Colour
    skin: _Colour
    limbs: dict[tuple[int, int], _Colour]
    girth: float

    @classmethod
    def drawn(cls, random: np.random.Generator, side: int, *, unequal: bool) -> _Look:
        """``unequal``: sleeves and trouser legs of the two sides differ."""
        wall = _wall(random, side)
        shirt, trousers = _cloth(random), _cloth(random)
        tone = random.uniform(0.35, 1.0)
        skin = (round(235 * tone), round(190 * tone), round(160 * tone))
        sleeve, leg = random.random() < 0.5, random.random() < 0.6
        limbs: dict[tuple[int, int], _Colour] = {}
        for place in (0, 1):
            top, below = shirt, trousers
            if unequal and place:
                top, below = _cloth(random), _cloth(random)
            limbs[1 + place, 3 + place] = top
            limbs[3 + place, 5 + place] = _darker(top, 0.85) if sleeve else skin
            limbs[7 + place, 9 + place] = below
            limbs[9 + place, 11 + place] = _darker(below, 0.85) if leg else skin
        hair = _darker(_cloth(random), 0.4)
        return cls(wall, shirt, hair, skin, limbs, float(random.uniform(0.85, 1.2)))

    def paint(self, places: Trajectory, depth: Trajectory) -> Image:
        """The figure before its wall.

        Args:
            places: ``(13, 2)`` pixels of the wall.
            depth: ``(13,)``, larger is nearer.
        """
        picture = self.wall.copy()
        # The torso keeps its length least where it is seen from its end; limbs are as thick.
        unit = self.girth * 0.024 * self.wall.shape[0]
        torso = depth[[1, 2, 7, 8]].mean()
        for _, part in sorted(
            [(depth[list(pair)].mean(), pair) for pair in self.limbs]
            + [(torso, ()), (max(torso, depth[0]) + 0.01, (0,))],
            key=lambda item: float(item[0]),
        ):
            if len(part) == 2:
                upper = part[0] in (1, 2, 7, 8)
                leg = part[0] >= 7
                first, last = (1.15, 0.95) if upper else (0.9, 0.7)
                thick = unit * (1.25 if leg else 1.0)
                ends = places[list(part)]
                _limb(picture, ends, first * thick, last * thick, self.limbs[part])
            elif part:
                self._head(picture, places, unit)
            else:
                _trunk(picture, places, unit, self.shirt)
        return picture

    def _head(self, picture: Image, places: Trajectory, unit: float) -> None:
        neck = places[[1, 2]].mean(0)
        _limb(
            picture, np.stack([neck, places[0]]), 0.9 * unit, 0.9 * unit, _darker(self.skin, 0.8)
        )
        _disc(picture, places[0] - [0, 0.35 * unit], 2.0 * unit, self.hair)
        _disc(picture, places[0] + [0, 0.35 * unit], 1.6 * unit, self.skin)


def _trunk(picture: Image, places: Trajectory, unit: float, colour: _Colour) -> None:
    corners = places[[1, 2, 8, 7]]
    edge = _darker(colour, 0.6)
    for grow, shade in ((1.3, edge), (1.0, colour)):
        _polygon(picture, corners, shade)
        for first, last in zip(corners, np.roll(corners, -1, axis=0), strict=True):
            _limb(picture, np.stack([first, last]), grow * unit, grow * unit, shade, edged=False)


def _limb(
    picture: Image,
    ends: Trajectory,
    first: float,
    last: float,
    colour: _Colour,
    *,
    edged: bool = True,
) -> None:
    """A tapering limb with round ends of radius ``first`` and ``last``, and a darker edge."""
    along = ends[1] - ends[0]
    across = np.array([-along[1], along[0]]) / max(float(np.hypot(*along)), 1e-6)
    shades = ((1.0, _darker(colour, 0.6)), (0.7, colour)) if edged else ((1.0, colour),)
    for part, shade in shades:
        a, b = across * first * part, across * last * part
        _polygon(picture, np.stack([ends[0] + a, ends[1] + b, ends[1] - b, ends[0] - a]), shade)
        _disc(picture, ends[0], first * part, shade)
        _disc(picture, ends[1], last * part, shade)


def _polygon(picture: Image, corners: Trajectory, colour: _Colour) -> None:
    whole = np.round(corners * 2**_SUBPIXEL).astype(np.int32)
    cv2.fillPoly(picture, [whole], colour, cv2.LINE_AA, _SUBPIXEL)


def _disc(picture: Image, centre: Trajectory, radius: float, colour: _Colour) -> None:
    x, y = np.round(centre * 2**_SUBPIXEL).astype(int)
    size = max(round(radius * 2**_SUBPIXEL), 1)
    cv2.circle(picture, (int(x), int(y)), size, colour, -1, cv2.LINE_AA, _SUBPIXEL)


def _cloth(random: np.random.Generator) -> _Colour:
    hue, strong = random.uniform(0, 180), random.uniform(60, 255)
    bright = random.uniform(90, 255)
    pixel = np.array([[[hue, strong, bright]]], np.uint8)
    red, green, blue = cv2.cvtColor(pixel, cv2.COLOR_HSV2RGB)[0, 0]
    return int(red), int(green), int(blue)


def _darker(colour: _Colour, share: float) -> _Colour:
    return round(colour[0] * share), round(colour[1] * share), round(colour[2] * share)


def _wall(random: np.random.Generator, side: int) -> Image:
    """Stains of several sizes, some boards or boxes, and a floor."""
    wall = np.zeros((side, side, 3))
    wall += 128 + random.uniform(-50, 50, 3) * 0.7
    for cells, strength in ((3, 22.0), (8, 16.0), (20, 10.0), (64, 6.0)):
        stains = random.normal(0, strength, (cells, cells, 3))
        stains = 0.7 * stains.mean(-1, keepdims=True) * 1.7 + 0.3 * stains
        wall += cv2.resize(stains, (side, side), interpolation=cv2.INTER_CUBIC)
    for _ in range(int(random.integers(2, 6))):
        low = random.uniform(0, 0.85, 2) * side
        high = low + random.uniform(0.08, 0.4, 2) * side
        x, y = int(low[0]), int(low[1])
        wall[y : int(high[1]), x : int(high[0])] += random.normal(0, 22, 3)
    wall[round(side * random.uniform(0.75, 0.92)) :] += random.uniform(-35, 35)
    return np.clip(wall, 0, 255).round().astype(np.uint8)


def contact_sheet(pictures: Iterator[Image] | list[Image], columns: int) -> Image:
    """Pictures of one size beside and below each other, RGB."""
    shown = list(pictures)
    blank = np.zeros_like(shown[0])
    shown += [blank] * (-len(shown) % columns)
    rows = [np.concatenate(shown[at : at + columns], 1) for at in range(0, len(shown), columns)]
    return np.concatenate(rows, 0)
