"""Models of warps: chosen for Warp alone, offered by Learn, and answered by the engine."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QSize
from pytestqt.qtbot import QtBot

from drawn_video import draw_video
from engine_fixtures import tiny_warp_model
from limner_app.document import Document
from limner_app.engine_client import EngineClient
from limner_app.flows import Flows
from limner_app.model_titles import kind_words
from limner_app.views.preview_picture import PreviewPicture
from limner_app.views.training_form import TrainingForm
from limner_app.views.warp_view import WarpView
from limner_engine.inference.frame_warp import CroppedFrame, WarpPair
from limner_engine.types import Crop
from warp_files import warp_file


def test_a_model_of_warps_stands_beside_the_one_of_landmarks(
    document: Document, tmp_path: Path
) -> None:
    marks = warp_file(tmp_path / "marks.safetensors", "1" * 64, "imm")
    warps = warp_file(tmp_path / "warps.safetensors")
    document.set_model(marks)
    skeleton = document.skeleton
    told: list[bool] = []
    document.models_changed.connect(lambda: told.append(True))
    document.set_model(warps)
    assert told
    assert (document.model_path, document.warp_model_path) == (marks, warps)
    assert document.skeleton == skeleton
    assert document.project is not None
    assert len(document.project.models()) == 2
    assert {kind_words(one.info) for one in document.project.models()} == {
        "landmarks without names",
        "warps between frames",
    }


def test_the_project_remembers_which_one(document: Document, tmp_path: Path) -> None:
    first = warp_file(tmp_path / "first.safetensors", sha256="1" * 64)
    second = warp_file(tmp_path / "second.safetensors", sha256="2" * 64)
    document.set_model(first)
    document.set_model(second)
    document.set_model(first)
    assert document.project is not None
    path = document.project.path
    document.close()
    assert document.warp_model is None
    document.open(path)
    assert document.warp_model_path == first
    assert document.model_path is None
    document.close()
    first.unlink()
    document.open(path)
    assert document.warp_model_path == second, "one that is there takes its place"


def test_learn_offers_warps_and_begins_with_their_model(
    qtbot: QtBot, document: Document, tmp_path: Path
) -> None:
    document.set_model(warp_file(tmp_path / "warps.safetensors"))
    form = TrainingForm(document)
    qtbot.addWidget(form)
    assert form.begin.count() == 1, "what finds landmarks begins with no model of warps"
    form.set_value("method", "class_embedding")
    assert form.value("method") == "class_embedding"
    assert form.begin.itemText(0) == "warps"
    assert not form.controls["landmarks"].isVisibleTo(form)
    config = form.config()
    assert config.start_from == str(document.warp_model_path)
    assert (config.batch, config.minutes) == (16, 15.0), "what the system begins with"
    form.learn_anew()
    assert form.config().start_from == ""


@pytest.mark.parametrize(
    ("method", "rows", "last"),
    [("class_embedding", 5, "confidence"), ("class_embedding", 4, "flow"), ("fabnet", 4, "flow")],
)
def test_pictures_of_a_run_are_named(
    qtbot: QtBot, tmp_path: Path, method: str, rows: int, last: str
) -> None:
    import cv2
    import numpy as np

    sheet = tmp_path / "preview.png"
    cv2.imwrite(str(sheet), np.zeros((rows * 132, 2 * 132, 3), np.uint8))
    preview = PreviewPicture()
    qtbot.addWidget(preview)
    preview.load(sheet, method)
    qtbot.waitUntil(lambda: not preview.empty)
    assert preview.captions[:3] == ("source", "target", "redrawn")
    assert (len(preview.captions), preview.captions[-1]) == (rows, last)


async def _warped(document: Document, view: WarpView, pair: WarpPair) -> None:
    view.show()
    while not view.live.fresh:
        assert view.live.failure is None, view.live.failure
        await asyncio.sleep(0.01)
    assert view.live.pair == pair
    view.canvas.place = (0.4, 0.6)
    view.canvas.pointed.emit()
    while not view.canvas.likely:
        await asyncio.sleep(0.01)


def test_the_engine_answers_what_the_view_asks(qtbot: QtBot, tmp_path: Path, qapp: Any) -> None:
    import qasync
    import torch

    # Beside a learning run, threads that wait for each other take minutes.
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    model = tiny_warp_model(tmp_path / "warps.safetensors")
    torch.set_num_threads(threads)
    loop = qasync.QEventLoop(qapp)
    asyncio.set_event_loop(loop)
    client = EngineClient(threads=1, device="cpu", log_path=tmp_path / "engine.log")
    document = Document()
    document.create(tmp_path / "a.limner")
    document.add_videos([draw_video(tmp_path / "a.mp4", n=6, size=(96, 80))])
    document.set_model(model)
    view = WarpView(document, client, Flows(pytest.fail))
    qtbot.addWidget(view)
    view.resize(QSize(900, 420))
    assert document.video is not None
    file, crop = document.video.path, Crop.whole(96, 80)
    here = document.frame_index
    pair = WarpPair(model, CroppedFrame(file, 0, crop), CroppedFrame(file, here, crop))
    try:
        loop.run_until_complete(asyncio.wait_for(_warped(document, view, pair), 120))
        assert view.bar.level.slider.maximum() == 2
        assert 0 < sum(share for _x, _y, share in view.canvas.likely) <= 1 + 1e-5
        assert all(-0.1 <= value <= 1.1 for place in view.canvas.likely for value in place[:2])
        assert not view.canvas.grab().isNull()
    finally:
        view.hide()
        loop.run_until_complete(client.close())
        document.close()
        loop.close()
