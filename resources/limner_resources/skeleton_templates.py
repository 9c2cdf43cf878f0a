"""Skeletons that people start from."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

ORDER = (
    "face-5",
    "face-68",
    "upper-body-7",
    "body-9",
    "body-13",
    "body-14",
    "body-17",
    "mouse",
    "fly",
    "sample",
)
"""Most wanted first."""


def read_skeleton_templates(folder: Path) -> dict[str, dict[str, Any]]:
    """Every template of a folder by its file's stem, in the order of `ORDER`."""
    return {key: json.loads((folder / f"{key}.json").read_text("utf-8")) for key in ORDER}
