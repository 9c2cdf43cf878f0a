"""The pose beside an edited picture: where it stands, when it is there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QRectF
from PySide6.QtGui import QImage, QPainter
from PySide6.QtWidgets import QToolButton, QWidget

from limner_app.document import Document
from limner_app.model_titles import prior_words
from limner_app.views.pose_inset import PoseInset
from limner_engine.types import Crop, ModelInfo, Skeleton

_PANE = QRectF(0, 0, 400, 300)
_PICTURE = QRectF(0, 0, 280, 280)
_SKELETON = Skeleton(("head", "foot"), ((0, 1),))


@pytest.fixture
def document(qapp: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Document]:
    made = Document()
    monkeypatch.setattr(made, "crop", lambda index=None: Crop(50, 50, 100))
    made.model_info = ModelInfo("keypointgan", "poses", {}, _SKELETON)
    yield made
    made.close()


def painted(inset: PoseInset, points: np.ndarray) -> QImage:
    image = QImage(400, 300, QImage.Format.Format_RGB32)
    image.fill(0x804020)
    with QPainter(image) as painter:
        inset.paint(painter, _PANE, _PICTURE, points)
    return image


def test_the_pose_is_drawn_beside_the_picture(qtbot: Any, document: Document) -> None:
    owner, button = QWidget(), QToolButton(checkable=True)
    qtbot.addWidget(owner)
    qtbot.addWidget(button)
    inset = PoseInset(document, owner, button)
    points = np.array([[50, 20], [50, 80]], np.float32)
    place = inset.place(_PANE, _PICTURE)
    assert place is not None
    assert place.left() > _PICTURE.right()
    assert place.right() <= _PANE.right()
    at = place.center().toPoint()
    assert painted(inset, points).pixelColor(at).lightness() > 100
    aside = points + np.array([40, 0], np.float32)
    assert painted(inset, aside).pixelColor(at).lightness() < 20
    bare = 0x80
    assert painted(inset, points * np.nan).pixelColor(at).red() == bare
    button.setChecked(False)
    assert painted(inset, points).pixelColor(at).red() == bare
    again = QToolButton(checkable=True)
    qtbot.addWidget(again)
    PoseInset(document, owner, again)
    assert not again.isChecked()
    again.setChecked(True)


def test_it_lies_in_the_corner_or_gives_way(qtbot: Any, document: Document) -> None:
    owner, button = QWidget(), QToolButton(checkable=True)
    qtbot.addWidget(owner)
    qtbot.addWidget(button)
    inset = PoseInset(document, owner, button)
    picture = QRectF(10, 10, 500, 400)
    corner = inset.place(picture, picture)
    assert corner is not None
    assert picture.contains(corner)
    assert corner.width() < picture.height() / 3
    small = QRectF(0, 0, 150, 150)
    assert inset.place(small, small) is None


def test_other_models_have_no_pose_to_show(qtbot: Any, document: Document) -> None:
    owner, button = QWidget(), QToolButton(checkable=True)
    qtbot.addWidget(owner)
    button.setParent(owner)
    inset = PoseInset(document, owner, button)
    owner.show()
    assert button.isVisible()
    document.model_info = ModelInfo("imm", "points", {}, Skeleton.numbered(2))
    document.models_changed.emit()
    assert not button.isVisible()
    points = np.array([[50, 20], [50, 80]], np.float32)
    assert painted(inset, points).pixelColor(340, 230).red() == 0x80


def test_a_model_names_its_prior() -> None:
    told = {"prior": {"name": "walkers", "sha256": "0", "poses": 500, "sources": []}}
    info = ModelInfo("keypointgan", "poses", {}, _SKELETON, told)
    assert prior_words(info) == "Landmarks of the pose prior walkers, 500 poses"
    assert prior_words(ModelInfo("imm", "points", {}, _SKELETON, told)) == ""
    assert prior_words(ModelInfo("keypointgan", "poses", {}, _SKELETON, {"prior": 3})) == ""
