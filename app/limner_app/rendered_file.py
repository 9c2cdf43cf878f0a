"""A file that another process writes: it gets its name when it is whole, or leaves nothing."""

from __future__ import annotations

import contextlib
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from limner_engine.errors import VideoError


@contextlib.contextmanager
def being_rendered(path: Path) -> Iterator[Path]:
    """A place in a folder beside a file; what stands there at the end becomes the file.

    The engine writes there, so that whatever it leaves when it dies can be removed.

    Args:
        path: The file; an older one stays until the new one is whole.

    Raises:
        VideoError: It cannot be written.
    """
    try:
        folder = Path(tempfile.mkdtemp(".part", f".{path.stem}-", path.absolute().parent))
    except OSError as error:
        raise _refusal(path, error) from error
    try:
        yield folder / path.name
        try:
            (folder / path.name).replace(path)
        except OSError as error:
            raise _refusal(path, error) from error
    finally:
        # That a file in it is still in use, as by an engine that is just ending, must not hide
        # why the rendering ended.
        shutil.rmtree(folder, ignore_errors=True)


def _refusal(path: Path, error: OSError) -> VideoError:
    return VideoError(
        f"{path} cannot be written: {error.strerror or error}.",
        "Choose another folder, or make room on the disk.",
    )
