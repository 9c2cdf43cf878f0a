"""Folders of pictures beside the project's videos: added, remembered, missing, taken off."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from drawn_video import draw_video
from limner_app.document import Document
from limner_app.views.learn_sources import SETTING, LearnSources, holds_pictures
from limner_app.views.training_form import TrainingForm


def pictures(folder: Path) -> Path:
    (folder / "below").mkdir(parents=True)
    cv2.imwrite(str(folder / "below" / "a.PNG"), np.zeros((4, 4, 3), np.uint8))
    return folder


@pytest.fixture(scope="module")
def video(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return draw_video(tmp_path_factory.mktemp("video") / "fox.mp4", n=4, size=(64, 48))


@pytest.fixture
def document(qapp: Any, tmp_path: Path, video: Path) -> Iterator[Document]:
    made = Document()
    made.create(tmp_path / "fox.limner")
    made.add_videos([Path(shutil.copy(video, tmp_path))])
    yield made
    made.close()


@pytest.fixture
def form(qtbot: Any, document: Document) -> TrainingForm:
    made = TrainingForm(document)
    qtbot.addWidget(made)
    made.resize(300, 600)
    made.show()
    return made


def words(sources: LearnSources) -> list[str]:
    return [sources.list.item(row).text() for row in range(sources.list.count())]


def test_a_folder_is_learned_from_and_remembered(
    qtbot: Any, form: TrainingForm, document: Document, tmp_path: Path
) -> None:
    faces = pictures(tmp_path / "faces")
    form.sources.add_folders([faces, faces])
    assert words(form.sources) == ["fox.mp4", "faces"]
    assert form.config().sources == (str(tmp_path / "fox.mp4"), str(faces))
    # Below the project's folder nothing tells of the computer it lies on.
    assert document.project.setting(SETTING) == [["faces", None]]  # type: ignore[union-attr]
    form.sources.list.item(0).setCheckState(Qt.CheckState.Unchecked)
    assert form.config().sources == (str(faces),)
    assert form.config().name == "faces-lite"
    again = LearnSources(document)
    qtbot.addWidget(again)
    assert words(again) == ["fox.mp4", "faces"]


def test_a_folder_that_is_gone_is_said_and_not_learned_from(
    form: TrainingForm, tmp_path: Path
) -> None:
    faces = pictures(tmp_path / "faces")
    form.sources.add_folders([faces])
    shutil.rmtree(faces)
    form.sources.reload()
    assert words(form.sources) == ["fox.mp4", "faces  missing"]
    assert form.config().sources == (str(tmp_path / "fox.mp4"),)
    pictures(faces)
    form.sources.reload()
    assert str(faces) in form.config().sources


def test_a_folder_is_taken_off_but_no_video(form: TrainingForm, tmp_path: Path) -> None:
    sources = form.sources
    sources.add_folders([pictures(tmp_path / "faces"), pictures(tmp_path / "hands")])
    sources.list.setCurrentRow(0)
    assert not sources.remove.isEnabled()
    QTest.keyClick(sources.list, Qt.Key.Key_Delete)
    sources.list.setCurrentRow(1)
    sources.remove.click()
    assert words(sources) == ["fox.mp4", "hands"]
    sources.list.setCurrentRow(1)
    QTest.keyClick(sources.list, Qt.Key.Key_Delete)
    assert words(sources) == ["fox.mp4"]
    assert (tmp_path / "hands").is_dir()


def test_a_folder_without_pictures_is_refused_with_a_mend(
    form: TrainingForm, document: Document, tmp_path: Path
) -> None:
    told: list[tuple[str, ...]] = []
    document.message.connect(lambda *said: told.append(said))
    (tmp_path / "notes" / ".hidden").mkdir(parents=True)
    (tmp_path / "notes" / ".hidden" / "a.png").touch()
    (tmp_path / "notes" / "a.txt").touch()
    assert not holds_pictures(tmp_path / "notes")
    form.sources.add_folders([tmp_path / "notes"])
    assert words(form.sources) == ["fox.mp4"]
    assert told[0][:2] == ("error", "There are no pictures in notes.")
    assert told[0][2]


def drop(sources: LearnSources, path: Path) -> bool:
    """Drag a path over the list and let it go; whether the list took it."""
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    copy, left = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton
    none = Qt.KeyboardModifier.NoModifier
    over = QDragEnterEvent(QPoint(9, 9), copy, data, left, none)
    QApplication.sendEvent(sources.list.viewport(), over)
    let_go = QDropEvent(QPointF(9, 9), copy, data, left, none)
    if over.isAccepted():
        QApplication.sendEvent(sources.list.viewport(), let_go)
    return over.isAccepted()


def test_folders_can_be_dropped_and_videos_go_on_to_the_window(
    form: TrainingForm, tmp_path: Path
) -> None:
    assert drop(form.sources, pictures(tmp_path / "faces"))
    assert words(form.sources) == ["fox.mp4", "faces"]
    assert not drop(form.sources, tmp_path / "fox.mp4")


def test_without_a_project_nothing_can_be_added(qtbot: Any, qapp: Any) -> None:
    alone = LearnSources(Document())
    qtbot.addWidget(alone)
    assert not alone.add.isEnabled()
    assert alone.empty
