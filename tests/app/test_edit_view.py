"""Edit against a small engine: what is dragged, drawn, kept and taken back."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import qasync
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from drawn_video import draw_video
from limner_app.document import Document
from limner_app.views.edit_view import EditView
from limner_app.views.frame_edits import FrameEdit
from limner_engine.cropping import CropSetting, CropTrack
from limner_engine.errors import EngineError
from limner_engine.types import Crop, Landmarks, ModelInfo, Skeleton

SIZE = 32
LEFT = Qt.MouseButton.LeftButton
Run = Callable[[Coroutine[Any, Any, None]], None]


class SmallEngine:
    """Finds four landmarks that depend on the frame, draws one colour."""

    def __init__(self) -> None:
        self.holds: list[tuple[int, object]] = []
        self.redraws: list[np.ndarray] = []
        self.delay_s = 0.0
        self.error: Exception | None = None
        self.models: list[Path] = []
        self.held = False
        self.searched: list[Path] = []

    async def hold(
        self, model: Path, video: Path, frame: int, crop: Crop, looks: Any = None
    ) -> Landmarks:
        self.models.append(model)
        if self.error is not None:
            raise self.error
        self.holds.append((frame, looks))
        self.held = True
        points = np.array([[60, 60], [100, 60], [80, 90], [80, 120]], np.float32) + frame
        return Landmarks(points, np.ones(4, np.float32))

    async def find_crops(
        self, video: Path, setting: CropSetting, on_progress: Any = None, *, apart: bool = False
    ) -> CropTrack:
        self.searched.append(video)
        return CropTrack.fixed(Crop(50.0, 40.0, 60.0))

    async def redraw(self, points_px: np.ndarray, *, sharp: bool = True) -> np.ndarray:
        if not self.held:
            raise EngineError("No frame is held to be redrawn.")
        self.redraws.append(np.array(points_px))
        await asyncio.sleep(self.delay_s)
        return np.full((SIZE, SIZE, 3), (200, len(self.redraws) % 250, 40), np.uint8)


@pytest.fixture
def run(qapp: Any) -> Iterator[Run]:
    loop = qasync.QEventLoop(qapp)
    asyncio.set_event_loop(loop)
    yield lambda work: loop.run_until_complete(asyncio.wait_for(work, 60))
    loop.close()


@pytest.fixture
def document(qapp: Any, tmp_path: Path) -> Iterator[Document]:
    made = Document()
    made.create(tmp_path / "fox.limner")
    made.add_videos([draw_video(tmp_path / "fox.mp4", n=12, size=(192, 160))])
    made.model_path = tmp_path / "fox.safetensors"
    made.model_info = ModelInfo("imm", "fox", {}, Skeleton(("a", "b", "c", "d")))
    made.set_skeleton(made.model_info.skeleton)
    made.show(0)
    yield made
    made.close()


@pytest.fixture
def engine() -> SmallEngine:
    return SmallEngine()


@pytest.fixture
def view(qtbot: Any, document: Document, engine: SmallEngine, run: Run) -> EditView:
    made = EditView(document, engine)
    qtbot.addWidget(made)
    made.resize(700, 420)

    async def settle() -> None:
        made.show()
        document.models_changed.emit()
        await until(lambda: made.drawing.found is not None)

    run(settle())
    return made


async def until(holds: Callable[[], bool]) -> None:
    while not holds():
        await asyncio.sleep(0.005)


async def drag(view: EditView, landmark: int, by: QPoint, after: bool = True) -> None:
    canvas = view.canvas
    start = canvas.place_of(landmark, after).toPoint()
    QTest.mousePress(canvas, LEFT, pos=start)
    for step in range(1, 6):
        QTest.mouseMove(canvas, start + by * step / 5)
        await asyncio.sleep(0.01)
    await until(lambda: view.drawing.patch is not None)
    QTest.mouseRelease(canvas, LEFT, pos=start + by)
    await asyncio.sleep(0.05)


@pytest.mark.parametrize("after", [True, False])
def test_the_picture_follows_the_mouse(
    view: EditView, engine: SmallEngine, run: Run, after: bool
) -> None:
    async def check() -> None:
        canvas, start = view.canvas, view.canvas.place_of(1, after).toPoint()
        QTest.mousePress(canvas, LEFT, pos=start)
        QTest.mouseMove(canvas, start + QPoint(20, 10))
        # The dot at once, before any answer of the engine.
        moved = canvas.place_of(1, after).toPoint() - (start + QPoint(20, 10))
        assert moved.manhattanLength() <= 1
        assert not engine.redraws
        await until(lambda: view.drawing.patch is not None)
        assert engine.redraws[-1][1, 0] > 100
        assert view.drawing.found is not None
        assert np.array_equal(engine.redraws[-1][[0, 2, 3]], view.drawing.found[[0, 2, 3]])
        assert not view.handles_undo()
        QTest.mouseRelease(canvas, LEFT, pos=start + QPoint(20, 10))
        assert view.undo_text == "Move b"
        await asyncio.sleep(0.05)

    run(check())
    assert engine.holds == [(0, None)]


def test_the_newest_position_wins(view: EditView, engine: SmallEngine, run: Run) -> None:
    async def check() -> None:
        engine.delay_s = 0.1
        canvas, start = view.canvas, view.canvas.place_of(0, True).toPoint()
        QTest.mousePress(canvas, LEFT, pos=start)
        for step in range(40):
            QTest.mouseMove(canvas, start + QPoint(step, 0))
            await asyncio.sleep(0.002)
        last = canvas.points[0, 0]
        await until(lambda: bool(engine.redraws) and engine.redraws[-1][0, 0] == last)
        QTest.mouseRelease(canvas, LEFT, pos=start + QPoint(39, 0))
        await asyncio.sleep(0.25)

    run(check())
    assert len(engine.redraws) < 20


def test_an_edit_is_kept_and_can_be_taken_back(
    view: EditView, document: Document, run: Run
) -> None:
    async def check() -> None:
        await drag(view, 2, QPoint(15, -9))
        await drag(view, 3, QPoint(-12, 6))
        assert document.project is not None
        stored = document.project.setting("picture_edit/1/0/0", None)
        assert sorted(FrameEdit.from_json(stored).moved) == [2, 3]
        assert not document.annotated_frames().size
        assert view.undo() == "Move d"
        assert view.undo() == "Move c"
        assert view.undo() is None
        await until(lambda: view.drawing.patch is None)
        assert document.project.setting("picture_edit/1/0/0", None) is None
        assert view.redo() == "Move c"
        # Undo goes to the frame it speaks of.
        document.show(5)
        await until(lambda: document.frame_index == 5)
        view.undo()
        await until(lambda: document.frame_index == 0)
        assert view.redo_text == "Move c"

    run(check())


def test_the_edit_is_there_again_after_leaving_the_frame(
    view: EditView, document: Document, run: Run
) -> None:
    async def check() -> None:
        await drag(view, 0, QPoint(10, 10))
        document.show(7)
        await until(lambda: document.frame_index == 7 and view.drawing.found is not None)
        assert view.drawing.patch is None
        document.show(0)
        await until(lambda: document.frame_index == 0 and view.drawing.patch is not None)
        assert view.canvas.points[0, 0] > 60

    run(check())


def test_reset_one_and_all(view: EditView, run: Run) -> None:
    async def check() -> None:
        await drag(view, 0, QPoint(14, 0))
        await drag(view, 1, QPoint(0, 14))
        at = view.canvas.place_of(1, True).toPoint()
        QTest.mouseDClick(view.canvas, LEFT, pos=at)
        await asyncio.sleep(0.05)
        assert list(view.edit.moved) == [0]
        view.canvas.chosen = 0
        QTest.keyClick(view.canvas, Qt.Key.Key_Up, Qt.KeyboardModifier.AltModifier)
        assert view.edit.moved[0][1] == 59.0
        QTest.keyClick(view.canvas, Qt.Key.Key_Backspace)
        assert view.edit.empty
        view.undo()
        view.reset_all()
        assert view.edit.empty
        assert view.drawing.found is not None
        assert np.array_equal(view.canvas.points, view.drawing.found)
        await asyncio.sleep(0.05)

    run(check())


def test_pose_and_looks_of_another_frame(view: EditView, engine: SmallEngine, run: Run) -> None:
    async def check() -> None:
        view.sources.take_pose_from(4)
        await until(lambda: not view.edit.empty)
        assert view.edit.moved[0] == (64.0, 64.0)
        view.sources.take_looks_from(9)
        await until(lambda: engine.holds[-1][1] is not None)
        frame, looks = engine.holds[-1]
        assert frame == 0
        assert looks[1] == 9  # type: ignore[index]
        await until(lambda: view.drawing.patch is not None)
        view.sources.take_looks_from(None)
        assert view.edit.looks_from is None
        view.sources.take_looks_from(999)
        assert view.edit.looks_from == 11
        await asyncio.sleep(0.05)

    run(check())


def test_pose_and_looks_of_another_video(
    view: EditView, document: Document, engine: SmallEngine, run: Run, tmp_path: Path
) -> None:
    path = draw_video(tmp_path / "hen.mp4", n=8, size=(128, 96))
    (hen,) = document.add_videos([path])
    here, there = document.crop(), Crop(50.0, 40.0, 60.0)

    async def check() -> None:
        view.sources.take_pose_from(3, hen.id)
        await until(lambda: not view.edit.empty)
        # Where the landmark lies in its own square, it lies in ours.
        x, y = view.edit.moved[0]
        assert (x - here.centre_x_px) / here.side_px == pytest.approx((63 - 50) / 60)
        assert (y - here.centre_y_px) / here.side_px == pytest.approx((63 - 40) / 60)
        assert view.undo_text == "Pose from frame 3 of hen.mp4"
        view.sources.own_pose()
        assert view.edit.empty
        view.sources.take_looks_from(5, hen.id)
        await until(lambda: view.edit.looks_from == 5)
        await until(lambda: engine.holds[-1][1] is not None)
        assert engine.holds[-1] == (0, (path, 5, there))
        assert "frame 5 of hen.mp4" in view.foot.summary.text()
        await until(lambda: view.drawing.patch is not None)
        assert engine.searched == [path]  # once, though it was needed twice
        stored = document.project.setting("picture_edit/1/0/0", None)  # type: ignore[union-attr]
        assert FrameEdit.from_json(stored) == view.edit
        assert view.undo() == "Looks from frame 5 of hen.mp4"
        assert view.edit.empty
        await asyncio.sleep(0.05)

    run(check())


def test_looks_of_a_video_that_is_gone_are_said_to_be(
    view: EditView, document: Document, engine: SmallEngine, run: Run, tmp_path: Path
) -> None:
    (hen,) = document.add_videos([draw_video(tmp_path / "hen.mp4", n=8, size=(128, 96))])

    async def check() -> None:
        view.sources.take_looks_from(5, hen.id)
        await until(lambda: view.edit.looks_from == 5)
        document.remove_video(hen.id)
        document.show(1)
        await until(lambda: document.frame_index == 1)
        document.show(0)
        await until(lambda: document.frame_index == 0 and view.drawing.found is not None)
        await asyncio.sleep(0.05)
        assert "not there" in view.foot.summary.text()
        target = view.drawing.aim()
        assert target is not None
        assert target == target.plain

    run(check())


def test_a_frame_of_any_video_is_chosen_by_eye(
    view: EditView, document: Document, qtbot: Any, run: Run, tmp_path: Path
) -> None:
    (hen,) = document.add_videos([draw_video(tmp_path / "hen.mp4", n=8, size=(128, 96))])
    asked: list[tuple[int, int]] = []
    choice = view.bar.looks
    choice.chosen.disconnect()
    choice.chosen.connect(lambda *what: asked.append(what))
    choice.ask()
    picker = choice.picker
    assert picker.videos.count() == 2
    assert picker.number.maximum() == 11
    picker.videos.setCurrentIndex(1)
    assert picker.number.maximum() == 7
    picker.slider.setValue(6)
    assert picker.frame == 6
    qtbot.waitUntil(lambda: not choice.tile.empty)
    choice.use.click()
    assert asked == [(6, hen.id)]


def test_the_saved_picture_is_the_pasted_one(
    view: EditView, document: Document, run: Run, tmp_path: Path
) -> None:
    async def check() -> None:
        await drag(view, 0, QPoint(14, 0))

    run(check())
    frame, after = document.image(), view.picture(both=False)
    assert frame is not None
    assert after is not None
    assert after.shape == frame.shape
    assert not np.array_equal(after, frame)
    both = view.picture()
    assert both is not None
    assert np.array_equal(both[:, :192], frame)
    assert np.array_equal(both[:, 192:], after)
    view.save_picture(tmp_path / "out.png")
    assert (tmp_path / "out.png").stat().st_size > 100
    told: list[tuple[str, str, str]] = []
    document.message.connect(lambda *words: told.append(words))
    view.save_picture(tmp_path / "nowhere" / "out.png")
    assert told[0][0] == "error"


def test_learning_is_asked_to_step_aside_while_dragging(view: EditView, run: Run) -> None:
    busy: list[int] = []
    view.on_busy = lambda: busy.append(1)
    run(drag(view, 0, QPoint(10, 0)))
    assert len(busy) >= 3


def test_the_divider_shows_both_in_one_place(view: EditView, run: Run) -> None:
    view.toggle_divider()
    assert view.canvas.divided
    assert view.canvas.picture(False) == view.canvas.picture(True)
    run(drag(view, 0, QPoint(10, 0)))
    assert list(view.edit.moved) == [0]
    view.toggle_divider()
    assert not view.canvas.divided


def test_what_goes_wrong_is_said(
    view: EditView, document: Document, engine: SmallEngine, run: Run
) -> None:
    told: list[tuple[str, str, str]] = []
    document.message.connect(lambda *words: told.append(words))
    engine.error = EngineError("The engine cannot.", "Try again.")

    async def check() -> None:
        document.show(3)
        await until(lambda: bool(told))

    run(check())
    assert told == [("error", "The engine cannot.", "Try again.")]


def test_empty_places_say_what_they_hold(qtbot: Any, qapp: Any) -> None:
    view = EditView(Document(), SmallEngine())
    qtbot.addWidget(view)
    view.show()
    assert "Open a video" in view.empty_text
    assert not view.bar.save.isEnabled()
