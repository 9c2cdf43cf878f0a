"""Arrays with a few words about them, as one NumPy archive (``.npz``)."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from limner_engine.formats.whole_file import write_whole


def write_arrays(
    path: Path, header: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]
) -> None:
    """Write an archive for ``numpy.load``; its words are ``json.loads(str(archive["header"]))``.

    Args:
        path: The file; an older one is replaced.
        header: What JSON can hold.
        arrays: By name; none is called ``header``.

    Raises:
        FormatError: It cannot be written.
        ValueError: An array is called ``header``, or one holds objects.
    """
    if "header" in arrays:
        raise ValueError("the name 'header' is taken by the words")
    if any(array.dtype.hasobject for array in arrays.values()):
        raise ValueError("an array of objects cannot be kept")
    kept: dict[str, Any] = {"header": np.array(json.dumps(header)), **arrays}
    stream = io.BytesIO()
    np.savez_compressed(stream, **kept)
    write_whole(path, stream.getvalue())
