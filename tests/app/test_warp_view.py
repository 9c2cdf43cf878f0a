"""Warp against a small engine: what is asked, drawn, held, remembered and said."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import qasync
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from drawn_video import draw_video
from limner_app.document import Document
from limner_app.flows import Flows
from limner_app.views.warp_view import WarpView, in_video
from limner_engine.cropping import CropSetting, CropTrack
from limner_engine.errors import EngineError
from limner_engine.inference.frame_warp import Alternative, FrameWarp, SourcePlaces, WarpPair
from limner_engine.types import Crop
from warp_files import warp_file

SIDES = (4, 8, 16)
CROP = Crop(60.0, 50.0, 80.0)
LEFT = Qt.MouseButton.LeftButton
Run = Callable[[Coroutine[Any, Any, None]], None]


class SmallEngine:
    """Everything comes from a quarter of the crop to the right."""

    def __init__(self) -> None:
        self.warps: list[tuple[WarpPair, int | None]] = []
        self.pixels: list[tuple[float, float, int | None]] = []
        self.searched: list[Path] = []
        self.error: EngineError | None = None
        self.gate: asyncio.Event | None = None
        self.sure = True

    async def warp(self, pair: WarpPair, level: int | None = None) -> FrameWarp | None:
        self.warps.append((pair, level))
        if self.gate is not None:
            await self.gate.wait()
        if self.error is not None:
            raise self.error
        level = len(SIDES) - 1 if level is None else level
        side = SIDES[level]
        flow = np.zeros((side, side, 2), np.float32)
        flow[..., 0] = side / 4
        ones = np.ones((side, side), np.float32)
        redrawn = np.full((side, side, 3), 40 * (level + 1), np.uint8)
        confidence = 0.8 * ones if self.sure else None
        return FrameWarp(
            level, SIDES, redrawn, flow, flow, 0.5 * ones, ones, 0.1 * ones, confidence
        )

    async def warp_pixel(
        self, pair: WarpPair, x_px: float, y_px: float, level: int | None = None, most: int = 5
    ) -> SourcePlaces | None:
        self.pixels.append((x_px, y_px, level))
        share = np.zeros((8, 8), np.float32)
        share[3, 5], share[1, 1] = 0.75, 0.25
        places = (Alternative(x_px + 20, y_px, 0.75), Alternative(40.0, 30.0, 0.25))
        return SourcePlaces(2 if level is None else level, share, places[:most])

    async def find_crops(
        self, video: Path, setting: CropSetting, on_progress: Any = None, *, apart: bool = False
    ) -> CropTrack:
        self.searched.append(video)
        return CropTrack.fixed(Crop(30.0, 30.0, 40.0))


def hover(canvas: QWidget, at: QPoint) -> None:
    """The mouse comes to a place; told to this widget, whatever else lies on the screen there."""
    where, none = QPointF(at), Qt.MouseButton.NoButton
    keys = Qt.KeyboardModifier.NoModifier
    event = QMouseEvent(QEvent.Type.MouseMove, where, canvas.mapToGlobal(where), none, none, keys)
    QApplication.sendEvent(canvas, event)


@pytest.fixture
def run(qapp: Any) -> Iterator[Run]:
    loop = qasync.QEventLoop(qapp)
    asyncio.set_event_loop(loop)
    yield lambda work: loop.run_until_complete(asyncio.wait_for(work, 20))
    loop.close()


@pytest.fixture
def document(qapp: Any, tmp_path: Path) -> Iterator[Document]:
    made = Document()
    made.create(tmp_path / "fox.limner")
    made.add_videos(
        [
            draw_video(tmp_path / "fox.mp4", n=12, size=(160, 128)),
            draw_video(tmp_path / "owl.mp4", n=6, size=(96, 80)),
        ]
    )
    made.set_crop_track(CropTrack.fixed(CROP))
    made.set_model(warp_file(tmp_path / "warps.safetensors"))
    made.show(5)
    yield made
    made.close()


@pytest.fixture
def engine() -> SmallEngine:
    return SmallEngine()


@pytest.fixture
def errors() -> list[BaseException]:
    return []


@pytest.fixture
def view(
    qtbot: Any, document: Document, engine: SmallEngine, errors: list[BaseException], run: Run
) -> WarpView:
    made = WarpView(document, engine, Flows(errors.append))
    qtbot.addWidget(made)
    made.resize(1000, 460)

    async def settle() -> None:
        await until(lambda: document.frame_index == 5)
        made.show()
        await until(lambda: made.live.fresh)

    run(settle())
    return made


async def until(holds: Callable[[], bool]) -> None:
    while not holds():
        await asyncio.sleep(0.005)


def at(view: WarpView, name: str, x: float, y: float) -> QPoint:
    return view.canvas.position_of(name, (x, y)).toPoint()


def test_source_and_target_are_asked_with_their_crops(
    view: WarpView, document: Document, engine: SmallEngine
) -> None:
    pair, level = engine.warps[-1]
    assert (pair.source.frame, pair.target.frame, level) == (0, 5, None)
    assert pair.source.crop == pair.target.crop == CROP
    assert pair.model == document.warp_model_path
    assert view.empty_text == ""
    assert "warped" in view.abilities
    assert view.bar.level.side.text() == "16 × 16"
    assert document.model_path is None, "a model of warps finds no landmarks"


def test_the_source_stays_while_the_target_goes_on(
    view: WarpView, document: Document, engine: SmallEngine, run: Run
) -> None:
    async def play() -> None:
        engine.gate = asyncio.Event()
        for frame in (6, 7, 8, 9):
            document.show(frame)
            await until(lambda frame=frame: document.frame_index == frame)  # type: ignore[misc]
            await asyncio.sleep(0)
        engine.gate.set()
        await until(lambda: view.live.fresh)

    run(play())
    asked = [pair.target.frame for pair, _level in engine.warps]
    assert asked == [5, 6, 9], "while one is made only the newest waits"
    assert {pair.source.frame for pair, _level in engine.warps} == {0}
    assert view.live.pair is not None
    assert view.live.pair.target.frame == 9


def test_the_mouse_on_any_picture_of_the_target_asks_for_the_same_place(
    view: WarpView, engine: SmallEngine, run: Run
) -> None:
    canvas = view.canvas
    wanted = in_video((0.25, 0.5), CROP)

    for name in ("target", "redrawn", "flow", "confidence", "difference"):
        engine.pixels.clear()
        hover(canvas, at(view, name, 0.25, 0.5))
        run(until(lambda: bool(engine.pixels) and bool(canvas.likely)))
        x, y, _level = engine.pixels[-1]
        assert (x, y) == pytest.approx(wanted, abs=1), name
        canvas.let_go()
        assert canvas.likely == []


def test_the_mouse_on_the_source_asks_for_what_comes_from_there(
    view: WarpView, engine: SmallEngine, run: Run
) -> None:
    hover(view.canvas, at(view, "source", 0.75, 0.5))
    run(until(lambda: bool(engine.pixels)))
    place = view.canvas.place
    assert place is not None
    assert place[0] == pytest.approx(0.5, abs=0.07), "all moved by a quarter of the crop"


def test_alternatives_stand_in_the_source_with_their_shares(
    view: WarpView, engine: SmallEngine, run: Run
) -> None:
    hover(view.canvas, at(view, "target", 0.5, 0.5))
    run(until(lambda: bool(view.canvas.likely)))
    (x, y, share), (_x, _y, other) = view.canvas.likely
    assert (share, other) == (0.75, 0.25)
    assert x == pytest.approx(0.75, abs=0.02)
    assert y == pytest.approx(0.5, abs=0.02)
    words = view.foot.summary.text()
    assert "75 %" in words
    assert "25 %" in words
    assert "confidence 80 %" in words
    assert view.canvas.accessibleDescription() == words


def test_a_click_holds_the_place_while_the_target_goes_on(
    view: WarpView, document: Document, engine: SmallEngine, run: Run
) -> None:
    canvas = view.canvas

    async def hold() -> None:
        await until(lambda: bool(canvas.likely))
        asked = len(engine.pixels)
        document.show(8)
        await until(lambda: len(engine.pixels) > asked and view.live.fresh)

    QTest.mouseClick(canvas, LEFT, pos=at(view, "target", 0.3, 0.4))
    hover(canvas, at(view, "target", 0.8, 0.8))
    run(hold())
    assert canvas.held
    assert canvas.place == pytest.approx((0.3, 0.4), abs=0.01)
    QTest.mouseClick(canvas, LEFT, pos=at(view, "target", 0.3, 0.4))
    QTest.keyClick(canvas, Qt.Key.Key_Backspace)
    assert not canvas.held
    assert canvas.place is None


def test_keys_move_the_place(view: WarpView, engine: SmallEngine, run: Run) -> None:
    canvas = view.canvas
    alt, shift = Qt.KeyboardModifier.AltModifier, Qt.KeyboardModifier.ShiftModifier
    QTest.keyClick(canvas, Qt.Key.Key_Right, alt)
    assert canvas.held
    assert canvas.place == pytest.approx((0.5 + 1 / 128, 0.5))
    QTest.keyClick(canvas, Qt.Key.Key_Up, alt | shift)
    assert canvas.place == pytest.approx((0.5 + 1 / 128, 0.5 - 10 / 128))
    run(until(lambda: bool(engine.pixels)))
    # Without it Qt would take Shift for held in whatever is tested next.
    QTest.keyClick(canvas, Qt.Key.Key_Escape)
    assert canvas.place is None


def test_a_level_is_asked_and_remembered(
    view: WarpView, document: Document, engine: SmallEngine, run: Run
) -> None:
    view.bar.level.step(-1)
    run(until(lambda: view.live.fresh))
    assert engine.warps[-1][1] == 1
    assert view.bar.level.side.text() == "8 × 8"
    view.bar.level.step(1)
    run(until(lambda: view.live.fresh))
    assert engine.warps[-1][1] is None
    assert document.project is not None


def test_choices_are_the_projects(
    view: WarpView, document: Document, engine: SmallEngine, qtbot: Any, run: Run
) -> None:
    view.bar.arrows.setChecked(True)
    view.bar.heat.setChecked(False)
    view.bar.level.step(-2)
    document.show(7)
    run(until(lambda: document.frame_index == 7))
    view.take_source_from_here()
    view.hide()
    again = WarpView(document, engine, Flows(pytest.fail))
    qtbot.addWidget(again)
    again.show()
    run(until(lambda: again.live.fresh))
    assert again.bar.arrows.isChecked()
    assert not again.bar.heat.isChecked()
    pair, level = engine.warps[-1]
    assert (pair.source.frame, level) == (7, 0)


def test_another_video_is_the_source_with_its_own_crop(
    view: WarpView, document: Document, engine: SmallEngine, run: Run
) -> None:
    assert document.project is not None
    assert document.video is not None
    owl = document.project.videos()[1]
    view.bar.source.chosen.emit(2, owl.id)

    async def settle() -> None:
        await until(lambda: engine.warps[-1][0].source.video == owl.path and view.live.fresh)

    run(settle())
    pair, _level = engine.warps[-1]
    assert engine.searched == [owl.path]
    assert (pair.source.frame, pair.source.crop) == (2, Crop(30.0, 30.0, 40.0))
    view.swap()

    async def swapped() -> None:
        await until(lambda: view.live.fresh and engine.warps[-1][0].target.video == owl.path)
        await until(lambda: document.frame_index == 2)
        await until(lambda: view.live.fresh and engine.warps[-1][0].source.frame == 5)

    run(swapped())
    assert document.video.id == owl.id


def test_what_fails_is_told_and_mends_itself(
    view: WarpView, document: Document, engine: SmallEngine, run: Run
) -> None:
    told: list[tuple[str, str, str]] = []
    document.message.connect(lambda *words: told.append(words))
    engine.error = EngineError("This frame cannot be read.", "Choose another one.")
    document.show(6)
    run(until(lambda: bool(told)))
    assert told == [("error", "This frame cannot be read.", "Choose another one.")]
    assert view.live.warp is None
    assert not view.live.fresh
    engine.error = None
    document.show(7)
    run(until(lambda: view.live.fresh))
    assert view.live.warp is not None


def test_without_a_confidence_nothing_is_made_up(
    view: WarpView, document: Document, engine: SmallEngine, run: Run
) -> None:
    engine.sure = False
    document.show(6)
    run(until(lambda: view.live.fresh and view.live.pair is not None))
    run(until(lambda: view.live.pair is not None and view.live.pair.target.frame == 6))
    view.canvas.grab()
    hover(view.canvas, at(view, "confidence", 0.5, 0.5))
    assert "confidence" not in view.foot.summary.text()


def test_nothing_is_asked_while_nobody_looks(
    view: WarpView, document: Document, engine: SmallEngine, run: Run
) -> None:
    view.hide()
    asked = len(engine.warps)
    document.show(9)
    run(until(lambda: document.frame_index == 9))
    assert len(engine.warps) == asked
    view.show()
    run(until(lambda: view.live.fresh))
    assert engine.warps[-1][0].target.frame == 9


def test_empty_places_say_what_helps(
    view: WarpView, document: Document, run: Run, tmp_path: Path
) -> None:
    wished: list[str] = []
    view.mend_wished.connect(wished.append)
    button = view._empty.button
    assert button is not None
    assert document.warp_model is not None
    file = document.warp_model.path
    file.rename(tmp_path / "elsewhere")
    document.models_changed.emit()
    assert "not there any more" in view.empty_text
    button.click()
    document.warp_model = None
    document.models_changed.emit()
    assert "model of warps" in view.empty_text
    assert not view.bar.source.isEnabled()
    button.click()
    document.close()
    document.video_changed.emit()
    assert "Open a video" in view.empty_text
    button.click()
    assert wished == ["add_model", "learn_warps", "open_videos"]
    assert view.abilities == frozenset()


@pytest.mark.parametrize("size", [(1100, 420), (620, 700), (400, 260)])
def test_pictures_are_apart_and_within(view: WarpView, size: tuple[int, int]) -> None:
    view.canvas.resize(*size)
    panes = list(view.canvas.panes().values())
    whole = view.canvas.rect()
    for number, pane in enumerate(panes):
        assert whole.contains(pane.toAlignedRect()), size
        assert pane.top() >= 20, "its words stand above it"
        assert not any(pane.intersects(other) for other in panes[:number])
    assert view.canvas.position_of("source", (0.0, 0.0)) == QPointF(panes[0].topLeft())
