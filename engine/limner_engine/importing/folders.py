"""Files that labels speak of, looked for in the folders that a person named and nowhere else."""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path, PurePosixPath

VIDEO_ENDINGS = frozenset(
    ("mp4", "mov", "avi", "mkv", "webm", "m4v", "mpg", "mpeg", "ts", "wmv", "gif", "h264")
)

_MOST_FILES = 100_000


class Folders:
    """Where to look.

    A path inside a file of labels is of another computer, or of somebody with a mind to read files
    that are none of theirs. So it serves as a name: its last parts are looked for below the named
    folders, and a link that leads out of them is not followed.

    Args:
        named: Folders that a person named, the first one first; searched with all below.
        beside: The folder of the labels; only what is directly named in it is found.
    """

    def __init__(self, named: Sequence[Path], beside: Path) -> None:
        self._named = tuple(folder.resolve() for folder in named)
        self._roots = (*self._named, beside.resolve())

    def picture(self, name: str, *, alone: bool) -> Path | None:
        """The file of a picture.

        Args:
            name: Its path as the labels have it.
            alone: No other picture of the labels has the same last part, so that it is enough.
        """
        parts = _parts(name)
        tails = [parts, parts[-2:]] + ([parts[-1:]] if alone else [])
        for root in self._roots:
            for tail in tails:
                found = _inside(root, tail)
                if found is not None:
                    return found
        return None

    def videos(self, name: str) -> list[Path]:
        """Files that may be a video: of the same name, or of the same name but for the ending."""
        parts = _parts(name)
        if not parts:
            return []
        wanted = parts[-1].casefold()
        found = [path for path in self._listed if path.name.casefold() == wanted]
        if not found:
            found = [path for path in self._listed if path.stem.casefold() == wanted]
        return found

    @cached_property
    def _listed(self) -> list[Path]:
        """Every video below the named folders, and those beside the labels."""
        found: dict[Path, None] = {}
        looked = 0
        for root in self._named:
            for parent, folders, names in os.walk(root):
                folders.sort()
                looked += len(names)
                found.update((Path(parent, n), None) for n in sorted(names) if _is_video(n))
                if looked > _MOST_FILES:
                    break
        beside = self._roots[-1]
        for folder in (beside, beside / "videos"):
            if folder.is_dir():
                found.update((p, None) for p in sorted(folder.iterdir()) if _is_video(p.name))
        return [path for path in found if _is_within(path, self._roots)]


def _is_video(name: str) -> bool:
    return name.rpartition(".")[2].lower() in VIDEO_ENDINGS


def _parts(name: str) -> tuple[str, ...]:
    parts = PurePosixPath(name.replace("\\", "/").replace("\0", "")).parts
    return tuple(p for p in parts if p not in ("/", "//", "..", ".") and ":" not in p)


def _inside(root: Path, parts: Sequence[str]) -> Path | None:
    if not parts:
        return None
    path = root.joinpath(*parts)
    try:
        return path if path.is_file() and _is_within(path, (root,)) else None
    except OSError:  # a name that is too long for this system is no file here
        return None


def _is_within(path: Path, roots: Sequence[Path]) -> bool:
    real = path.resolve()
    return any(real.is_relative_to(root) for root in roots)
