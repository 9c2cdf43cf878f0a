"""Labels of other programs, from the command line and from the window."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from drawn_video import draw_video, numbered_picture
from limner_app.cli import main
from limner_app.document import Document
from limner_app.import_dialog import ImportDialog
from limner_engine.project import Project
from made_labels import dlc_table, slp_file

NAMES = ("nose", "ear")
POINTS = [(10.5, 20.25), (30.0, 40.0)]


@pytest.fixture
def table(tmp_path: Path) -> Path:
    folder = tmp_path / "labeled-data"
    folder.mkdir()
    for number in (3, 8):
        image = numbered_picture(number, 160, 128, None)
        assert cv2.imwrite(str(folder / f"img{number}.png"), image[..., ::-1])
    rows = {f"labeled-data/img{number}.png": POINTS for number in (3, 8)}
    return dlc_table(tmp_path / "CollectedData.csv", NAMES, rows)


@pytest.fixture
def document(qtbot: QtBot, tmp_path: Path) -> Iterator[Document]:
    made = Document()
    made.create(tmp_path / "w.limner")
    yield made
    made.close()


def _dialog(qtbot: QtBot, document: Document, labels: Path) -> ImportDialog:
    dialog = ImportDialog(document)
    qtbot.addWidget(dialog)
    assert not dialog.go.isEnabled()
    dialog.file.setText(str(labels))
    dialog.go.click()
    assert dialog.working
    return dialog


def test_the_command_makes_a_project(
    table: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "p.limner"
    assert main(["import", str(path), "--labels", str(table)]) == 0
    said = capsys.readouterr().out
    assert "2 frames with 4 landmarks, imported from CollectedData.csv." in said
    with Project.open(path) as project:
        assert len(project.videos()) == 1
        assert project.skeleton().names == NAMES
    assert main(["import", str(path), "--labels", str(table), "--json"]) == 0
    facts = json.loads(capsys.readouterr().out)
    assert (facts["points"], facts["unchanged"]) == (0, 4)


def test_a_project_made_in_vain_goes_again(
    table: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for picture in table.parent.rglob("*.png"):
        picture.unlink()
    before = sorted(tmp_path.iterdir())
    assert main(["import", str(tmp_path / "p.limner"), "--labels", str(table)]) == 2
    assert "None of the 2 labelled frames" in capsys.readouterr().err
    assert sorted(tmp_path.iterdir()) == before


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["p.csv", "--labels", "{table}"], "is no name of a project"),
        (["p.limner", "--labels", "none.csv"], "There is no file"),
        (["p.limner", "--labels", "{table}", "--videos", "none"], "is no folder"),
        (["p.limner", "--labels", "{table}", "--format", "slp"], "is no SLEAP file"),
    ],
)
def test_mistakes_are_told_before_anything_is_made(
    table: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    words: list[str],
    sentence: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["import", *(word.format(table=table) for word in words)]) == 2
    assert sentence in capsys.readouterr().err
    assert not (tmp_path / "p.limner").exists()


def test_the_dialog_imports_tells_and_shows_the_first_frame(
    qtbot: QtBot, document: Document, tmp_path: Path
) -> None:
    draw_video(tmp_path / "clip.mp4", n=12, size=(160, 128))
    labels = slp_file(tmp_path / "a.slp", NAMES, [{"frame": 7, "points": POINTS}])
    changed: list[str] = []
    document.annotations_changed.connect(lambda: changed.append("annotations"))
    document.skeleton_changed.connect(lambda: changed.append("skeleton"))
    dialog = _dialog(qtbot, document, labels)
    qtbot.waitUntil(lambda: dialog.report is not None)
    assert "1 frame with 2 landmarks" in dialog.words.text()
    assert dialog.form.isHidden()
    assert {"annotations", "skeleton"} <= set(changed)
    assert document.video is not None
    assert document.video.path.name == "clip.mp4"
    qtbot.waitUntil(lambda: document.frame_index == 7)
    np.testing.assert_allclose(document.landmarks().points, POINTS)
    assert document.undo() == "Import labels from a.slp"
    assert document.video is None
    dialog.go.click()
    assert not dialog.isVisible()


def test_what_goes_wrong_is_told_and_can_be_mended(
    qtbot: QtBot, document: Document, table: Path
) -> None:
    pictures = table.parent / "labeled-data"
    pictures.rename(table.parent / "moved")
    dialog = _dialog(qtbot, document, table)
    qtbot.waitUntil(lambda: not dialog.working)
    assert "could be found" in dialog.trouble.text()
    assert dialog.form.isEnabled()
    dialog.folder.setText(str(table.parent / "moved"))
    dialog.go.click()
    qtbot.waitUntil(lambda: dialog.report is not None)
    assert dialog.trouble.isHidden()
    assert document.annotated_frames().tolist() == [0, 1]


def test_closing_stops_the_work(
    qtbot: QtBot, document: Document, table: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from limner_engine.importing.placing import Placer

    place = Placer._one

    def slowly(placer: Placer, *words: object) -> None:
        time.sleep(0.3)
        place(placer, *words)  # type: ignore[arg-type]

    monkeypatch.setattr(Placer, "_one", slowly)
    dialog = _dialog(qtbot, document, table)
    dialog.show()
    dialog.reject()
    assert dialog.isVisible()
    qtbot.waitUntil(lambda: not dialog.isVisible())
    assert dialog.report is None
    assert document.project is not None
    assert document.project.videos() == []
    assert document.project.history() == []
