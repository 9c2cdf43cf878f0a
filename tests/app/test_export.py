"""Tables out of the window: what is on the screen is what is in the file."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from drawn_video import draw_video
from limner_app.document import Document
from limner_app.export import build_table, export_tables
from limner_app.export_dialog import ExportDialog
from limner_engine.errors import FormatError
from limner_engine.formats.dlc import read_dlc
from limner_engine.formats.tidy import read_tidy
from limner_engine.types import Skeleton
from small_engine import small_model

COUNT = 12


@pytest.fixture
def document(qtbot: QtBot, tmp_path: Path) -> Iterator[Document]:
    made = Document()
    made.create(tmp_path / "a.limner")
    made.add_videos([draw_video(tmp_path / "a.mp4", n=COUNT, size=(160, 128))])
    yield made
    made.close()


def _detected(document: Document, tmp_path: Path, count: int) -> None:
    document.set_model(small_model(tmp_path / "m.safetensors", count=count))
    assert document.video is not None
    assert document.model_id is not None
    points = np.arange(COUNT * count * 2, dtype=np.float32).reshape(COUNT, count, 2) / 4
    confidence = np.full((COUNT, count), 0.75, np.float32)
    document.store_predictions(document.video.id, document.model_id, 0, points, confidence)


def test_a_table_is_what_the_screen_shows(document: Document, tmp_path: Path) -> None:
    _detected(document, tmp_path, 3)
    document.move(1, 100.5, 50.25)
    document.hide(2)
    assert document.project is not None
    assert document.video is not None
    table = build_table(document.project, document.video, document.model_id, 0, document.reader)
    known = document.landmarks()
    np.testing.assert_allclose(table.points[0, :2], known.points[:2])
    assert np.isnan(table.points[0, 2]).all()
    assert table.source[0].tolist() == [
        "model:small",
        f"person:{document.author}",
        f"person:{document.author}",
    ]
    assert document.reader is not None
    assert table.time_s[7] == pytest.approx(document.reader.time_s(7))


def test_landmarks_of_another_model_are_matched_by_name(
    document: Document, tmp_path: Path
) -> None:
    document.set_skeleton(Skeleton(("point 2", "ear")))
    document.place(1, 5, 5)
    _detected(document, tmp_path, 3)
    assert document.project is not None
    assert document.video is not None
    table = build_table(document.project, document.video, document.model_id)
    assert table.names == ("point 2", "ear")
    np.testing.assert_allclose(table.points[4, 0], document.landmarks(4).points[0])
    np.testing.assert_allclose(table.points[4, 0], [6.5, 6.75])


def test_without_landmarks_it_is_refused(document: Document) -> None:
    assert document.project is not None
    assert document.video is not None
    with pytest.raises(FormatError):
        build_table(document.project, document.video, None)


def test_both_layouts_read_back(document: Document, tmp_path: Path) -> None:
    _detected(document, tmp_path, 3)
    assert document.project is not None
    assert document.video is not None
    table = build_table(document.project, document.video, document.model_id, 0, document.reader)
    export_tables(tmp_path / "a.csv", [table], "dlc", "small")
    np.testing.assert_array_equal(read_dlc(tmp_path / "a.csv").points, table.points)
    export_tables(tmp_path / "b.csv", [table], "tidy", "small")
    np.testing.assert_array_equal(read_tidy(tmp_path / "b.csv")[0].points, table.points)
    export_tables(tmp_path / "c.csv", [table, table], "dlc", "small")
    assert (tmp_path / "c-a.csv").is_file()


def test_the_dialog_writes_and_says_so(qtbot: QtBot, document: Document, tmp_path: Path) -> None:
    said: list[str] = []
    dialog = ExportDialog(document, said.append)
    qtbot.addWidget(dialog)
    dialog.write(tmp_path / "out.csv")
    assert dialog.trouble.text()
    assert not (tmp_path / "out.csv").exists()
    _detected(document, tmp_path, 3)
    dialog.write(tmp_path / "out.csv")
    assert (tmp_path / "out.csv").is_file()
    assert "out.csv" in said[0]
