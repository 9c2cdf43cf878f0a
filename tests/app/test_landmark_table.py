"""The table of landmarks."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMainWindow
from pytestqt.qtbot import QtBot

from limner_app.action_set import ActionSet
from limner_app.actions import ACTIONS
from limner_app.document import Document
from limner_app.views.landmark_model import CONFIDENCE, NAME, WHOSE, X, Y
from limner_app.views.landmark_table import LandmarkTable
from limner_engine.types import Landmarks, Skeleton
from small_engine import small_model


@pytest.fixture
def table(qtbot: QtBot, document: Document) -> Iterator[LandmarkTable]:
    window = QMainWindow()
    qtbot.addWidget(window)
    actions = ActionSet(window, {spec.id: lambda *_: None for spec in ACTIONS}, set)
    made = LandmarkTable(document, actions)
    window.setCentralWidget(made)
    window.show()
    yield made
    window.close()


def _text(table: LandmarkTable, row: int, column: int) -> str:
    return str(table.model.index(row, column).data())


def test_it_says_what_will_be_here_while_there_is_nothing(
    table: LandmarkTable, document: Document
) -> None:
    assert table.empty.isVisible()
    document.set_skeleton(Skeleton(("a",)))
    assert not table.empty.isVisible()


def test_rows_tell_whose_they_are(
    table: LandmarkTable, document: Document, tmp_path: Path
) -> None:
    document.set_model(small_model(tmp_path / "m.safetensors", count=3))
    assert document.video is not None
    assert document.model_id is not None
    found = Landmarks(
        np.array([[1, 2], [3.26, 4], [np.nan, np.nan]], np.float32),
        np.array([0.91, 0.3, np.nan], np.float32),
    )
    document.store_frame(document.video.id, document.model_id, 0, found)
    document.move(0, 10, 11)
    assert [_text(table, 0, c) for c in (NAME, X, Y, CONFIDENCE, WHOSE)] == [
        "point 1", "10.0", "11.0", "", "Ada",
    ]  # fmt: skip
    assert [_text(table, 1, c) for c in (X, Y, CONFIDENCE, WHOSE)] == [
        "3.3",
        "4.0",
        "0.30",
        "small",
    ]
    assert [_text(table, 2, c) for c in (X, Y, WHOSE)] == ["–", "–", ""]
    document.hide(0)
    assert "hidden" in _text(table, 0, WHOSE)
    assert "1 of 3" in table.count.text()


def test_names_and_numbers_can_be_typed(table: LandmarkTable, document: Document) -> None:
    document.set_skeleton(Skeleton(("a", "b")))
    document.place(0, 5, 6)
    model = table.model
    assert model.setData(model.index(0, NAME), "nose")
    assert document.skeleton.names == ("nose", "b")
    assert model.setData(model.index(0, X), "7,5")
    assert model.setData(model.index(0, Y), "8.25")
    np.testing.assert_allclose(document.landmarks().points[0], [7.5, 8.25])
    assert not model.setData(model.index(0, X), "far")
    assert not model.setData(model.index(0, NAME), "  ")
    assert not model.setData(model.index(1, X), "3")  # it has no y yet
    editable = model.flags(model.index(0, CONFIDENCE)) & Qt.ItemFlag.ItemIsEditable
    assert not editable


def test_selection_goes_both_ways(table: LandmarkTable, document: Document) -> None:
    document.set_skeleton(Skeleton(("a", "b", "c")))
    table.table.selectRow(2)
    assert document.selected == 2
    document.select(1)
    assert table.table.currentIndex().row() == 1
    document.select(None)
    assert not table.table.selectionModel().hasSelection()


def test_names_have_room_in_the_narrowest_panel(table: LandmarkTable, document: Document) -> None:
    document.set_skeleton(Skeleton(("left eye outer corner", "b")))
    table.setFixedWidth(table.minimumWidth())
    table.grab()
    header = table.table.horizontalHeader()
    assert header.sectionSize(NAME) > header.sectionSize(WHOSE)
    metrics = table.table.fontMetrics()
    assert header.sectionSize(NAME) - 24 > metrics.horizontalAdvance("point 12")


def test_painting_asks_the_project_for_nothing(
    table: LandmarkTable, document: Document, monkeypatch: pytest.MonkeyPatch
) -> None:
    document.set_skeleton(Skeleton(("a", "b", "c")))
    table.grab()
    assert document.project is not None
    asked: list[None] = []
    monkeypatch.setattr(document.project, "skeleton", lambda: asked.append(None))
    table.grab()
    assert asked == []


def test_a_landmark_that_the_model_finds_hidden_is_told(
    table: LandmarkTable, document: Document, tmp_path: Path
) -> None:
    document.set_model(small_model(tmp_path / "m.safetensors", count=2))
    assert document.video is not None
    assert document.model_id is not None
    points = np.array([[3, 4], [np.nan, np.nan]], np.float32)
    found = Landmarks(points, np.array([0.9, 0.13], np.float32))
    document.store_frame(document.video.id, document.model_id, 0, found)
    assert [_text(table, 1, c) for c in (X, Y, CONFIDENCE, WHOSE)] == ["–", "–", "0.13", "hidden"]
    tip = table.model.index(1, WHOSE).data(Qt.ItemDataRole.ToolTipRole)
    assert tip == "Hidden, as small finds"
    # It can be placed all the same, and is a person's then.
    assert document.landmarks().missing() == [1]
    document.place(1, 7, 8)
    assert _text(table, 1, X) == "7.0"
    assert not document.landmarks().unseen.any()
