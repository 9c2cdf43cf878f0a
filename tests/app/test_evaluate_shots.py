"""``limner evaluate --train-labels``: few labels, from the words to the figures."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch

import drawn_layouts
from engine_fixtures import tiny_model
from limner_app import cli


@pytest.fixture(autouse=True)
def _one_thread() -> None:
    torch.set_num_threads(1)


@pytest.fixture
def mice(tmp_path: Path) -> str:
    return str(drawn_layouts.dlc(tmp_path / "mice", videos=3, pictures=5))


def _words(labels: str, *more: str) -> list[str]:
    return ["evaluate", "--train-labels", labels, "--threads", "1", "--crop", "whole", *more]


def test_layers_beside_one_another(
    mice: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "few"
    words = _words(
        mice, "--shots", "3,all", "--draws", "2", "--layers", "mean,supervised",
        "--supervised-steps", "1", "--supervised-side", "32", "--radius", "8", "--out", str(out),
    )  # fmt: skip
    assert cli.main(words) == 0
    said = capsys.readouterr()
    assert "split by video, 40% of 3 tested on" in said.out
    lines = said.out.splitlines()
    px = next(i for i, line in enumerate(lines) if line.startswith("px   "))
    assert lines[px].split() == ["px", "n", "=", "3", "all", "10"]
    assert lines[px + 1].startswith("mean")
    assert lines[px + 2].startswith("supervised")
    assert "±" in lines[px + 2]
    assert any(line.startswith("% within 8 px") for line in lines)
    assert "Measuring mean, supervised" in said.err
    kept = (out / "figures.jsonl").read_text()
    assert len(kept.splitlines()) == 2 * 2 * 2

    # A row alone is the same draw, and nothing is measured twice.
    alone = _words(
        mice, "--shots", "3", "--draws", "1", "--seed", "1", "--layers", "supervised",
        "--supervised-steps", "1", "--supervised-side", "32", "--radius", "8", "--out", str(out),
        "--json",
    )  # fmt: skip
    assert cli.main(alone) == 0
    answer = json.loads(capsys.readouterr().out)
    assert (out / "figures.jsonl").read_text() == kept
    assert {row["line"] for row in answer["rows"]} == {"supervised"}
    assert {row["draws"] for row in answer["rows"]} == {1}


def test_the_second_layer_and_what_it_starts_from(
    mice: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    base = tiny_model(tmp_path / "base.safetensors")
    body = drawn_layouts.project(tmp_path / "body" / "body.limner", videos=1, frames=3)
    words = _words(
        mice, "--shots", "4", "--draws", "1", "--layers", "first,second", "--steps", "4",
        "--base", str(base), "--from-scratch", "--groups", "none", "--json",
        "--unlabelled", str(body.parent / "clip0.mp4"),
    )  # fmt: skip
    assert cli.main(words) == 0
    rows = json.loads(capsys.readouterr().out)["rows"]
    lines = {"first", "second", "shown", "second, random weights"}
    assert {row["line"] for row in rows} == lines
    assert all(row["mean"] >= 0 for row in rows)


def test_two_tables(mice: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    other = str(drawn_layouts.dlc(tmp_path / "others", videos=1, pictures=4))
    words = _words(mice, "--test-labels", other, "--layers", "mean", "--shots", "2,all", "--json")
    assert cli.main(words) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["split"].startswith("two tables")
    every = [row for row in answer["rows"] if row["every"] and row["measure"] == "px"]
    assert [(row["shots"], row["draws"]) for row in every] == [(15, 1)]


@pytest.mark.parametrize(
    ("more", "told"),
    [
        (["--layers", "third"], "'third' is none of mean, first, second, supervised"),
        (["--model", "faces"], "--model has no meaning beside --train-labels"),
        (["--out", "table.csv"], "is no folder"),
        (["--minutes", "0"], "not a number of minutes above 0"),
        (["--shots", "500"], "There are only"),
        (["--unlabelled", "gone.mp4"], "There is no video gone.mp4"),
        (["--groups", "identity"], "Leave out --groups"),
        (["--layout", "slp"], "There is no layout slp"),
        (["--test-labels", "gone.csv"], "There is nothing at gone.csv"),
        (["--base", "gone"], "There is no model gone"),
    ],
)
def test_mistakes_are_told_in_a_line(
    mice: str, more: list[str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    words = _words(mice) + (more if "--layers" in more else ["--layers", "mean", *more])
    assert cli.main(words) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert told in said.err.splitlines()[-1]


def test_labels_to_test_on_need_others(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["evaluate", "--test-labels", "a.csv"]) == 2
    assert "--train-labels" in capsys.readouterr().err
