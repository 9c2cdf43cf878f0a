from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from limner_engine.project import Project, Video
from limner_engine.types import Skeleton
from project_samples import NAMES, add, clip


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    """An open project with four landmarks and nothing else."""
    with Project.create(tmp_path / "faces.limner") as opened:
        opened.set_skeleton(Skeleton(NAMES, ((0, 2), (1, 2)), ((0, 1),)))
        yield opened


@pytest.fixture
def video(project: Project, tmp_path: Path) -> Video:
    """A video of 5000 frames in the project."""
    return add(project, clip(tmp_path))
