"""The timeline and the transport."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from drawn_video import draw_video
from limner_app import theme
from limner_app.document import Document
from limner_app.views.timeline import Timeline
from limner_app.views.transport import Player, clock_text
from limner_engine.types import Skeleton
from small_engine import small_model

LEFT = Qt.MouseButton.LeftButton
COUNT = 40


@pytest.fixture
def document(qtbot: QtBot, tmp_path: Path) -> Iterator[Document]:
    made = Document()
    made.create(tmp_path / "a.limner")
    made.add_videos([draw_video(tmp_path / "a.mp4", n=COUNT, size=(160, 128))])
    made.set_skeleton(Skeleton(("a", "b")))
    yield made
    made.close()


@pytest.fixture
def timeline(qtbot: QtBot, document: Document) -> Timeline:
    made = Timeline(document)
    qtbot.addWidget(made)
    made.resize(824, made.height())
    made.show()
    return made


def test_every_frame_can_be_pointed_at(timeline: Timeline) -> None:
    assert [timeline.frame_at(timeline.x_of(i)) for i in range(COUNT)] == list(range(COUNT))
    assert timeline.frame_at(-50) == 0
    assert timeline.frame_at(10_000) == COUNT - 1


def test_a_click_goes_there_and_a_drag_scrubs(qtbot: QtBot, timeline: Timeline) -> None:
    document = timeline.document
    QTest.mouseClick(timeline, LEFT, pos=QPoint(round(timeline.x_of(25)), 20))
    qtbot.waitUntil(lambda: document.frame_index == 25, timeout=10_000)
    QTest.mousePress(timeline, LEFT, pos=QPoint(round(timeline.x_of(5)), 20))
    QTest.mouseMove(timeline, QPoint(round(timeline.x_of(9)), 20))
    QTest.mouseRelease(timeline, LEFT, pos=QPoint(round(timeline.x_of(9)), 20))
    qtbot.waitUntil(lambda: document.frame_index == 9, timeout=10_000)


def test_shift_drag_selects_a_range_and_a_click_drops_it(timeline: Timeline) -> None:
    shift = Qt.KeyboardModifier.ShiftModifier
    QTest.mousePress(timeline, LEFT, shift, QPoint(round(timeline.x_of(20)), 20))
    QTest.mouseMove(timeline, QPoint(round(timeline.x_of(12)), 20))
    QTest.mouseRelease(timeline, LEFT, shift, QPoint(round(timeline.x_of(12)), 20))
    assert timeline.selection == (12, 21)
    QTest.mouseClick(timeline, LEFT, pos=QPoint(round(timeline.x_of(3)), 20))
    assert timeline.selection is None


def test_low_confidence_is_amber_and_the_rest_is_not(timeline: Timeline, tmp_path: Path) -> None:
    document = timeline.document
    document.set_model(small_model(tmp_path / "m.safetensors", count=2))
    assert document.video is not None
    assert document.model_id is not None
    confidence = np.full((COUNT, 2), 0.95, np.float32)
    confidence[30] = 0.1
    points = np.ones((COUNT, 2, 2), np.float32)
    document.store_predictions(document.video.id, document.model_id, 0, points, confidence)
    image = timeline.grab().toImage()
    foot = 2 + 34 + 14  # the lowest row of the band
    ratio = image.devicePixelRatio()

    def hue(frame: int) -> int:
        x = round(timeline.x_of(frame) * ratio)
        return QColor(image.pixel(x, round(foot * ratio) - 1)).hue()

    assert abs(hue(30) - theme.colour("warning").hue()) < 12
    assert abs(hue(10) - theme.colour("accent").hue()) < 12


def test_playing_keeps_the_videos_own_speed(qtbot: QtBot, document: Document) -> None:
    player = Player(document)
    seen: list[int] = []
    document.frame_changed.connect(seen.append)
    with qtbot.waitSignal(player.playing_changed):
        player.toggle()
    qtbot.waitUntil(lambda: not player.playing, timeout=30_000)
    assert seen[-1] == COUNT - 1
    assert seen == sorted(seen)
    # From the end it starts again.
    player.toggle()
    assert player.playing
    player.stop()


def test_time_as_people_read_it() -> None:
    assert clock_text(0) == "0:00.000"
    assert clock_text(62.48) == "1:02.480"
    assert clock_text(3661.0005) == "1:01:01.000"
    assert clock_text(59.9996) == "1:00.000"
