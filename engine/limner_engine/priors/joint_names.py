"""What joints are called: sides, and the words of motion capture for the parts of a body."""

from __future__ import annotations

import re
from typing import Literal, TypeAlias

from limner_engine.types import Skeleton

Side: TypeAlias = Literal["left", "right", ""]

_SIDES: dict[str, Side] = {
    "left": "left",
    "l": "left",
    "lft": "left",
    "lt": "left",
    "right": "right",
    "r": "right",
    "rgt": "right",
    "rt": "right",
}

# For each part the words it goes by, the surest first. In most BVH files a joint has the name of
# the bone below it, so that "LeftArm" is the shoulder, and "LeftShoulder" beside it the collar
# bone's inner end; "hand" is the wrist, "leg" the knee, "foot" the ankle.
_PARTS: dict[str, tuple[str, ...]] = {
    "head": ("head top", "head top end", "head end", "skull", "head", "nose", "head nub"),
    "top of head": ("head top", "head top end", "head end", "head nub", "head"),
    "nose": ("nose", "head end", "head top", "head"),
    "neck": ("neck", "neck low", "neck base", "lower neck", "neck 1", "upper neck"),
    "shoulder": ("arm", "upper arm", "up arm", "humerus", "shoulder", "shldr"),
    "elbow": ("elbow", "fore arm", "lower arm", "low arm", "radius", "fore"),
    "wrist": ("wrist", "hand"),
    "hand": ("hand", "wrist"),
    "hip": ("up leg", "upper leg", "thigh", "femur", "hip", "hip joint"),
    "knee": ("knee", "lower leg", "low leg", "leg", "shin", "calf", "tibia"),
    "ankle": ("ankle", "foot"),
    "heel": ("heel", "ankle", "foot"),
    "foot": ("foot", "toe base", "toe", "ball", "ankle"),
    "toe": ("toe", "toe base", "toes", "ball", "foot end", "foot"),
    "big toe": ("big toe", "toe", "toe base", "toes"),
    "pelvis": ("pelvis", "hips", "hip", "root"),
    "thorax": ("thorax", "chest", "spine 2", "upper back", "spine 1", "spine"),
    "spine": ("spine", "spine low", "lower back", "spine 1", "torso"),
}
_ALIASES = {
    "head top": "top of head",
    "hips": "pelvis",
    "mid hip": "pelvis",
    "chest": "thorax",
    "sternum": "thorax",
    "spine low": "spine",
    "torso": "spine",
    "toes": "toe",
    "paw": "foot",
}
_KNOWN = {word for words in _PARTS.values() for word in words} | {*_PARTS, *_ALIASES}


def taken_apart(name: str) -> tuple[Side, str]:
    """The side and the rest of a name, in small letters with spaces.

    ``LeftForeArm`` is ``("left", "fore arm")``, ``l_hip`` ``("left", "hip")``, ``mixamorig:Hips``
    ``("", "hips")``, ``lfemur`` ``("left", "femur")``.
    """
    text = name.rsplit(":", 1)[-1].rsplit("|", 1)[-1]
    text = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", text)
    text = re.sub(r"(?<=[A-Za-z])(?=\d)", " ", text)
    words = [word.lower() for word in re.split(r"[\s_\-.,]+", text) if word]
    side: Side = ""
    for at in (0, -1):
        if len(words) > 1 and words[at] in _SIDES:
            side = _SIDES[words.pop(at)]
            break
    rest = " ".join(words)
    if not side and len(rest) > 2 and rest[0] in "lr":
        for known in (rest[1:], rest[1:].strip()):
            if known in _KNOWN or known.replace(" ", "") in {k.replace(" ", "") for k in _KNOWN}:
                return _SIDES[rest[0]], known
    return side, rest


def guessed_joint(landmark: str, joints: tuple[str, ...]) -> tuple[str, ...]:
    """The joints whose middle a landmark probably is, mostly one; none where nothing is like it.

    Args:
        landmark: Name of it.
        joints: Names to choose from.
    """
    if landmark in joints:
        return (landmark,)
    wanted = _plain(landmark)
    parts = {joint: _plain(joint) for joint in joints}
    same = [joint for joint, part in parts.items() if part == wanted]
    side, rest = taken_apart(landmark)
    words = _PARTS.get(_ALIASES.get(rest, rest), ())
    # "LeftShoulder" means the collar bone where there is a "LeftArm", so words go before likeness.
    for word in words:
        for joint, part in parts.items():
            if part == (side, word.replace(" ", "")):
                base = [other for other, plain in parts.items() if plain == ("", "head")]
                if rest == "head" and base and joint not in base:
                    # "Head" is where the skull sits on the neck, and the tip is its crown, or
                    # anywhere: in some files the last bone points aside.
                    return base[0], joint
                return (joint,)
    return tuple(same[:1])


def guessed_pairs(names: tuple[str, ...]) -> tuple[tuple[int, int], ...]:
    """Left and right landmarks that are called alike but for the side."""
    place = {taken_apart(name): i for i, name in enumerate(names)}
    return tuple(
        (i, place["right", rest])
        for (side, rest), i in place.items()
        if side == "left" and ("right", rest) in place
    )


def with_pairs(skeleton: Skeleton) -> Skeleton:
    """The skeleton with left/right pairs by names, where it has none."""
    if skeleton.symmetries:
        return skeleton
    return Skeleton(skeleton.names, skeleton.edges, guessed_pairs(skeleton.names))


def _plain(name: str) -> tuple[Side, str]:
    side, rest = taken_apart(name)
    return side, rest.replace(" ", "")
