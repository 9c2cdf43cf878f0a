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
