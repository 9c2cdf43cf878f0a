"""Where an annotation was said, as its ``origin`` tells it.

``person`` in this program; a layout and a picture for imported labels; and for a prediction that
a person accepted, ``accepted:<confidence>:<model>``, so that learning can tell a model's own words
from a hand's.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

PERSON = "person"
"""Placed, moved or hidden by hand in this program."""

ACCEPTED = "accepted:"
"""How the origin of an accepted prediction begins."""


@dataclass(frozen=True, slots=True)
class Accepted:
    """A prediction that a person made an annotation.

    Attributes:
        model: Name of the model that made it.
        confidence: What the model gave it, 0..1; NaN where it gave none.
    """

    model: str
    confidence: float


def accepted_origin(model: str, confidence: float) -> str:
    """The origin of an accepted prediction; the confidence to four digits."""
    told = f"{confidence:.4g}" if math.isfinite(confidence) else ""
    return f"{ACCEPTED}{told}:{model}"


def accepted_from(origin: str) -> Accepted | None:
    """What was accepted; None where the annotation is a person's own or was imported."""
    if not origin.startswith(ACCEPTED):
        return None
    told, _, model = origin.removeprefix(ACCEPTED).partition(":")
    try:
        return Accepted(model, float(told) if told else math.nan)
    except ValueError:
        return Accepted(model, math.nan)
