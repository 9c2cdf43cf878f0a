"""Several subjects: each with landmarks, marks and a crop of its own, and ways between them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from limner_app.action_set import ActionSet
from limner_app.actions import ACTIONS
from limner_app.document import Document
from limner_app.export import project_tables, write_tables
from limner_app.tools.label import LabelTool
from limner_app.views.frame_view import FrameView
from limner_app.views.subject_bar import SubjectBar
from limner_engine.cropping import CropTrack
from limner_engine.cropping.points import track_of_points
from limner_engine.errors import ProjectError
from limner_engine.formats import read_tidy
from limner_engine.types import Crop, Skeleton
from small_engine import small_model


@pytest.fixture
def flies(document: Document) -> Document:
    """Two subjects, each with two landmarks placed by hand; the second is worked on."""
    document.set_skeleton(Skeleton(("head", "tail"), ((0, 1),)))
    document.place(0, 20, 20)
    document.place(1, 40, 20)
    document.add_subject("fly 2")
    document.place(0, 100, 80)
    document.place(1, 120, 80)
    return document


def test_landmarks_and_marks_are_those_of_the_subject(flies: Document) -> None:
    assert [one.name for one in flies.subjects()] == ["subject 1", "fly 2"]
    assert flies.landmarks().points[0].tolist() == [100, 80]
    (other,) = flies.other_landmarks()
    assert other[0].name == "subject 1"
    assert other[1].points[0].tolist() == [20, 20]
    flies.step_subject(1)
    assert flies.subject == 0
    assert flies.landmarks().points[0].tolist() == [20, 20]
    assert flies.frame_marks().labelled.tolist() == [0]
    flies.delete()
    assert flies.frame_marks().labelled.tolist() == []
    flies.step_subject(1)
    assert flies.frame_marks().labelled.tolist() == [0]
    assert flies.other_landmarks() == []


def test_undo_shows_the_subject_that_it_changes(flies: Document) -> None:
    flies.set_subject(0)
    assert flies.undo() == "Place tail"
    assert flies.subject == 1
    assert np.isnan(flies.landmarks().points[1]).all()
    flies.undo()
    assert flies.undo() == "Add fly 2"
    assert flies.subject == 0
    assert len(flies.subjects()) == 1
    assert flies.landmarks().points[0].tolist() == [20, 20]
    flies.redo()
    assert [one.name for one in flies.subjects()] == ["subject 1", "fly 2"]


def test_a_removed_subject_comes_back_by_undo(flies: Document) -> None:
    flies.rename_subject(1, "the other")
    flies.remove_subject(1)
    assert flies.subject == 0
    with pytest.raises(ProjectError, match="only subject"):
        flies.remove_subject(0)
    assert flies.undo() == "Remove the other"
    flies.set_subject(1)
    assert flies.landmarks().points[0].tolist() == [100, 80]


def test_the_subject_is_remembered(flies: Document, tmp_path: Path) -> None:
    flies.close()
    again = Document()
    again.open(tmp_path / "a.limner")
    assert again.subject == 1
    again.close()


def test_each_subject_has_a_crop_of_its_own(flies: Document, tmp_path: Path) -> None:
    flies.set_model(small_model(tmp_path / "m.safetensors", count=2))
    assert flies.video is not None
    assert flies.model_id is not None
    points, sure = np.ones((12, 2, 2), np.float32), np.ones((12, 2), np.float32)
    for subject in (0, 1):
        flies.store_predictions(flies.video.id, flies.model_id, 0, points, sure, subject)
        flies.set_subject(subject)
        flies.set_crop_track(CropTrack.fixed(Crop(50 + subject, 50, 40)))
        flies.store_predictions(flies.video.id, flies.model_id, 0, points, sure, subject)
    # The crop of one drops what was found of that one alone.
    flies.set_crop_track(CropTrack.fixed(Crop(90, 50, 40)))
    assert not flies.predicted_here()
    flies.set_subject(0)
    assert flies.crop().centre_x_px == 50
    assert flies.predicted_here()


def test_labels_and_tracks_tell_where_a_subject_is(flies: Document) -> None:
    flies.set_subject(0)
    assert flies.crop_track is not None
    assert (flies.crop().centre_x_px, flies.crop().centre_y_px) == (30, 20)
    assert flies.project is not None
    assert flies.project.undo_text == "Place tail"  # nobody asked for it, so it is no step


def test_the_square_around_landmarks_keeps_its_size() -> None:
    points = np.full((5, 3, 2), np.nan)
    points[1] = [[0, 0], [40, 0], [0, 20]]
    points[3] = [[100, 0], [110, 0], [np.nan, np.nan]]
    points[4, 0] = 5, 5  # one alone has no size
    track = track_of_points(points, margin=0.5)
    assert track is not None
    assert track.frames.tolist() == [1, 3]
    assert len(set(track.values[:, 2].tolist())) == 1
    assert 2 * 30 < track.values[0, 2] <= 2 * 40
    np.testing.assert_allclose(track.values[:, :2], [[20, 10], [105, 0]])
    assert track_of_points(points[:1]) is None


def test_a_click_on_a_faint_landmark_takes_its_subject(qtbot: QtBot, flies: Document) -> None:
    view = FrameView(flies)
    qtbot.addWidget(view)
    view.tool = LabelTool(view)
    view.resize(640, 512)
    view.show()
    view.fit()
    at = view.to_screen(20, 20)
    assert view.nearest(at) is None
    assert view.nearest_other(at) == (0, 0)
    plain = view.grab().toImage().pixelColor(at.toPoint())
    flies.remove_subject(0)
    assert view.grab().toImage().pixelColor(at.toPoint()) != plain
    flies.undo()
    flies.set_subject(1)
    qtbot.mousePress(view, Qt.MouseButton.LeftButton, pos=at.toPoint())
    assert (flies.subject, flies.selected) == (0, 0)
    to = at + QPointF(40, 24)
    qtbot.mouseMove(view, to.toPoint())
    qtbot.mouseRelease(view, Qt.MouseButton.LeftButton, pos=to.toPoint())
    assert flies.landmarks().points[0, 0] > 25
    flies.set_subject(1)
    assert flies.landmarks().points[0].tolist() == [100, 80]


def test_the_switch_is_there_when_there_is_a_choice(qtbot: QtBot, document: Document) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    actions = ActionSet(window, {spec.id: lambda *_: None for spec in ACTIONS}, set)
    bar = SubjectBar(document, actions)
    qtbot.addWidget(bar)
    assert bar.isHidden()
    document.add_subject("fly 2")
    assert not bar.isHidden()
    assert [bar.choice.itemText(i) for i in range(bar.choice.count())] == ["subject 1", "fly 2"]
    assert bar.choice.currentText() == "fly 2"
    bar.choice.activated.emit(0)
    assert document.subject == 0
    document.undo()
    assert bar.isHidden()


def test_tables_hold_all_subjects(flies: Document, tmp_path: Path) -> None:
    assert flies.project is not None
    tables = project_tables(flies.project, flies.project.videos(), shown=flies.reader)
    assert [table.subject for table in tables] == ["subject 1", "fly 2"]
    write_tables([tmp_path / "t.csv"], tables, "tidy", "Ada")
    again = read_tidy(tmp_path / "t.csv")
    assert [table.points[0, 0].tolist() for table in again] == [[20, 20], [100, 80]]
    flies.remove_subject(0)
    (left,) = project_tables(flies.project, flies.project.videos(), shown=flies.reader)
    assert left.subject == "fly 2"
