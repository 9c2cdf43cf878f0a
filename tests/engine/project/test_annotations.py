from __future__ import annotations

import math
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest

from limner_engine.errors import ProjectError
from limner_engine.project import Project, Video
from limner_engine.types import FrameKey, Skeleton


def test_an_annotation_comes_back_exactly(project: Project, video: Video) -> None:
    key = FrameKey(video.id, 812)
    x, y = 0.1 + 0.2, 1e-300
    project.annotate(key, {2: (x, y, True)}, author="Ada")
    (found,) = project.annotations(key).values()
    assert (found.landmark, found.x, found.y, found.visible) == (2, x, y, True)
    assert (found.author, found.origin) == ("Ada", "person")
    assert datetime.fromisoformat(found.created).utcoffset() is not None
    assert project.annotations(FrameKey(video.id, 813)) == {}


def test_hidden_landmarks_may_be_nowhere(project: Project, video: Video) -> None:
    key = FrameKey(video.id, 0)
    project.annotate(key, {0: (math.nan, math.nan, False), 1: (3.0, 4.0, False)}, author="a")
    found = project.annotations(key)
    assert math.isnan(found[0].x)
    assert math.isnan(found[0].y)
    assert (found[1].x, found[1].y, found[1].visible) == (3.0, 4.0, False)


def test_a_visible_landmark_needs_a_place_and_the_edit_is_all_or_nothing(
    project: Project, video: Video
) -> None:
    key = FrameKey(video.id, 0)
    before = project.revision
    with pytest.raises(ValueError, match="landmark 1 is visible"):
        project.annotate(key, {0: (1.0, 1.0, True), 1: (math.nan, 2.0, True)}, author="a")
    assert project.annotations(key) == {}
    assert project.revision == before


@pytest.mark.parametrize(
    ("key", "landmark", "sentence"),
    [
        (FrameKey(99, 0), 0, "no video 99"),
        (FrameKey(1, 5000), 0, "no frame 5000; its last one is 4999"),
        (FrameKey(1, -1), 0, "no frame -1"),
        (FrameKey(1, 0, 7), 0, "no subject 7"),
        (FrameKey(1, 0), 4, "no landmark 5; it has 4"),
    ],
)
def test_edits_elsewhere_are_refused(
    project: Project, video: Video, key: FrameKey, landmark: int, sentence: str
) -> None:
    with pytest.raises(ProjectError, match=sentence):
        project.annotate(key, {landmark: (1.0, 1.0, True)}, author="a")


def test_edits_are_told_in_words(project: Project, video: Video) -> None:
    key = FrameKey(video.id, 812)
    told = []

    def annotate(points: dict[int, tuple[float, float, bool]]) -> None:
        project.annotate(key, points, author="a")
        told.append(project.undo_text)

    annotate({0: (1.0, 1.0, True)})
    annotate({0: (2.0, 1.0, True)})
    annotate({0: (2.0, 1.0, False)})
    annotate({0: (2.0, 1.0, True)})
    annotate({0: (2.0, 5.0, True), 1: (2.0, 1.0, True)})
    project.annotate(key, {0: (0.0, 0.0, True)}, author="a", text="Drag left eye")
    told.append(project.undo_text)
    assert told == [
        "Place left eye in frame 812",
        "Move left eye in frame 812",
        "Hide left eye in frame 812",
        "Show left eye in frame 812",
        "Place 2 landmarks in frame 812",
        "Drag left eye",
    ]


def test_deleting_is_one_edit(project: Project, video: Video) -> None:
    key = FrameKey(video.id, 3)
    project.annotate(key, {i: (i, i, True) for i in range(4)}, author="a")
    project.delete_annotations(key, [1, 3, 3])
    assert sorted(project.annotations(key)) == [0, 2]
    assert project.undo() == "Clear 2 landmarks in frame 3"
    assert sorted(project.annotations(key)) == [0, 1, 2, 3]
    before = project.revision
    project.delete_annotations(FrameKey(video.id, 4), [0])
    assert project.revision == before, "nothing was there, so nothing was done"
    assert project.redo_text is not None


def test_copying_takes_places_and_visibility(project: Project, video: Video) -> None:
    first, second = FrameKey(video.id, 3), FrameKey(video.id, 4)
    project.annotate(first, {0: (1, 2, True), 1: (3, 4, False)}, author="Ada")
    project.annotate(second, {0: (9, 9, True), 2: (5, 6, True)}, author="Ada")
    project.copy_annotations(first, second, "Bo")
    found = project.annotations(second)
    assert [(a.x, a.y, a.visible, a.author) for a in found.values()] == [
        (1, 2, True, "Bo"),
        (3, 4, False, "Bo"),
        (5, 6, True, "Ada"),
    ]
    assert project.undo() == "Copy frame 3 to frame 4"
    assert project.annotations(second)[0].x == 9
    with pytest.raises(ProjectError, match="Frame 7 has no corrections"):
        project.copy_annotations(FrameKey(video.id, 7), second, "Bo")


def test_frames_and_columns_are_sorted(project: Project, video: Video) -> None:
    other = project.add_subject("second animal").id
    for frame in (40, 7, 4999):
        project.annotate(FrameKey(video.id, frame), {1: (frame, 0.5, True)}, author="a")
    project.annotate(FrameKey(video.id, 7), {0: (math.nan, math.nan, False)}, author="b")
    project.annotate(FrameKey(video.id, 8, other), {0: (1, 1, True)}, author="a")
    frames = project.annotated_frames(video.id)
    assert frames.dtype == np.int64
    assert frames.tolist() == [7, 40, 4999]
    assert project.annotated_frames(video.id, other).tolist() == [8]
    columns = project.all_annotations(video.id, 0)
    assert columns["frame"].tolist() == [7, 7, 40, 4999]
    assert columns["landmark"].tolist() == [0, 1, 1, 1]
    np.testing.assert_array_equal(columns["x"], [np.nan, 7, 40, 4999])
    np.testing.assert_array_equal(columns["y"], [np.nan, 0.5, 0.5, 0.5])
    assert columns["visible"].tolist() == [False, True, True, True]
    assert columns["author"].tolist() == ["b", "a", "a", "a"]
    nothing = project.all_annotations(video.id, 5)
    assert all(len(column) == 0 for column in nothing.values())
    assert nothing["x"].dtype == np.float64


def test_without_a_skeleton_nothing_can_be_placed(tmp_path: Path) -> None:
    from project_samples import add, clip

    with Project.create(tmp_path / "new.limner") as project:
        video = add(project, clip(tmp_path))
        with pytest.raises(ProjectError, match="Add the landmark to the skeleton first"):
            project.annotate(FrameKey(video.id, 0), {0: (1, 1, True)}, author="a")
        project.set_skeleton(Skeleton.numbered(1))
        project.annotate(FrameKey(video.id, 0), {0: (1, 1, True)}, author="a")
