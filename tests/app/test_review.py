"""Predictions accepted and rejected in the window: what shows, what counts, what undo does."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from drawn_video import draw_video
from limner_app import main_window, opening, theme
from limner_app import window as starting
from limner_app.action_set import ActionSet
from limner_app.actions import ACTIONS
from limner_app.document import Document
from limner_app.export import project_tables
from limner_app.main_window import MainWindow
from limner_app.views.landmark_model import CONFIDENCE, WHOSE
from limner_app.views.landmark_table import LandmarkTable
from limner_app.views.review_dialog import ReviewDialog
from limner_app.views.timeline import Timeline
from limner_app.views.timeline_marks import stretches
from limner_engine.types import Skeleton
from small_engine import SmallEngine, small_model

NAMES = Skeleton(("nose", "ear", "tail"))
FRAMES = 12


@pytest.fixture
def found(document: Document, tmp_path: Path) -> Document:
    """The project with three landmarks, found in all frames ever more surely."""
    document.set_skeleton(NAMES)
    document.set_model(small_model(tmp_path / "m.safetensors", count=3))
    points = np.arange(FRAMES * 6, dtype=np.float32).reshape(FRAMES, 3, 2)
    sure = np.linspace(0.1, 1.0, FRAMES * 3, dtype=np.float32).reshape(FRAMES, 3)
    assert document.video is not None
    assert document.model_id is not None
    document.store_predictions(document.video.id, document.model_id, 0, points, sure)
    return document


def test_one_landmark_is_accepted_and_the_table_says_so(qtbot: QtBot, found: Document) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    handlers = {spec.id: lambda *_: None for spec in ACTIONS}
    table = LandmarkTable(found, ActionSet(window, handlers, set))
    qtbot.addWidget(table)
    waiting = found.open_predictions()
    assert waiting is not None
    assert found.accept(waiting.of_landmark(1)) == 1
    known = found.landmarks()
    assert known.origin == ("model", "person", "model")
    assert known.accepted[1].confidence == pytest.approx(float(waiting.confidence[1]), abs=1e-4)
    model = table.model
    assert model.whose_icon(1) == "check-circle"
    assert model.data(model.index(1, CONFIDENCE)) == "0.13"
    told = model.data(model.index(1, WHOSE), Qt.ItemDataRole.ToolTipRole)
    assert "Ada accepted it" in told
    assert "0.13" in told
    assert "0 of 3 yours" in table.count.text()
    assert "1 accepted" in table.count.text()
    # Moved by hand it is a hand's, and nothing else.
    found.move(1, 50, 50)
    assert not found.landmarks().accepted
    assert model.whose_icon(1) == "user"
    assert found.frame_marks().labelled.tolist() == [0]


def test_a_range_is_accepted_as_one_step_and_never_over_a_hand(found: Document) -> None:
    found.place(0, 70, 71)
    assert found.accept(found.open_predictions(0, 5)) == 14
    assert found.landmarks().points[0].tolist() == [70, 71]
    assert 0 not in found.landmarks().accepted
    assert found.undo() == "Accept 14 predictions"
    assert found.landmarks().origin == ("person", "model", "model")
    assert found.landmarks().points[0].tolist() == [70, 71]


def test_rejected_predictions_do_not_show_count_or_export(found: Document) -> None:
    before = found.confidence_summary()
    waiting = found.open_predictions()
    assert waiting is not None
    assert found.reject(waiting.of_landmark(0)) == 1
    assert found.reject(found.open_predictions(3, 5)) == 6
    known = found.landmarks()
    assert known.origin[0] is None
    assert known.rejected == {0}
    assert known.missing() == [0]  # a click places it by hand
    marks = found.frame_marks()
    assert marks.rejected.tolist() == [0, 3, 4]
    assert marks.emptied.tolist() == [3, 4]
    after = found.confidence_summary()
    assert np.isnan(after[[3, 4]]).all()
    assert after[0] > before[0]
    assert np.isnan(found.trajectories()[0, 0]).all()
    assert found.project is not None
    (table,) = project_tables(found.project, found.project.videos(), shown=found.reader)
    assert np.isnan(table.points[[0, 3, 4], [0, 1, 2]]).all()
    assert np.isfinite(table.points[1]).all()
    assert found.take_back_rejections(0, 12) == 7
    np.testing.assert_allclose(found.confidence_summary(), before)
    found.undo()
    assert found.landmarks().rejected == {0}


def test_an_accepted_landmark_can_still_be_rejected(found: Document) -> None:
    found.accept()
    found.reject_accepted(2)
    known = found.landmarks()
    assert known.rejected == {2}
    assert set(known.accepted) == {0, 1}
    assert found.undo() == "Reject tail"
    assert set(found.landmarks().accepted) == {0, 1, 2}


def test_a_hand_places_where_a_prediction_was_rejected(found: Document) -> None:
    found.reject()
    found.place(1, 20, 21)
    assert found.landmarks().origin == (None, "person", None)
    assert found.landmarks().rejected == {0, 2}
    found.delete([1])
    assert found.landmarks().rejected == {0, 1, 2}


def test_the_line_says_how_many_before_it_is_done(qtbot: QtBot, found: Document) -> None:
    said: list[str] = []
    dialog = ReviewDialog(found, said.append)
    qtbot.addWidget(dialog)
    dialog.take(None)
    dialog.show()
    waiting = found.open_predictions(0, FRAMES)
    assert waiting is not None
    for line in (0.0, 0.33, 0.8, 1.0):
        dialog.set_line(line)
        sure, unsure = waiting.at_least(line), waiting.below(line)
        assert f"{len(sure)} landmarks in {sure.frame_count} frames" in dialog.accept_words.text()
        assert (
            f"{len(unsure)} landmarks in {unsure.frame_count} frames" in dialog.reject_words.text()
        )
    dialog.slider.setValue(80)
    assert dialog.line == pytest.approx(0.8)
    wanted = len(waiting.at_least(0.8))
    dialog.accept_button.click()
    assert said == [f"{wanted} predictions accepted"]
    qtbot.waitUntil(lambda: not dialog.accept_button.isEnabled())
    dialog.reject_button.click()
    assert said[-1] == f"{FRAMES * 3 - wanted} predictions rejected"
    qtbot.waitUntil(lambda: not dialog.reject_button.isEnabled())
    assert len(found.frame_marks().emptied) > 0
    assert found.undo() == f"Reject {FRAMES * 3 - wanted} predictions"
    assert found.undo() == f"Accept {wanted} predictions"


def test_the_line_looks_at_a_range_and_a_landmark(qtbot: QtBot, found: Document) -> None:
    dialog = ReviewDialog(found, lambda _: None)
    qtbot.addWidget(dialog)
    dialog.take((2, 6))
    dialog.show()
    dialog.set_line(0.0)
    assert "12 landmarks in 4 frames" in dialog.accept_words.text()
    dialog.landmarks.setCurrentIndex(2)
    qtbot.waitUntil(lambda: "4 landmarks in 4 frames" in dialog.accept_words.text())


@pytest.mark.parametrize("look", [theme.DARK, theme.LIGHT], ids=["dark", "light"])
def test_the_timeline_tells_what_was_decided_apart(
    qtbot: QtBot, found: Document, monkeypatch: pytest.MonkeyPatch, look: theme.Colours
) -> None:
    monkeypatch.setattr(theme, "_current", look)
    found.place(0, 1, 1)
    found.accept(found.open_predictions(4, 5))
    found.reject(found.open_predictions(8, 9))
    found.show(11)  # its line would lie over the mark of frame 0
    strip = Timeline(found)
    qtbot.addWidget(strip)
    strip.resize(624, strip.height())
    image = strip.grab().toImage()
    ratio = image.devicePixelRatio()

    def inks(frame: int, top: int, bottom: int) -> set[str]:
        x = strip.x_of(frame)
        return {
            image.pixelColor(round((x + dx) * ratio), round(y * ratio)).name()
            for dx in range(-4, 5)
            for y in range(top, bottom)
        }

    def inked(frame: int) -> int:
        """How many points of the mark are as bright as text."""
        x = strip.x_of(frame)
        return sum(
            image.pixelColor(round((x + dx) * ratio), round(y * ratio)).name() == look.text
            for dx in range(-4, 5)
            for y in range(*foot)
        )

    band, foot = (38, 50), (53, 61)
    nothing = inks(6, *foot)
    assert look.text in inks(0, *foot)
    assert inked(0) > 1.5 * inked(4)  # filled, and hollow
    assert inks(4, *foot) != nothing
    assert len(nothing) == 1
    assert inks(8, *band) != inks(6, *band)
    assert strip._decided(0) == ["Annotated"]
    assert strip._decided(4) == ["Predictions accepted"]
    assert strip._decided(8) == ["Predictions rejected"]
    assert strip._decided(6) == []


def test_marks_that_lie_close_become_one_stretch() -> None:
    columns = np.array([3, 5, 9, 40, 41, 90], np.int64)
    assert list(stretches(columns, 9)) == [(3, 9), (40, 41), (90, 90)]
    assert list(stretches(columns[:0], 9)) == []


@pytest.fixture
def window(
    qtbot: QtBot, qapp: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[MainWindow]:
    for module in (main_window, opening):
        monkeypatch.setattr(module, "bundled_models", dict)
    loop = starting.make_loop(qapp)
    made = MainWindow(cast(Any, SmallEngine()))
    yield made
    made.close()
    assert starting.wait_until(made.closed.is_set)
    loop.close()


def test_the_window_reviews_by_keys_and_offers_a_box(
    window: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    document, actions = window.document, window.actions_by_id
    document.create(tmp_path / "w.limner")
    document.set_skeleton(NAMES)
    document.add_videos([draw_video(tmp_path / "w.mp4", n=FRAMES, size=(160, 128))])
    monkeypatch.setattr(window.detector, "_wanted", lambda: False)
    document.set_model(small_model(tmp_path / "m.safetensors", count=3))
    assert document.video is not None
    assert document.model_id is not None
    document.store_predictions(
        document.video.id,
        document.model_id,
        0,
        np.full((FRAMES, 3, 2), 20, np.float32),
        np.full((FRAMES, 3), 0.9, np.float32),
    )
    document.select(1)
    actions["accept_landmark"].trigger()
    assert set(document.landmarks().accepted) == {1}
    actions["reject_landmark"].trigger()
    assert document.landmarks().rejected == {1}
    actions["reject_landmark"].trigger()  # the same key takes it back
    assert document.landmarks().origin == ("model",) * 3
    assert not actions["accept_range"].isEnabled()
    window.timeline.select((2, 6))
    actions["reject_range"].trigger()
    assert document.frame_marks().emptied.tolist() == [2, 3, 4, 5]
    actions["reject_range"].trigger()
    actions["accept_range"].trigger()
    assert document.frame_marks().accepted.tolist() == [2, 3, 4, 5]
    assert document.frame_marks().rejected.tolist() == []
    assert not actions["next_subject"].isEnabled()
    document.add_subject("fly 2")
    assert "fly 2" in window.error_bar.text.text()
    actions["next_subject"].trigger()
    assert "fly 2" not in window.error_bar.text.text() or not window.error_bar.isVisible()
    assert document.subject == 0
