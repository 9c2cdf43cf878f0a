"""Pairs of left and right that names suggest."""

from __future__ import annotations

import re

from limner_engine.types import Skeleton

_LEFT = {
    *("left", "l", "lt", "links", "linkes", "linker", "linke"),
    *("gauche", "izquierdo", "izquierda"),
}
_RIGHT = {
    *("right", "r", "rt", "rechts", "rechtes", "rechter", "rechte"),
    *("droit", "droite", "derecho", "derecha"),
}
_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[^\W\d_A-Z]+|\d+", re.UNICODE)


def side_of(name: str) -> tuple[str, tuple[str, ...]]:
    """The side that a name tells, and the name without it.

    ``left ear``, ``ear_L``, ``lEar``, ``linkes Ohr`` and ``l-ear`` tell it.

    Returns:
        ``"left"``, ``"right"`` or ``""``, and the words of the name in small letters, with ``"*"``
        where the side stood.
    """
    words = [word.casefold() for word in _WORDS.findall(name)]
    sides = [i for i, word in enumerate(words) if word in _LEFT or word in _RIGHT]
    if len(sides) != 1 or len(words) < 2:
        return "", tuple(words)
    side = "left" if words[sides[0]] in _LEFT else "right"
    return side, tuple("*" if i == sides[0] else word for i, word in enumerate(words))


def suggested_pairs(skeleton: Skeleton) -> list[tuple[int, int]]:
    """Pairs (left, right) of landmarks that are in none yet and whose names differ by the side."""
    taken = {number for pair in skeleton.symmetries for number in pair}
    found: dict[tuple[str, ...], dict[str, list[int]]] = {}
    for number, name in enumerate(skeleton.names):
        side, rest = side_of(name)
        if side and number not in taken:
            found.setdefault(rest, {"left": [], "right": []})[side].append(number)
    return [
        (sides["left"][0], sides["right"][0])
        for sides in found.values()
        if len(sides["left"]) == len(sides["right"]) == 1
    ]
