"""Arrays out of an ``.npz`` file, whatever is wrong with it. Nothing is unpickled."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray


def stored_arrays(path: Path, names: Sequence[str]) -> dict[str, NDArray[Any]]:
    """Those of some named arrays that are in a file.

    Raises:
        ValueError: It is missing, cut off, damaged, of another kind or holds Python objects; the
            text says which, to stand behind a colon.
    """
    try:
        # By handle: a file that numpy opens itself stays open where it is no archive.
        with path.open("rb") as file:
            stored = np.load(file, allow_pickle=False)
            if isinstance(stored, np.lib.npyio.NpzFile):
                return {name: stored[name] for name in names if name in stored}
    except FileNotFoundError as error:
        raise ValueError("it is not there") from error
    except (EOFError, zipfile.BadZipFile, zlib.error) as error:
        raise ValueError("it was cut off or damaged") from error
    except OSError as error:
        raise ValueError(error.strerror or str(error)) from error
    except ValueError as error:  # numpy's own words advise to unpickle it
        raise ValueError("it holds no plain arrays") from error
    raise ValueError("it is one array without a name")
