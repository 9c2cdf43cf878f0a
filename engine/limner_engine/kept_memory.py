"""How memory that torch has let go of is kept for its next use."""

from __future__ import annotations

import ctypes
import sys

_TRIM_THRESHOLD, _MMAP_MAX = -1, -4
_NEVER = 2**31 - 1


def keep_freed_memory() -> None:
    """Let the C library keep what is freed, where it is GNU's.

    By default it maps every large array afresh and gives it back when it is freed, so that each
    step of learning takes tens of thousands of page faults. Elsewhere nothing is done: other
    libraries keep large arrays by themselves, or cannot be told.
    """
    if not sys.platform.startswith("linux"):
        return
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is None:
        return
    mallopt(_MMAP_MAX, 0)
    mallopt(_TRIM_THRESHOLD, _NEVER)
