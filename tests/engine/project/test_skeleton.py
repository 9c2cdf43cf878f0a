from __future__ import annotations

from pathlib import Path

import pytest

from limner_engine.errors import ProjectError
from limner_engine.project import Project, Subject, Video
from limner_engine.types import FrameKey, Skeleton
from project_samples import NAMES, tables


def test_a_new_project_has_no_landmarks_and_one_subject(tmp_path: Path) -> None:
    with Project.create(tmp_path / "p.limner") as project:
        assert project.skeleton() == Skeleton(())
        assert project.subjects() == [Subject(0, "subject 1")]


def test_the_skeleton_comes_back_as_it_was(project: Project) -> None:
    assert project.skeleton() == Skeleton(NAMES, ((0, 2), (1, 2)), ((0, 1),))
    other = Skeleton(("b", "a"), ((1, 0),))
    project.set_skeleton(other)
    assert project.skeleton() == other
    assert project.undo() == "Change the skeleton"
    assert project.skeleton() == Skeleton(NAMES, ((0, 2), (1, 2)), ((0, 1),))
    project.redo()
    assert project.skeleton() == other


def test_renaming_keeps_annotations(project: Project, video: Video) -> None:
    key = FrameKey(video.id, 1)
    project.annotate(key, {0: (1, 2, True)}, author="a")
    before = project.annotations(key)
    project.rename_landmark(0, " left pupil ")
    assert project.skeleton().names[0] == "left pupil"
    project.set_skeleton(Skeleton(("1", "2", "3", "4", "5")))
    assert project.annotations(key) == before
    project.undo()
    assert project.undo() == "Rename left eye to left pupil"
    assert project.skeleton().names == NAMES


def test_names_may_swap(project: Project) -> None:
    project.set_skeleton(Skeleton((NAMES[1], NAMES[0], *NAMES[2:])))
    assert project.skeleton().names[:2] == (NAMES[1], NAMES[0])
    project.undo()
    assert project.skeleton().names == NAMES


def test_a_shorter_skeleton_takes_its_annotations_along_and_undo_brings_them_back(
    project: Project, video: Video
) -> None:
    key = FrameKey(video.id, 1)
    project.annotate(key, {0: (1, 2, True), 3: (3, 4, True)}, author="a")
    before = tables(project)
    project.set_skeleton(Skeleton(NAMES[:2]))
    assert sorted(project.annotations(key)) == [0]
    project.undo()
    assert tables(project) == before


def test_annotations_go_with_their_landmarks(project: Project, video: Video) -> None:
    keys = [FrameKey(video.id, frame) for frame in (1, 7)]
    for key in keys:
        project.annotate(key, {i: (i, key.frame_index, True) for i in range(4)}, author="a")
    project.annotate(keys[0], {1: (9, 9, False)}, author="b")
    before = tables(project)
    # The nose first, a new landmark, then the eyes changed about; the mouth goes.
    changed = Skeleton(("nose", "chin", "right eye", "left eye"), ((0, 3),), ((3, 2),))
    project.set_skeleton(changed, [2, None, 1, 0], text="Shuffle")
    after = tables(project)
    for key in keys:
        marks = project.annotations(key)
        assert {i: mark.x for i, mark in marks.items() if mark.visible} == (
            {0: 2, 3: 0} if key.frame_index == 1 else {0: 2, 2: 1, 3: 0}
        )
    hidden = project.annotations(keys[0])[2]
    assert (hidden.x, hidden.visible, hidden.author) == (9, False, "b")
    assert project.undo() == "Shuffle"
    assert tables(project) == before
    project.redo()
    assert tables(project) == after


def test_origins_that_do_not_fit_are_refused(project: Project) -> None:
    before = tables(project)
    for origins in ([0, 0], [0], [0, 4], [-1, 0]):
        with pytest.raises(ValueError, match="origins"):
            project.set_skeleton(Skeleton(("a", "b")), origins)
    assert tables(project) == before


def test_landmarks_that_keep_their_places_are_not_touched(project: Project, video: Video) -> None:
    project.annotate(FrameKey(video.id, 1), {0: (1, 2, True), 1: (3, 4, True)}, author="a")
    project.set_skeleton(Skeleton((NAMES[0], NAMES[1])), [0, 1])
    (text,) = project._database.first("SELECT changes FROM history ORDER BY id DESC LIMIT 1")
    assert "annotation" not in text


def test_annotations_are_counted_in_all_videos(project: Project, video: Video) -> None:
    assert project.annotation_counts().tolist() == [0, 0, 0, 0]
    other = project.add_subject("second").id
    for subject in (0, other):
        project.annotate(
            FrameKey(video.id, 3, subject), {0: (1, 2, True), 2: (1, 2, False)}, author="a"
        )
    project.annotate(FrameKey(video.id, 4), {0: (1, 2, True)}, author="a")
    assert project.annotation_counts().tolist() == [3, 0, 2, 0]


@pytest.mark.parametrize(
    ("number", "name", "sentence"),
    [(0, "  ", "blank"), (0, "nose", "called “nose” already"), (4, "tail", "no landmark 5")],
)
def test_names_that_cannot_be_are_refused(
    project: Project, number: int, name: str, sentence: str
) -> None:
    with pytest.raises(ProjectError, match=sentence):
        project.rename_landmark(number, name)
    with pytest.raises(ProjectError, match="blank"):
        project.set_skeleton(Skeleton(("a", "")))
    assert project.skeleton().names == NAMES


def test_renaming_to_the_same_name_is_no_edit(project: Project) -> None:
    before = project.revision
    project.rename_landmark(0, NAMES[0])
    project.set_skeleton(project.skeleton())
    project.rename_subject(0, "subject 1")
    assert project.revision == before


def test_subjects_are_added_and_renamed(project: Project) -> None:
    added = project.add_subject("second")
    assert added == Subject(1, "second")
    project.rename_subject(0, "first")
    assert project.subjects() == [Subject(0, "first"), added]
    assert project.undo() == "Rename subject 1 to first"
    assert project.undo() == "Add second"
    assert project.subjects() == [Subject(0, "subject 1")]
    assert project.add_subject("third").id == 2, "numbers are never used twice"
    for name in ("third", " "):
        with pytest.raises(ProjectError):
            project.add_subject(name)
    with pytest.raises(ProjectError, match="no subject 9"):
        project.rename_subject(9, "x")


def test_a_damaged_skeleton_is_told(project: Project) -> None:
    with project._database.transaction():
        project._database.write("UPDATE landmark SET name = 'nose'")
    with pytest.raises(ProjectError, match=r"skeleton in .* is damaged"):
        project.skeleton()
