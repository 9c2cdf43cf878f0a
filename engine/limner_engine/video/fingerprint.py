"""A short name for the content of a file, quick for gigabytes."""

from __future__ import annotations

import hashlib
from pathlib import Path

from limner_engine.errors import VideoError

_BLOCK_BYTES = 64 * 1024
_BLOCKS = 16


def fingerprint(path: Path) -> str:
    """Name the content of a file by its size and by blocks spread over it.

    Moving or renaming a file keeps its fingerprint. Files up to 1 MiB are read whole; from longer
    ones 16 blocks of 64 KiB are read, the first and the last among them, so that the tables of
    MP4 files, which stand at one end, always take part.

    Args:
        path: The file.

    Returns:
        32 hexadecimal digits.

    Raises:
        VideoError: the file cannot be read.
    """
    digest = hashlib.sha256()
    try:
        with path.open("rb") as file:
            size = file.seek(0, 2)
            digest.update(size.to_bytes(8, "little"))
            span = max(0, size - _BLOCK_BYTES)
            whole = size <= _BLOCK_BYTES * _BLOCKS
            offsets = [0] if whole else [span * n // (_BLOCKS - 1) for n in range(_BLOCKS)]
            for offset in offsets:
                file.seek(offset)
                digest.update(file.read(size if whole else _BLOCK_BYTES))
    except OSError as error:
        raise VideoError(
            f"{path.name} cannot be read: {error.strerror or error}.",
            "Check that the file is still there and that you may read it.",
        ) from error
    return digest.hexdigest()[:32]
