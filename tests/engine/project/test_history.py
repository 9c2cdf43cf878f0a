from __future__ import annotations

import json
from pathlib import Path

import pytest

from limner_engine.errors import ProjectError
from limner_engine.project import Project, Video, history
from limner_engine.project.changes import apply
from limner_engine.types import FrameKey
from project_samples import NAMES, info, tables


def test_an_edit_after_undo_drops_what_could_be_redone(project: Project, video: Video) -> None:
    key = FrameKey(video.id, 0)
    for x in range(3):
        project.annotate(key, {0: (x, 0, True)}, author="a")
    project.undo()
    project.undo()
    assert project.redo_text == "Move left eye in frame 0"
    project.annotate(key, {1: (5, 5, True)}, author="a")
    assert project.redo_text is None
    assert project.redo() is None
    assert project.annotations(key)[0].x == 0


def test_nothing_to_undo_or_redo_is_said(tmp_path: Path) -> None:
    with Project.create(tmp_path / "p.limner") as project:
        assert project.undo() is None
        assert project.redo() is None
        assert (project.undo_text, project.redo_text) == (None, None)
        assert (project.undo_place, project.redo_place) == (None, None)
        assert project.revision == 0
        assert project.history() == []


def test_history_tells_text_place_and_what_is_undone(project: Project, video: Video) -> None:
    key = FrameKey(video.id, 9)
    project.annotate(key, {0: (1, 1, True)}, author="a")
    assert project.undo_place == key
    project.undo()
    assert project.redo_place == key
    newest, before, *_ = project.history()
    assert (newest.text, newest.undone, newest.place) == (
        "Place left eye in frame 9",
        True,
        key,
    )
    assert (before.text, before.undone, before.place) == ("Add clip.mp4", False, None)
    assert len(project.history(limit=1)) == 1


def test_the_revision_counts_edits_undos_and_redos_and_survives(tmp_path: Path) -> None:
    path = tmp_path / "p.limner"
    with Project.create(path) as project:
        project.add_subject("b")
        project.undo()
        project.redo()
        assert project.revision == 3
        project.set_setting("frame", 3)
        assert project.revision == 3
    with Project.open(path) as project:
        assert project.revision == 3


def test_a_group_is_one_edit(project: Project, video: Video) -> None:
    before = tables(project)
    key = FrameKey(video.id, 2)
    with project.grouped("Accept frame 2", key):
        project.annotate(key, {0: (1, 1, True)}, author="a")
        project.annotate(key, {0: (2, 2, True), 1: (3, 3, True)}, author="a")
        project.rename_landmark(3, "snout")
    assert project.undo_text == "Accept frame 2"
    assert project.undo_place == key
    after = tables(project)
    assert project.undo() == "Accept frame 2"
    assert tables(project) == before
    project.redo()
    assert tables(project) == after


def test_a_group_that_fails_leaves_nothing(project: Project, video: Video) -> None:
    before, text = tables(project), project.undo_text
    model = project.add_model(info(), Path("m"))

    def half() -> None:
        with project.grouped("Half"):
            project.annotate(FrameKey(video.id, 2), {0: (1, 1, True)}, author="a")
            project.write_predictions(video.id, model, 0, 0, [[[1, 2]]], [[1]])  # type: ignore[arg-type]
            raise RuntimeError("in the middle")

    with pytest.raises(RuntimeError, match="in the middle"):
        half()
    assert tables(project) == before
    assert project.undo_text == text
    assert project.predictions(video.id, model, 0, 0) is None
    project.add_subject("works on")


def test_only_the_newest_edits_are_kept(
    project: Project, video: Video, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(history, "KEPT", 5)
    for x in range(20):
        project.annotate(FrameKey(video.id, 0), {0: (x, 0, True)}, author="a")
    assert len(project.history()) == 5
    undone = 0
    while project.undo():
        undone += 1
    assert undone == 5
    assert project.annotations(FrameKey(video.id, 0))[0].x == 14


@pytest.mark.parametrize(
    "changes",
    [
        [["setting", None, {"name": "a", "value": "1"}]],
        [["video", {"id": 1, "x = 1; DROP TABLE video; --": 2}, None]],
        [["annotation", None, {"landmark": 1}]],
    ],
)
def test_a_history_that_names_what_is_not_there_is_refused(
    project: Project, video: Video, changes: object
) -> None:
    before = tables(project)
    with project._database.transaction():
        project._database.write("UPDATE history SET changes = ?", (json.dumps(changes),))
    with pytest.raises(ProjectError, match=r"history of faces\.limner is damaged"):
        project.undo()
    assert tables(project) == before


def test_an_edit_stays_small_in_a_large_project(project: Project, video: Video) -> None:
    # An edit stores the rows it touched and no others, however many there are.
    columns = {
        "video_id": video.id,
        "subject": 0,
        "visible": 1,
        "author": "a",
        "created": "2020",
        "x": 1.0,
        "y": 1.0,
    }
    with project.grouped("Import"):
        for frame in range(2000):
            for landmark in range(len(NAMES)):
                row = {**columns, "frame_index": frame, "landmark": landmark}
                apply(project._database, [("annotation", None, row)])
    project.annotate(FrameKey(video.id, 1000), {0: (2, 2, True)}, author="a")
    (size,) = project._database.first(
        "SELECT length(changes) FROM history ORDER BY id DESC LIMIT 1"
    )
    assert size < 1000
