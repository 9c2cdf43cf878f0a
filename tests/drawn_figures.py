"""Articulated figures before a textured wall, drawn when asked for: every joint is known.

A body of thirteen joints moves in three dimensions (it walks, waves, jumps, bends, reaches), is
turned about its upright axis by up to about fifty degrees, and is drawn limb by limb from the
farthest to the nearest. Every video has clothes and a wall of its own; in half of them the left
and the right half of the body are dressed differently.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from limner_engine.priors.prior import PosePrior
from limner_engine.types import Floats, Image, Skeleton
from limner_resources import skeleton_templates
from limner_training.data.frames import MARGIN, FrameSet, packed_size

JOINTS = 13
FRAMES_PER_SECOND = 12.5

_SUBPIXEL = 4
"""Bits behind the point in what OpenCV draws."""
_FINER = 2
"""Drawn this much larger, then averaged."""

# Lengths in heights of the whole body.
_TORSO, _UPPER_ARM, _FOREARM, _THIGH, _SHIN, _NECK = 0.30, 0.17, 0.16, 0.24, 0.23, 0.13
_HALF_SHOULDERS, _HALF_HIPS = 0.115, 0.075

_ANGLES = (
    *("arm out left", "arm out right", "arm forward left", "arm forward right"),
    *("elbow left", "elbow right", "leg out left", "leg out right"),
    *("leg forward left", "leg forward right", "knee left", "knee right"),
    *("lean", "bow", "turn", "nod"),
)
_AT = {name: index for index, name in enumerate(_ANGLES)}

Trajectory = NDArray[np.float64]


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
        bodies = _bodies(random, frames)
        look = _Look.drawn(random, outer * _FINER, unequal=number % 2 == 1)
        # As far from the edge as the crop is narrower than the picture.
        scale = outer * _FINER / (2 * outer / side)
        for body in bodies:
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
        moves = _bodies(random, 60)
        poses.extend(moves[::10, :, :2].astype(np.float32))
    return PosePrior(
        f"{count} drawn figures", figure_skeleton(), np.stack(poses[:count]), ("drawn figures",)
    )


def _bodies(random: np.random.Generator, frames: int) -> Trajectory:
    """``(frames, 13, 3)``: joints in crop units, x right, y down, z towards the viewer."""
    angles = _angles(random, frames)
    moment = np.arange(frames) / FRAMES_PER_SECOND
    height = random.uniform(1.25, 1.65)
    size = height * (1.0 + 0.04 * np.sin(random.uniform(0.3, 0.9) * moment))
    hips = np.stack(
        [
            random.uniform(-0.25, 0.25)
            + random.uniform(0.1, 0.32)
            * np.sin(random.uniform(0.4, 1.3) * moment + _phase(random)),
            random.normal(0.06, 0.08)
            + random.uniform(0.0, 0.15)
            * np.sin(random.uniform(0.4, 2.0) * moment + _phase(random)),
            np.zeros(frames),
        ],
        axis=1,
    )
    return _joints(angles) * size[:, None, None] + hips[:, None, :]


def _joints(angles: Trajectory) -> Trajectory:
    """``(T, 13, 3)`` joints of a body one unit high whose hips are at the origin.

    Args:
        angles: ``(T, A)`` radians, in the order of `_ANGLES`.
    """

    def angle(name: str) -> Trajectory:
        return angles[:, _AT[name]]

    count = len(angles)
    places = np.zeros((count, JOINTS, 3))
    neck = np.tile([0.0, -_TORSO, 0.0], (count, 1))
    head = neck + _turned_x(np.tile([0.0, -_NECK, 0.0], (count, 1)), -angle("nod"))
    places[:, 0] = head
    # The viewer sees the figure from the front: its left is on the right of the picture.
    for side, word, place in ((1.0, "left", 0), (-1.0, "right", 1)):
        shoulder = neck + np.array([side * _HALF_SHOULDERS, 0.02, 0.0])
        out, forward = angle(f"arm out {word}"), angle(f"arm forward {word}")
        elbow = shoulder + _UPPER_ARM * _turned_x(_sideways(side, out), forward)
        bend = angle(f"elbow {word}")
        wrist = elbow + _FOREARM * _turned_x(
            _sideways(side, out + 0.8 * bend), forward + 0.6 * bend
        )
        places[:, 1 + place], places[:, 3 + place], places[:, 5 + place] = shoulder, elbow, wrist
    places[:, :7] = _turned_x(places[:, :7], -angle("bow")[:, None])
    for side, word, place in ((1.0, "left", 0), (-1.0, "right", 1)):
        hip = np.tile([side * _HALF_HIPS, 0.0, 0.0], (count, 1))
        out, forward = angle(f"leg out {word}"), angle(f"leg forward {word}")
        knee = hip + _THIGH * _turned_x(_sideways(side, out), forward)
        ankle = knee + _SHIN * _turned_x(_sideways(side, out), forward - angle(f"knee {word}"))
        places[:, 7 + place], places[:, 9 + place], places[:, 11 + place] = hip, knee, ankle
    return _leant(_turned_y(places, angle("turn")), angle("lean"))


def _sideways(side: float, angle: Trajectory) -> Trajectory:
    """Unit vectors that hang down at 0 and point to the body's side at a quarter turn."""
    return np.stack([side * np.sin(angle), np.cos(angle), np.zeros_like(angle)], axis=-1)


def _turned_x(vectors: Trajectory, angle: Trajectory) -> Trajectory:
    """Swung forward (towards the viewer where it hangs down) by ``angle``."""
    cos, sin = np.cos(angle), np.sin(angle)
    x, y, z = vectors[..., 0], vectors[..., 1], vectors[..., 2]
    return np.stack([x, cos * y - sin * z, sin * y + cos * z], axis=-1)


def _turned_y(places: Trajectory, angle: Trajectory) -> Trajectory:
    cos, sin = np.cos(angle)[:, None], np.sin(angle)[:, None]
    x, y, z = places[..., 0], places[..., 1], places[..., 2]
    return np.stack([cos * x + sin * z, y, cos * z - sin * x], axis=-1)


def _leant(places: Trajectory, angle: Trajectory) -> Trajectory:
    cos, sin = np.cos(angle)[:, None], np.sin(angle)[:, None]
    x, y, z = places[..., 0], places[..., 1], places[..., 2]
    return np.stack([cos * x - sin * y, sin * x + cos * y, z], axis=-1)


def _phase(random: np.random.Generator) -> float:
    return float(random.uniform(0, 2 * np.pi))


def _angles(random: np.random.Generator, frames: int) -> Trajectory:
    """``(frames, A)`` radians: movements that follow each other and pass over smoothly."""
    moves: tuple[Callable[..., None], ...] = (_walk, _wave, _jump, _bend, _reach)
    length = 24
    pieces = frames // length + 2
    moment = (np.arange(frames) + _phase(random) * 10) / FRAMES_PER_SECOND
    angles = np.zeros((frames, len(_ANGLES)))
    # Overlapping windows that add up to one.
    position = np.arange(frames) / length + random.uniform(0, 1)
    total = np.zeros((frames, 1))
    for piece in range(pieces):
        part = np.zeros((frames, len(_ANGLES)))
        move = moves[int(random.integers(len(moves)))]
        move(part, moment * random.uniform(0.8, 1.2), random)
        weight = np.clip(1.6 - 2.0 * np.abs(position - piece), 0, 1)[:, None]
        weight = weight * weight * (3 - 2 * weight)
        angles += weight * part
        total += weight
    angles /= np.maximum(total, 1e-6)
    for column in range(len(_ANGLES)):
        angles[:, column] += 0.07 * np.sin(random.uniform(1.0, 3.0) * moment + _phase(random))
    facing = random.uniform(-0.45, 0.45)
    angles[:, _AT["turn"]] += facing + 0.35 * np.sin(
        random.uniform(0.3, 0.9) * moment + _phase(random)
    )
    angles[:, _AT["lean"]] += random.normal(0, 0.12)
    return angles


def _walk(part: Trajectory, moment: Trajectory, random: np.random.Generator) -> None:
    swing = np.sin(2 * np.pi * 0.9 * moment + _phase(random))
    reach = random.uniform(0.4, 0.8)
    part[:, _AT["arm out left"]] = part[:, _AT["arm out right"]] = random.uniform(0.1, 0.4)
    part[:, _AT["arm forward left"]], part[:, _AT["arm forward right"]] = (
        -reach * swing,
        reach * swing,
    )
    part[:, _AT["elbow left"]] = part[:, _AT["elbow right"]] = random.uniform(0.2, 0.9)
    part[:, _AT["leg out left"]] = part[:, _AT["leg out right"]] = 0.08
    part[:, _AT["leg forward left"]], part[:, _AT["leg forward right"]] = (
        reach * swing,
        -reach * swing,
    )
    part[:, _AT["knee left"]] = 0.15 + 0.6 * np.maximum(-swing, 0)
    part[:, _AT["knee right"]] = 0.15 + 0.6 * np.maximum(swing, 0)
    part[:, _AT["turn"]] = random.choice([-0.5, 0.5])


def _wave(part: Trajectory, moment: Trajectory, random: np.random.Generator) -> None:
    for word in ("left", "right"):
        raised = random.random() < 0.6
        part[:, _AT[f"arm out {word}"]] = random.uniform(1.2, 2.4) if raised else 0.2
        swing = np.sin(2 * np.pi * random.uniform(0.7, 1.3) * moment + _phase(random))
        part[:, _AT[f"elbow {word}"]] = 1.0 + 0.9 * swing if raised else 0.2
    part[:, _AT["leg out left"]] = part[:, _AT["leg out right"]] = random.uniform(0.05, 0.4)


def _jump(part: Trajectory, moment: Trajectory, random: np.random.Generator) -> None:
    open_ = 0.5 - 0.5 * np.cos(2 * np.pi * 0.8 * moment + _phase(random))
    part[:, _AT["arm out left"]] = part[:, _AT["arm out right"]] = 0.15 + 2.6 * open_
    part[:, _AT["leg out left"]] = part[:, _AT["leg out right"]] = 0.05 + 0.55 * open_
    part[:, _AT["knee left"]] = part[:, _AT["knee right"]] = 0.1


def _bend(part: Trajectory, moment: Trajectory, random: np.random.Generator) -> None:
    swing = np.sin(2 * np.pi * random.uniform(0.3, 0.6) * moment + _phase(random))
    part[:, _AT["lean"]] = 0.35 * swing
    part[:, _AT["bow"]] = random.uniform(0.2, 1.0) * (0.5 + 0.5 * swing)
    crouch = random.uniform(0.3, 1.2) * (0.5 - 0.5 * swing)
    for word in ("left", "right"):
        part[:, _AT[f"leg forward {word}"]], part[:, _AT[f"knee {word}"]] = crouch, 2 * crouch
        part[:, _AT[f"leg out {word}"]] = random.uniform(0.1, 0.5)
        part[:, _AT[f"arm out {word}"]] = random.uniform(0.2, 1.6)
        part[:, _AT[f"elbow {word}"]] = random.uniform(0.0, 1.2)


def _reach(part: Trajectory, moment: Trajectory, random: np.random.Generator) -> None:
    for word in ("left", "right"):
        pace = random.uniform(0.3, 0.8)
        swing = np.sin(2 * np.pi * pace * moment + _phase(random))
        part[:, _AT[f"arm out {word}"]] = random.uniform(0.6, 2.2) + 0.7 * swing
        part[:, _AT[f"arm forward {word}"]] = random.uniform(-0.3, 0.5)
        part[:, _AT[f"elbow {word}"]] = random.uniform(0.0, 1.0)
        part[:, _AT[f"leg out {word}"]] = random.uniform(0.05, 0.6)
        part[:, _AT[f"knee {word}"]] = random.uniform(0.0, 0.5)
    part[:, _AT["lean"]] = random.uniform(-0.6, 0.6)
    part[:, _AT["nod"]] = random.uniform(-0.3, 0.3)


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
