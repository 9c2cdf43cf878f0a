"""The command line says what is wrong in one line, and ends with the status that fits."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import limner_resources
from limner_app import cli, doctor
from limner_app.commands import COMMANDS
from limner_app.doctor import Finding

SAMPLE = str(limner_resources.sample_video())


def _refused(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    assert cli.main(list(words)) == 2
    said = capsys.readouterr()
    assert said.out == ""
    lines = said.err.strip().splitlines()
    complaint = lines[-1]
    assert complaint.startswith("limner: ")
    assert "Traceback" not in said.err
    return complaint


@pytest.mark.parametrize("name", [command.NAME for command in COMMANDS])
def test_help_shows_a_worked_example(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        cli.main([name, "--help"])
    assert stopped.value.code == 0
    said = capsys.readouterr().out
    assert "example:\n  limner " in said
    assert f"usage: limner {name}" in said


def test_top_help_names_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        cli.main(["--help"])
    said = capsys.readouterr().out
    assert all(f"  {command.NAME}" in said for command in COMMANDS)


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (["detcet"], "detcet"),
        (["detect"], "--help"),
        (["detect", "nowhere.mp4", "--out", "a.csv"], "nowhere.mp4"),
        (["detect", SAMPLE, "--out", "table.png"], ".csv"),
        (["detect", SAMPLE, "--out", "no/such/folder/a.csv"], "folder"),
        (["detect", SAMPLE, SAMPLE, "--out", "a.csv", "--format", "dlc"], "--format tidy"),
        (["detect", SAMPLE, SAMPLE, "--out", "a.csv"], "twice"),
        (["detect", SAMPLE, "--out", "a.csv", "--crop", "12,x,4"], "12,x,4"),
        (["detect", SAMPLE, "--out", "a.csv", "--crop", "1,2,nan"], "X,Y,SIDE"),
        (["detect", SAMPLE, "--out", "a.csv", "--crop", "1,2,-4"], "X,Y,SIDE"),
        (["detect", SAMPLE, "--out", "a.csv", "--model", "no-model"], "no-model"),
        (["detect", SAMPLE, "--out", "a.csv", "--threads", "0"], "--threads"),
        (["edit", SAMPLE, "--frame", "250", "--move", "a=+1,+1", "--out", "e.png"], "249"),
        (["edit", SAMPLE, "--frame", "-1", "--move", "a=+1,+1", "--out", "e.png"], "0 to 249"),
        (["edit", SAMPLE, "--frame", "0", "--move", "nose", "--out", "e.png"], "point 3=+10"),
        (["edit", SAMPLE, "--frame", "0", "--move", "a=+1,2", "--out", "e.png"], "sign"),
        (["train", "--out", "run"], "Name at least one video"),
        (["train", SAMPLE], "--out"),
        (["train", "nowhere.mp4", "--out", "run"], "nowhere.mp4"),
        (["train", SAMPLE, "--out", "run", "--minutes", "0"], "end"),
        (["train", SAMPLE, "--out", "run", "--landmarks", "0"], "landmarks"),
        (["train", SAMPLE, "--out", "run", "--size", "huge"], "huge"),
        (["train", "--resume", "nowhere"], "nowhere"),
        (["export", "nowhere.limner", "--out", "a.csv"], "nowhere.limner"),
        (["export", SAMPLE, "--out", "a.csv"], "sample.mp4"),
        (["demo", "--minutes", "0"], "--minutes"),
        (["demo", "nowhere.mp4"], "nowhere.mp4"),
    ],
)
def test_mistakes_get_one_line_and_leave_nothing(
    words: list[str],
    named: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    monkeypatch.chdir(tmp_path)
    assert named in _refused(capsys, *words)
    assert list(tmp_path.iterdir()) == []


def test_video_is_never_written_over(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    video = tmp_path / "video.csv"
    content = Path(SAMPLE).read_bytes()
    video.write_bytes(content)
    _refused(capsys, "detect", str(video), "--out", str(video))
    assert video.read_bytes() == content


def test_text_is_no_video(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    video = tmp_path / "notes.mp4"
    video.write_text("Only words.", "utf-8")
    assert "notes.mp4" in _refused(capsys, "detect", str(video), "--out", str(tmp_path / "a.csv"))
    assert not (tmp_path / "a.csv").exists()


def test_stranger_is_no_model(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    model = tmp_path / "weights.safetensors"
    model.write_bytes(b"\x80\x04not a model" * 9)
    words = ["detect", SAMPLE, "--out", str(tmp_path / "a.csv"), "--model", str(model)]
    assert "weights.safetensors" in _refused(capsys, *words)
    assert not (tmp_path / "a.csv").exists()


def test_threads_are_told_to_wait_quietly_before_torch_is_there() -> None:
    code = """
import os, sys
from limner_app import cli
from limner_app.commands import detect, doctor, edit, demo
doctor.run = lambda chosen: print(os.environ["OMP_WAIT_POLICY"], "torch" in sys.modules) or 0
cli.main(["doctor"])
"""
    kept = {name: value for name, value in os.environ.items() if name != "OMP_WAIT_POLICY"}
    for given, expected in (({}, "PASSIVE"), ({"OMP_WAIT_POLICY": "ACTIVE"}, "ACTIVE")):
        words = [sys.executable, "-c", code]
        done = subprocess.run(
            words, env={**kept, **given}, capture_output=True, text=True, check=True
        )
        assert done.stdout.split() == [expected, "False"]


def test_bug_ends_with_its_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(chosen: object) -> int:
        raise ZeroDivisionError

    monkeypatch.setattr("limner_app.commands.doctor.run", broken)
    with pytest.raises(ZeroDivisionError):
        cli.main(["doctor"])


def test_doctor_tells_what_to_mend(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    findings = [Finding("a", True, "fine"), Finding("b", False, "broken", "Mend it so.")]
    monkeypatch.setattr("limner_app.commands.doctor.examine", lambda: iter(findings))
    assert cli.main(["doctor"]) == 2
    assert "Mend it so." in capsys.readouterr().out
    assert cli.main(["doctor", "--json"]) == 2
    assert json.loads(capsys.readouterr().out)["ok"] is False


def test_doctor_finds_this_installation_sound() -> None:
    findings = list(doctor.examine())
    assert [finding for finding in findings if not finding.ok] == []
    names = {finding.name for finding in findings}
    assert {"Qt", "device", "codecs", "sample clip", "cache folder", "settings folder"} <= names
