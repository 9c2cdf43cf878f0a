"""The pose of the fox in the sample clip: where its head is and what its face does."""

from __future__ import annotations

import math

import numpy as np
from sample_canvas import Points

# Head coordinates: x to the picture's right, y down, z to the viewer; the skull's radius is 1.
# The fox's own left is on the right of the picture.
LANDMARKS: dict[str, tuple[float, float, float]] = {
    "left ear": (0.80, -1.38, -0.10),
    "right ear": (-0.80, -1.38, -0.10),
    "left brow": (0.41, -0.42, 0.80),
    "right brow": (-0.41, -0.42, 0.80),
    "left eye": (0.42, -0.10, 0.80),
    "right eye": (-0.42, -0.10, 0.80),
    "left cheek": (1.16, 0.34, 0.05),
    "right cheek": (-1.16, 0.34, 0.05),
    "nose": (0.0, 0.28, 1.18),
    "left mouth corner": (0.25, 0.50, 0.92),
    "right mouth corner": (-0.25, 0.50, 0.92),
    "chin": (0.0, 0.80, 0.70),
}


def bump(t: float, at: float, width: float) -> float:
    """A smooth rise and fall of height 1 around ``at``."""
    return math.exp(-(((t - at) / width) ** 2))


class Pose:
    """Where the head is and what the face does ``t`` seconds into the clip."""

    def __init__(self, t: float) -> None:
        turn = 2 * math.pi * t / 10
        self.yaw = 0.36 * math.sin(2 * turn + 0.3) + 0.11 * math.sin(5 * turn + 1.0)
        self.pitch = 0.22 * math.sin(3 * turn + 1.1) + 0.08 * math.sin(7 * turn)
        self.roll = 0.20 * math.sin(3 * turn - 0.6) + 0.07 * math.sin(4 * turn + 2.0)
        self.x = 256 + 34 * math.sin(2 * turn - 0.5) + 12 * math.sin(5 * turn)
        self.y = 258 + 12 * math.sin(4 * turn + 0.8) + 7 * math.sin(6 * turn)
        self.scale = 122 + 8 * math.sin(turn + 0.9)
        blinks = (1.0, 2.9, 4.4, 6.3, 8.1, 9.3)
        self.blink = min(1.0, sum(bump(t, at, 0.11) for at in blinks))
        talk = 0.5 + 0.5 * math.sin(8 * turn) * math.sin(3 * turn + 0.4)
        self.mouth = min(1.0, talk * (0.25 + 0.75 * math.sin(1.5 * turn + 0.2) ** 2) * 1.1)
        self.brow = 0.5 + 0.5 * math.sin(4 * turn + 0.7)
        self.ears = {
            side: 0.16 * math.sin(5 * turn + 0.9 * side) + 0.14 * bump(t, 3.5 + side, 0.35)
            for side in (1, -1)
        }
        cy, sy = math.cos(self.yaw), math.sin(self.yaw)
        cp, sp = math.cos(self.pitch), math.sin(self.pitch)
        cr, sr = math.cos(self.roll), math.sin(self.roll)
        yaw = np.array([[cy, 0, sy], [0, 1, 0], [-sy, 0, cy]])
        pitch = np.array([[1, 0, 0], [0, cp, sp], [0, -sp, cp]])
        roll = np.array([[cr, -sr, 0], [sr, cr, 0], [0, 0, 1]])
        self.rotation = roll @ yaw @ pitch

    def project(self, points: Points) -> Points:
        """Head coordinates ``(..., 3)`` to pixels ``(..., 2)``, with a mild perspective."""
        turned = np.asarray(points, np.float64) @ self.rotation.T
        near = 1 / (1 - 0.10 * turned[..., 2:])
        return np.asarray(turned[..., :2] * near * self.scale + (self.x, self.y))

    def ear(self, points: Points, side: int) -> Points:
        """Points of an ear after its own wiggle about its root."""
        root = np.array((0.55 * side, -0.62, 0.0))
        angle = self.ears[side] * side
        c, s = math.cos(angle), math.sin(angle)
        spin = np.array([[c, -s, 0], [s, c, 0], [0, 0, 1]])
        return np.asarray((np.asarray(points, np.float64) - root) @ spin.T + root)

    def landmarks(self) -> dict[str, Points]:
        """Every landmark in head coordinates, after what the face does."""
        points = {name: np.array(place) for name, place in LANDMARKS.items()}
        for side, word in ((1, "left"), (-1, "right")):
            points[f"{word} ear"] = self.ear(points[f"{word} ear"], side)
            points[f"{word} brow"] += (0, 0.06 - 0.15 * self.brow, 0)
            points[f"{word} mouth corner"] += (-0.05 * side * self.mouth, 0.04 * self.mouth, 0)
        points["chin"] += (0, 0.17 * self.mouth, 0)
        return points
