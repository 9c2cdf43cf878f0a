"""The window in which poses are drawn by hand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from limner_app.views.pose_controls import count_words
from limner_app.views.pose_editor import SOURCE, PoseEditor
from limner_app.views.pose_frame import TURN, PoseFrame
from limner_engine.priors import pose_edits
from limner_engine.priors.prior import PosePrior
from limner_engine.types import Image, Skeleton
from limner_resources import skeleton_templates

BODY = Skeleton.from_json(skeleton_templates()["body-13"])
WRIST, ELBOW, OTHER_WRIST = (
    BODY.names.index(name) for name in ("left wrist", "left elbow", "right wrist")
)
NONE = Qt.KeyboardModifier.NoModifier
Open = Callable[..., PoseEditor]


@pytest.fixture
def open_editor(qtbot: QtBot) -> Open:
    def make(skeleton: Skeleton = BODY, **given: Any) -> PoseEditor:
        made = PoseEditor(skeleton, **given)
        qtbot.addWidget(made)
        with qtbot.waitActive(made):
            made.show()
        return made

    return make


def _drag(
    editor: PoseEditor, begin: QPointF, by: QPoint, keys: Qt.KeyboardModifier = NONE
) -> None:
    canvas, at = editor.canvas, begin.toPoint()
    QTest.mousePress(canvas, Qt.MouseButton.LeftButton, keys, at)
    # The moves of QTest carry no keys.
    for share in (0.5, 1.0):
        _move(editor, QPointF(at) + QPointF(by) * share, keys)
    QTest.mouseRelease(canvas, Qt.MouseButton.LeftButton, keys, at + by)


def _move(editor: PoseEditor, at: QPointF, keys: Qt.KeyboardModifier) -> None:
    left = Qt.MouseButton.LeftButton
    where = editor.canvas.mapToGlobal(at)
    event = QMouseEvent(QEvent.Type.MouseMove, at, where, Qt.MouseButton.NoButton, left, keys)
    QApplication.sendEvent(editor.canvas, event)


def _wheel(editor: PoseEditor, keys: Qt.KeyboardModifier) -> None:
    middle = QPointF(editor.canvas.rect().center())
    event = QWheelEvent(
        middle,
        editor.canvas.mapToGlobal(middle),
        QPoint(),
        QPoint(0, 120),
        Qt.MouseButton.NoButton,
        keys,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(editor.canvas, event)


def _picture(value: int) -> Image:
    return np.full((32, 32, 3), value, np.uint8)


def test_a_first_pose_is_the_templates_in_the_middle_of_the_crop(open_editor: Open) -> None:
    prior = open_editor(name="Waving").prior()
    assert (prior.name, prior.skeleton, prior.sources) == ("Waving", BODY, (SOURCE,))
    assert prior.poses.dtype == np.float32
    (pose,) = prior.poses
    np.testing.assert_allclose(pose.min(axis=0) + pose.max(axis=0), 0, atol=1e-6)
    assert np.ptp(pose, axis=0).max() == pytest.approx(pose_edits.START_EXTENT)
    assert pose[BODY.names.index("head"), 1] < pose[WRIST, 1], "the head is up"
    laid = open_editor(layout=np.linspace(0, 1, 26).reshape(13, 2)).prior().poses[0]
    assert laid[0].tolist() == pytest.approx([-0.7, -0.7], abs=0.05)


def test_names_without_a_template_begin_on_a_circle(open_editor: Open) -> None:
    editor = open_editor(Skeleton(("hook", "line", "sinker")))
    pose = editor.prior().poses[0]
    assert np.linalg.norm(pose[0] - pose[1]) == pytest.approx(
        np.linalg.norm(pose[1] - pose[2]), rel=1e-5
    )
    with pytest.raises(ValueError, match="without landmarks"):
        PoseEditor(Skeleton(()))


def test_a_joint_is_dragged_and_keys_say_what_goes_along(open_editor: Open) -> None:
    editor = open_editor()
    canvas, before = editor.canvas, editor.history.pose
    unit = 2 / canvas.square.width()
    _drag(editor, canvas.places()[ELBOW], QPoint(20, -30))
    moved = editor.history.pose - before
    np.testing.assert_allclose(moved[ELBOW], [20 * unit, -30 * unit])
    assert np.count_nonzero(moved.any(axis=1)) == 1
    assert editor.actions_.undo.toolTip() == "Undo: Move left elbow  (Ctrl+Z)"
    QTest.keyClick(editor, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    np.testing.assert_array_equal(editor.history.pose, before)
    _drag(editor, canvas.places()[ELBOW], QPoint(20, -30), Qt.KeyboardModifier.ControlModifier)
    moved = editor.history.pose - before
    assert set(np.flatnonzero(moved.any(axis=1))) == {ELBOW, WRIST}
    editor.actions_.undo.trigger()
    QTest.keyClick(editor, Qt.Key.Key_3)
    assert canvas.way == "bones"
    _drag(editor, canvas.places()[WRIST], QPoint(-15, -25))
    bone = np.linalg.norm(editor.history.pose[WRIST] - editor.history.pose[ELBOW])
    assert bone == pytest.approx(np.linalg.norm(before[WRIST] - before[ELBOW]))


def test_the_whole_pose_is_moved_scaled_and_turned(open_editor: Open) -> None:
    editor = open_editor()
    canvas, before = editor.canvas, editor.history.pose
    square = canvas.square
    _drag(editor, square.topLeft() + QPointF(6, 6), QPoint(12, 8))
    unit = 2 / square.width()
    np.testing.assert_allclose(
        editor.history.pose - before, np.tile([12 * unit, 8 * unit], (13, 1))
    )
    editor.actions_.undo.trigger()
    _wheel(editor, Qt.KeyboardModifier.ControlModifier)
    _wheel(editor, Qt.KeyboardModifier.ControlModifier)
    np.testing.assert_allclose(editor.history.pose, before * 1.03**2, atol=1e-9)
    _wheel(editor, Qt.KeyboardModifier.ShiftModifier)
    assert editor.history.undo_text == "Turn the pose"
    editor.actions_.undo.trigger()
    assert editor.history.undo_text == "Scale the pose"
    editor.actions_.undo.trigger()
    np.testing.assert_array_equal(editor.history.pose, before, "both notches are one step")
    _wheel(editor, NONE)
    assert editor.history.undo_text is None
    frame = PoseFrame(editor.history.pose, square)
    _drag(editor, frame.handles()["e"], QPoint(30, 5))
    wide, high = np.ptp(editor.history.pose, axis=0) / np.ptp(before, axis=0)
    assert wide > 1.05
    assert high == pytest.approx(1)
    assert editor.history.pose[:, 0].min() == pytest.approx(before[:, 0].min())


def test_the_knob_turns_in_steps_with_shift(open_editor: Open) -> None:
    editor = open_editor()
    before = editor.history.pose
    frame = PoseFrame(before, editor.canvas.square)
    keys = Qt.KeyboardModifier.ShiftModifier
    _drag(editor, frame.handles()[TURN], QPoint(70, 0), keys)
    turned = pose_edits.turned(before, np.deg2rad(15))
    np.testing.assert_allclose(editor.history.pose, turned, atol=1e-9)


def test_tab_and_arrows_draw_without_a_mouse(open_editor: Open) -> None:
    editor = open_editor()
    canvas, before = editor.canvas, editor.history.pose
    canvas.setFocus()
    for _ in range(2):
        QTest.keyClick(canvas, Qt.Key.Key_Tab)
    assert canvas.selected == 1
    assert editor.hint.text().startswith("left shoulder: arrows")
    for _ in range(3):
        QTest.keyClick(canvas, Qt.Key.Key_Right)
    QTest.keyClick(canvas, Qt.Key.Key_Up, Qt.KeyboardModifier.ShiftModifier)
    unit = 2 / canvas.square.width()
    np.testing.assert_allclose(
        editor.history.pose[1] - before[1], [3 * unit, -10 * unit], atol=1e-9
    )
    editor.actions_.undo.trigger()
    np.testing.assert_array_equal(editor.history.pose, before, "steps of a pixel are one step")
    QTest.keyClick(canvas, Qt.Key.Key_Escape)
    assert canvas.selected is None
    assert editor.isVisible(), "the first Esc lets go of the joint alone"
    QTest.keyClick(canvas, Qt.Key.Key_BracketRight)
    assert editor.history.undo_text == "Turn the pose"


def test_tab_goes_on_to_other_controls_after_the_last_joint(
    qtbot: QtBot, open_editor: Open
) -> None:
    editor = open_editor()
    editor.canvas.select(12)
    assert editor.canvas.focusNextPrevChild(True)
    assert editor.canvas.selected is None


def test_poses_are_added_copied_mirrored_and_deleted(open_editor: Open) -> None:
    editor = open_editor()
    editor.canvas.setFocus()
    start = editor.history.pose
    QTest.keyClick(editor, Qt.Key.Key_N)
    _drag(editor, editor.canvas.places()[WRIST], QPoint(10, -60))
    drawn = editor.history.pose
    assert editor.panel.counted.text() == "2 poses; fifty teach well"
    QTest.keyClick(editor, Qt.Key.Key_M, Qt.KeyboardModifier.ShiftModifier)
    assert len(editor.history.poses) == 3
    np.testing.assert_allclose(editor.history.pose[OTHER_WRIST], drawn[WRIST] * (-1, 1))
    QTest.keyClick(editor, Qt.Key.Key_M)
    np.testing.assert_allclose(editor.history.pose, drawn)
    assert editor.panel.counted.text() == "3 poses, one of them a copy; fifty teach well"
    QTest.keyClick(editor, Qt.Key.Key_D, Qt.KeyboardModifier.ControlModifier)
    assert editor.list.selected() == [3]
    editor.list.selectAll()
    QTest.keyClick(editor, Qt.Key.Key_Delete)
    assert len(editor.history.poses) == 1, "there is always one to draw on"
    np.testing.assert_array_equal(editor.history.pose, start)
    for _ in range(6):
        editor.actions_.undo.trigger()
    assert editor.history.undo_text is None
    assert not editor.history.changed
    for _ in range(6):
        editor.actions_.redo.trigger()
    assert editor.history.redo_text is None
    assert len(editor.history.poses) == 1


def test_poses_are_filled_in_between_the_selected_ones(open_editor: Open) -> None:
    editor = open_editor()
    for by in (QPoint(0, -40), QPoint(0, -40)):
        editor.add()
        _drag(editor, editor.canvas.places()[WRIST], by)
    assert not editor.actions_.fill.isEnabled()
    editor.list.selectAll()
    assert editor.actions_.fill.isEnabled()
    editor.panel.count.setValue(2)
    editor.actions_.fill.trigger()
    heights = editor.prior().poses[:, WRIST, 1]
    assert len(heights) == 7
    assert (np.diff(heights) < 0).all()
    assert editor.list.selected() == [1, 2, 4, 5]
    assert editor.history.undo_text == "Fill in 4 poses"


def test_another_pose_is_chosen_in_the_list_and_by_keys(open_editor: Open) -> None:
    poses = np.stack([np.full((13, 2), value) for value in (-0.5, 0.0, 0.5)]).astype(np.float32)
    editor = open_editor(poses=poses)
    assert not editor.history.changed
    editor.list.setCurrentIndex(editor.list.rows.index(2))
    np.testing.assert_allclose(editor.canvas.pose, 0.5)
    QTest.keyClick(editor, Qt.Key.Key_PageUp)
    np.testing.assert_allclose(editor.canvas.pose, 0.0)
    assert editor.list.selected() == [1]
    np.testing.assert_array_equal(editor.prior().poses, poses)


def test_pictures_lie_behind_and_can_be_gone_through(open_editor: Open) -> None:
    editor = open_editor(backdrops=[("a", _picture(255)), ("b", _picture(255))])
    assert editor.pictures.isVisible()
    assert editor.pictures.title.text() == "a  (1 of 2)"
    corner = (editor.canvas.square.topLeft() + QPointF(4, 40)).toPoint()
    seen = editor.canvas.grab().toImage().pixelColor(corner).lightness()
    assert seen == pytest.approx(0.6 * 255, abs=3), "dim"
    editor.pictures.strength.setValue(100)
    assert editor.canvas.grab().toImage().pixelColor(corner).lightness() == 255
    QTest.keyClick(editor, Qt.Key.Key_Period)
    assert editor.pictures.title.text() == "b  (2 of 2)"
    assert not editor.actions_.following.isEnabled()
    QTest.keyClick(editor, Qt.Key.Key_O)
    assert editor.canvas.grab().toImage().pixelColor(corner).lightness() != 255
    assert not open_editor().pictures.isVisible()


def test_closing_asks_where_poses_would_be_lost(open_editor: Open) -> None:
    editor = open_editor()
    editor.add()
    editor.close()
    assert editor.isVisible()
    assert editor.question.words.text() == "These 2 poses are not saved."
    editor.question.keep.click()
    assert editor.isVisible()
    editor.actions_.undo.trigger()
    editor.foot.cancel.click()
    assert not editor.isVisible(), "nothing was drawn"
    other = open_editor()
    other.add()
    other.foot.cancel.click()
    other.question.go_on.click()
    assert not other.isVisible()
    assert other.result() == PoseEditor.DialogCode.Rejected


def test_a_draft_is_kept_a_little_later_and_on_closing(qtbot: QtBot, open_editor: Open) -> None:
    kept: list[PosePrior] = []
    editor = open_editor(keep=kept.append)
    assert editor.foot.cancel.text() == "Close"
    editor.add()
    editor.add()
    assert kept == []
    qtbot.waitUntil(lambda: len(kept) == 1)
    assert len(kept[0]) == 3, "several changes are kept at once"
    editor.add()
    editor.close()
    assert not editor.isVisible(), "nothing is lost, so nothing is asked"
    assert len(kept[1]) == 4


def test_saving_accepts_with_the_name_given(qtbot: QtBot, open_editor: Open) -> None:
    editor = open_editor(name="Old")
    editor.foot.name.setFocus()
    editor.foot.name.selectAll()
    QTest.keyClicks(editor.foot.name, "Nnm")
    assert len(editor.history.poses) == 1, "keys of the line stay there"
    with qtbot.waitSignal(editor.accepted):
        QTest.keyClick(editor, Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier)
    assert editor.prior().name == "Nnm"
    assert open_editor(name="").prior().name == "Drawn poses"


@pytest.mark.parametrize("saved", [True, False])
def test_an_editor_that_is_deleted_on_closing_still_gives_its_poses(
    qtbot: QtBot, saved: bool
) -> None:
    editor, priors, gone = PoseEditor(BODY), list[PosePrior](), list[bool]()
    editor.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    editor.destroyed.connect(lambda: gone.append(True))
    editor.accepted.connect(lambda: priors.append(editor.prior()))
    editor.show()
    editor.add()
    if saved:
        editor.foot.save.click()
    else:
        editor.foot.cancel.click()
        editor.question.go_on.click()
    qtbot.waitUntil(lambda: gone == [True])
    assert [len(prior) for prior in priors] == [2] * saved


def test_a_joint_outside_the_crop_is_told(open_editor: Open) -> None:
    editor = open_editor()
    _drag(editor, editor.canvas.places()[WRIST], QPoint(400, 0))
    assert editor.history.pose[WRIST, 0] == pytest.approx(pose_edits.LIMIT)
    assert editor.hint.text().startswith("1 joint lies outside the crop")


def test_escape_in_the_middle_of_a_drag_takes_it_back(open_editor: Open) -> None:
    editor = open_editor()
    before, at = editor.history.pose, editor.canvas.places()[WRIST]
    QTest.mousePress(editor.canvas, Qt.MouseButton.LeftButton, NONE, at.toPoint())
    _move(editor, at + QPointF(30, 30), NONE)
    assert not np.array_equal(editor.canvas.pose, before)
    QTest.keyClick(editor.canvas, Qt.Key.Key_Escape)
    QTest.mouseRelease(editor.canvas, Qt.MouseButton.LeftButton, NONE, at.toPoint())
    np.testing.assert_array_equal(editor.canvas.pose, before)
    assert editor.history.undo_text is None


@pytest.mark.parametrize(
    ("count", "copies", "words"),
    [
        (1, 0, "1 pose; fifty teach well"),
        (60, 20, "60 poses, 20 of them copies; fifty teach well"),
        (60, 0, "60 poses; enough to learn from"),
    ],
)
def test_the_count_says_how_many_are_sensible(
    qapp: QApplication, count: int, copies: int, words: str
) -> None:
    assert count_words(count, copies) == words
