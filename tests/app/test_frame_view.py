"""The frame view and its tools: where the mouse is, there the landmark goes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from drawn_video import draw_video
from limner_app.document import Document
from limner_app.tools.crop import CropTool, changed_track
from limner_app.tools.crop_box import corners
from limner_app.tools.label import LabelTool
from limner_app.views.frame_view import FrameView
from limner_app.views.landmark_marks import draw_chip
from limner_app.views.shown_picture import ShownPicture
from limner_engine.cropping import CropTrack
from limner_engine.types import Crop, Skeleton

LEFT, RIGHT, MIDDLE = (
    Qt.MouseButton.LeftButton,
    Qt.MouseButton.RightButton,
    Qt.MouseButton.MiddleButton,
)


@pytest.fixture
def view(qtbot: QtBot, tmp_path: Path) -> Iterator[FrameView]:
    document = Document()
    document.create(tmp_path / "a.limner")
    document.add_videos([draw_video(tmp_path / "a.mp4", n=12, size=(160, 128))])
    document.set_skeleton(Skeleton(("a", "b", "c"), edges=((0, 1), (1, 2))))
    made = FrameView(document)
    made.tool = LabelTool(made)
    qtbot.addWidget(made)
    made.resize(816, 656)
    made._new_video()
    made.show()
    qtbot.waitExposed(made)
    yield made
    document.close()


def _at(view: FrameView, x: float, y: float) -> QPoint:
    return view.to_screen(x, y).toPoint()


def test_fitting_maps_the_edges_of_pixels_to_the_edges_of_the_picture(view: FrameView) -> None:
    assert view.scale == pytest.approx(5.0)
    corner = view.to_screen(-0.5, -0.5)
    other = view.to_screen(159.5, 127.5)
    assert (corner.x(), corner.y()) == pytest.approx((8.0, 8.0))
    assert (other.x(), other.y()) == pytest.approx((808.0, 648.0))


def test_there_and_back(view: FrameView) -> None:
    view.zoom(2.7, QPointF(100, 80))
    x, y = view.to_video(view.to_screen(33.25, 71.75))
    assert (x, y) == pytest.approx((33.25, 71.75))


def test_zoom_keeps_the_point_under_the_cursor(view: FrameView) -> None:
    before = view.to_video(QPointF(210, 330))
    for factor in (1.5, 3.0, 0.4):
        view.zoom(factor, QPointF(210, 330))
        assert view.to_video(QPointF(210, 330)) == pytest.approx(before, abs=1e-6)
    view.zoom_to(1.0)
    assert view.scale == pytest.approx(1.0 / view.devicePixelRatioF())
    view.fit()
    assert view.scale == pytest.approx(5.0)


def test_clicks_place_the_missing_landmarks_one_by_one(view: FrameView) -> None:
    document = view.document
    for x, y in ((20, 30), (60, 40), (100, 90)):
        QTest.mouseClick(view, LEFT, pos=_at(view, x, y))
    known = document.landmarks()
    assert known.missing() == []
    np.testing.assert_allclose(known.points, [[20, 30], [60, 40], [100, 90]], atol=0.15)
    QTest.mouseClick(view, LEFT, pos=_at(view, 140, 20))
    assert document.selected is None
    assert document.landmarks().missing() == []


def test_a_selected_missing_landmark_is_placed_first(view: FrameView) -> None:
    view.document.select(2)
    QTest.mouseClick(view, LEFT, pos=_at(view, 50, 50))
    assert view.document.landmarks().missing() == [0, 1]


def test_a_drag_is_one_edit_and_writes_nothing_before_release(
    view: FrameView, qtbot: QtBot
) -> None:
    document = view.document
    document.place(0, 40, 40)
    assert document.project is not None
    revision = document.project.revision
    QTest.mousePress(view, LEFT, pos=_at(view, 40, 40))
    for step in range(1, 11):
        QTest.mouseMove(view, _at(view, 40 + 3 * step, 40 + step))
        assert document.project.revision == revision
    assert view.dragged is not None
    QTest.mouseRelease(view, LEFT, pos=_at(view, 70, 50))
    assert document.project.revision == revision + 1
    np.testing.assert_allclose(document.landmarks().points[0], [70, 50], atol=0.25)
    document.undo()
    np.testing.assert_allclose(document.landmarks().points[0], [40, 40])


def test_a_click_on_a_landmark_selects_and_moves_nothing(view: FrameView) -> None:
    document = view.document
    document.place(1, 80, 60)
    assert document.project is not None
    revision = document.project.revision
    QTest.mouseClick(view, LEFT, pos=_at(view, 80.5, 60))
    assert document.selected == 1
    assert document.project.revision == revision


def test_right_click_hides_and_shows(view: FrameView) -> None:
    view.document.place(0, 40, 40)
    QTest.mouseClick(view, RIGHT, pos=_at(view, 40, 40))
    assert not view.document.landmarks().visible[0]
    QTest.mouseClick(view, RIGHT, pos=_at(view, 40, 40))
    assert view.document.landmarks().visible[0]


def test_middle_drag_pans(view: FrameView) -> None:
    before = view.to_screen(0, 0)
    QTest.mousePress(view, MIDDLE, pos=QPoint(100, 100))
    QTest.mouseMove(view, QPoint(160, 130))
    QTest.mouseRelease(view, MIDDLE, pos=QPoint(160, 130))
    moved = view.to_screen(0, 0) - before
    assert (moved.x(), moved.y()) == pytest.approx((60, 30))


def test_space_plays_unless_it_pans(view: FrameView, qtbot: QtBot) -> None:
    wished: list[bool] = []
    view.play_wished.connect(lambda: wished.append(True))
    QTest.keyPress(view, Qt.Key.Key_Space)
    QTest.keyRelease(view, Qt.Key.Key_Space)
    assert wished == [True]
    QTest.keyPress(view, Qt.Key.Key_Space)
    QTest.mousePress(view, LEFT, pos=QPoint(100, 100))
    QTest.mouseMove(view, QPoint(130, 130))
    QTest.mouseRelease(view, LEFT, pos=QPoint(130, 130))
    QTest.keyRelease(view, Qt.Key.Key_Space)
    assert wished == [True]
    assert view.document.landmarks().missing() == [0, 1, 2]


def test_painting_shows_the_landmark(view: FrameView) -> None:
    before = view.grab().toImage()
    view.document.place(0, 80, 64)
    after = view.grab().toImage()
    at = _at(view, 80, 64)
    ratio = after.devicePixelRatio()
    ring = [(round((at.x() + dx) * ratio), round(at.y() * ratio)) for dx in (4, 5, 6)]
    assert any(before.pixel(x, y) != after.pixel(x, y) for x, y in ring)


def test_crop_corner_and_inside(view: FrameView) -> None:
    document = view.document
    document.set_crop_track(CropTrack.fixed(Crop(80, 60, 60)))
    view.tool = CropTool(view)
    corner = corners(view, document.crop())[2].toPoint()
    QTest.mousePress(view, LEFT, pos=corner)
    QTest.mouseMove(view, corner + QPoint(50, 50))
    QTest.mouseRelease(view, LEFT, pos=corner + QPoint(50, 50))
    crop = document.crop()
    assert crop.side_px == pytest.approx(70, abs=0.3)
    # The opposite corner stays where it was.
    assert crop.centre_x_px - crop.side_px / 2 == pytest.approx(50, abs=0.3)
    start = _at(view, 80, 60)
    QTest.mousePress(view, LEFT, pos=start)
    QTest.mouseMove(view, start + QPoint(-25, 10))
    QTest.mouseRelease(view, LEFT, pos=start + QPoint(-25, 10))
    moved = document.crop()
    assert moved.centre_x_px - crop.centre_x_px == pytest.approx(-5, abs=0.1)
    assert moved.side_px == pytest.approx(crop.side_px)
    document.undo()
    document.undo()
    assert document.crop() == Crop(80, 60, 60)


def test_a_crop_that_follows_goes_on_following() -> None:
    track = CropTrack(
        np.array([0, 10]), np.array([[50, 50, 40, 0], [70, 50, 40, 0]], np.float32), "face"
    )
    after = changed_track(track, 0, Crop(60, 50, 40), Crop(63, 48, 80))
    assert after.mode == "hand"
    np.testing.assert_allclose(after.values[:, :3], [[53, 48, 80], [73, 48, 80]])


def test_the_picture_is_scaled_once_a_frame_or_zoom(view: FrameView) -> None:
    view.grab()
    made = view._picture.made
    for _ in range(3):
        view.document.select(1)
        view.document.select(None)
        view.grab()
    assert view._picture.made == made
    view.zoom(1.3)
    view.grab()
    assert view._picture.made == made + 1


def test_a_frame_larger_than_its_place_is_averaged(qtbot: QtBot) -> None:
    image = np.zeros((240, 320, 3), np.uint8)
    image[:, ::8] = 255  # thin lines that sampling would lose or thicken
    shown = ShownPicture()
    shown.set_image(image)
    canvas = QImage(40, 30, QImage.Format.Format_RGB32)
    with QPainter(canvas) as painter:
        shown.paint(painter, QRectF(0, 0, 40, 30), QRectF(0, 0, 40, 30), 1.0)
    greys = {QColor(canvas.pixel(x, 15)).red() for x in range(40)}
    assert greys <= set(range(30, 35))


def test_painting_asks_the_project_for_nothing(
    view: FrameView, monkeypatch: pytest.MonkeyPatch
) -> None:
    view.grab()
    assert view.document.project is not None
    asked: list[None] = []
    monkeypatch.setattr(view.document.project, "skeleton", lambda: asked.append(None))
    view.grab()
    assert asked == []


def test_labels_of_neighbours_do_not_cover_each_other() -> None:
    canvas = QImage(400, 200, QImage.Format.Format_RGB32)
    taken: list[QRectF] = []
    with QPainter(canvas) as painter:
        for at in (QPointF(200, 100), QPointF(210, 104), QPointF(196, 128), QPointF(396, 60)):
            draw_chip(painter, at, "mouth corner", QRectF(0, 0, 400, 200), taken)
    assert len(taken) == 4
    for i, place in enumerate(taken):
        assert QRectF(0, 0, 400, 200).contains(place)
        assert not any(place.intersects(other) for other in taken[:i])
