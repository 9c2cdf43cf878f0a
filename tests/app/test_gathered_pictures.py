"""Pictures that stand in one video follow on nothing: no neighbours in time anywhere."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest
from PySide6.QtCore import Qt

from drawn_video import draw_video
from limner_app import main_window, opening
from limner_app import window as starting
from limner_app.document import Document
from limner_app.main_window import MainWindow
from limner_app.views.learn_sources import LearnSources
from limner_engine.importing.gathered import GATHERED
from limner_engine.types import Skeleton
from small_engine import SmallEngine, small_model


def _gathered(document: Document, folder: Path) -> None:
    """A project whose one video holds pictures."""
    document.create(folder / "p.limner")
    video = draw_video(folder / "p-pictures.mp4", n=12, size=(160, 128))
    assert document.project is not None
    document.project.set_setting(GATHERED, {"1": []})
    assert [added.id for added in document.add_videos([video])] == [1]


@pytest.fixture
def document(qapp: Any, tmp_path: Path) -> Iterator[Document]:
    made = Document()
    _gathered(made, tmp_path)
    made.set_skeleton(Skeleton(("nose", "ear")))
    yield made
    made.close()


@pytest.fixture
def window(qtbot: Any, qapp: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[MainWindow]:
    for module in (main_window, opening):
        monkeypatch.setattr(module, "bundled_models", dict)
    loop = starting.make_loop(qapp)
    made = MainWindow(cast(Any, SmallEngine(count=2)))
    made.show()
    yield made
    made.close()
    assert starting.wait_until(made.closed.is_set)
    loop.close()


def test_a_video_is_told_from_pictures(document: Document, tmp_path: Path) -> None:
    assert document.gathered
    pictures = document.video
    document.show_video(document.add_videos([draw_video(tmp_path / "v.mp4", n=5)])[0].id)
    assert not document.gathered
    assert pictures is not None
    document.show_video(pictures.id)
    assert document.gathered


def test_nothing_is_copied_from_the_picture_before(qtbot: Any, document: Document) -> None:
    document.place(0, 10, 12)
    document.show(4)
    qtbot.waitUntil(lambda: document.frame_index == 4)
    assert not document.copy_previous()
    assert document.annotated_frames().tolist() == [0]


def test_the_window_says_why_and_joins_no_curve(window: MainWindow, tmp_path: Path) -> None:
    _gathered(window.document, tmp_path)
    assert starting.wait_until(lambda: window.document.crop_track is not None)
    document = window.document
    document.set_model(small_model(tmp_path / "m.safetensors", count=2))
    assert document.model_id is not None
    assert document.video is not None
    points = np.arange(48, dtype=np.float32).reshape(12, 2, 2)
    sure = np.full((12, 2), 0.9, np.float32)
    document.store_predictions(document.video.id, document.model_id, 0, points, sure)
    window.commands.copy_previous()
    assert "separate pictures" in window.status.currentMessage()
    view = window.trajectories
    window.panels.wish("trajectories", True)
    assert starting.wait_until(lambda: bool(view._plots) and bool(view._plots[0].listDataItems()))
    (first, *_) = view._plots[0].listDataItems()
    assert first.opts["connect"] == "pairs"
    ends, places = first.getOriginalDataset()
    np.testing.assert_allclose(ends[:4], [-0.3, 0.3, 0.7, 1.3])
    np.testing.assert_allclose(places, np.repeat(points[:, 0, 0], 2))


def test_no_crop_is_smoothed_from_picture_to_picture(window: MainWindow, tmp_path: Path) -> None:
    _gathered(window.document, tmp_path)
    document, told = window.document, []
    assert starting.wait_until(lambda: document.crop_track is not None)
    assert starting.wait_until(lambda: not window.detector.working)
    document.crop_changed.connect(lambda: told.append(True))
    window.detector.find_crops()
    assert starting.wait_until(lambda: bool(told))
    engine = cast(SmallEngine, window.client)
    assert engine.crops == ["auto", "auto"]
    assert engine.apart == [True, True]


def test_learning_does_not_take_them_by_itself(qtbot: Any, document: Document) -> None:
    sources = LearnSources(document)
    qtbot.addWidget(sources)
    item = sources.list.item(0)
    assert not item.icon().pixmap(16, 16).isNull()  # raises for one that the set lacks
    assert item.checkState() == Qt.CheckState.Unchecked
    assert "do not follow" in item.toolTip()
    item.setCheckState(Qt.CheckState.Checked)
    sources.reload()
    assert sources.list.item(0).checkState() == Qt.CheckState.Checked
