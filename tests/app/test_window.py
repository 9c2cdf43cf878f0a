"""The window as a whole, with an engine that answers at once."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, cast

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from drawn_video import draw_video
from limner_app import main_window, opening, theme
from limner_app import window as starting
from limner_app.main_window import MainWindow
from limner_app.settings import projects_folder, recent_projects
from limner_engine.errors import VideoError
from limner_engine.video.reader import VideoReader
from small_engine import SmallEngine, small_model

Made = Callable[[], MainWindow]


@pytest.fixture
def engine() -> SmallEngine:
    return SmallEngine()


@pytest.fixture
def make(
    qtbot: QtBot,
    qapp: Any,
    engine: SmallEngine,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Made]:
    bundled = {"sample": small_model(tmp_path / "sample.safetensors", name="sample")}
    monkeypatch.setattr(main_window, "bundled_models", lambda: bundled)
    monkeypatch.setattr(opening, "bundled_models", lambda: bundled)
    theme.apply(qapp, "dark")
    loop = starting.make_loop(qapp)
    windows: list[MainWindow] = []

    def made() -> MainWindow:
        window = MainWindow(cast(Any, engine))
        window.resize(1366, 768)
        window.show()
        windows.append(window)
        return window

    yield made
    for window in windows:
        window.close()
        assert starting.wait_until(window.closed.is_set)
    loop.close()


def _open(window: MainWindow, *paths: Path) -> None:
    window.open_videos(list(paths))
    assert starting.wait_until(
        lambda: window.document.video is not None and not window.detector.working
    )


def test_a_fresh_interpreter_opens_the_window_without_torch() -> None:
    code = "import sys, limner_app.window; print('torch' in sys.modules)"
    out = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout
    assert out.strip() == "False"


def test_the_welcome_page_comes_first(make: Made) -> None:
    window = make()
    assert window.welcome.isVisible()
    assert set(window.welcome.choices) == {"open_sample", "open_videos", "open_project"}
    assert not window.actions_by_id["play"].isEnabled()
    assert not any(dock.isVisible() for dock in window.panels.docks.values())


def test_the_sample_is_one_click_away(make: Made, engine: SmallEngine) -> None:
    window = make()
    QTest.mouseClick(window.welcome.choices["open_sample"], Qt.MouseButton.LeftButton)
    assert starting.wait_until(lambda: "model" in window.document.landmarks().origin)
    assert engine.crops == ["auto"]
    assert window.document.model_info is not None
    assert window.document.model_info.name == "sample"
    assert window.stack.current == "inspect"
    assert window.panels.docks["landmarks"].isVisible()
    # The whole video is one more click.
    assert "250" in window.error_bar.button.text()
    window.error_bar.button.click()
    assert starting.wait_until(lambda: engine.ranges == [(0, 250)])
    assert starting.wait_until(lambda: not window.detector.working)
    assert (window.document.confidence_summary() >= 0).all()


def test_videos_without_a_project_get_one_and_nothing_is_lost(make: Made, tmp_path: Path) -> None:
    video = draw_video(tmp_path / "mouse.mp4", n=12, size=(160, 128))
    window = make()
    _open(window, video)
    window.commands.use_template("mouse")
    window.document.place(0, 12, 13)
    assert [path.name for path in projects_folder().glob("*.limner")] == ["mouse.limner"]
    window.close()
    assert starting.wait_until(window.closed.is_set)
    again = make()
    _open(again, video)
    assert again.document.landmarks().origin[0] == "person"
    assert recent_projects() == [(projects_folder() / "mouse.limner").resolve()]


def test_another_video_of_the_same_name_gets_another_project(make: Made, tmp_path: Path) -> None:
    for folder, count in (("a", 12), ("b", 14)):
        (tmp_path / folder).mkdir()
        draw_video(tmp_path / folder / "same.mp4", n=count, size=(160, 128))
    window = make()
    _open(window, tmp_path / "a" / "same.mp4")
    window.document.close()
    _open(window, tmp_path / "b" / "same.mp4")
    names = sorted(path.name for path in projects_folder().glob("*.limner"))
    assert names == ["same 2.limner", "same.limner"]
    assert window.document.frame_count == 14


def test_dropped_files_are_opened(make: Made, tmp_path: Path) -> None:
    video = draw_video(tmp_path / "dropped.mp4", n=12, size=(160, 128))
    window = make()
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(video))])
    window.dropEvent(
        QDropEvent(
            QPointF(9, 9),
            Qt.DropAction.CopyAction,
            data,
            Qt.MouseButton.LeftButton,
            Qt.KeyboardModifier.NoModifier,
        )
    )
    assert starting.wait_until(lambda: window.document.video is not None)


def test_a_file_that_is_no_video_is_told_above_the_picture(make: Made, tmp_path: Path) -> None:
    text = tmp_path / "notes.mp4"
    text.write_text("no video")
    window = make()
    window.open_videos([text])
    assert starting.wait_until(window.error_bar.isVisible)
    assert window.error_bar.level == "error"
    assert "notes.mp4" in window.error_bar.text.text()
    assert window.document.project is None


def test_a_bug_is_told_with_its_details(make: Made) -> None:
    window = make()
    window.messages.report(ValueError("a very odd thing"))
    assert window.error_bar.level == "error"
    assert "a very odd thing" not in window.error_bar.text.text()
    window.error_bar.details_button.click()
    assert "a very odd thing" in window.error_bar.details.text()


def test_a_missing_video_offers_to_find_it(make: Made, tmp_path: Path) -> None:
    video = draw_video(tmp_path / "gone.mp4", n=12, size=(160, 128))
    window = make()
    _open(window, video)
    assert window.document.project is not None
    path = window.document.project.path
    window.document.close()
    video.unlink()
    window.open_project(path)
    assert window.document.video is None
    with pytest.raises(VideoError) as caught:
        window.document.show_video(1)
    window.messages.report(caught.value)
    assert window.error_bar.button.text() == "Find the file…"
    assert window.actions_by_id["find_moved"].isEnabled()


def test_keys_go_where_they_say(make: Made, tmp_path: Path) -> None:
    window = make()
    _open(window, draw_video(tmp_path / "a.mp4", n=40, size=(160, 128)))
    document = window.document
    window.frame_view.setFocus()
    for key, modifier, frame in (
        (Qt.Key.Key_Right, Qt.KeyboardModifier.NoModifier, 1),
        (Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier, 11),
        (Qt.Key.Key_Left, Qt.KeyboardModifier.NoModifier, 10),
        (Qt.Key.Key_End, Qt.KeyboardModifier.NoModifier, 39),
        (Qt.Key.Key_Home, Qt.KeyboardModifier.NoModifier, 0),
    ):
        QTest.keyClick(window, key, modifier)
        assert starting.wait_until(lambda to=frame: document.frame_index == to, 10), frame
    QTest.keyClick(window, Qt.Key.Key_B)
    assert window.frame_view.shown["crop"]
    QTest.keyClick(window, Qt.Key.Key_3)
    assert window.stack.current == "learn"
    assert not window.panels.docks["landmarks"].isVisible()
    QTest.keyClick(window, Qt.Key.Key_2)
    assert window.stack.current == "edit"
    QTest.keyClick(window, Qt.Key.Key_1)
    assert window.stack.current == "inspect"
    assert window.panels.docks["landmarks"].isVisible()


def test_typing_a_name_steps_no_frames(make: Made, tmp_path: Path) -> None:
    window = make()
    _open(window, draw_video(tmp_path / "a.mp4", n=12, size=(160, 128)))
    window.transport.frame.setFocus()
    window.transport.frame.selectAll()
    QTest.keyClicks(window.transport.frame, "7")
    QTest.keyClick(window.transport.frame, Qt.Key.Key_Return)
    assert starting.wait_until(lambda: window.document.frame_index == 7, 10)


def test_undo_names_what_it_takes_back(make: Made, tmp_path: Path) -> None:
    window = make()
    _open(window, draw_video(tmp_path / "a.mp4", n=12, size=(160, 128)))
    window.commands.use_template("mouse")
    name = window.document.skeleton.names[0]
    window.document.place(0, 5, 5)
    assert window.actions_by_id["undo"].text() == f"Undo: Place {name}"
    window.actions_by_id["undo"].trigger()
    assert window.document.landmarks().origin[0] is None
    assert window.actions_by_id["redo"].text() == f"Redo: Place {name}"


def test_opening_is_no_step_that_undo_takes_back(make: Made, tmp_path: Path) -> None:
    window = make()
    videos = [draw_video(tmp_path / f"{n}.mp4", n=n, size=(160, 128)) for n in (12, 13, 14)]
    _open(window, *videos[:2])
    assert starting.wait_until(lambda: window.document.frame_count == 13)
    assert starting.wait_until(lambda: window.document.crop_track is not None)
    window.document.set_model(small_model(tmp_path / "m.safetensors"))
    assert len(window.document.skeleton.names) == 4
    assert not window.actions_by_id["undo"].isEnabled()
    window.document.undo()
    assert window.document.video is not None
    _open(window, videos[2])
    assert starting.wait_until(lambda: window.document.frame_count == 14)
    assert window.actions_by_id["undo"].isEnabled()
    window.actions_by_id["undo"].trigger()
    assert window.document.project is not None
    assert [video.frame_count for video in window.document.project.videos()] == [12, 13]
    assert not window.actions_by_id["undo"].isEnabled()


@pytest.mark.parametrize("name", ["decord/test_data/corrupted.mp4", "tricky_synth/bad_middle.ts"])
def test_a_damaged_video_says_so_and_is_stepped_through(
    make: Made, data_dir: Path, name: str
) -> None:
    window = make()
    path = data_dir / "tricky" / name
    _open(window, path)
    document, bar = window.document, window.error_bar
    assert document.reader is not None
    health = document.reader.health
    assert bar.level == "warning"
    assert path.name in bar.text.text()
    assert health.sentence() in bar.text.text()
    for wanted in (health.unreadable[0], health.unreadable[-1], 0, health.unreadable[0]):
        document.show(wanted)
        assert starting.wait_until(lambda wanted=wanted: document.frame_index == wanted, 20)
        window.grab()
    assert document.image() is None
    for place in ("edit", "learn", "inspect"):
        window.show_place(place)
        window.grab()
    assert bar.level == "warning"
    # The hint has waited until the warning was read.
    bar.close_button.click()
    assert bar.level == "info"
    assert bar.button.text() == "Learn from this video"


def test_the_layout_is_remembered(make: Made, tmp_path: Path) -> None:
    video = draw_video(tmp_path / "a.mp4", n=12, size=(160, 128))
    window = make()
    _open(window, video)
    window.resize(1200, 700)
    window.actions_by_id["panel_videos"].trigger()
    window.actions_by_id["show_names"].trigger()
    assert not window.panels.docks["videos"].isVisible()
    window.close()
    assert starting.wait_until(window.closed.is_set)
    again = make()
    _open(again, video)
    assert not again.panels.docks["videos"].isVisible()
    assert again.panels.docks["landmarks"].isVisible()
    assert again.frame_view.shown["names"]
    again.actions_by_id["reset_layout"].trigger()
    assert again.panels.docks["videos"].isVisible()


def test_a_range_can_be_cancelled_and_keeps_what_it_found(
    make: Made, engine: SmallEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = make()
    _open(window, draw_video(tmp_path / "a.mp4", n=40, size=(160, 128)))
    window.document.set_model(small_model(tmp_path / "m.safetensors"))

    whole = engine.detect_range

    async def slow(
        model: Path, video: Path, start: int, stop: int, track: Any, chunk: Any, told: Any
    ) -> None:
        await whole(model, video, start, 16, track, chunk, told)
        await asyncio.sleep(60)

    monkeypatch.setattr(engine, "detect_range", slow)
    window.actions_by_id["detect_all"].trigger()
    assert starting.wait_until(lambda: window.status.working)
    assert starting.wait_until(lambda: (window.document.confidence_summary() >= 0).sum() >= 16)
    window.actions_by_id["cancel"].trigger()
    assert starting.wait_until(lambda: not window.detector.working)
    assert not window.status.working
    assert (window.document.confidence_summary() >= 0).sum() == 16


def test_it_fits_a_small_screen(make: Made, tmp_path: Path) -> None:
    window = make()
    _open(window, draw_video(tmp_path / "a.mp4", n=12, size=(160, 128)))
    for place in ("inspect", "edit", "learn"):
        window.show_place(place)
        hint = window.minimumSizeHint()
        assert hint.width() <= 1366, place
        assert hint.height() <= 768 - 40, place  # a taskbar and a title


def test_learning_yields_while_frames_change(
    make: Made, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = make()
    _open(window, draw_video(tmp_path / "a.mp4", n=12, size=(160, 128)))
    asked: list[float] = []
    monkeypatch.setattr(
        window.training, "yield_to_person", lambda seconds=1.0: asked.append(seconds)
    )
    window.document.show(5)
    assert starting.wait_until(lambda: bool(asked))


def test_a_panel_closed_by_its_cross_stays_away(make: Made, tmp_path: Path) -> None:
    window = make()
    _open(window, draw_video(tmp_path / "a.mp4", n=12, size=(160, 128)))
    window.panels.docks["landmarks"].close()
    assert not window.panels.wished["landmarks"]
    assert not window.actions_by_id["panel_landmarks"].isChecked()
    window.show_place("edit")
    window.show_place("inspect")
    assert not window.panels.docks["landmarks"].isVisible()


def test_light_and_dark(make: Made, tmp_path: Path) -> None:
    window = make()
    window.appearance.set_theme("light")
    light = window.palette().window().color().lightness()
    window.appearance.set_theme("dark")
    assert light > 200 > 100 > window.palette().window().color().lightness()
    assert window.actions_by_id["theme_dark"].isChecked()


def test_a_reader_opened_on_another_thread_is_given_away_whole(make: Made, tmp_path: Path) -> None:
    video = draw_video(tmp_path / "a.mp4", n=12, size=(160, 128))
    window = make()
    _open(window, video)
    with VideoReader(video) as reader:
        expected = reader[5]
    image = window.document.image(5)
    assert image is not None
    assert (image == expected).all()
