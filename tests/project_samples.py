"""Projects to test with, and all that stands in one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from limner_engine.project import Project, Video
from limner_engine.project.changes import KEYS
from limner_engine.types import ModelInfo, Skeleton

NAMES = ("left eye", "right eye", "nose", "mouth")


def clip(folder: Path, name: str = "clip.mp4", content: bytes = b"moving pictures") -> Path:
    """A file that stands for a video; the store never looks inside one."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def add(project: Project, path: Path, frame_count: int = 5000, **changed: Any) -> Video:
    """Add a file as a video whose fingerprint is its content."""
    described: dict[str, Any] = {
        "fingerprint": path.read_bytes().hex(),
        "frame_count": frame_count,
        "width": 640,
        "height": 480,
        "frame_rate": 25.0,
    }
    return project.add_video(path, **{**described, **changed})


def info(sha256: str = "ab" * 32, count: int = 4, name: str = "faces") -> ModelInfo:
    return ModelInfo(
        "imm",
        name,
        {"image_size": 128, "landmark_count": count},
        Skeleton.numbered(count),
        {"videos": ["clip.mp4"], "steps": 300},
        "Apache-2.0",
        sha256,
    )


def tables(project: Project) -> dict[str, list[Any]]:
    """Every row of every table that undo covers, sorted by key."""
    return {
        table: project._database.rows(f"SELECT * FROM {table} ORDER BY {', '.join(keys)}")
        for table, keys in KEYS.items()
    }
