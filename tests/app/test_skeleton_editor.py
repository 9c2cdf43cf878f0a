"""The window in which landmarks are named, joined and paired."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest
from PySide6.QtCore import QMimeData, QModelIndex, QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox, QLineEdit
from pytestqt.qtbot import QtBot

from drawn_video import draw_video
from limner_app import main_window, opening
from limner_app import window as starting
from limner_app.document import Document
from limner_app.views.skeleton_editor import SkeletonEditor
from limner_app.views.skeleton_layout import layout_of
from limner_app.views.skeleton_rows import COUNT, NAME, PAIR
from limner_engine.types import Skeleton
from small_engine import SmallEngine, small_model


def _type(editor: SkeletonEditor, text: str) -> None:
    QTest.keyClicks(editor.panel.name, text)
    QTest.keyClick(editor.panel.name, Qt.Key.Key_Return)


def _click(editor: SkeletonEditor, landmark: int) -> None:
    place = editor.canvas.places()[landmark]
    assert place is not None
    QTest.mouseClick(editor.canvas, Qt.MouseButton.LeftButton, pos=place.toPoint())


def _cell(editor: SkeletonEditor, row: int, column: int) -> str:
    return str(editor.list.rows.index(row, column).data())


def test_a_mouse_is_made_by_typing_and_clicking(
    editor: SkeletonEditor, document: Document
) -> None:
    assert editor.empty.isVisible()
    _type(editor, "nose")
    _type(editor, " left ear, right ear ,, tail ")
    assert not editor.empty.isVisible()
    assert editor.panel.name.text() == ""
    for landmark in (1, 2, 3):
        _click(editor, 0)
        _click(editor, landmark)
    assert "left ear and right ear look like a pair" in editor.panel.suggestion.text()
    editor.panel.pair_all.click()
    assert not editor.panel.pair_all.isVisible()
    mouse = Skeleton(
        ("nose", "left ear", "right ear", "tail"), ((0, 1), (0, 2), (0, 3)), ((1, 2),)
    )
    assert document.skeleton == mouse
    _click(editor, 3)
    _click(editor, 0)
    assert document.skeleton.edges == ((0, 1), (0, 2))
    undone = [document.undo() for _ in range(7)]
    assert undone == [
        "Part tail and nose",
        "Pair left and right by name",
        "Join nose and tail",
        "Join nose and right ear",
        "Join nose and left ear",
        "Add 3 landmarks",
        "Add nose",
    ]
    assert editor.empty.isVisible()


def test_names_that_cannot_be_are_told_and_change_nothing(
    editor: SkeletonEditor, document: Document
) -> None:
    document.set_skeleton(Skeleton(("a", "b")))
    _type(editor, "c, a")
    assert "“a” already" in editor.foot.words.text()
    assert editor.panel.name.text() == "c, a", "it can be mended"
    editor.list.rows.setData(editor.list.rows.index(1, NAME), "a")
    assert "“a” already" in editor.foot.words.text()
    editor.list.rows.setData(editor.list.rows.index(1, NAME), " ")
    assert "blank" in editor.foot.words.text()
    editor.list.rows.setData(editor.list.rows.index(1, NAME), "x" * 81)
    assert "80 characters" in editor.foot.words.text()
    assert document.skeleton == Skeleton(("a", "b"))
    document.undo()
    assert editor.foot.words.text() == "", "the next step forgets it"


def test_renaming_in_the_list_keeps_annotations_and_the_drawing(
    qtbot: QtBot, editor: SkeletonEditor, document: Document
) -> None:
    document.set_skeleton(Skeleton(("a", "b", "c")))
    document.place(1, 30, 40)
    _drag(editor, 1, QPoint(-30, 25))
    before = layout_of(document)
    editor.list.edit_name(1)
    line = editor.list.findChild(QLineEdit)
    assert line is not None
    line.setText("ear")
    QTest.keyClick(line, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: document.skeleton.names == ("a", "ear", "c"))
    assert document.landmarks().origin[1] == "person"
    np.testing.assert_allclose(layout_of(document), before)


def _drag(editor: SkeletonEditor, landmark: int, by: QPoint) -> None:
    place = editor.canvas.places()[landmark]
    assert place is not None
    at = place.toPoint()
    QTest.mousePress(editor.canvas, Qt.MouseButton.LeftButton, pos=at)
    QTest.mouseMove(editor.canvas, at + by / 2)
    QTest.mouseMove(editor.canvas, at + by)
    QTest.mouseRelease(editor.canvas, Qt.MouseButton.LeftButton, pos=at + by)


def test_dragging_a_dot_lays_out_the_drawing_and_nothing_else(
    editor: SkeletonEditor, document: Document
) -> None:
    document.set_skeleton(Skeleton(("a", "b", "c")))
    before, edits = layout_of(document), document.project.revision
    _drag(editor, 0, QPoint(40, 60))
    after = layout_of(document)
    assert (after[0] > before[0]).all()
    np.testing.assert_allclose(after[1:], before[1:], atol=1e-4)
    assert document.project.revision == edits
    document.set_skeleton(Skeleton(tuple("abcdefgh")))
    np.testing.assert_allclose(layout_of(document)[:3], after, atol=1e-4)
    document.undo()
    editor.arrange("circle")
    np.testing.assert_allclose(layout_of(document), before, atol=1e-4)


def test_rows_are_dragged_and_their_annotations_go_along(
    editor: SkeletonEditor, document: Document
) -> None:
    document.set_skeleton(Skeleton(("a", "b", "c"), ((0, 1),), ((0, 2),)))
    document.place(2, 50, 60)
    rows = editor.list.rows
    data = rows.mimeData([rows.index(2, NAME), rows.index(2, PAIR)])
    rows.dropMimeData(data, Qt.DropAction.MoveAction, 0, 0, QModelIndex())
    assert document.skeleton == Skeleton(("c", "a", "b"), ((1, 2),), ((1, 0),))
    assert document.landmarks().points[0].tolist() == [50, 60]
    assert editor.list.chosen() == [0]
    QTest.keyClick(editor.list, Qt.Key.Key_Down, Qt.KeyboardModifier.AltModifier)
    assert document.skeleton.names == ("a", "c", "b")
    assert editor.list.chosen() == [1]
    assert not rows.dropMimeData(QMimeData(), Qt.DropAction.MoveAction, 0, 0, QModelIndex()), (
        "nothing else can be dropped"
    )
    assert document.undo() == "Reorder landmarks"
    assert document.undo() == "Reorder landmarks"
    assert document.landmarks().points[2].tolist() == [50, 60]


def test_removing_annotated_landmarks_asks_and_can_be_undone(
    editor: SkeletonEditor, document: Document
) -> None:
    document.set_skeleton(Skeleton(("a", "b", "c")))
    for frame in (0, 3):
        document.project.annotate(document.key(frame), {1: (9, 9, True)}, author="Ada")
    document.place(2, 50, 60)
    editor.list.choose(0)
    editor.panel.remove.click()
    assert document.skeleton.names == ("b", "c"), "nothing is lost, so nothing is asked"
    assert _cell(editor, 0, COUNT) == "2"
    editor.list.choose(0)
    QTest.keyClick(editor.list, Qt.Key.Key_Delete)
    assert editor.question.isVisible()
    assert editor.question.words.text().startswith("b: 2 annotations go too.")
    assert document.skeleton.names == ("b", "c")
    QTest.keyClick(editor.question, Qt.Key.Key_Escape)
    assert not editor.question.isVisible()
    assert editor.isVisible()
    editor.remove([0, 1])
    assert "b, c: 3 annotations" in editor.question.words.text()
    editor.question.go_on.click()
    assert document.skeleton.names == ()
    editor.step_history(True)
    assert document.skeleton.names == ("b", "c")
    assert editor.foot.words.text() == "Undone: Remove 2 landmarks"
    assert document.landmarks().points[1].tolist() == [50, 60]


def test_an_open_question_goes_when_the_skeleton_does(
    editor: SkeletonEditor, document: Document
) -> None:
    document.set_skeleton(Skeleton(("a", "b")))
    document.place(1, 5, 5)
    editor.remove([1])
    assert editor.question.isVisible()
    document.set_skeleton(Skeleton(("b", "a")))
    assert not editor.question.isVisible()
    editor.question.go_on.click()
    assert document.skeleton.names == ("b", "a")


def test_pairs_are_clicked_left_then_right_and_chosen_in_the_list(
    editor: SkeletonEditor, document: Document
) -> None:
    document.set_skeleton(Skeleton(("right hand", "left hand", "x", "y")))
    QTest.keyClick(editor, Qt.Key.Key_P)
    _click(editor, 3)
    _click(editor, 2)
    assert document.skeleton.symmetries == ((3, 2),)
    assert (_cell(editor, 2, PAIR), _cell(editor, 3, PAIR)) == ("y", "x")
    tip = editor.list.rows.index(2, PAIR).data(Qt.ItemDataRole.ToolTipRole)
    assert tip == "y is left, x is right"
    _click(editor, 3)
    _click(editor, 2)
    assert document.skeleton.symmetries == ()
    # In the list the names say which is left.
    index = editor.list.rows.index(0, PAIR)
    editor.list.edit(index)
    box = editor.list.findChild(QComboBox)
    assert box is not None
    assert [box.itemText(i) for i in range(box.count())] == ["–", "left hand", "x", "y"]
    box.setCurrentIndex(1)
    box.activated.emit(1)
    assert document.skeleton.symmetries == ((1, 0),)
    editor.list.rows.setData(index, None)
    assert document.skeleton.symmetries == ()


def test_the_keyboard_alone_joins_two(editor: SkeletonEditor, document: Document) -> None:
    document.set_skeleton(Skeleton(("top", "right", "bottom", "left")))
    canvas = editor.canvas
    canvas.setFocus()
    for key in (Qt.Key.Key_Down, Qt.Key.Key_Space, Qt.Key.Key_Right):
        QTest.keyClick(canvas, key)
    assert (canvas.start, document.selected) == (0, 1)
    assert "Click what top is joined to" in editor.bar.hint.text()
    QTest.keyClick(canvas, Qt.Key.Key_Return)
    assert document.skeleton.edges == ((0, 1),)
    QTest.keyClick(canvas, Qt.Key.Key_Space)
    QTest.keyClick(canvas, Qt.Key.Key_Escape)
    assert canvas.start is None
    assert editor.isVisible(), "the first Esc lets go of the dot alone"


def test_the_drawing_lies_over_the_frame(editor: SkeletonEditor, document: Document) -> None:
    document.set_skeleton(Skeleton(("a", "b", "c")))
    document.place(0, 40, 40)
    document.place(1, 80, 40)
    editor.bar.over_frame.click()
    places = editor.canvas.places()
    assert places[2] is None
    assert places[0] is not None
    assert places[1] is not None
    assert places[0].y() == pytest.approx(places[1].y())
    assert 0 < places[0].x() < places[1].x() < editor.canvas.width()
    assert "2 of 3 are placed in frame 0" in editor.bar.hint.text()
    _click(editor, 0)
    _click(editor, 1)
    assert document.skeleton.edges == ((0, 1),)
    editor.arrange("frame")
    editor.bar.over_frame.click()
    made = layout_of(document)
    assert made[0, 1] == pytest.approx(made[1, 1])
    assert made[0, 0] < made[1, 0]


def test_a_selection_is_that_of_the_window(editor: SkeletonEditor, document: Document) -> None:
    document.set_skeleton(Skeleton(("a", "b", "c")))
    document.select(2)
    assert editor.list.chosen() == [2]
    assert editor.canvas.selected == 2
    editor.list.choose(1)
    assert document.selected == 1
    editor.move_rows([1], 0)
    assert document.selected == 0
    _click(editor, 2)
    assert document.selected == 2


def test_how_a_models_landmarks_hang_together_is_said(
    editor: SkeletonEditor, document: Document, tmp_path: Path
) -> None:
    document.set_model(small_model(tmp_path / "m.safetensors", count=4))
    assert "they are these, in this order" in editor.panel.about.text()
    document.rename(0, "nose")
    editor.use_model()
    assert document.skeleton == Skeleton.numbered(4), "its names come back"
    document.undo()
    # Numbers are all that tells a model's landmarks once they are named.
    editor.move_rows([0], 4)
    assert "4 of them will go by another name" in editor.question.words.text()
    editor.question.keep.click()
    assert document.skeleton.names[0] == "nose"
    editor.add("tail")
    assert "finds 4 landmarks, here are 5" in editor.panel.about.text()
    editor.remove([1])
    assert "will go by another name" in editor.question.words.text()


def test_while_hidden_it_asks_nothing_of_the_project(
    editor: SkeletonEditor, document: Document, monkeypatch: pytest.MonkeyPatch
) -> None:
    editor.hide()
    asked: list[None] = []
    monkeypatch.setattr(
        document.project, "annotation_counts", lambda: asked.append(None) or np.zeros(1)
    )
    document.set_skeleton(Skeleton(("a",)))
    document.place(0, 4, 4)
    assert asked == []
    editor.show()
    assert asked
    assert editor.list.rows.rowCount() == 1


def test_the_window_opens_it_and_asks_there_before_a_template_costs_labels(
    qtbot: QtBot, qapp: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (main_window, opening):
        monkeypatch.setattr(module, "bundled_models", dict)
    loop = starting.make_loop(qapp)
    window = main_window.MainWindow(cast(Any, SmallEngine()))
    window.show()
    assert not window.actions_by_id["skeleton"].isEnabled()
    window.open_videos([draw_video(tmp_path / "a.mp4", n=12, size=(160, 128))])
    assert starting.wait_until(
        lambda: window.document.video is not None and not window.detector.working
    )
    window.commands.use_template("mouse")
    window.document.place(0, 5, 5)
    window.commands.use_template("body-13")
    assert window.document.skeleton.names[0] == "nose"
    (editor,) = window.findChildren(SkeletonEditor)
    assert editor.isVisible()
    assert "nose: 1 annotation" in editor.question.words.text()
    editor.question.go_on.click()
    assert window.document.skeleton.names[0] == "head"
    assert window.landmark_table.model.rowCount() == 13
    editor.close()
    window.actions_by_id["skeleton"].trigger()
    assert window.findChildren(SkeletonEditor) == [editor]
    assert editor.isVisible()
    window.close()
    assert starting.wait_until(window.closed.is_set)
    loop.close()
