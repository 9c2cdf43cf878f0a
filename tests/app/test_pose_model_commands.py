"""``limner detect``, ``edit`` and ``swap`` with a model whose landmarks come from a pose prior."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from engine_fixtures import drawn_video, tiny_model, tiny_pose_model
from limner_app import cli
from limner_engine.cropping import CropTrack
from limner_engine.inference.pose_picture import pose_picture
from limner_engine.inference.render_job import Clip, Looks
from limner_engine.inference.session import Session
from limner_engine.inference.swap_grid import TILE_PX, swap_grid
from limner_engine.types import Crop

_LOOKING = ("--crop", "whole", "--device", "cpu", "--threads", "1")
_POSES = ("--model", "poses.safetensors", *_LOOKING)
_PITCH = TILE_PX + 4


@pytest.fixture(autouse=True)
def in_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tiny_pose_model(tmp_path / "poses.safetensors")
    drawn_video(tmp_path / "a.mp4", 6)
    drawn_video(tmp_path / "b.mp4", 6, 120, 90)
    monkeypatch.chdir(tmp_path)


def _answer(capsys: pytest.CaptureFixture[str], *words: str) -> Any:
    assert cli.main([*words, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_landmarks_arrive_with_their_names(capsys: pytest.CaptureFixture[str]) -> None:
    answer = _answer(capsys, "detect", "a.mp4", *_POSES, "--out", "a.csv")
    assert answer["videos"][0]["landmarks"] == ["head", "hip", "left hand", "right hand"]
    with Path("a.csv").open(encoding="utf-8") as file:
        assert "left hand" in next(row for row in csv.reader(file) if row[0] == "bodyparts")


def test_a_joint_is_dragged_and_the_picture_follows(capsys: pytest.CaptureFixture[str]) -> None:
    edit = ("edit", "a.mp4", "--frame", "2", "--move", "left hand=+30,-20", *_POSES)
    answer = _answer(capsys, *edit, "--out", "e.png")
    moved = np.subtract(answer["after"]["left hand"], answer["before"]["left hand"])
    assert moved == pytest.approx((30, -20), abs=1e-3)
    assert cv2.imread("e.png").shape == (120, 328, 3)
    assert _answer(capsys, *edit, "--to", "3", "--out", "e.mp4")["frames"] == 4


def test_looks_and_poses_are_swapped(capsys: pytest.CaptureFixture[str]) -> None:
    swap = ("swap", "--appearance", "a.mp4", "--geometry", "b.mp4", *_POSES)
    assert _answer(capsys, *swap, "--to", "2", "--out", "s.mp4")["frames"] == 3
    both = (*swap, "--appearance", "b.mp4", "--appearance-frame", "1", "--grid", "3")
    answer = _answer(capsys, *both, "--network-only", "--out", "g.png")
    assert answer["geometry_frames"] == [0, 2, 5]
    assert answer["appearance_frames"] == [1, 1]
    assert answer["geometry_error_percent"] > 0
    assert cv2.imread("g.png").shape == (4 * _PITCH - 4, 4 * _PITCH - 4, 3)
    assert cli.main([*both, "--out", "g.png"]) == 0
    assert "poses: frames 0, 2, 5 of b.mp4" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--appearance", "b.mp4", "--out", "g.png"), "Several looks make a grid."),
        (("--grid", "0", "--out", "g.png"), "--grid cannot be 0"),
        (("--grid", "2", "--beside", "--out", "g.png"), "--beside has no meaning for a grid"),
        (("--grid", "2", "--geometry-frame", "1", "--out", "g.png"), "--geometry-frame has no"),
        (("--grid", "2", "--out", "g.mp4"), "end in .png"),
    ],
)
def test_what_makes_no_grid_is_told(
    capsys: pytest.CaptureFixture[str], words: tuple[str, ...], sentence: str
) -> None:
    swap = ("swap", "--appearance", "a.mp4", "--geometry", "b.mp4", *_POSES)
    assert cli.main([*swap, *words]) == 2
    assert sentence in capsys.readouterr().err


def test_the_grid_shows_the_pose_between_where_there_is_a_skeleton(tmp_path: Path) -> None:
    crop, shares = Crop.whole(160, 120), list[float]()
    clip = Clip(tmp_path / "a.mp4", CropTrack.fixed(crop), 0, 6)
    looks = [Looks(tmp_path / "a.mp4", 3, crop)]
    session = Session(tmp_path / "poses.safetensors", "cpu", 1)
    made = swap_grid(session, looks, clip, 2, shares.append)
    assert made.frames == (0, 5)
    assert shares == [0.5, 1.0]
    assert made.picture.shape == (3 * _PITCH - 4, 3 * _PITCH - 4, 3)
    pose = made.picture[_PITCH : _PITCH + TILE_PX, _PITCH : _PITCH + TILE_PX]
    assert (pose[..., 0] == pose[..., 1]).all()
    assert pose.max() > 200
    assert np.median(pose) < 20
    plain = Session(tiny_model(tmp_path / "tiny.safetensors"), "cpu", 1)
    assert swap_grid(plain, looks, clip, 2, shares.append).picture.shape[0] == 2 * _PITCH - 4
    points = np.array([[0, -0.5], [0, 0.5], [-0.5, 0], [0.5, 0]], np.float32)
    drawn = pose_picture(points, session.info.skeleton, 64)
    assert drawn.shape == (64, 64, 3)
    assert drawn[32, 32].min() > 150
    assert drawn[60, 60].max() < 20
