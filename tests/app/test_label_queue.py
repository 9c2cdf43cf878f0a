"""What to label next: over all videos, with reasons, and the way there."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from drawn_video import draw_video
from limner_app import label_queue, theme
from limner_app import window as starting
from limner_app.document import Document
from limner_app.flows import Flows
from limner_app.label_queue import COUNT, LabelQueue
from limner_app.naming import Namer
from limner_app.views.label_list import LabelList
from small_engine import SmallEngine, small_model

FRAMES = 60


class Parts:
    def __init__(self, document: Document, queue: LabelQueue, listed: LabelList) -> None:
        self.document, self.queue, self.listed = document, queue, listed

    def predict(self, video: int, lost: int) -> None:
        """Landmarks that move slowly; in one frame one of them leaps, and nobody is sure."""
        number = self.document.model_id
        assert number is not None
        turn = np.linspace(0, 4 * np.pi, FRAMES, dtype=np.float32) + video
        way = np.stack([np.sin(turn), np.cos(1.7 * turn)], axis=-1)
        bases = np.array([[40, 40], [90, 50], [60, 90]], np.float32)
        points = bases + 14 * way[:, None] * np.array([[1.0], [-1.0], [0.4]], np.float32)
        confidence = np.full((FRAMES, 3), 0.9, np.float32)
        points[lost, 2] += 40
        confidence[lost, 2] = 0.1
        videos = self.document.project.videos() if self.document.project else []
        self.document.store_predictions(
            videos[video].id, number, 0, points.astype(np.float32), confidence
        )

    def listed_frames(self) -> list[tuple[int, int]]:
        return [(entry.video_id, entry.frame) for entry in self.queue.entries]


@pytest.fixture
def parts(qapp: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Parts]:
    monkeypatch.setattr(label_queue, "_WAIT_MS", 20)
    theme.apply(qapp, "dark")
    loop = starting.make_loop(qapp)
    errors: list[BaseException] = []
    flows, document = Flows(errors.append), Document()
    namer = Namer(document, SmallEngine(), flows)
    queue = LabelQueue(document, namer, flows)
    listed = LabelList(queue)
    listed.resize(204, 400)
    listed.show()
    document.create(tmp_path / "a.limner")
    paths = [tmp_path / f"{name}.mp4" for name in "ab"]
    document.add_videos([draw_video(path, n=FRAMES, size=(160, 128)) for path in paths[:1]])
    document.add_videos(
        [draw_video(paths[1], n=FRAMES, size=(160, 144))]  # another size is another file
    )
    document.set_model(small_model(tmp_path / "m.safetensors", count=3))
    yield Parts(document, queue, listed)
    namer.close()
    queue.close()
    loop.run_until_complete(flows.stop())
    document.close()
    listed.close()
    asyncio.get_event_loop().close()
    assert errors == []


def test_lost_frames_of_all_videos_are_listed_with_reasons(parts: Parts) -> None:
    parts.predict(0, lost=20)
    parts.predict(1, lost=33)
    assert starting.wait_until(lambda: {e.video_id for e in parts.queue.entries} == {1, 2})
    entries = parts.queue.entries
    assert len(entries) <= COUNT
    (lost,) = [e for e in entries if (e.video_id, e.frame) == (1, 20)]
    assert lost.video == "a"
    assert {"point 3 jumps", "unsure of point 3"} <= set(lost.reasons)
    assert parts.listed.list.count() == len(entries)
    assert parts.listed.count.text() == f"next {len(entries)}"
    # Pictures follow.
    assert starting.wait_until(lambda: all(parts.queue.picture(e) for e in entries))
    assert 20 in parts.queue.frames_here()


def test_a_click_and_a_key_go_there_whichever_video_it_is_of(parts: Parts) -> None:
    parts.predict(0, lost=20)
    parts.predict(1, lost=33)
    assert starting.wait_until(lambda: {e.video_id for e in parts.queue.entries} == {1, 2})
    row, entry = next((i, e) for i, e in enumerate(parts.queue.entries) if e.video_id == 2)
    place = parts.listed.list.visualItemRect(parts.listed.list.item(row)).center()
    QTest.mouseClick(parts.listed.list.viewport(), Qt.MouseButton.LeftButton, pos=place)
    document = parts.document
    assert starting.wait_until(lambda: document.frame_index == entry.frame)
    assert parts.queue.is_here(entry)
    assert parts.listed.list.currentRow() == row
    # The key goes on to the one after it.
    following = parts.queue.entries[(row + 1) % len(parts.queue.entries)]
    assert parts.queue.go_next()
    assert starting.wait_until(lambda: parts.queue.is_here(following))


def test_what_is_labelled_leaves_the_list(parts: Parts) -> None:
    parts.predict(0, lost=20)
    assert starting.wait_until(lambda: (1, 20) in parts.listed_frames())
    parts.queue.go(next(e for e in parts.queue.entries if e.frame == 20))
    assert starting.wait_until(lambda: parts.document.frame_index == 20)
    parts.document.place(2, 60, 90)
    # It stays while it is on screen, until the list is made anew.
    assert starting.wait_until(lambda: (1, 20) not in parts.listed_frames())
    assert parts.queue.labelled == 1
    assert parts.listed.count.text().startswith("1 labelled")


def test_a_single_look_suggests_nothing(parts: Parts) -> None:
    number, video = parts.document.model_id, parts.document.video
    assert number is not None
    assert video is not None
    points = np.full((1, 3, 2), 40, np.float32)
    parts.document.store_predictions(video.id, number, 0, points, np.ones((1, 3), np.float32))
    assert starting.wait_until(lambda: not parts.queue._timer.isActive())
    assert starting.wait_until(lambda: parts.queue._work is not None and parts.queue._work.done())
    assert parts.queue.entries == []
    assert not parts.listed.words.isHidden()
    assert not parts.queue.go_next()
