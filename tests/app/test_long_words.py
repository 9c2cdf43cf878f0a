"""Words a third longer than ours still fit, and every control is reached with the keyboard."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest
from PySide6.QtCore import QCoreApplication, Qt, QTranslator
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QComboBox,
    QDockWidget,
    QLabel,
    QLineEdit,
    QPushButton,
    QScrollArea,
    QWidget,
)
from pytestqt.qtbot import QtBot

from drawn_video import draw_video
from limner_app import main_window, opening, theme
from limner_app import window as starting
from limner_app.main_window import MainWindow
from limner_app.prior_dialog import PriorDialog
from limner_app.shortcuts import ShortcutList
from limner_app.views.landmark_model import CONFIDENCE
from limner_app.views.pose_editor import PoseEditor
from limner_app.views.training_panel import TrainingPanel
from limner_engine.formats.skeleton_file import parsed
from limner_engine.priors.prior import PosePrior
from limner_engine.types import Skeleton
from limner_resources import skeleton_templates
from small_engine import SmallEngine, small_model

PLACES = ("inspect", "edit", "learn")
_LONGER = 0.35
_TAIL = "enschaftlichkeitsbezeichnungen"


class _Longer(QTranslator):
    """Every text with a third more letters at its end, as German often has."""

    def translate(
        self,
        context: str | bytes,
        source: str | bytes,
        disambiguation: str | bytes | None = None,
        n: int = -1,
    ) -> str:
        text = source.decode() if isinstance(source, bytes) else source
        return text + _TAIL[: max(1, round(_LONGER * len(text)))] if text.strip() else text

    def isEmpty(self) -> bool:  # noqa: N802
        return False


@pytest.fixture
def window(
    qtbot: Any, qapp: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[MainWindow]:
    monkeypatch.setattr(main_window, "bundled_models", dict)
    monkeypatch.setattr(opening, "bundled_models", dict)
    theme.apply(qapp, "light")
    loop = starting.make_loop(qapp)
    made = MainWindow(cast(Any, SmallEngine()))
    made.resize(1366, 768)
    made.show()
    made.open_videos([draw_video(tmp_path / "a.mp4", n=12, size=(160, 128))])
    assert starting.wait_until(
        lambda: made.document.video is not None and not made.detector.working
    )
    made.error_bar.clear()
    yield made
    made.close()
    assert starting.wait_until(made.closed.is_set)
    loop.close()


@pytest.fixture
def longer(qapp: Any) -> Iterator[None]:
    translator = _Longer()
    QCoreApplication.installTranslator(translator)
    yield
    QCoreApplication.removeTranslator(translator)


def _clipped(widget: QWidget) -> str:
    """What of a widget's text finds no room; empty where all of it does."""
    if isinstance(widget, QLabel):
        text = widget.text()
        if widget.wordWrap():
            needed, there = widget.heightForWidth(widget.width()), widget.height()
        else:
            needed, there = widget.sizeHint().width(), widget.width()
    elif isinstance(widget, QAbstractButton):
        text, needed, there = widget.text(), widget.sizeHint().width(), widget.width()
    else:
        return ""
    return f"{type(widget).__name__} {text!r}: {there} of {needed}" if there < needed else ""


def _all_clipped(root: QWidget) -> list[str]:
    # What lies behind another tab has not been laid out.
    behind = [dock for dock in root.findChildren(QDockWidget) if dock.visibleRegion().isEmpty()]
    shown = [
        widget
        for widget in root.findChildren(QWidget)
        if widget.isVisibleTo(root) and not any(dock.isAncestorOf(widget) for dock in behind)
    ]
    said = [words for words in map(_clipped, shown) if words]
    for area in (widget for widget in shown if isinstance(widget, QScrollArea)):
        needed, there = area.widget().minimumSizeHint().width(), area.viewport().width()
        if needed > there:
            said.append(f"scrolled part: {there} of {needed}")
    return said


def _named(window: MainWindow) -> None:
    """Landmarks with names of a person, labelled in a frame."""
    window.document.set_skeleton(Skeleton(("left ear", "tail base", "snout")))
    for landmark in range(3):
        window.document.place(landmark, 40 + 9 * landmark, 60)
    assert starting.wait_until(lambda: window.namer.shown)


def test_a_longer_language_clips_nothing_of_the_names(
    longer: None, window: MainWindow, tmp_path: Path
) -> None:
    window.document.set_model(small_model(tmp_path / "m.safetensors"))
    clipped = {}
    for labelled in (False, True):
        if labelled:
            _named(window)
        window.panels.docks["names"].raise_()
        starting.wait_until(lambda: False, 0.2)
        clipped[labelled] = _all_clipped(window)
        assert not window.panels.docks["names"].visibleRegion().isEmpty()
    assert clipped == {False: [], True: []}


def test_a_longer_language_clips_nothing(longer: None, window: MainWindow, tmp_path: Path) -> None:
    clipped = {"welcome": _all_clipped(window.welcome)}
    for with_model in (False, True):
        if with_model:
            window.document.set_model(small_model(tmp_path / "m.safetensors"))
        for place in PLACES:
            window.show_place(place)
            panel = window.stack.currentWidget()
            if isinstance(panel, TrainingPanel):
                panel.form._unfold.setChecked(True)
            starting.wait_until(lambda: False, 0.2)
            clipped[f"{place} {with_model}"] = _all_clipped(window)
            assert window.minimumSizeHint().width() <= 1366, place
            assert window.minimumSizeHint().height() <= 768 - 40, place
    assert {place: what for place, what in clipped.items() if what} == {}


def test_a_longer_language_clips_nothing_of_the_flow_about_priors(
    longer: None, window: MainWindow, tmp_path: Path
) -> None:
    skeleton = parsed(skeleton_templates()["body-13"], "body-13")
    poses = np.random.default_rng(0).uniform(-0.4, 0.4, (20, 13, 2)).astype(np.float32)
    PosePrior("waves", skeleton.skeleton, poses).save(tmp_path / "waves.prior.npz")
    window.actions_by_id["learn_prior"].trigger()
    (dialog,) = window.findChildren(PriorDialog)
    clipped = {}
    for step in dialog.steps:
        assert dialog.stack.currentWidget() is step
        if step is dialog.crop:
            dialog.crop.propose("whole")
        if step is dialog.prior:
            clipped["no poses"] = _all_clipped(dialog)
            dialog.prior.read_files([tmp_path / "waves.prior.npz"])
        assert starting.wait_until(dialog.foot.next.isEnabled), dialog.foot.words.text()
        starting.wait_until(lambda: False, 0.2)
        clipped[step.title] = _all_clipped(dialog)
        assert dialog.minimumSizeHint().width() <= 1366, step.title
        assert dialog.minimumSizeHint().height() <= 768 - 40, step.title
        if step is not dialog.start:
            dialog.foot.next.click()
    assert {step: what for step, what in clipped.items() if what} == {}


@pytest.mark.parametrize("backdrops", [0, 2])
def test_a_longer_language_clips_nothing_of_the_pose_editor(
    longer: None, qtbot: QtBot, backdrops: int
) -> None:
    skeleton = parsed(skeleton_templates()["body-13"], "body-13").skeleton
    pictures = [(f"Frame {n}", np.zeros((32, 32, 3), np.uint8)) for n in range(backdrops)]
    editor = PoseEditor(skeleton, backdrops=pictures)
    qtbot.addWidget(editor)
    with qtbot.waitExposed(editor):
        editor.show()
    assert _all_clipped(editor) == []
    editor.add()
    editor.close()
    assert editor.question.isVisible()
    assert _all_clipped(editor) == []
    assert editor.minimumSizeHint().width() <= 1366
    assert editor.minimumSizeHint().height() <= 768 - 40
    editor.question.go_on.click()


def test_headings_of_the_landmarks_fit(longer: None, window: MainWindow) -> None:
    header = window.landmark_table.table.horizontalHeader()
    assert header.sectionSize(CONFIDENCE) >= header.sectionSizeHint(CONFIDENCE)


def test_the_list_of_keys_fits_the_screen(window: MainWindow) -> None:
    listed = ShortcutList(window)
    room = listed.screen().availableSize()
    assert listed.width() <= room.width()
    assert listed.height() <= room.height()


@pytest.mark.parametrize("place", PLACES)
def test_tab_reaches_every_control(window: MainWindow, tmp_path: Path, place: str) -> None:
    window.document.set_model(small_model(tmp_path / "m.safetensors"))
    window.show_place(place)
    starting.wait_until(lambda: False, 0.2)
    window.activateWindow()
    wanted = {
        widget
        for kind in (QPushButton, QComboBox, QLineEdit)
        for widget in window.findChildren(kind)
        if widget.isVisible()
        and widget.isEnabled()
        and widget.focusPolicy() & Qt.FocusPolicy.TabFocus
        and not isinstance(widget.parentWidget(), QComboBox)
        # The switch of places is one stop, as groups of exclusive buttons are; keys do the rest.
        and widget not in window.top.switch.values()
    }
    reached: list[QWidget] = []
    for _ in range(120):
        here = QApplication.focusWidget()
        if here is not None:
            reached.append(here)
        QTest.keyClick(here or window, Qt.Key.Key_Tab)
    there = set(reached) | {widget.focusProxy() for widget in reached}
    missing = [
        widget.objectName() or getattr(widget, "text", widget.metaObject().className)()
        for widget in wanted
        if widget not in there and widget.parentWidget() not in there
    ]
    assert missing == []
