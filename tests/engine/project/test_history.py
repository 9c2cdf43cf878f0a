from __future__ import annotations

import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import pytest

from limner_engine.errors import ProjectError
from limner_engine.project import Project, Video, history
from limner_engine.project.changes import apply
from limner_engine.types import FrameKey, Skeleton
from project_samples import NAMES, add, clip, info, tables


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


State: TypeAlias = dict[str, list[Any]]


class Person:
    """Makes edits at random, and remembers how everything stood after each."""

    def __init__(self, path: Path, seed: int) -> None:
        self.path = path
        self.random = random.Random(seed)
        self.project = Project.create(path)
        self.model = self.project.add_model(info(), path.with_name("m.safetensors"))
        self.states = [tables(self.project)]
        self.texts: list[str] = []
        self.at = 0

    def edit(self) -> None:
        deed = self.random.choice(
            [self.annotate] * 6
            + [self.clear, self.copy, self.skeleton, self.rename, self.subject, self.crop]
            + [self.add_video, self.remove_video, self.relink, self.group]
            + [self.accept, self.reject, self.take_back, self.remove_subject]
        )
        revision = self.project.revision
        deed()
        if self.project.revision == revision:
            return  # nothing to do it to
        text = self.project.undo_text
        assert text
        del self.states[self.at + 1 :], self.texts[self.at :]
        self.states.append(tables(self.project))
        self.texts.append(text)
        self.at += 1

    def key(self) -> FrameKey | None:
        videos = self.project.videos()
        if not videos:
            return None
        subject = self.random.choice(self.project.subjects()).id
        return FrameKey(self.random.choice(videos).id, self.random.randrange(6), subject)

    def annotate(self) -> None:
        key, count = self.key(), len(self.project.skeleton().names)
        if key and count:
            points = {
                self.random.randrange(count): (
                    self.random.uniform(-1e3, 1e3),
                    self.random.random() * 10 ** self.random.randrange(-9, 9),
                    self.random.random() < 0.8,
                )
                for _ in range(3)
            }
            self.project.annotate(key, points, author=self.random.choice(["Ada", "Zoë “Z”"]))

    def clear(self) -> None:
        if key := self.key():
            self.project.delete_annotations(key, range(self.random.randrange(4)))

    def copy(self) -> None:
        first, second = self.key(), self.key()
        if first and second and self.project.annotations(first):
            self.project.copy_annotations(first, second, "Bo")

    def cells(self) -> tuple[np.ndarray, np.ndarray]:
        """Frames and landmarks, often so many that they are stored together."""
        count, chosen = len(self.project.skeleton().names), self.random.randrange(1, 40)
        frames = [self.random.randrange(6) for _ in range(chosen)]
        landmarks = [self.random.randrange(count) for _ in range(chosen)]
        return np.array(frames, np.int64), np.array(landmarks, np.int64)

    def accept(self) -> None:
        if key := self.key():
            frames, landmarks = self.cells()
            self.project.add_annotations(
                key.video_id,
                key.subject,
                frames,
                landmarks,
                np.array([[self.random.random(), 1.0]] * len(frames)),
                [f"accepted:{self.random.random():.2f}:m" for _ in frames],
                author="Ada",
                text="Accept",
            )

    def reject(self) -> None:
        if key := self.key():
            place = (key.video_id, self.model, key.subject)
            self.project.add_rejections(*place, *self.cells(), "Reject")

    def take_back(self) -> None:
        if key := self.key():
            self.project.take_back_rejections(key.video_id, self.model, key.subject, 0, 4)

    def remove_subject(self) -> None:
        subjects = self.project.subjects()
        if len(subjects) > 1:
            self.project.remove_subject(self.random.choice(subjects[1:]).id)

    def skeleton(self) -> None:
        count = self.random.randrange(1, 7)
        names = tuple(f"{self.random.random()}" for _ in range(count))
        pairs = tuple(
            (self.random.randrange(count), self.random.randrange(count))
            for _ in range(self.random.randrange(4))
        )
        self.project.set_skeleton(Skeleton(names, pairs, pairs[1:]))

    def rename(self) -> None:
        if self.project.skeleton().names:
            self.project.rename_landmark(0, f"name {self.random.random()}")

    def subject(self) -> None:
        if self.random.random() < 0.5:
            self.project.add_subject(f"subject {self.random.random()}")
        else:
            self.project.rename_subject(0, f"first {self.random.random()}")

    def crop(self) -> None:
        if key := self.key():
            text = None if self.random.random() < 0.3 else f"[{self.random.random()}]"
            self.project.set_crop_track_json(key.video_id, key.subject, text)

    def add_video(self) -> None:
        name = f"{self.random.randrange(10**9)}.mp4"
        add(self.project, clip(self.path.parent, name, name.encode()), frame_count=6)

    def remove_video(self) -> None:
        if (key := self.key()) and len(self.project.videos()) > 1:
            self.project.remove_video(key.video_id)

    def relink(self) -> None:
        if key := self.key():
            video = self.project.video(key.video_id)
            moved = clip(
                self.path.parent, f"moved/{self.random.random()}", bytes.fromhex(video.fingerprint)
            )
            self.project.relink(video.id, moved, video.fingerprint)

    def group(self) -> None:
        with self.project.grouped("Several things"):
            self.annotate()
            self.rename()
            self.subject()

    def automatic(self) -> None:
        """Something that no person does, and what it has to mean for all other states."""
        texts = (self.project.undo_text, self.project.redo_text)
        self.random.choice([self.found_crop] * 3 + [self.found_skeleton, self.found_video])()
        assert (self.project.undo_text, self.project.redo_text) == texts

    def found_crop(self) -> None:
        if key := self.key():
            with self.project.automatic():
                self.project.set_crop_track_json(
                    key.video_id, key.subject, f"[{self.random.random()}]"
                )

            def stands_on(state: State) -> object:
                return (
                    key.video_id in {row[0] for row in state["video"]},
                    key.subject in {row[0] for row in state["subject"]},
                    [row for row in state["crop_track"] if row[:2] == (key.video_id, key.subject)],
                )

            def written(state: State, now: State) -> None:
                of_it = [
                    row for row in now["crop_track"] if row[:2] == (key.video_id, key.subject)
                ]
                others = [row for row in state["crop_track"] if row[:2] != of_it[0][:2]]
                state["crop_track"] = sorted(others + of_it)

            self.woven(stands_on, written)

    def found_skeleton(self) -> None:
        with self.project.automatic():
            self.skeleton()
        together = ("landmark", "skeleton_link", "annotation", "rejection")

        def stands_on(state: State) -> object:
            return [state[table] for table in together]

        def written(state: State, now: State) -> None:
            state.update({table: now[table] for table in together})

        self.woven(stands_on, written)

    def found_video(self) -> None:
        with self.project.automatic():
            self.add_video()
        (new,) = (row for row in tables(self.project)["video"] if row not in self.here["video"])
        self.woven(lambda _: None, lambda state, _: state["video"].append(new))

    @property
    def here(self) -> State:
        return self.states[self.at]

    def woven(
        self, stands_on: Callable[[State], object], written: Callable[[State, State], None]
    ) -> None:
        """Expect it in every state, to both sides, up to an edit of what it stands on."""
        now, before = tables(self.project), stands_on(self.here)
        for course in (range(self.at, -1, -1), range(self.at + 1, len(self.states))):
            for number in course:
                if stands_on(self.states[number]) != before:
                    break
                written(self.states[number], now)
        assert self.here == now

    def undo(self) -> None:
        assert self.project.undo_text == (self.texts[self.at - 1] if self.at else None)
        text = self.project.undo()
        if self.at:
            self.at -= 1
            assert text == self.texts[self.at]
        else:
            assert text is None
        assert tables(self.project) == self.states[self.at]

    def redo(self) -> None:
        text = self.project.redo()
        if self.at < len(self.texts):
            assert text == self.texts[self.at]
            self.at += 1
        else:
            assert text is None
        assert tables(self.project) == self.states[self.at]

    def reopen(self) -> None:
        self.project.close()
        self.project = Project.open(self.path)
        assert tables(self.project) == self.states[self.at]


@pytest.mark.parametrize("automatic", [0, 5], ids=["by hand", "with automatic writes"])
@pytest.mark.parametrize("seed", range(4))
def test_undo_and_redo_restore_every_row_over_any_course_of_edits(
    tmp_path: Path, seed: int, automatic: int
) -> None:
    person = Person(tmp_path / "p.limner", seed)
    person.skeleton()
    person.add_video()
    person.states = [tables(person.project)]
    with person.project._database.transaction():
        person.project._database.write("DELETE FROM history")
    doings: list[Callable[[], None]] = [person.edit] * 12 + [person.undo] * 4
    doings += [person.redo] * 3 + [person.reopen] + [person.automatic] * automatic
    for _ in range(150):
        person.random.choice(doings)()
    assert person.at > 20
    while person.at:
        person.undo()
    assert person.project.undo() is None
    person.reopen()
    while person.at < len(person.texts):
        person.redo()
    assert person.project.redo() is None
    assert person.project.check() == []
    person.project.close()


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
