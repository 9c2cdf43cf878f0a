"""A project that is killed at any moment opens again with every finished edit in it."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from limner_engine.errors import ProjectError
from limner_engine.project import Project
from limner_engine.types import FrameKey
from project_samples import clip

KILLS = 60
CHILD = Path(__file__).with_name("edit_until_killed.py")


class Child:
    """A process that edits, and what it said it had finished."""

    def __init__(self, path: Path, film: Path, first: int) -> None:
        self.process = subprocess.Popen(
            [sys.executable, str(CHILD), str(path), str(film), str(first)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )

    def kill(self, delay_s: float, *, from_ready: bool) -> list[list[str]]:
        """SIGKILL after a delay, counted from its start or from when it begins to edit."""
        assert self.process.stdout is not None
        assert self.process.stderr is not None
        said = b""
        if from_ready:
            while b"ready\n" not in said:
                line = self.process.stdout.readline()
                assert line, self.process.stderr.read().decode()
                said += line
        time.sleep(delay_s)
        assert self.process.poll() is None, self.process.stderr.read().decode()
        self.process.kill()
        self.process.wait()
        said += self.process.stdout.read()
        assert self.process.stderr.read() == b""
        self.process.stdout.close()
        self.process.stderr.close()
        # What stands before the last line break was said whole.
        return [line.split() for line in said.decode().split("\n")[:-1]]


@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL is of POSIX")
@pytest.mark.timeout(280)
def test_every_finished_edit_survives_a_kill_at_any_moment(tmp_path: Path) -> None:
    path, film = tmp_path / "p.limner", clip(tmp_path)
    rng = random.Random(20)
    Project.create(path).close()
    placed: set[int] = set()
    predicted: set[int] = set()
    first = kills = in_the_middle = 0
    while kills < KILLS:
        # One in six is killed while it starts, creates or opens; the others while they edit.
        early = rng.random() < 1 / 6
        delay_s = rng.uniform(0.0, 0.5) if early else rng.uniform(0.0, 0.12)
        said = Child(path, film, first).kill(delay_s, from_ready=not early)
        kills += 1
        placed |= {int(words[1]) for words in said if words[0] == "placed"}
        predicted |= {int(words[1]) for words in said if words[0] == "predicted"}
        renamed = [int(words[1]) for words in said if words[0] == "renamed"]
        with Project.open(path) as project:
            assert project.check() == []
            if project.redo_text is not None:
                in_the_middle += 1
                project.redo()  # killed between undo and redo: even that is there
                assert project.redo_text is None
            if not project.videos():
                assert not placed
                continue
            found = project.all_annotations(1)
            frames = set(found["frame"].tolist())
            assert placed <= frames
            assert frames <= placed | {max(placed, default=first - 1) + 1}, "at most one more"
            np.testing.assert_array_equal(found["x"], found["frame"] + 0.25)
            np.testing.assert_array_equal(found["y"], found["frame"] / 3)
            np.testing.assert_array_equal(found["landmark"], found["frame"] % 3)
            for number in predicted:
                landmarks = project.predictions(1, 1, 0, 2 * number + 1)
                assert landmarks is not None
                assert (landmarks.points_px == number).all()
            if renamed:
                assert int(project.skeleton().names[0][1:]) >= renamed[-1]
            first = max(frames, default=-1) + 1
            placed = frames
    assert len(placed) > KILLS, "the children hardly edited at all"
    with Project.open(path) as project:
        # The history of all those lives is whole: every edit goes back, and comes again.
        while project.undo():
            pass
        assert project.all_annotations(1)["frame"].size == 0
        assert project.videos() == []
        while project.redo():
            pass
        assert set(project.all_annotations(1)["frame"].tolist()) == placed
        assert project.annotations(FrameKey(1, 0))[0].x == 0.25
        assert project.check() == []


@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL is of POSIX")
@pytest.mark.timeout(120)
def test_a_creation_that_is_killed_leaves_a_project_or_nothing(tmp_path: Path) -> None:
    rng = random.Random(21)
    film = clip(tmp_path)
    for turn in range(12):
        path = tmp_path / f"{turn}.limner"
        said = Child(path, film, 0).kill(rng.uniform(0.05, 0.45), from_ready=False)
        if ["created"] in said:
            assert path.exists()
        with Project.open(path) if path.exists() else Project.create(path) as project:
            assert project.check() == []


@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL is of POSIX")
def test_a_killed_window_leaves_no_lock(tmp_path: Path) -> None:
    path = tmp_path / "p.limner"
    child = Child(path, clip(tmp_path), 0)
    assert child.process.stdout is not None
    assert child.process.stdout.readline() == b"created\n"
    with pytest.raises(ProjectError, match="open in another window"):
        Project.open(path)
    child.kill(0.0, from_ready=False)
    Project.open(path).close()
