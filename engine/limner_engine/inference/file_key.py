"""What tells a file from what stood in its place before."""

from __future__ import annotations

from pathlib import Path
from typing import TypeAlias

from limner_engine.errors import ModelError

FileKey: TypeAlias = tuple[str, int, int]
"""Path, size and time of the last change in nanoseconds."""


def file_key(path: Path) -> FileKey:
    """The key of a file as it is now.

    Raises:
        ModelError: There is none.
    """
    try:
        stat = path.stat()
    except OSError:
        raise ModelError(f"There is no file at {path}.", "Choose another one.") from None
    return str(path), stat.st_size, stat.st_mtime_ns
