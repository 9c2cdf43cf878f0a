"""The panel of named landmarks and its drawings."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QPointF
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QMainWindow

from drawn_video import draw_video
from limner_app import theme
from limner_app import window as starting
from limner_app.action_set import ActionSet
from limner_app.actions import ACTIONS
from limner_app.document import Document
from limner_app.flows import Flows
from limner_app.naming import Namer
from limner_app.naming_commands import NamingCommands
from limner_app.naming_figures import NamingFigures
from limner_app.views.edit_lack import Lack, what_is_missing
from limner_app.views.naming_drawings import (
    CalibrationDrawing,
    Drawing,
    ErrorDrawing,
    LearningDrawing,
    rounded_up,
)
from limner_app.views.naming_panel import NamingPanel
from limner_app.views.naming_table import ERROR, LABELS, LAYER, NAME, SEEN
from limner_engine.types import ModelInfo, Skeleton
from small_engine import SmallEngine, small_figures, small_model

NAMES = Skeleton(("snout", "left ear", "tail base"))


def _figures(**changed: Any) -> NamingFigures:
    figures = {**small_figures(3, 6), **changed}
    return NamingFigures.of(ModelInfo("named", "Names", {}, NAMES, {"figures": figures}))


class Parts:
    def __init__(self, panel: NamingPanel, document: Document) -> None:
        self.panel, self.document, self.namer = panel, document, panel.namer

    def labelled(self, frame: int, *landmarks: int) -> None:
        self.document.show(frame)
        assert starting.wait_until(lambda: self.document.frame_index == frame)
        for landmark in landmarks:
            self.document.place(landmark, 30.0 + landmark, 40.0)

    def text(self, row: int, column: int) -> str:
        return str(self.panel.table.rows.index(row, column).data())


@pytest.fixture
def parts(qapp: Any, tmp_path: Path) -> Iterator[Parts]:
    theme.apply(qapp, "dark")
    loop = starting.make_loop(qapp)
    errors: list[BaseException] = []
    flows, document = Flows(errors.append), Document()
    namer = Namer(document, SmallEngine(), flows)
    window = QMainWindow()
    panel = NamingPanel(
        namer, ActionSet(window, {spec.id: lambda *_: None for spec in ACTIONS}, set)
    )
    window.setCentralWidget(panel)
    window.resize(356, 560)
    window.show()
    document.create(tmp_path / "a.limner")
    document.add_videos([draw_video(tmp_path / "a.mp4", n=12, size=(160, 128))])
    yield Parts(panel, document)
    namer.close()
    loop.run_until_complete(flows.stop())
    document.close()
    window.close()
    asyncio.get_event_loop().close()
    assert errors == []


def test_it_says_what_will_be_here_and_how_to_begin(parts: Parts) -> None:
    assert parts.panel.empty.isVisible()
    parts.document.set_skeleton(NAMES)
    assert not parts.panel.empty.isVisible()
    assert parts.panel.switch.isChecked()
    assert parts.panel.note() == "label a frame to begin"
    assert parts.panel.error.isHidden()
    assert "5" in parts.panel.status.words.text()


def test_rows_tell_labels_layer_and_error(parts: Parts) -> None:
    parts.document.set_skeleton(NAMES)
    parts.labelled(0, 0, 1, 2)
    parts.labelled(3, 0, 1)
    assert starting.wait_until(lambda: parts.namer.shown and parts.namer.labels == 2)
    assert starting.wait_until(lambda: parts.panel.note() == "2 frames labelled")
    assert [parts.text(1, c) for c in (NAME, LABELS, LAYER, ERROR)] == [
        "left ear", "2", "trained", "3.0",
    ]  # fmt: skip
    assert parts.text(2, LABELS) == "1"
    assert parts.text(0, LAYER) == "quick"
    assert "3.0 px" in parts.panel.error.text()
    assert parts.panel.table.isColumnHidden(SEEN)
    assert starting.wait_until(lambda: bool(parts.panel.more.text()))
    assert parts.panel.more.text() == "10 more labels: from 4.0 to about 2.6 px."
    # A landmark that is hidden somewhere makes the share worth telling.
    parts.document.hide(0)
    assert starting.wait_until(lambda: not parts.panel.table.isColumnHidden(SEEN))
    assert parts.text(0, SEEN) == "50 %"
    parts.document.select(2)
    assert parts.panel.table.currentIndex().row() == 2


def test_the_switch_switches_and_another_model_on_screen_is_told(parts: Parts) -> None:
    parts.document.set_skeleton(NAMES)
    parts.labelled(0, 0, 1, 2)
    assert starting.wait_until(lambda: parts.namer.shown)
    assert parts.panel.show_names.isHidden() or not parts.panel._other_row.isVisible()
    parts.panel.switch.click()
    assert not parts.namer.on
    assert "off" in parts.panel.status.words.text()


def test_figures_of_a_file_that_says_nothing_are_none() -> None:
    none = NamingFigures.of(ModelInfo("named", "Names", {}, NAMES))
    assert none == NamingFigures.of(None)
    assert math.isnan(none.overall_px)
    assert none.layer_of(0) == ""
    gaps = _figures(error_px=[None, 2.0, None], calibration=None)
    assert math.isnan(gaps.error_of(0))
    assert gaps.error_of(1) == 2.0
    assert gaps.stated == ()


def test_a_layer_that_has_hardly_learned_is_known_as_such() -> None:
    figures = NamingFigures(first_px=(4.0, 4.0, math.nan), second_px=(7.0, 90.0, 3.0))
    assert [figures.hardly_trained(landmark) for landmark in range(4)] == [
        False, True, False, False,
    ]  # fmt: skip


def test_curves_stay_until_they_are_measured_anew() -> None:
    measured = _figures()
    bare = _figures(calibration=None, learning_curve=None, error_px=[1.0, 1.0, 1.0])
    kept = bare.with_curves_of(measured)
    assert kept.stated == measured.stated
    assert kept.more_px == measured.more_px
    assert kept.error_px == (1.0, 1.0, 1.0)
    assert measured.with_curves_of(NamingFigures()) == measured


def _ink(drawing: Drawing, figures: NamingFigures) -> int:
    """How many pixels differ from the same drawing without figures."""
    pictures = []
    for shown in (NamingFigures(), figures):
        drawing.show_figures(shown, NAMES)
        drawing.resize(200, drawing.height_px)
        picture = drawing.grab().toImage().convertToFormat(QImage.Format.Format_RGB888)
        rows = np.frombuffer(picture.constBits(), np.uint8).reshape(picture.height(), -1)
        pictures.append(rows.copy())
    return int((pictures[0] != pictures[1]).sum())


@pytest.mark.parametrize("kind", [CalibrationDrawing, LearningDrawing, ErrorDrawing])
def test_drawings_draw_what_is_known(parts: Parts, kind: type[Drawing]) -> None:
    del parts
    drawing = kind()
    assert _ink(drawing, _figures()) > 200
    nothing = _figures(
        calibration={"stated": [None], "observed": [0.5], "count": [1], "radius_px": 4.0},
        learning_curve={"labels": [2], "error_px": [None], "more": 10, "expected_px": None},
        error_px=[None] * 3,
        error_px_first=[None] * 3,
        error_px_second=[None] * 3,
    )
    assert _ink(drawing, nothing) < 200


def test_the_mouse_over_a_column_tells_both_layers(parts: Parts) -> None:
    del parts
    drawing = ErrorDrawing()
    drawing.show_figures(_figures(), NAMES)
    drawing.resize(200, drawing.height_px)
    middle = drawing.area().center()
    assert drawing.told_at(middle) == "left ear\nquick: 5.0 px\ntrained: 3.0 px"
    assert drawing.told_at(QPointF(0, 0)) == ""


def test_axes_end_at_round_numbers() -> None:
    assert [rounded_up(v) for v in (0.07, 1.0, 1.2, 4.9, 6.0, 130.0)] == [0.1, 1, 2, 5, 10, 200]


@pytest.mark.parametrize("count", [3, 17])
def test_drawings_are_in_sight_however_many_landmarks_there_are(parts: Parts, count: int) -> None:
    skeleton = Skeleton.numbered(count)
    parts.document.set_skeleton(skeleton)
    parts.labelled(0, *range(count))
    assert starting.wait_until(lambda: bool(parts.panel.more.text()))
    panel = parts.panel
    for drawing in (panel.learning, panel.calibration):
        low = drawing.mapTo(panel, drawing.rect().bottomLeft()).y()
        assert low < panel.height(), (drawing, low)
    rows_px = panel.table.viewport().height()
    assert rows_px >= 24 * min(count, 5)
    if count == 3:
        assert rows_px < 24 * 4  # no empty room below the rows


def test_edit_offers_the_model_that_names_are_made_from(parts: Parts, tmp_path: Path) -> None:
    document, commands = parts.document, NamingCommands(parts.namer)
    base = small_model(tmp_path / "base.safetensors")
    document.set_model(base)
    document.set_skeleton(NAMES)
    parts.labelled(0, 0, 1, 2)
    assert starting.wait_until(lambda: parts.namer.shown)
    lack = what_is_missing(document)
    assert "cannot redraw" in lack.reason
    assert lack.action == "use_base"
    assert "based" in commands.conditions()
    commands.handlers()["use_base"]()
    assert document.model_path == base
    assert not parts.namer.shown
    assert what_is_missing(document) == Lack()
    assert commands.conditions() & {"based", "named"} == {"named"}
