"""What the program writes by itself is no undo step, and spoils none."""

from __future__ import annotations

from pathlib import Path

import pytest

from limner_engine.project import Project, Video
from limner_engine.types import FrameKey, Skeleton
from project_samples import NAMES, add, clip, tables


def test_what_was_done_automatically_is_no_undo_step(project: Project, tmp_path: Path) -> None:
    while project.undo():
        pass
    with project.automatic():
        project.set_skeleton(Skeleton(NAMES))
        first = add(project, clip(tmp_path, "first.mp4", b"1"))
        project.set_crop_track_json(first.id, 0, "[0]")
    assert project.undo() is None
    project.annotate(FrameKey(first.id, 0), {3: (1, 1, True)}, author="a")
    project.set_crop_track_json(first.id, 0, "[1]")
    assert project.undo() == "Change the crop of first.mp4"
    assert project.crop_track_json(first.id) == "[0]"
    assert project.undo() == "Place mouth in frame 0"
    assert project.undo() is None
    assert project.skeleton() == Skeleton(NAMES)
    assert [video.id for video in project.videos()] == [first.id]


def test_what_is_found_for_a_video_goes_and_comes_with_it(
    project: Project, video: Video, tmp_path: Path
) -> None:
    added = add(project, clip(tmp_path, "added.mp4", b"2"))
    with project.automatic():
        project.set_crop_track_json(added.id, 0, "[2]")
    assert project.undo() == "Add added.mp4"
    assert project.check() == []
    assert project.redo() == "Add added.mp4"
    assert project.crop_track_json(added.id) == "[2]"
    # A removal that was undone knows nothing of the crop, and takes it along all the same.
    other = add(project, clip(tmp_path, "other.mp4", b"3"))
    project.remove_video(other.id)
    project.undo()
    with project.automatic():
        project.set_crop_track_json(other.id, 0, "[3]")
    assert project.redo() == "Remove other.mp4"
    assert project.check() == []
    project.undo()
    assert project.crop_track_json(other.id) == "[3]"


def test_a_skeleton_that_a_model_brings_never_leaves_landmarks_without_one(
    project: Project, video: Video
) -> None:
    key = FrameKey(video.id, 0)
    project.annotate(key, {3: (1, 1, True)}, author="a")
    project.delete_annotations(key, [3])
    with project.automatic():
        project.set_skeleton(Skeleton(("a", "b")))
    assert project.skeleton().names == ("a", "b")
    project.undo()
    assert project.annotations(key)[3].x == 1
    assert project.skeleton().names == NAMES
    project.redo()
    assert project.skeleton().names == ("a", "b")
    project.undo()
    project.undo()
    with project.automatic():
        project.set_skeleton(Skeleton(("c",)))
    assert project.redo() == "Place mouth in frame 0"
    assert project.skeleton().names == NAMES
    assert project.annotations(key)[3].x == 1


def test_automatic_inside_a_group_belongs_to_the_group(project: Project, video: Video) -> None:
    before = tables(project)
    with project.grouped("Both"):
        with project.automatic():
            project.set_crop_track_json(video.id, 0, "[1]")
        project.rename_landmark(0, "snout")
    project.undo()
    assert tables(project) == before


def test_an_automatic_write_that_fails_leaves_nothing(project: Project, video: Video) -> None:
    before = tables(project)

    def half() -> None:
        with project.automatic():
            project.set_crop_track_json(video.id, 0, "[1]")
            raise RuntimeError("in the middle")

    with pytest.raises(RuntimeError, match="in the middle"):
        half()
    with pytest.raises(RuntimeError, match="by no person"), project.automatic():
        project.annotate(FrameKey(video.id, 0), {0: (1, 1, True)}, author="a")
    assert tables(project) == before
    project.rename_landmark(0, "works on")
