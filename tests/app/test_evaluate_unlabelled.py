"""``limner evaluate`` of landmarks with names, with labels and without."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import cv2
import pytest

import drawn_layouts
from drawn_figures import draw_prior, draw_videos
from limner_app import cli
from limner_engine.priors.prior import PosePrior
from limner_engine.project import Project
from limner_engine.types import Skeleton
from pose_models import figure_model


@pytest.fixture(scope="module")
def prior() -> PosePrior:
    return draw_prior(60, 0)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, prior: PosePrior) -> Path:
    made = tmp_path_factory.mktemp("figures")
    figure_model(made / "model.safetensors", prior)
    prior.save(made / "figures.prior.npz")
    draw_videos(2, 10, 32, 0).frame_set().pack(made / "clips.npz")
    return made


def _refused(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    assert cli.main(["evaluate", *words]) == 2
    return capsys.readouterr().err.strip().splitlines()[-1]


def _words(folder: Path, *more: str) -> list[str]:
    model = str(folder / "model.safetensors")
    return [
        str(folder / "clips.npz"),
        "--model",
        model,
        "--device",
        "cpu",
        "--threads",
        "1",
        *more,
    ]


def test_videos_without_labels(
    folder: Path, prior: PosePrior, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "sheet.png"
    words = _words(folder, "--sheet", str(out))
    assert cli.main(["evaluate", *words]) == 0
    said = capsys.readouterr().out
    assert "tiny figures on 20 frames of 2 videos without labels" in said
    assert "without --prior nothing is plausible" in said
    picture = cv2.imread(str(out))
    assert picture is not None
    assert picture.shape[1] == 8 * 160
    words += ["--prior", str(folder / "figures.prior.npz")]
    assert cli.main(["evaluate", *words, "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["learned_with_this_prior"] is True
    assert answer["prior"] == prior.name
    assert 0 <= answer["plausible"] <= 1
    assert answer["sheet"] == str(out)
    assert cli.main(["evaluate", *words]) == 0
    assert "not the very prior" not in capsys.readouterr().out


def test_the_prior_of_a_project(
    folder: Path, prior: PosePrior, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "work.limner"
    with Project.create(path) as project:
        project.add_prior(draw_prior(20, 5))
        project.add_prior(draw_prior(20, 6))
    words = _words(folder, "--prior", str(path))
    # Neither is the model's, and both have its landmarks.
    assert "has 2 priors" in _refused(capsys, *words)
    with Project.open(path) as project:
        project.add_prior(prior)
    assert cli.main(["evaluate", *words, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["learned_with_this_prior"] is True


def test_mistakes_are_told_in_one_line(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = _words(folder)
    assert "--layout" in _refused(capsys, *words, "--layout", "mafl")
    assert "--model" in _refused(capsys, words[0])
    assert "--sheet sheet.jpg" in _refused(capsys, *words, "--sheet", "sheet.jpg")
    assert "needs videos" in _refused(capsys, *words[1:], "--sheet", "sheet.png")
    assert "no file" in _refused(capsys, *words, "--prior", str(tmp_path / "none.prior.npz"))
    other = PosePrior("other", Skeleton(("a", "b"), ((0, 1),)), draw_prior(4, 0).poses[:, :2])
    other.save(tmp_path / "other.prior.npz")
    said = _refused(capsys, *words, "--prior", str(tmp_path / "other.prior.npz"))
    assert "other landmarks" in said


def test_landmarks_with_names_are_measured_as_they_are(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    names = tuple(f"point {number}" for number in range(1, 69))
    skeleton = Skeleton(names, tuple((i, i + 1) for i in range(67)), ((36, 45),))
    model = figure_model(tmp_path / "faces.safetensors", skeleton=skeleton)
    data, out = drawn_layouts.w300(tmp_path / "300w"), tmp_path / "figures.csv"
    words = ["evaluate", "--model", str(model), "--data", str(data), "--layout", "300w"]
    words += ["--device", "cpu", "--threads", "1", "--shots", "2,all", "--out", str(out)]
    assert cli.main(words) == 0
    said = capsys.readouterr().out
    assert "taken for the points in order" in said
    assert "no label" in said
    assert "% of pictures whose sides are right" in said
    with out.open(newline="") as file:
        table = list(csv.DictReader(file))
    outer = [row for row in table if row["measure"] == "% of eye distance, outer corners"]
    direct = [row for row in outer if row["shots"] == "0"]
    assert [row["form"] for row in direct] == ["direct", "uncorrected", "best sides"]
    assert {row["form"] for row in outer if row["shots"] == "2"} >= {"corner", "bias"}
    assert cli.main([*words, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["meaning"] == "in order"
