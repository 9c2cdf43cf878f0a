"""``limner swap``, and ``limner edit`` along a range: what they write, and what they refuse."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import cv2
import pytest

from engine_fixtures import drawn_frame, drawn_video, tiny_model
from limner_app import cli, progress
from limner_engine.formats.png_file import write_png
from limner_engine.video.reader import VideoReader

FRAMES = 16
INPUTS = {"tiny.safetensors", "a.mp4", "b.mp4", "c.png"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("inputs")
    tiny_model(made / "tiny.safetensors")
    drawn_video(made / "a.mp4", FRAMES)
    drawn_video(made / "b.mp4", FRAMES, 120, 90)
    write_png(made / "c.png", drawn_frame(5, 100, 80))
    return made


@pytest.fixture(autouse=True)
def in_the_folder(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for path in folder.iterdir():
        shutil.copy(path, tmp_path)
    monkeypatch.chdir(tmp_path)


SWAP = ("swap", "--appearance", "a.mp4", "--geometry", "b.mp4")
EDIT = ("edit", "a.mp4", "--frame", "3")
LOOKING = ("--model", "tiny.safetensors", "--crop", "whole", "--device", "cpu", "--threads", "1")


def _made(folder: Path) -> list[str]:
    return sorted({path.name for path in folder.iterdir()} - INPUTS)


def _answer(capsys: pytest.CaptureFixture[str], *words: str) -> Any:
    assert cli.main([*words, *LOOKING, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def _size(path: str) -> tuple[int, int, int]:
    with VideoReader(path) as reader:
        return reader.frame_count, reader.width, reader.height


def test_two_videos_give_a_video(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    answer = _answer(capsys, *SWAP, "--from", "2", "--to", "9", "--out", "s.mp4")
    assert _size("s.mp4") == (8, 160, 120)
    assert answer["frames"] == 8
    assert answer["geometry_frames"] == [2, 9]
    assert answer["model"] == "tiny"
    assert 0 <= answer["appearance_frame"] < FRAMES
    assert 0 < answer["geometry_error_percent"] < 100
    named = ("--appearance-frame", "4", "--relative", "--beside", "--network-only")
    answer = _answer(capsys, *SWAP, *named, "--no-smoothing", "--to", "2", "--out", "t.mp4")
    assert answer["appearance_frame"] == 4
    assert _size("t.mp4") == (3, 320, 120)
    assert _made(tmp_path) == ["s.mp4", "t.mp4"]


def test_plain_words_say_what_was_done(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main([*SWAP, "--to", "1", "--out", "s.mp4", *LOOKING]) == 0
    said = capsys.readouterr()
    assert "looks: frame" in said.out
    assert "% of the crop" in said.out
    assert "written: s.mp4" in said.out
    assert "Redrawing 2 frames" in said.err


def test_pictures_take_part_on_either_side(capsys: pytest.CaptureFixture[str]) -> None:
    swap = ("swap", "--appearance", "c.png", "--geometry")
    assert _answer(capsys, *swap, "b.mp4", "--to", "3", "--out", "s.mp4")["frames"] == 4
    assert _size("s.mp4") == (4, 100, 80)
    answer = _answer(capsys, *swap, "b.mp4", "--geometry-frame", "7", "--out", "s.png")
    assert answer["geometry_frames"] == [7, 7]
    assert answer["geometry_error_percent"] > 0
    assert cv2.imread("s.png").shape == (80, 100, 3)
    answer = _answer(
        capsys,
        "swap",
        "--appearance",
        "a.mp4",
        "--geometry",
        "c.png",
        "--beside",
        "--out",
        "t.png",
    )
    assert answer["frames"] == 1
    assert cv2.imread("t.png").shape == (120, 150 + 160, 3)


def test_an_edit_goes_along_a_range(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    edit = (*EDIT, "--move", "point 2=+8,-4")
    answer = _answer(capsys, *edit, "--from", "1", "--to", "10", "--ramp", "2", "--out", "e.mp4")
    assert _size("e.mp4") == (10, 160, 120)
    assert answer["range"] == [1, 10]
    assert (answer["frames"], answer["unreadable"]) == (10, 0)
    pair = zip(answer["before"]["point 2"], answer["after"]["point 2"], strict=True)
    dx, dy = (b - a for a, b in pair)
    assert (dx, dy) == pytest.approx((8, -4), abs=1e-3)
    whole = _answer(capsys, *EDIT, "--looks-from", "9", "--network-only", "--out", "w.mp4")
    assert whole["frames"] == FRAMES
    assert _made(tmp_path) == ["e.mp4", "w.mp4"]


def test_pose_and_looks_come_from_other_frames(capsys: pytest.CaptureFixture[str]) -> None:
    posed = _answer(capsys, *EDIT, "--pose-from", "9", "--out", "p.png", "--after-only")
    there = _answer(capsys, "edit", "a.mp4", "--frame", "9", "--looks-from", "3", "--out", "l.png")
    assert posed["after"] == there["before"]
    assert posed["after"] != posed["before"]
    assert there["after"] == there["before"]
    both = cv2.imread("l.png")
    assert both.shape == (120, 328, 3)
    assert (both[:, :160] != both[:, 168:]).any()
    moved = _answer(capsys, *EDIT, "--pose-from", "9", "--move", "point 1=+5,+0", "--out", "m.png")
    assert moved["after"]["point 1"][0] == pytest.approx(posed["after"]["point 1"][0] + 5)


@pytest.mark.parametrize(
    ("words", "named"),
    [
        ((*SWAP, "--out", "s.png"), "16 frames of b.mp4 drive, which makes a video."),
        ((*SWAP, "--geometry-frame", "2", "--out", "s.mp4"), "end in .png"),
        ((*SWAP, "--from", "2", "--to", "2", "--out", "s.mp4"), "makes a picture. Let --out end"),
        ((*SWAP, "--geometry-frame", "2", "--relative", "--out", "s.png"), "one frame alone"),
        ((*SWAP, "--geometry-frame", "16", "--out", "s.png"), "--geometry-frame 16"),
        ((*SWAP, "--geometry-frame", "2", "--to", "3", "--out", "s.png"), "one or the other"),
        ((*SWAP, "--appearance-frame", "-1", "--out", "s.mp4"), "0 to 15"),
        ((*SWAP, "--from", "9", "--to", "3", "--out", "s.mp4"), "--from 9 is behind --to 3"),
        ((*SWAP, "--to", "16", "--out", "s.mp4"), "--to 16"),
        ((*SWAP, "--geometry-crop", "no", "--out", "s.mp4"), "'no'"),
        ((*SWAP, "--out", "a.mp4"), "also an input"),
        (("swap", "--appearance", "no.mp4", "--geometry", "b.mp4", "--out", "s.mp4"), "no.mp4"),
        ((*EDIT, "--out", "e.png"), "Nothing is edited"),
        ((*EDIT, "--move", "point 9=+1,+1", "--out", "e.mp4"), "point 9"),
        ((*EDIT, "--looks-from", "2", "--ramp", "2", "--out", "e.png"), "e.mp4"),
        ((*EDIT, "--looks-from", "2", "--ramp", "-2", "--out", "e.mp4"), "--ramp"),
        ((*EDIT, "--looks-from", "99", "--out", "e.mp4"), "--looks-from 99: a.mp4 has no such"),
        ((*EDIT, "--looks-from", "2", "--from", "-1", "--out", "e.mp4"), "--from -1"),
        ((*EDIT, "--looks-from", "2", "--out", "e.avi"), ".png or .mp4"),
    ],
)
def test_mistakes_get_one_line_and_leave_nothing(
    words: tuple[str, ...], named: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert cli.main([*words, *LOOKING]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert named in said.err.strip().splitlines()[-1]
    assert _made(tmp_path) == []


@pytest.mark.parametrize("words", [SWAP, (*EDIT, "--move", "point 2=+8,-4")])
def test_stopped_in_between_nothing_is_left(
    words: tuple[str, ...],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    told = progress._Plain.__call__

    def stop(self: progress._Plain, share: float, note: str = "") -> bool:
        if "Redrawing" in self._title and share > 0.5:
            assert len(_made(tmp_path)) == 1  # what is being written
            raise KeyboardInterrupt
        return told(self, share, note)

    monkeypatch.setattr(progress._Plain, "__call__", stop)
    assert cli.main([*words, "--out", "out.mp4", *LOOKING]) == 130
    assert "stopped" in capsys.readouterr().err
    assert _made(tmp_path) == []
