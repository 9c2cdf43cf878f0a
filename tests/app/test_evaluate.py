"""``limner evaluate`` from the words to the figures."""

from __future__ import annotations

import csv
import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest

import drawn_layouts
from engine_fixtures import tiny_model
from limner_app import cli
from limner_app.commands.evaluate import ABOUT
from limner_engine.model_file import load_model, save_model
from limner_training.data.datasets.layouts import OWN, PUBLISHED


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(tiny_model(tmp_path_factory.mktemp("model") / "tiny.safetensors"))


def _refused(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    assert cli.main(["evaluate", *words]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    return said.err.strip().splitlines()[-1]


def test_figures_as_text_table_and_json(
    model: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data, out = drawn_layouts.aflw(tmp_path / "aflw"), tmp_path / "figures.csv"
    words = ["evaluate", "--model", model, "--data", str(data), "--layout", "aflw"]
    words += ["--device", "cpu", "--shots", "5,all,1", "--out", str(out)]
    assert cli.main(words) == 0
    said = capsys.readouterr()
    assert "tiny (5 landmarks) on aflw (5 points): 18 pictures to fit on, 3 to test" in said.out
    assert "people unknown" in said.out
    assert "% of eye distance, pupils" in said.out
    assert said.out.index("n = 1 ") < said.out.index("n = 5") < said.out.index("all 18")
    assert "Finding landmarks in 21 pictures" in said.err
    with out.open(newline="") as file:
        table = list(csv.DictReader(file))
    assert {row["shots"] for row in table} == {"1", "5", "18"}
    forms = {"corner", "middle", "bias", "ridge", "mean points"}
    assert {row["form"] for row in table} == forms

    assert cli.main([*words, "--json", "--match"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["train_pictures"] == 18
    # The same seed: the same figures, to the last digit, as in the table.
    again = [str(row["mean"]) for row in answer["rows"] if row["form"] != "matched"]
    assert again == [row["mean"] for row in table]
    assert any(row["form"] == "matched" for row in answer["rows"])

    assert cli.main([*words, "--json", "--seed", "5"]) == 0
    other = [str(row["mean"]) for row in json.loads(capsys.readouterr().out)["rows"]]
    assert other != again


def test_tables_of_the_paper_without_data(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["evaluate", "--table", "imm"]) == 0
    said = capsys.readouterr().out
    assert "Jakab et al. 2018, Table 1" in said
    line = next(line for line in said.splitlines() if line.startswith("n = 10 "))
    assert line.split() == ["n", "=", "10", "7.19", "±", "0.45", "–"]
    assert cli.main(["evaluate", "--table", "imm", "--json"]) == 0
    tables = json.loads(capsys.readouterr().out)["tables"]
    assert all(line["ours"] is None for table in tables for line in table["lines"])


def test_tables_of_the_paper_with_a_model(
    model: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = str(drawn_layouts.mafl(tmp_path / "celeba"))
    words = ["evaluate", "--table", "imm", "--model", model, "--data", data, "--layout", "mafl"]
    assert cli.main([*words, "--device", "cpu", "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    filled = [
        line["label"] for table in answer["tables"] for line in table["lines"] if line["ours"]
    ]
    # Nine pictures are there to fit on, so that rows of more stay empty.
    assert filled == ["this model", "this model, with bias", "n = 1", "n = 5", "all"]


def test_own_sets_with_pixels_and_visibility(
    model: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    body = str(drawn_layouts.project(tmp_path / "project" / "body.limner"))
    words = ["evaluate", "--model", model, "--device", "cpu", "--shots", "all", "--pck", "3,2.5"]
    assert cli.main([*words, "--layout", "project", "--data", body]) == 0
    said = capsys.readouterr().out
    assert "by video, the last 1 of 2 tested on" in said
    for measure in ("px", "2.5 px", "3 px", "0.2 of the box", "0.2 of the torso"):
        assert any(line.startswith(("px  ", f"% within {measure}")) for line in said.splitlines())
    assert "visibility, AUC" in said
    mice = str(drawn_layouts.dlc(tmp_path / "mice"))
    dlc = [*words, "--layout", "dlc", "--data", mice, "--crop", "whole", "--json"]
    assert cli.main(dlc) == 0
    answer = json.loads(capsys.readouterr().out)
    measures = {row["measure"] for row in answer["rows"]}
    assert {"px", "% within 2.5 px", "% within 3 px", "visibility, AUC"} <= measures
    assert {row["part"] for row in answer["rows"] if row["measure"] == "px"} == {
        "",
        *drawn_layouts.BODY,
    }


def test_models_are_compared_on_the_same_pictures(
    model: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data, out = str(drawn_layouts.w300(tmp_path / "300w")), tmp_path / "figures.csv"
    learned = tmp_path / "learned.safetensors"
    loaded = load_model(Path(model))
    info = dataclasses.replace(loaded.info, name="learned", provenance={"loss": "l2"})
    save_model(learned, loaded.model, info)
    words = ["evaluate", "--model", model, "--data", data, "--layout", "300w", "--device", "cpu"]
    words += ["--shots", "2,all", "--out", str(out), "--compare", str(learned), "untrained"]
    assert cli.main([*words, "--table", "imm"]) == 0
    said = capsys.readouterr().out.splitlines()
    assert "Limner's own, 300w: 68 points from n labelled pictures (% of eye distance, outer" in (
        " ".join(said)
    )
    for start in ("tiny, corner", "learned, bias", "untrained, ridge", "mean points"):
        assert any(line.startswith(start) for line in said)
    lines = {line[:47].strip(): line[47:].split() for line in said}
    assert lines["loss l2"][0] == "2.84"
    assert lines["loss l1"] == ["3.64", "–", "–"]
    with out.open(newline="") as file:
        table = list(csv.DictReader(file))
    assert list(dict.fromkeys(row["model"] for row in table)) == ["tiny", "learned", "untrained"]
    figures = {
        name: [row["mean"] for row in table if row["model"] == name]
        for name in ("tiny", "learned", "untrained")
    }
    # The same weights on the same draws; a fresh network is another.
    assert figures["tiny"] == figures["learned"] != figures["untrained"]

    assert cli.main([*words, "--table", "imm", "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert [one["model"] for one in answer["compared"]] == ["learned", "untrained"]
    (ablation,) = [table for table in answer["tables"] if "ours_with_bias" in table]
    filled = {line["label"]: line["ours"] for line in ablation["lines"] if line["ours"]}
    assert list(filled) == ["loss l2", "untrained network"]
    whole = next(
        row
        for row in answer["rows"]
        if row["measure"] == answer["comparison"]["measure"]
        and row["form"] == "corner"
        and row["every"]
    )
    assert filled["loss l2"] == f"{whole['mean']:.2f}"
    assert answer["comparison"]["columns"] == ["n = 2", "all"]
    assert answer["comparison"]["lines"][0]["mean"][1] == whole["mean"]


def test_without_points_known_moves_are_measured(
    model: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rng = np.random.default_rng(0)
    for part in ("train", "test"):
        pixels = rng.integers(0, 256, (32, 32, 3, 4), np.uint8)
        np.savez(tmp_path / f"{part}_32x32.npz", X=pixels, y=np.ones((4, 1)))
    out = tmp_path / "figures.csv"
    words = ["evaluate", "--model", model, "--data", str(tmp_path), "--layout", "svhn"]
    assert cli.main([*words, "--device", "cpu", "--out", str(out)]) == 0
    assert "has no labelled points" in capsys.readouterr().out
    with out.open(newline="") as file:
        (row,) = csv.DictReader(file)
    assert float(row["mean"]) > 0


def test_mistakes_are_told_in_one_line(
    model: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = str(drawn_layouts.w300(tmp_path / "300w"))
    whole = ["--model", model, "--data", data, "--layout", "300w"]
    assert "--model, --data and --layout" in _refused(capsys)
    assert "--data, --layout" in _refused(capsys, "--model", model)
    assert "--out needs" in _refused(capsys, "--table", "imm", "--out", "a.csv")
    assert "no layout" in _refused(capsys, *whole[:-1], "w300")
    assert "'ten'" in _refused(capsys, *whole, "--shots", "ten")
    assert "--shots" in _refused(capsys, *whole, "--shots", "0")
    assert "--draws" in _refused(capsys, *whole, "--draws", "0")
    assert "--seed" in _refused(capsys, *whole, "--seed", "-1")
    assert "no model" in _refused(capsys, "--model", "none", *whole[2:])
    assert "68 points" in _refused(capsys, *whole, "--match", "--device", "cpu")
    assert ".csv" in _refused(capsys, *whole, "--out", "figures.txt")
    assert "nowhere" in _refused(capsys, *whole[:3], "nowhere", *whole[4:])
    assert "--table" in _refused(capsys, "--table", "wiles")
    assert "--compare needs" in _refused(capsys, "--table", "imm", "--compare", "untrained")
    assert "no model" in _refused(capsys, *whole, "--compare", "none")
    assert "'0'" in _refused(capsys, *whole, "--pck", "5,0")
    assert "--crop" in _refused(capsys, *whole, "--crop", "whole")
    for layout in ("project", "dlc"):
        said = _refused(capsys, *whole[:-1], layout, "--device", "cpu")
        assert "300w holds no" in said or layout in said


def test_help_names_every_layout() -> None:
    assert f"published layout: {', '.join(layout.NAME for layout in PUBLISHED)}." in " ".join(
        ABOUT.split()
    )
    for own in OWN:
        assert f"{own.NAME}, a " in " ".join(ABOUT.split())
