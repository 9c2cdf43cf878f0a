from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import shutil
import sqlite3
import sys
from pathlib import Path

import pytest

from limner_engine.errors import ProjectError
from limner_engine.project import Project, connection, database, lock, migrations
from limner_engine.types import FrameKey, Skeleton
from project_samples import NAMES, add, clip, info, tables


def disk(folder: Path) -> dict[str, str]:
    return {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.iterdir()
        if path.is_file()
    }


def large(path: Path) -> None:
    """A closed project of many pages."""
    with Project.create(path) as project:
        project.set_skeleton(Skeleton(NAMES))
        video = add(project, clip(path.parent))
        for frame in range(300):
            project.annotate(FrameKey(video.id, frame), {0: (frame, 1, True)}, author="a")


def refused(path: Path, sentence: str) -> None:
    """Opening says why not, and leaves every byte in the folder as it was."""
    before = disk(path.parent)
    with pytest.raises(ProjectError, match=sentence) as refusal:
        Project.open(path)
    assert refusal.value.mend
    assert disk(path.parent) == before


def test_what_is_not_a_project_is_refused(tmp_path: Path) -> None:
    refused(tmp_path / "none.limner", "There is no file")
    refused(tmp_path, "is a folder")
    (tmp_path / "text.limner").write_text("Dear diary\n" * 100)
    refused(tmp_path / "text.limner", "is not a Limner project")
    (tmp_path / "empty.limner").touch()
    refused(tmp_path / "empty.limner", "is not a Limner project")
    with contextlib.closing(sqlite3.connect(tmp_path / "other.limner")) as other:
        other.execute("PRAGMA journal_mode = WAL")
        other.execute("CREATE TABLE notes (text)")
        other.commit()
    refused(tmp_path / "other.limner", "a database of another program")


def test_a_newer_project_asks_for_an_update(tmp_path: Path) -> None:
    path = tmp_path / "p.limner"
    large(path)
    with contextlib.closing(sqlite3.connect(path)) as other:
        other.execute("PRAGMA journal_mode = DELETE")
        other.execute("PRAGMA user_version = 900")
    refused(path, f"newer Limner .layout 900; this one knows up to {len(migrations.scripts())}.")
    with pytest.raises(ProjectError, match="Update Limner"):
        Project.open(path)


@pytest.mark.parametrize("kept", [50, 5000, 60_000])
def test_a_project_that_ends_early_is_refused(tmp_path: Path, kept: int) -> None:
    path = tmp_path / "p.limner"
    large(path)
    assert path.stat().st_size > kept
    os.truncate(path, kept)
    refused(path, "damaged")


def test_a_project_with_a_ruined_page_says_so(tmp_path: Path) -> None:
    path = tmp_path / "p.limner"
    large(path)
    whole = path.read_bytes()
    path.write_bytes(whole[:100] + b"\xa5" * 3996 + whole[4096:])
    refused(path, "damaged")
    assert not lock.lock_path(path).exists(), "a refused project must not stay locked"
    path.write_bytes(whole[:4096] + b"\xa5" * (len(whole) - 4096))
    with pytest.raises(ProjectError, match="damaged"), Project.open(path) as project:
        tables(project)


def test_damage_of_any_single_page_is_a_sentence_or_goes_unseen(tmp_path: Path) -> None:
    path = tmp_path / "p.limner"
    large(path)
    whole = path.read_bytes()
    seen = 0
    for page in range(0, len(whole), 4096):
        path.write_bytes(whole[:page] + bytes(4096) + whole[page + 4096 :])
        try:
            with Project.open(path) as project:
                tables(project)
                project.history()
                assert project.check() != [] or page > 0
        except ProjectError:
            seen += 1
    assert seen > 5


def test_write_ahead_logging_is_on_and_edits_are_synced(tmp_path: Path) -> None:
    with Project.create(tmp_path / "p.limner") as project:
        assert project._database.journal_mode == "wal"
        assert project._database.first("PRAGMA journal_mode") == ("wal",)
        assert project._database.first("PRAGMA synchronous") == (2,)  # FULL
        assert project._database.first("PRAGMA foreign_keys") == (1,)


def _answers_delete(opened: sqlite3.Connection) -> str:
    return str(opened.execute("PRAGMA journal_mode = DELETE").fetchone()[0])


def _fails(opened: sqlite3.Connection) -> str:
    return "refused: locking protocol"


@pytest.mark.parametrize("answer", [_answers_delete, _fails])
def test_a_share_that_forbids_write_ahead_logging_gets_a_rollback_journal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, answer: object
) -> None:
    path = tmp_path / "p.limner"
    large(path)  # was in write-ahead mode before
    monkeypatch.setattr(connection, "_ask_for_wal", answer)
    with Project.open(path) as project:
        assert project._database.journal_mode == "delete"
        assert project._database.first("PRAGMA journal_mode") == ("delete",)
        assert project._database.first("PRAGMA synchronous") == (3,)  # EXTRA
        (note,) = project.notes
        assert "does not allow write-ahead logging" in note
        project.add_subject("b")
        project.undo()
        assert project.redo() == "Add b"
        assert not (tmp_path / "p.limner-wal").exists()
    monkeypatch.undo()
    with Project.open(path) as project:
        assert project._database.journal_mode == "wal"
        assert len(project.subjects()) == 2


@pytest.mark.skipif(sys.platform == "win32", reason="asks for a file system of POSIX")
def test_a_real_file_system_without_shared_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "p.limner"
    large(path)  # its header says write-ahead logging, from the disk it was made on

    def connect(path: Path) -> sqlite3.Connection:
        # SQLite's own layer for network shares: no shared memory, so no write-ahead logging.
        opened = sqlite3.connect(
            f"{path.as_uri()}?vfs=unix-dotfile", uri=True, isolation_level=None
        )
        opened.execute("PRAGMA foreign_keys = ON")
        return opened

    monkeypatch.setattr(database, "connect", connect)
    with Project.open(path) as project:
        assert project._database.journal_mode == "delete"
        assert project.notes
        project.add_subject("b")
        project.undo()
        project.redo()
    with Project.create(tmp_path / "q.limner") as project:
        assert project._database.journal_mode == "delete"
    monkeypatch.undo()
    with Project.open(path) as project:
        assert len(project.subjects()) == 2
        assert len(project.history(1000)) == 303


@pytest.mark.parametrize("end", ["-wal", "-journal"])
def test_the_log_of_an_older_project_is_not_taken_for_the_new_ones(
    tmp_path: Path, end: str
) -> None:
    (tmp_path / f"p.limner{end}").write_text("edits that were never folded in")
    with pytest.raises(ProjectError, match=f"p.limner{end} holds edits of an older") as refusal:
        Project.create(tmp_path / "p.limner")
    assert refusal.value.mend
    with (
        Project.create(tmp_path / "q.limner") as project,
        pytest.raises(ProjectError, match="holds edits of an older"),
    ):
        project.backup(tmp_path / "p.limner")
    assert sorted(path.name for path in tmp_path.iterdir()) == [f"p.limner{end}", "q.limner"]


def test_sqlite_refusing_wal_is_taken_for_a_refusal() -> None:
    class Refusing:
        def execute(self, sql: str) -> None:
            raise sqlite3.OperationalError("locking protocol")

    assert connection._ask_for_wal(Refusing()).startswith("refused")  # type: ignore[arg-type]


def test_a_folder_without_any_journal_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "p.limner"
    large(path)
    monkeypatch.setattr(connection, "_ask_for_wal", lambda opened: "refused")
    memory = sqlite3.connect(":memory:")  # answers "memory" to whatever mode it is asked for
    with pytest.raises(ProjectError, match="allows no safe way"):
        connection.prepare(memory, path)
    memory.close()


def test_a_folder_without_locks_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_locks(descriptor: int) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(lock, "_try_lock", no_locks)
    with pytest.raises(ProjectError, match="does not let programs lock files: No locks"):
        Project.create(tmp_path / "p.limner")


def test_a_full_disk_keeps_the_edit_out_and_says_so(tmp_path: Path) -> None:
    with Project.create(tmp_path / "p.limner") as project:
        (pages,) = project._database.first("PRAGMA page_count")
        project._database.first(f"PRAGMA max_page_count = {pages}")
        with pytest.raises(ProjectError, match="full, so the last edit was not stored"):
            project.add_subject("b" * 100_000)
        assert len(project.subjects()) == 1
        project._database.first("PRAGMA max_page_count = 100000")
        project.add_subject("b" * 100_000)


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        ("database is locked", "Another program holds"),
        ("attempt to write a readonly database", "cannot be written"),
        ("unable to open database file", "cannot be written"),
        ("disk I/O error", "could not be read or written"),
        ("database disk image is malformed", "is damaged"),
    ],
)
def test_troubles_of_the_disk_are_told_apart(error: str, sentence: str) -> None:
    told = connection.translated(sqlite3.OperationalError(error), Path("p.limner"))
    assert sentence in told.message
    assert told.mend


def test_another_program_that_writes_does_no_harm(tmp_path: Path) -> None:
    path = tmp_path / "p.limner"
    with (
        Project.create(path) as project,
        contextlib.closing(sqlite3.connect(path, isolation_level=None)) as other,
    ):
        project._database.first("PRAGMA busy_timeout = 10")
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(ProjectError, match="Another program holds"):
            project.add_subject("b")
        other.execute("ROLLBACK")
        project.add_subject("b")


def test_writing_outside_a_transaction_is_a_bug(project: Project) -> None:
    with pytest.raises(RuntimeError, match="outside a transaction"):
        project._database.write("DELETE FROM history")


@pytest.fixture
def next_layout(monkeypatch: pytest.MonkeyPatch) -> None:
    former = migrations.scripts()
    added = "ALTER TABLE video ADD COLUMN note TEXT NOT NULL DEFAULT 'none';"
    monkeypatch.setattr(migrations, "scripts", lambda: (*former, added))


def test_an_older_project_is_brought_up_with_all_that_is_in_it(
    tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    path = tmp_path / "p.limner"
    with Project.create(path) as project:
        project.set_skeleton(Skeleton(NAMES))
        video = add(project, clip(tmp_path))
        project.annotate(FrameKey(video.id, 3), {0: (1, 2, True)}, author="a")
        project.remove_video(video.id)
        before = tables(project)
    request.getfixturevalue("next_layout")
    with Project.open(path) as project:
        assert project._database.first("PRAGMA user_version") == (len(migrations.scripts()),)
        assert tables(project) == before
        # Its history knew nothing of the new column, and still works.
        assert project.undo() == "Remove clip.mp4"
        assert project._database.rows("SELECT note FROM video") == [("none",)]
        assert project.annotations(FrameKey(video.id, 3))[0].y == 2
        project.redo()
        project.add_subject("b")
    with Project.open(path) as project:
        assert len(project.subjects()) == 2
    assert path.read_bytes()[60:64] == len(migrations.scripts()).to_bytes(4, "big")


@pytest.mark.usefixtures("next_layout")
def test_the_former_program_refuses_the_newer_layout(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "p.limner"
    Project.create(path).close()
    monkeypatch.undo()
    refused(path, "newer Limner")


def test_a_migration_that_fails_leaves_the_former_layout(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "p.limner"
    large(path)
    former = migrations.scripts()
    broken = "CREATE TABLE extra (a); INSERT INTO nowhere VALUES (1);"
    monkeypatch.setattr(migrations, "scripts", lambda: (*former, broken))
    with pytest.raises(ProjectError):
        Project.open(path)
    monkeypatch.undo()
    with Project.open(path) as project:
        assert project._database.rows("SELECT name FROM sqlite_master WHERE name = 'extra'") == []
        assert len(project.history(1000)) == 302


def test_a_new_project_and_a_killed_creation(tmp_path: Path) -> None:
    # What a killed creation may leave beside is not in the way of the next one.
    (tmp_path / ".p.limner.new").write_text("half")
    with Project.create(tmp_path / "p.limner") as project:
        assert project._database.first("PRAGMA application_id") == (migrations.APPLICATION_ID,)
        project.add_model(info(), tmp_path / "m")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["p.limner"]


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write all")
def test_a_folder_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "in" / "p.limner"
    path.parent.mkdir()
    large(path)
    path.parent.chmod(0o500)
    try:
        with pytest.raises(ProjectError, match="cannot be written"):
            Project.open(path)
        with pytest.raises(ProjectError, match="cannot be written"):
            Project.create(path.with_name("q.limner"))
    finally:
        path.parent.chmod(0o700)
        shutil.rmtree(path.parent)
