from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path

import pytest

from limner_engine.errors import ProjectError, ProjectLockedError
from limner_engine.project import Project, Video
from limner_engine.project.lock import lock_path
from limner_engine.types import FrameKey
from project_samples import add, clip, info, tables


def test_a_project_is_one_file_once_it_is_closed(tmp_path: Path) -> None:
    path = tmp_path / "Fuß und Hand.limner"
    project = Project.create(path)
    assert project.path == path
    project.add_subject("b")
    project.close()
    project.close()
    assert [entry.name for entry in tmp_path.iterdir()] == [path.name]
    with Project.open(path) as project:
        assert len(project.subjects()) == 2


def test_creating_never_overwrites(tmp_path: Path) -> None:
    path = tmp_path / "p.limner"
    path.write_text("a person's text")
    with pytest.raises(ProjectError, match="There is already a file"):
        Project.create(path)
    assert path.read_text() == "a person's text"
    assert [entry.name for entry in tmp_path.iterdir()] == [path.name]
    with pytest.raises(ProjectError, match="There is no folder"):
        Project.create(tmp_path / "no" / "p.limner")


def test_opening_a_project_needs_neither_torch_nor_qt_nor_video_decoding() -> None:
    heavy = ("torch", "PySide6", "av", "cv2")
    code = (
        "import sys, limner_engine.project;"
        f"print([name for name in {heavy} if name in sys.modules])"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
    assert told.stdout.decode().strip() == "[]"


def test_a_second_window_is_refused_with_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / "p.limner"
    with Project.create(path):
        for way in (path, tmp_path / "." / "p.limner"):
            with pytest.raises(ProjectLockedError) as refusal:
                Project.open(way)
        assert str(refusal.value) == (
            "p.limner is open in another window. Go on in that window, or close it first."
        )
        link = tmp_path / "link.limner"
        link.symlink_to(path)
        with pytest.raises(ProjectLockedError):
            Project.open(link)
        with pytest.raises(ProjectLockedError):
            Project.create(path)
    Project.open(path).close()


def test_a_lock_file_that_was_left_behind_keeps_nobody_out(tmp_path: Path) -> None:
    path = tmp_path / "p.limner"
    Project.create(path).close()
    lock_path(path).write_text("1234")
    Project.open(path).close()


def test_settings_are_json_and_not_undoable(tmp_path: Path) -> None:
    path = tmp_path / "p.limner"
    with Project.create(path) as project:
        assert project.setting("frame", 7) == 7
        assert project.setting("frame") is None
        project.set_setting("frame", {"video": 1, "frame": [812, None, "ü"]})
        project.set_setting("current_model", "of the window's own")
        assert project.current_model_id is None
        assert project.undo_text is None
        with pytest.raises(ValueError, match="not JSON compliant"):
            project.set_setting("frame", float("nan"))
    with Project.open(path) as project:
        assert project.setting("frame") == {"video": 1, "frame": [812, None, "ü"]}


def test_threads_take_turns(project: Project, video: Video) -> None:
    failures: list[BaseException] = []

    def work(landmark: int) -> None:
        try:
            for frame in range(100):
                key = FrameKey(video.id, frame)
                project.annotate(key, {landmark: (frame, landmark, True)}, author="a")
                assert project.annotations(key)[landmark].x == frame
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=work, args=(landmark,)) for landmark in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures
    assert len(project.all_annotations(video.id)["frame"]) == 200
    assert len(project.history(1000)) == 202


def test_a_sound_project_has_nothing_to_tell(project: Project, video: Video) -> None:
    project.annotate(FrameKey(video.id, 1), {0: (1, 2, True)}, author="a")
    assert project.check() == []
    assert project.notes == ()


def test_a_backup_is_a_project_of_its_own(project: Project, video: Video, tmp_path: Path) -> None:
    project.annotate(FrameKey(video.id, 1), {0: (1, 2, True)}, author="a")
    project.add_model(info(), clip(tmp_path, "m.safetensors"))
    target = tmp_path / "copies" / "copy.limner"
    target.parent.mkdir()
    target.write_text("an older copy")
    project.backup(target)
    project.backup(tmp_path / "beside.limner")
    assert [entry.name for entry in target.parent.iterdir()] == [target.name]
    with Project.open(target) as copy:
        (found,) = copy.videos()
        assert found.path == video.path
        assert not copy.models()[0].missing
        assert tables(copy)["annotation"] == tables(project)["annotation"]
        assert copy.undo() == "Place left eye in frame 1"
        with pytest.raises(ProjectLockedError):
            project.backup(target)
    with Project.open(tmp_path / "beside.limner") as copy:
        assert tables(copy) == tables(project)
    assert len(project.annotations(FrameKey(video.id, 1))) == 1


def test_a_backup_is_refused_where_it_would_do_harm(project: Project, tmp_path: Path) -> None:
    with pytest.raises(ProjectError, match="is the project itself"):
        project.backup(project.path)
    with pytest.raises(ProjectError, match="There is no folder"):
        project.backup(tmp_path / "no" / "copy.limner")
    (tmp_path / "folder.limner").mkdir()
    with pytest.raises(ProjectError, match="could not be written"):
        project.backup(tmp_path / "folder.limner")
    assert sorted(entry.suffix for entry in tmp_path.iterdir() if "new" in entry.name) == []


def test_every_edit_is_in_the_file_when_it_returns(tmp_path: Path) -> None:
    # A copy of the files as they lie, taken while the project is open, is what a crash leaves.
    path = tmp_path / "p.limner"
    crashed = tmp_path / "crashed"
    with Project.create(path) as project:
        video = add(project, clip(tmp_path))
        project.rename_subject(0, "fox")
        crashed.mkdir()
        for name in ("p.limner", "p.limner-wal"):
            (crashed / name).write_bytes((tmp_path / name).read_bytes())
        with Project.open(crashed / "p.limner") as copy:
            assert copy.subjects()[0].name == "fox"
            assert copy.videos()[0].fingerprint == video.fingerprint
