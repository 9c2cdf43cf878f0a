"""What sets share that people label for themselves: how they are split, and the torso by name."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from limner_engine.errors import FormatError

TEST_SHARE = 0.2
"""Share of the videos that is tested on; of the pictures, where there is one video."""

OWN_MEASURES = ("pixels", "image size", "pck", "box", "torso")

_SIDES = {"l": "left", "left": "left", "r": "right", "right": "right"}


class OwnSplit(NamedTuple):
    """How a set is split that nobody published.

    Attributes:
        part: ``(N,)``: ``train`` or ``test``.
        people: The video of each picture; empty where there is one, for then the same animal or
            person is in both parts.
        text: The same in words.
    """

    part: NDArray[np.str_]
    people: tuple[str, ...]
    text: str


def split_own(videos: Sequence[str]) -> OwnSplit:
    """The last fifth of the videos is tested on; of one video, the last fifth of its pictures.

    Pictures of one video resemble one another however far apart they are, so that figures from one
    video alone say nothing of other videos.

    Args:
        videos: ``(N,)``: of which video each picture is, videos in order and pictures by time.

    Raises:
        FormatError: There is one picture.
    """
    if len(videos) < 2:
        raise FormatError(
            "There is only one labelled picture.", "Label some more, best in several videos."
        )
    names = list(dict.fromkeys(videos))
    count = max(1, round(TEST_SHARE * len(names)))
    if len(names) > 1:
        tested = np.isin(videos, names[len(names) - count :])
        part = np.where(tested, "test", "train").astype(np.str_)
        text = f"by video, the last {count} of {len(names)} tested on"
        return OwnSplit(part, tuple(videos), text)
    held = max(1, round(TEST_SHARE * len(videos)))
    part = np.array(["train"] * (len(videos) - held) + ["test"] * held, np.str_)
    return OwnSplit(part, (), f"by time, the last {held} pictures of one video tested on")


def torso_of(names: Sequence[str]) -> tuple[int, int] | None:
    """A shoulder and the hip across, by the names of the points.

    ``left shoulder``, ``shoulder_L`` and ``lShoulder`` are all understood. The left shoulder and
    the right hip come first, as in FLIC, then the other way round, then names without a side.

    Returns:
        Numbers of both points, or None where no such two are named.
    """
    found = {_joint(name): number for number, name in reversed(list(enumerate(names)))}
    for shoulder, hip in (("left", "right"), ("right", "left"), ("", "")):
        pair = found.get(("shoulder", shoulder)), found.get(("hip", hip))
        if pair[0] is not None and pair[1] is not None:
            return pair[0], pair[1]
    return None


def _joint(name: str) -> tuple[str, str]:
    """The joint and its side, each empty where the name says none."""
    words = re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])", name)
    words = [word.lower() for word in words]
    side = next((_SIDES[word] for word in words if word in _SIDES), "")
    joint = next((joint for joint in ("shoulder", "hip") if joint in words), "")
    return joint, side
