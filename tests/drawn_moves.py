"""How drawn figures move: angles of their joints over time, and where that puts the joints."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

JOINTS = 13
FRAMES_PER_SECOND = 12.5

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


def bodies(random: np.random.Generator, frames: int) -> Trajectory:
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
