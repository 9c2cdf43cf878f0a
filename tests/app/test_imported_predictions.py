"""Predictions of another program: shown and chosen like a model's, but nothing runs them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest
from PySide6.QtWidgets import QMenu

from drawn_video import draw_video
from limner_app import main_window, opening
from limner_app import window as starting
from limner_app.document import Document
from limner_app.import_dialog import ImportDialog
from limner_app.main_window import MainWindow
from limner_app.views.edit_lack import what_is_missing
from limner_app.views.training_form import TrainingForm
from limner_engine.cropping import CropTrack
from limner_engine.importing.labels import Wishes, import_labels
from limner_engine.project import Project
from limner_engine.types import Crop
from made_labels import slp_file
from small_engine import SmallEngine, small_model

NAMES = ("head", "thorax", "wing")
TITLE = "Imported from flies.slp"
COUNT = 20
BEGINNING = 5
"""The first frames of the clip, which have no prediction."""


@pytest.fixture
def labels(tmp_path: Path) -> Path:
    """Predictions that move a pixel a frame, of confidence 0.75."""
    draw_video(tmp_path / "clip.mp4", n=COUNT, size=(160, 128))
    said = [
        {"frame": i, "points": [(i + 1.0, 2.0), (i + 3.0, 4.0), None], "predicted": True}
        for i in range(BEGINNING, COUNT)
    ]
    return slp_file(tmp_path / "flies.slp", NAMES, said)


@pytest.fixture
def project(labels: Path, tmp_path: Path) -> Path:
    path = tmp_path / "p.limner"
    with Project.create(path) as made:
        import_labels(made, labels, Wishes(predicted=True))
    return path


@pytest.fixture
def document(qapp: Any, project: Path) -> Iterator[Document]:
    made = Document()
    made.open(project)
    yield made
    made.close()


@pytest.fixture
def window(qtbot: Any, qapp: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[MainWindow]:
    for module in (main_window, opening):
        monkeypatch.setattr(module, "bundled_models", dict)
    loop = starting.make_loop(qapp)
    made = MainWindow(cast(Any, SmallEngine(count=3)))
    made.resize(1366, 768)
    made.show()
    yield made
    made.close()
    assert starting.wait_until(made.closed.is_set)
    loop.close()


def _engine(window: MainWindow) -> SmallEngine:
    return cast(SmallEngine, window.client)


def _entries(window: MainWindow) -> dict[str, bool]:
    """What the menu of models offers, by name, and what of it is checked."""
    menu = window.top.model.menu()
    assert isinstance(menu, QMenu)
    menu.aboutToShow.emit()
    entries = [entry for entry in menu.actions() if entry.isCheckable()]
    # Behind the name stands of what kind the model is.
    return {entry.text().partition("  ·  ")[0]: entry.isChecked() for entry in entries}


def _settled(window: MainWindow) -> bool:
    return starting.wait_until(
        lambda: window.document.crop_track is not None and not window.detector.working
    )


def test_they_are_shown_when_the_project_opens(document: Document) -> None:
    assert document.imported
    assert document.model_path is None
    assert document.model_title == TITLE
    document.show(BEGINNING)
    known = document.landmarks(BEGINNING)
    np.testing.assert_allclose(known.points[:2], [[6, 2], [8, 4]])
    assert known.origin == ("model", "model", None)
    assert known.author[0] == TITLE
    sure = document.confidence_summary()
    assert np.isnan(sure[:BEGINNING]).all()
    np.testing.assert_allclose(sure[BEGINNING:], 0.75)
    np.testing.assert_allclose(document.trajectories()[BEGINNING:, 0, 0], np.arange(6, 21))


def test_nothing_runs_them(document: Document) -> None:
    lack = what_is_missing(document)
    assert lack.reason.startswith(f"{TITLE}: ")
    assert "no network" in lack.reason
    assert lack.action == "learn_anew"


def test_another_model_and_back(document: Document, tmp_path: Path) -> None:
    ((title, number),) = document.imported_predictions()
    assert title == TITLE
    document.set_model(small_model(tmp_path / "m.safetensors", count=3))
    assert not document.imported
    assert document.landmarks(BEGINNING).origin == (None,) * 3
    document.set_imported(number)
    assert document.imported
    assert document.model_path is None
    assert document.landmarks(BEGINNING).origin[0] == "model"
    assert document.project is not None
    assert document.project.current_model_id == number


def test_files_of_one_name_are_told_apart(document: Document, tmp_path: Path) -> None:
    assert document.project is not None
    (tmp_path / "later").mkdir()
    said = [{"frame": 1, "points": [(5.0, 5.0), None, None], "predicted": True}]
    other = slp_file(tmp_path / "later" / "flies.slp", NAMES, said)
    import_labels(document.project, other, Wishes(folders=[tmp_path], predicted=True))
    assert [title for title, _ in document.imported_predictions()] == [TITLE, f"{TITLE} (2)"]


def test_what_went_with_its_video_is_not_offered(document: Document) -> None:
    assert document.video is not None
    document.remove_video(document.video.id)
    assert document.imported_predictions() == []


def test_a_model_whose_file_is_missing_is_still_none(
    document: Document, project: Path, tmp_path: Path
) -> None:
    model = small_model(tmp_path / "m.safetensors", count=3)
    document.set_model(model)
    document.close()
    model.unlink()
    document.open(project)
    assert document.model_id is None
    assert document.model_info is None
    assert not document.imported


def test_another_crop_box_leaves_them(document: Document) -> None:
    document.set_crop_track(CropTrack.fixed(Crop(50, 50, 40)))
    document.set_crop_track(CropTrack.fixed(Crop(60, 50, 40)))
    assert np.isfinite(document.confidence_summary()[BEGINNING:]).all()


def test_the_dialog_shows_what_it_imported(qtbot: Any, labels: Path, tmp_path: Path) -> None:
    document = Document()
    document.create(tmp_path / "w.limner")
    told: list[bool] = []
    document.models_changed.connect(lambda: told.append(True))
    dialog = ImportDialog(document)
    qtbot.addWidget(dialog)
    dialog.file.setText(str(labels))
    dialog.predicted.setChecked(True)
    dialog.go.click()
    qtbot.waitUntil(lambda: dialog.report is not None)
    assert told
    assert document.imported
    assert document.video is not None
    document.close()


def test_a_chosen_model_stays_and_the_dialog_says_where_they_are(
    qtbot: Any, labels: Path, tmp_path: Path
) -> None:
    document = Document()
    document.create(tmp_path / "w.limner")
    document.add_videos([tmp_path / "clip.mp4"])
    model = small_model(tmp_path / "m.safetensors", count=3)
    document.set_model(model)
    dialog = ImportDialog(document)
    qtbot.addWidget(dialog)
    dialog.file.setText(str(labels))
    dialog.predicted.setChecked(True)
    dialog.go.click()
    qtbot.waitUntil(lambda: dialog.report is not None)
    assert document.model_path == model
    assert f"{TITLE}” at the top right" in dialog.words.text()
    document.close()


def test_the_dialog_says_that_there_are_several_subjects(qtbot: Any, tmp_path: Path) -> None:
    draw_video(tmp_path / "clip.mp4", n=6, size=(160, 128))
    said = [
        {"frame": 2, "points": [(9.0, 9.0)] * 3, "predicted": True, "track": track}
        for track in (0, 1)
    ]
    path = slp_file(tmp_path / "pair.slp", NAMES, said, tracks=("left", "right"))
    document = Document()
    document.create(tmp_path / "w.limner")
    dialog = ImportDialog(document)
    qtbot.addWidget(dialog)
    dialog.file.setText(str(path))
    dialog.predicted.setChecked(True)
    dialog.go.click()
    qtbot.waitUntil(lambda: dialog.report is not None)
    assert "There are 2 subjects; switch between them" in dialog.words.text()
    document.close()


def test_the_form_does_not_begin_with_them(qtbot: Any, document: Document) -> None:
    form = TrainingForm(document)
    qtbot.addWidget(form)
    form.resize(300, 600)
    form.show()
    assert form.begin.count() == 1
    assert not form.begin.currentData()
    assert "no network" in form.hint.text()
    assert form.start.isEnabled()


def test_the_window_chooses_them_and_offers_no_detection(
    window: MainWindow, project: Path, tmp_path: Path
) -> None:
    window.open_project(project)
    assert _settled(window)
    document = window.document
    assert window.top.model.text().startswith(TITLE)
    assert "no network" in window.top.model.toolTip()
    assert _entries(window) == {TITLE: True}
    names = ("detect_frame", "detect_all", "swap", "fine_tune")
    assert not any(window.actions_by_id[name].isEnabled() for name in names)
    document.show(BEGINNING - 1)  # has no prediction, so a model would be asked
    window.detector.detect_frame()
    window.detector.detect_range(0, 3)
    assert starting.wait_until(lambda: not window.detector.working)
    assert _engine(window).detected == []
    assert _engine(window).ranges == []
    # A model that can run takes over, and gives place again.
    model = small_model(tmp_path / "m.safetensors", count=3, name="mine")
    document.set_model(model)
    assert all(window.actions_by_id[name].isEnabled() for name in names)
    assert "no network" not in window.top.model.toolTip()
    assert _entries(window) == {"mine": True, TITLE: False}
    menu = window.top.model.menu()
    assert isinstance(menu, QMenu)
    next(entry for entry in menu.actions() if entry.text() == TITLE).trigger()
    assert document.imported
    assert _entries(window) == {"mine": False, TITLE: True}


def test_no_fitting_model_takes_their_place(
    window: MainWindow, project: Path, tmp_path: Path
) -> None:
    faces = small_model(tmp_path / "faces.safetensors", count=3)
    window.detector._bundled = lambda: {"faces": faces}
    _engine(window).mode = "face"
    window.open_project(project)
    assert _settled(window)
    assert window.document.imported
    assert window.error_bar.isHidden()
    # What they say nothing of is told.
    window.open_videos([draw_video(tmp_path / "other.mp4", n=12, size=(128, 128))])
    assert starting.wait_until(lambda: not window.error_bar.isHidden())
    assert window.document.imported
    assert window.error_bar.text.text().startswith(f"{TITLE}: ")
    assert "nothing for this video" in window.error_bar.text.text()
