from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from limner_engine.errors import FormatError, ProjectError
from limner_engine.formats import project_table
from limner_engine.project import Project, Video
from limner_engine.types import FrameKey, Skeleton
from project_samples import NAMES, add, clip, info


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    with Project.create(tmp_path / "p.limner") as opened:
        yield opened


@pytest.fixture
def video(project: Project, tmp_path: Path) -> Video:
    return add(project, clip(tmp_path), frame_count=3000)


def test_all_that_a_project_knows_is_in_the_table(project: Project, video: Video) -> None:
    project.set_skeleton(Skeleton(NAMES))
    model = project.add_model(info(), Path("m"))
    project.current_model_id = model
    points = np.random.default_rng(0).uniform(0, 99, (2000, 4, 2)).astype(np.float32)
    project.write_predictions(video.id, model, 0, 500, points, np.full((2000, 4), 0.25))
    project.annotate(FrameKey(video.id, 600), {2: (10.5, 11.5, True)}, author="Ada")
    table = project_table(project, video.id, unreadable=[7])
    assert (table.video, table.subject, table.names) == ("clip.mp4", "subject 1", NAMES)
    assert len(table.frames) == video.frame_count
    np.testing.assert_allclose(table.points[500:600], points[:100], atol=1e-6)
    assert table.points[600, 2].tolist() == [10.5, 11.5]
    assert table.source[600].tolist() == ["model:faces"] * 2 + ["person:Ada", "model:faces"]
    assert table.time_s[25] == 1.0
    assert table.report().unreadable == (7,)
    times = np.linspace(0, 9, 3000)
    np.testing.assert_allclose(
        project_table(project, video.id, time_s=times).time_s, times, atol=1e-9
    )
    with pytest.raises(ValueError, match="2 times for 3000 frames"):
        project_table(project, video.id, time_s=np.zeros(2))


def test_model_and_skeleton_may_differ_in_length(project: Project, video: Video) -> None:
    model = project.add_model(info(count=3), Path("m"))
    points = np.tile(np.array([1.0, 2.0, 3.0])[:, None], (5, 1, 2))
    project.write_predictions(video.id, model, 0, 0, points, np.ones((5, 3)))
    # Nobody has named any: the model's own.
    assert project_table(project, video.id, model_id=model).names == Skeleton.numbered(3).names
    # Another count: by name.
    project.set_skeleton(Skeleton(("point 3", "b")))
    table = project_table(project, video.id, model_id=model)
    assert table.names == ("point 3", "b")
    assert table.points[0, 0].tolist() == [3, 3]
    assert np.isnan(table.points[0, 1]).all()
    # The same count: by order.
    project.set_skeleton(Skeleton(("point 3", "b", "c")))
    table = project_table(project, video.id, model_id=model)
    assert table.points[0, :, 0].tolist() == [1, 2, 3]
    project.set_skeleton(Skeleton(NAMES))
    table = project_table(project, video.id, model_id=model)
    assert table.names == NAMES
    assert np.isnan(table.points).all()


def test_corrections_alone_make_a_table(project: Project, video: Video) -> None:
    with pytest.raises(FormatError, match=r"clip\.mp4 has no landmarks yet"):
        project_table(project, video.id)
    project.set_skeleton(Skeleton(NAMES))
    project.annotate(FrameKey(video.id, 1), {0: (1, 2, True)}, author="Ada")
    table = project_table(project, video.id)
    assert table.points[1, 0].tolist() == [1, 2]
    with pytest.raises(FormatError, match="no subject 5"):
        project_table(project, video.id, 5)
    with pytest.raises(ProjectError, match="no video 9"):
        project_table(project, 9)
