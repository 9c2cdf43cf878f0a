"""``limner evaluate`` from the words to the figures."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest

import drawn_layouts
from engine_fixtures import tiny_model
from limner_app import cli
from limner_app.commands.evaluate import ABOUT
from limner_training.data.datasets.layouts import LAYOUTS


@pytest.fixture
def model(tmp_path: Path) -> str:
    return str(tiny_model(tmp_path / "tiny.safetensors"))


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
    assert {row["form"] for row in table} == {"corner", "middle", "bias", "mean points"}

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


def test_help_names_every_layout() -> None:
    assert f"published layout: {', '.join(layout.NAME for layout in LAYOUTS)}." in " ".join(
        ABOUT.split()
    )
