"""Where the files of a project are, and where they went."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath

from limner_engine.errors import VideoError
from limner_engine.project.records import Video


def stored_path(path: Path, folder: Path) -> tuple[str | None, str | None]:
    """How a project writes a path down.

    Below the project's folder only the relative path is kept, so that a folder can be handed on
    whole and tells nothing of the computer it comes from.

    Args:
        path: The file.
        folder: The project's folder, resolved.

    Returns:
        The relative path with forward slashes (None on another drive) and the absolute one (None
        below the folder).
    """
    path = Path(os.path.abspath(path))  # noqa: PTH100 - resolve() would follow links of the user
    for candidate in (path, path.resolve()):
        if candidate.is_relative_to(folder):
            return candidate.relative_to(folder).as_posix(), None
    try:
        relative = Path(os.path.relpath(path, folder)).as_posix()
    except ValueError:  # another drive of Windows
        return None, str(path)
    return relative, str(path)


def located_path(relative: str | None, absolute: str | None, folder: Path) -> Path:
    """Where a written path leads now: relative first, because projects move with their videos.

    Where there is no file, the likeliest place is given.
    """
    candidates: list[Path] = []
    if relative is not None:
        candidates.append(Path(os.path.normpath(folder / PurePosixPath(relative))))
    if absolute is not None:
        candidates.append(Path(absolute))
    return next((path for path in candidates if path.is_file()), candidates[-1])


def find_moved(
    video: Video, folder: Path, fingerprint: Callable[[Path], str] | None = None
) -> Path | None:
    """Look for a video that is no longer where the project knew it.

    Files of the same name are tried first, then any of the same size.

    Args:
        video: The one that is missing.
        folder: Searched with everything below it; links to folders are not followed.
        fingerprint: What tells files apart; that of `limner_engine.video` unless another is given.

    Returns:
        A file with the same fingerprint, or None.
    """
    if fingerprint is None:
        # Here, because the store itself must open without the video room.
        from limner_engine.video.fingerprint import fingerprint as of_video

        fingerprint = of_video
    same_size: list[Path] = []
    for path in _files(folder):
        try:
            if path.stat().st_size != video.size_bytes:
                continue
            if path.name == video.path.name and fingerprint(path) == video.fingerprint:
                return path
        except (OSError, VideoError):  # it vanished, or may not be read: it is not the one
            continue
        same_size.append(path)
    for path in same_size:
        try:
            if path.name != video.path.name and fingerprint(path) == video.fingerprint:
                return path
        except (OSError, VideoError):
            continue
    return None


def _files(folder: Path) -> Iterator[Path]:
    for parent, folders, names in os.walk(folder):
        folders.sort()
        for name in sorted(names):
            yield Path(parent, name)
