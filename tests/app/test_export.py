"""Tables out of the window: what is on the screen is what is in the file."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from drawn_video import draw_video
from limner_app.cli import main
from limner_app.document import Document
from limner_app.export import project_tables, write_tables
from limner_app.export_dialog import ExportDialog
from limner_engine.errors import FormatError, VideoError
from limner_engine.formats import LandmarkTable, Smoothing, read_dlc, read_tidy
from limner_engine.importing.gathered import GATHERED
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


def _table(document: Document) -> LandmarkTable:
    assert document.project is not None
    (table,) = project_tables(document.project, document.project.videos(), shown=document.reader)
    return table


def test_a_table_is_what_the_screen_shows(document: Document, tmp_path: Path) -> None:
    _detected(document, tmp_path, 3)
    document.move(1, 100.5, 50.25)
    document.hide(2)
    table = _table(document)
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
    table = _table(document)
    assert table.names == ("point 2", "ear")
    np.testing.assert_allclose(table.points[4, 0], document.landmarks(4).points[0])
    np.testing.assert_allclose(table.points[4, 0], [6.5, 6.75])


def test_without_landmarks_it_is_refused(document: Document) -> None:
    with pytest.raises(FormatError):
        _table(document)


def test_both_layouts_read_back(document: Document, tmp_path: Path) -> None:
    _detected(document, tmp_path, 3)
    table = _table(document)
    write_tables([tmp_path / "a.csv"], [table], "dlc", "small")
    np.testing.assert_array_equal(read_dlc(tmp_path / "a.csv").points, table.points)
    write_tables([tmp_path / "b.csv"], [table], "tidy", "small")
    np.testing.assert_array_equal(read_tidy(tmp_path / "b.csv")[0].points, table.points)


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


def _exported(
    qtbot: QtBot, document: Document, path: Path, layout: str, all_videos: bool = False
) -> list[str]:
    told: list[str] = []
    document.message.connect(lambda _, text, __: told.append(text))
    dialog = ExportDialog(document, lambda _: None)
    qtbot.addWidget(dialog)
    dialog.layouts.setCurrentIndex(dialog.layouts.findData(layout))
    if all_videos:
        dialog.videos.setCurrentIndex(dialog.videos.findData(True))
    dialog.write(path)
    assert dialog.trouble.text() == ""
    return told


@pytest.mark.parametrize("found", [2, 3, 5])
def test_window_and_command_line_write_the_same_bytes(
    qtbot: QtBot, document: Document, tmp_path: Path, found: int
) -> None:
    document.set_skeleton(Skeleton(("point 2", "ear", "point 1")))
    document.place(1, 5.25, 6.125)
    document.hide(2)
    _detected(document, tmp_path, found)
    assert document.project is not None
    project = document.project.path
    for layout in ("dlc", "tidy"):
        _exported(qtbot, document, tmp_path / f"window.{layout}.csv", layout)
    shown = document.trajectories()
    document.add_videos([draw_video(tmp_path / "b.mp4", n=7, size=(160, 128))])
    _exported(qtbot, document, tmp_path / "all.csv", "dlc", all_videos=True)
    _exported(qtbot, document, tmp_path / "window.all.csv", "tidy", all_videos=True)
    document.close()
    assert main(["export", str(project), "--out", str(tmp_path / "folder")]) == 0
    folder = tmp_path / "folder"
    one = (tmp_path / "window.dlc.csv").read_bytes()
    assert one == (folder / "a.csv").read_bytes() == (tmp_path / "all-a.csv").read_bytes()
    assert (folder / "b.csv").read_bytes() == (tmp_path / "all-b.csv").read_bytes()
    out = tmp_path / "command.csv"
    assert main(["export", str(project), "--out", str(out), "--format", "tidy"]) == 0
    assert out.read_bytes() == (tmp_path / "window.all.csv").read_bytes()
    assert out.read_bytes().startswith((tmp_path / "window.tidy.csv").read_bytes())
    # And it is what was on the screen: by order where the counts are equal, by name elsewhere.
    table = read_dlc(folder / "a.csv")
    assert table.names == ("point 2", "ear", "point 1")
    np.testing.assert_allclose(table.points, shown, atol=1e-5)
    place = [0, 1, 2] if found == 3 else [1, None, 0]
    for landmark, of_model in enumerate(place):
        at = table.points[4, landmark]
        if of_model is None:
            assert np.isnan(at).all()
        else:
            number = (4 * found + of_model) * 2
            np.testing.assert_allclose(at, [number / 4, (number + 1) / 4])


def test_unreadable_frames_are_told_and_empty(
    qtbot: QtBot, data_dir: Path, tmp_path: Path
) -> None:
    document = Document()
    document.create(tmp_path / "damaged.limner")
    document.add_videos([data_dir / "tricky" / "tricky_synth" / "bad_middle.ts"])
    document.set_skeleton(Skeleton(("nose",)))
    document.place(0, 5, 5)
    assert document.reader is not None
    (told,) = _exported(qtbot, document, tmp_path / "out.csv", "dlc")
    assert "bad_middle.ts" in told
    assert "could not be read" in told
    table = read_dlc(tmp_path / "out.csv")
    assert len(table.frames) == document.reader.frame_count
    assert np.isnan(table.points[list(document.reader.health.unreadable)]).all()
    document.close()


def test_a_file_that_was_replaced_is_refused(document: Document, tmp_path: Path) -> None:
    _detected(document, tmp_path, 3)
    draw_video(tmp_path / "a.mp4", n=5, size=(160, 128))
    assert document.project is not None
    with pytest.raises(VideoError, match="has 5 frames, and had 12"):
        project_tables(document.project, document.project.videos())


def test_smoothing_and_filling_change_the_table_alike_from_window_and_command_line(
    qtbot: QtBot, document: Document, tmp_path: Path
) -> None:
    document.set_model(small_model(tmp_path / "m.safetensors", count=3))
    assert document.project is not None
    assert document.video is not None
    assert document.model_id is not None
    points = np.random.default_rng(0).normal(50, 9, (COUNT, 3, 2)).astype(np.float32)
    points[4:6] = np.nan
    sure = np.where(np.isfinite(points[..., 0]), 0.5, np.nan).astype(np.float32)
    document.store_predictions(document.video.id, document.model_id, 0, points, sure)
    document.move(0, 10.5, 20.25)
    dialog = ExportDialog(document, lambda _: None)
    qtbot.addWidget(dialog)
    assert not dialog.window_frames.isEnabled()
    dialog.layouts.setCurrentIndex(dialog.layouts.findData("tidy"))
    dialog.smoothing.setCurrentIndex(dialog.smoothing.findData("gaussian"))
    dialog.window_frames.setValue(5)
    dialog.gaps.setValue(2)
    dialog.write(tmp_path / "window.csv")
    assert dialog.trouble.text() == ""
    plain = _table(document)
    project = document.project.path
    document.close()
    words = ["--smooth", "gaussian", "--smooth-window", "5", "--fill-gaps", "2", "--format"]
    assert (
        main(["export", str(project), "--out", str(tmp_path / "command.csv"), *words, "tidy"]) == 0
    )
    assert (tmp_path / "command.csv").read_bytes() == (tmp_path / "window.csv").read_bytes()
    (table,) = read_tidy(tmp_path / "command.csv")
    assert table.points[0, 0].tolist() == [10.5, 20.25]
    assert table.source[0].tolist() == [plain.source[0, 0], "smoothed:small", "smoothed:small"]
    assert set(table.source[4:6].ravel()) == {"filled"}
    assert (table.points[1:4, 1] != plain.points[1:4, 1]).all()
    words = ["export", str(project), "--out", str(tmp_path / "plain.csv"), "--format", "tidy"]
    assert main(words) == 0
    np.testing.assert_array_equal(read_tidy(tmp_path / "plain.csv")[0].points, plain.points)


@pytest.mark.parametrize("window", ["4", "0s", "x", "-1", "nans", "1e9s"])
def test_a_window_that_is_none_is_refused(
    document: Document, tmp_path: Path, window: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert document.project is not None
    project = document.project.path
    document.close()
    words = ["export", str(project), "--out", str(tmp_path / "o.csv"), "--smooth", "savgol"]
    assert main([*words, f"--smooth-window={window}"]) == 2
    assert "--smooth-window cannot be" in capsys.readouterr().err


def test_gathered_pictures_are_neither_smoothed_nor_filled(
    document: Document, tmp_path: Path
) -> None:
    _detected(document, tmp_path, 3)
    assert document.project is not None
    assert document.video is not None
    project, videos = document.project, document.project.videos()
    how = Smoothing("savgol", 5)
    (before,) = project_tables(project, videos, shown=document.reader, smoothing=how)
    assert set(before.source[1:-1].ravel()) == {"smoothed:small"}
    project.set_setting(GATHERED, {str(document.video.id): []})
    (after,) = project_tables(project, videos, shown=document.reader, smoothing=how)
    assert set(after.source.ravel()) == {"model:small"}
