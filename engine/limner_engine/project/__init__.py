"""The project file: one SQLite database."""

from __future__ import annotations

from limner_engine.project.media import find_moved
from limner_engine.project.records import (
    Annotation,
    HistoryEntry,
    StoredModel,
    StoredPrior,
    Subject,
    Video,
)
from limner_engine.project.store import SUFFIX, Project

__all__ = [
    "SUFFIX",
    "Annotation",
    "HistoryEntry",
    "Project",
    "StoredModel",
    "StoredPrior",
    "Subject",
    "Video",
    "find_moved",
]
