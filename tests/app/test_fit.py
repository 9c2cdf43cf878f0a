"""``limner fit`` from the words to a project with names on every frame."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

import drawn_layouts
from engine_fixtures import drawn_video
from limner_app import cli
from limner_app.commands.fit_text import fit_text
from limner_app.naming_memory import NamingMemory
from limner_engine.formats import read_dlc, read_tidy, write_tidy
from limner_engine.formats.table import LandmarkTable
from limner_engine.project import Project
from limner_engine.types import FrameKey


@pytest.fixture(autouse=True)
def _one_thread() -> None:
    torch.set_num_threads(1)


def _fit(capsys: pytest.CaptureFixture[str], *words: object) -> Any:
    given = ["fit", *map(str, words), "--threads", "1", "--device", "cpu", "--json"]
    assert cli.main(given) == 0
    return json.loads(capsys.readouterr().out)


def _tidy(path: Path, video: str, frames: int) -> Path:
    """Labels of two landmarks in every other frame; the second is hidden in the first of them."""
    count = np.arange(0, frames, 2)
    points = np.stack([np.array([[20 + i, 24], [40, 30 + i]], float) for i in count])
    visible = np.ones((len(count), 2))
    points[0, 1], visible[0, 1] = np.nan, 0
    blank = np.full(visible.shape, np.nan)
    source = np.full(visible.shape, "person:ada", object)
    names = ("nose", "tail")
    table = LandmarkTable(
        video, "subject 1", names, count, count / 30, points, blank, visible, source
    )
    write_tidy(path, [table])
    return path


def test_a_project_gets_a_model_predictions_and_a_table(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = drawn_layouts.project(tmp_path / "body.limner")
    with Project.open(path) as project:
        before = project.annotations(FrameKey(project.videos()[0].id, 2))
    told = _fit(capsys, path, "--first-only")
    assert told["frames"] == 12 + 13
    assert [one["name"] for one in told["landmarks"]] == list(drawn_layouts.BODY)
    assert {one["layer"] for one in told["landmarks"]} == {"first"}
    assert told["landmarks"][1]["labels"] == 12
    assert set(told["stages_s"]) == {"first", "detection"}
    assert fit_text(told).count("\n") > 8
    tables = read_tidy(Path(told["table"]))
    assert [len(table.frames) for table in tables] == [12, 13]
    with Project.open(path) as project:
        memory = NamingMemory.of(project)
        assert project.current_model_id == memory.model
        first = project.videos()[0]
        assert project.predicted_mask(first.id, memory.model or 0).all()
        assert project.annotations(FrameKey(first.id, 2)) == before
        assert len(project.models()) == 1
    # Again: the same model of the project is renewed, and no other is made.
    _fit(capsys, path, "--first-only")
    with Project.open(path) as project:
        assert len(project.models()) == 1


def test_videos_become_a_project_with_the_labels_of_a_table(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    video = drawn_video(tmp_path / "mouse.mp4", 12, 96, 64)
    labels = _tidy(tmp_path / "labels.csv", "mouse.mp4", 12)
    out, export = tmp_path / "made", tmp_path / "mouse.csv"
    told = _fit(
        capsys, video, "--labels", labels, "--out", out, "--crop", "48,32,64",
        "--first-only", "--export", export, "--format", "dlc",
    )  # fmt: skip
    assert told["imported"] == ["6 frames imported from labels.csv."]
    assert told["project"] == str(out / "mouse.limner")
    assert len(read_dlc(export).frames) == 12
    with Project.open(out / "mouse.limner") as project:
        (known,) = project.videos()
        said = project.annotations(FrameKey(known.id, 0))
        assert (said[0].x, said[0].y, said[0].visible) == (20.0, 24.0, True)
        assert not said[1].visible
        assert project.skeleton().names == ("nose", "tail")
    # A second time nothing is imported twice, and it goes on in the project that is there.
    again = _fit(capsys, video, "--labels", labels, "--out", out, "--first-only")
    assert again["imported"][0].startswith("0 frames")


def test_both_layers(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = drawn_layouts.project(tmp_path / "body.limner", videos=1, frames=5)
    told = _fit(capsys, path, "--steps", "4")
    assert told["frames"] == 12
    assert set(told["stages_s"]) == {"first", "second", "detection"}
    assert {one["layer"] for one in told["landmarks"]} <= {"first", "second"}
    assert Path(told["model"]).is_file()


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["gone.mp4"], "There is no video gone.mp4"),
        (["gone.limner"], "There is no project gone.limner"),
        (["{video}"], "videos need --labels"),
        (["{video}", "--labels", "gone.csv"], "There is no file gone.csv"),
        (["{project}", "--out", "x"], "--out has no meaning beside a project"),
        (["{project}", "{project}"], "name one project, or videos"),
        (["{project}", "--crop", "left"], "--crop cannot be 'left'"),
        (["{project}", "--base", "gone"], "There is no model gone"),
        (["{project}", "--export", "table.txt"], "has to end in .csv"),
        (["{project}", "--format", "dlc"], "--format dlc needs --export"),
        (["{empty}"], "Nothing is labelled in empty.limner"),
        (["{video}", "--labels", "{other}", "--out", "{out}"], "is in a video here"),
    ],
)
def test_mistakes_are_told_in_a_line(
    words: list[str], told: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Project.create(tmp_path / "empty.limner").close()
    places = {
        "video": drawn_video(tmp_path / "mouse.mp4", 6, 96, 64),
        "project": drawn_layouts.project(tmp_path / "body" / "body.limner", videos=1),
        "empty": tmp_path / "empty.limner",
        "other": _tidy(tmp_path / "other.csv", "rat.mp4", 6),
        "out": tmp_path / "out",
    }
    assert cli.main(["fit", *(word.format(**places) for word in words)]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert told in said.err.splitlines()[-1]
    assert not (tmp_path / "out").exists()
