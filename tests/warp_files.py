"""Files that say they are models, for tests in which nobody looks into them."""

from __future__ import annotations

import json
import struct
from pathlib import Path


def warp_file(path: Path, sha256: str = "5" * 64, kind: str = "class_embedding") -> Path:
    """A model file with a header and no weights; without landmarks.

    Args:
        path: The file; its name is the model's.
        sha256: By which a project tells it from others.
        kind: Of the model.
    """
    told = {
        "format_version": 1,
        "kind": kind,
        "name": path.stem,
        "config": {"levels": 3},
        "skeleton": {"names": []},
        "sha256": sha256,
    }
    header = json.dumps({"__metadata__": {"limner": json.dumps(told)}}).encode()
    path.write_bytes(struct.pack("<Q", len(header)) + header)
    return path
