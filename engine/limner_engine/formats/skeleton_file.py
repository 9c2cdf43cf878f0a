"""Skeletons as files that people keep and share: names, edges, pairs and a drawing of them.

The file is JSON in UTF-8::

    {"limner_skeleton": 1, "title": "Mouse", "names": ["nose", "left ear", "right ear"],
     "edges": [[0, 1], [0, 2]], "symmetries": [[1, 2]],
     "layout": [[0.5, 0.1], [0.4, 0.2], [0.6, 0.2]]}

Edges and symmetries (left, right) count landmarks from 0. ``title`` and ``layout`` may be missing;
a layout gives each landmark a place in a square, x to the right and y downwards from 0 to 1. The
templates that ship with the program can be read, too. A file comes from anywhere, so everything in
it is checked.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from limner_engine.errors import FormatError
from limner_engine.formats.whole_file import replacing
from limner_engine.types import Skeleton

VERSION = 1
MAX_BYTES = 262_144
MAX_LANDMARKS = 500
MAX_EDGES = 2_000
MAX_NAME = 80
"""Characters of a name."""

_MARK = "limner_skeleton"
_MEND = "Choose a file that was saved by the skeleton editor."


@dataclass(frozen=True, slots=True)
class SkeletonFile:
    """What a file holds.

    Attributes:
        skeleton: With at least one landmark.
        title: What people call it; may be empty.
        layout: A place for each landmark, (x, y) from 0 to 1, y downwards; None without one.
    """

    skeleton: Skeleton
    title: str = ""
    layout: tuple[tuple[float, float], ...] | None = None


def write_skeleton(path: Path, content: SkeletonFile) -> None:
    """Write a skeleton; an older file is replaced once the new one is whole.

    Raises:
        FormatError: it cannot be written, or would not be read back.
    """
    parts = {
        _MARK: VERSION,
        "title": content.title,
        **content.skeleton.to_json(),
        "layout": None if content.layout is None else [list(at) for at in content.layout],
    }
    parsed(parts, path.name)
    lines = [
        f" {json.dumps(key)}: {json.dumps(value, ensure_ascii=False, allow_nan=False)}"
        for key, value in parts.items()
        if value is not None
    ]
    with replacing(path) as file:
        file.write("{\n" + ",\n".join(lines) + "\n}\n")


def read_skeleton(path: Path) -> SkeletonFile:
    """Read a skeleton.

    Raises:
        FormatError: there is no such file, it is too large, or not in the layout.
    """
    try:
        if not path.is_file():  # a pipe or a device would be waited for, or never end
            raise FormatError(f"There is no file {path}.", "Check its name and place.")
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise FormatError(
            f"{path} could not be read: {error.strerror or error}.", "Check its name and place."
        ) from error
    if len(content) > MAX_BYTES:
        raise FormatError(
            f"{path.name} is larger than {MAX_BYTES // 1024} KiB, so it is no skeleton.", _MEND
        )
    try:
        data = json.loads(content.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise FormatError(f"{path.name} is not a JSON file in UTF-8.", _MEND) from error
    return parsed(data, path.name)


def parsed(data: Any, name: str) -> SkeletonFile:
    """Check what JSON gave.

    Args:
        data: As read.
        name: How errors call it.

    Raises:
        FormatError: it is no skeleton; the sentence says why.
    """

    def refuse(what: str, mend: str = _MEND) -> FormatError:
        return FormatError(f"{name}: {what}.", mend)

    if not isinstance(data, dict) or "names" not in data:
        raise refuse("it holds no names of landmarks")
    version = data.get(_MARK, VERSION)
    if not _is_int(version) or version < 1:
        raise refuse("its version is not a number")
    if version > VERSION:
        raise refuse(f"it has version {version}, newer than {VERSION}", "Update Limner.")
    names = _names(data["names"], refuse)
    edges = _pairs(data.get("edges", []), len(names), "edge", refuse)
    pairs = _pairs(data.get("symmetries", []), len(names), "pair", refuse)
    if len({frozenset(edge) for edge in edges}) != len(edges):
        raise refuse("it has an edge twice", "Take one of the two out.")
    if len({number for pair in pairs for number in pair}) != 2 * len(pairs):
        raise refuse("it has a landmark in two pairs", "Leave it in one of them.")
    title = data.get("title", "")
    if not isinstance(title, str) or len(title) > MAX_NAME or not title.isprintable():
        raise refuse("its title is not a short line of text")
    layout = _layout(data.get("layout"), len(names), refuse)
    return SkeletonFile(Skeleton(names, edges, pairs), title.strip(), layout)


def _is_int(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _names(value: Any, refuse: Callable[..., FormatError]) -> tuple[str, ...]:
    if not isinstance(value, list) or not 1 <= len(value) <= MAX_LANDMARKS:
        raise refuse(f"its names are not a list of 1 to {MAX_LANDMARKS}")
    made = []
    for number, name in enumerate(value, 1):
        if not isinstance(name, str) or not name.strip():
            raise refuse(f"landmark {number} has no name", "Give it one.")
        if len(name) > MAX_NAME or not name.isprintable():
            raise refuse(
                f"the name of landmark {number} is not a line of at most {MAX_NAME} characters",
                "Shorten it.",
            )
        made.append(name.strip())
    double = next((name for name in made if made.count(name) > 1), None)
    if double is not None:
        raise refuse(f"two landmarks are called “{double}”", "Give one another name.")
    return tuple(made)


def _pairs(
    value: Any, count: int, what: str, refuse: Callable[..., FormatError]
) -> tuple[tuple[int, int], ...]:
    if not isinstance(value, list) or len(value) > MAX_EDGES:
        raise refuse(f"its {what}s are not a list of at most {MAX_EDGES}")
    for number, pair in enumerate(value, 1):
        fits = (
            isinstance(pair, list)
            and len(pair) == 2
            and all(_is_int(end) and 0 <= end < count for end in pair)
            and pair[0] != pair[1]
        )
        if not fits:
            raise refuse(
                f"{what} {number} does not name two of the {count} landmarks",
                f"Write two different numbers from 0 to {count - 1}.",
            )
    return tuple((pair[0], pair[1]) for pair in value)


def _layout(
    value: Any, count: int, refuse: Callable[..., FormatError]
) -> tuple[tuple[float, float], ...] | None:
    if value is None:
        return None
    fits = isinstance(value, list) and len(value) == count
    for at in value if fits else []:
        fits = (
            fits
            and isinstance(at, list)
            and len(at) == 2
            and all(_is_int(v) or isinstance(v, float) for v in at)
            and all(-1.0 <= v <= 2.0 and math.isfinite(v) for v in at)
        )
    if not fits:
        raise refuse(
            "its layout does not give each landmark a place",
            "Write x and y from 0 to 1 for each, or leave the layout out.",
        )
    return tuple((float(x), float(y)) for x, y in value)
