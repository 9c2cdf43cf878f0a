"""Undo and redo over any course of edits: a person at random, every row compared."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import pytest

from limner_engine.project import Project
from limner_engine.types import FrameKey, Skeleton
from project_samples import add, clip, info, tables

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
