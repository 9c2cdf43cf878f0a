"""Open a video, label it with the mouse, correct, undo, close, open again: all is there."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from drawn_video import draw_video
from limner_app import window as starting
from limner_app.export import project_tables
from limner_app.main_window import MainWindow
from small_engine import SmallEngine

LEFT = Qt.MouseButton.LeftButton
RIGHT = Qt.MouseButton.RightButton


def _opened(video: Path) -> MainWindow:
    window = MainWindow(cast(Any, SmallEngine()))
    window.resize(1366, 768)
    window.show()
    window.open_videos([video])
    assert starting.wait_until(
        lambda: window.document.video is not None and not window.detector.working
    )
    return window


def _closed(window: MainWindow) -> None:
    window.close()
    assert starting.wait_until(window.closed.is_set)


def _go(window: MainWindow, frame: int) -> None:
    window.document.show(frame)
    assert starting.wait_until(lambda: window.document.frame_index == frame, 10)


def test_label_and_undo(qapp: Any, tmp_path: Path) -> None:
    video = draw_video(tmp_path / "mouse.mp4", n=40, size=(160, 128))
    loop = starting.make_loop(starting.make_app())
    window = _opened(video)
    document, view = window.document, window.frame_view
    window.commands.use_template("face-5")
    spots = [(30.0, 40.0), (70.0, 42.0), (50.0, 60.0), (36.0, 84.0), (66.0, 84.0)]

    # Label a frame by clicking, every landmark of the skeleton in turn.
    for x, y in spots:
        QTest.mouseClick(view, LEFT, pos=view.to_screen(x, y).toPoint())
    reach = 0.6 / view.scale + 0.01
    np.testing.assert_allclose(document.landmarks().points, spots, atol=reach)

    # Carry them to another frame, correct one there and hide another.
    _go(window, 10)
    window.actions_by_id["copy_previous"].trigger()
    start, end = view.to_screen(50, 60).toPoint(), view.to_screen(80, 70).toPoint()
    QTest.mousePress(view, LEFT, pos=start)
    QTest.mouseMove(view, (start + end) / 2)
    QTest.mouseMove(view, end)
    QTest.mouseRelease(view, LEFT, pos=end)
    QTest.mouseClick(view, RIGHT, pos=view.to_screen(30, 40).toPoint())
    wanted = document.landmarks()
    np.testing.assert_allclose(wanted.points[2], [80, 70], atol=2 * reach)
    assert not wanted.visible[0]

    # Take everything back, from the other frame, and do it again.
    _go(window, 30)
    for _ in range(3 + len(spots)):
        window.actions_by_id["undo"].trigger()
    assert starting.wait_until(lambda: document.frame_index == 0, 10)
    assert document.annotated_frames().size == 0
    for _ in range(3 + len(spots)):
        window.actions_by_id["redo"].trigger()
    assert starting.wait_until(lambda: document.frame_index == 10, 10)
    again = document.landmarks()
    np.testing.assert_array_equal(again.points, wanted.points)
    assert again.visible.tolist() == wanted.visible.tolist()

    # Marked frames are found by key.
    window.actions_by_id["previous_marked"].trigger()
    assert starting.wait_until(lambda: document.frame_index == 0, 10)

    # A new start has all of it, its history too.
    _go(window, 10)
    _closed(window)
    window = _opened(video)
    document = window.document
    assert document.frame_index == 10
    np.testing.assert_array_equal(document.landmarks().points, wanted.points)
    assert document.project is not None
    assert document.video is not None
    (table,) = project_tables(document.project, [document.video], shown=document.reader)
    np.testing.assert_allclose(table.points[10, 2], wanted.points[2], atol=1e-5)
    assert np.isnan(table.points[10, 0]).all()
    window.actions_by_id["undo"].trigger()
    assert document.landmarks().visible[0]
    _closed(window)
    loop.close()
