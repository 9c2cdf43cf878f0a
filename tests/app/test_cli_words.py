"""Words of the command line, progress, and what the commands draw and compute."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest

import limner_resources
from limner_app import cli
from limner_app.commands import pictures
from limner_app.commands.looking import named_model
from limner_app.commands.parsing import crop_square, move
from limner_app.commands.redrawing import moved_points
from limner_app.demo import landmark_error
from limner_app.progress import long_work
from limner_app.table_names import free_names
from limner_engine.errors import LimnerError, ModelError
from limner_engine.formats.png_file import write_png
from limner_engine.types import Skeleton
from limner_training.config import TrainConfig


def test_moves() -> None:
    assert move("point 3=+10,-5") == ("point 3", 10.0, -5.0, True)
    assert move("nose = 120.5 , 80") == ("nose", 120.5, 80.0, False)
    assert move("a=b=+.5,-0") == ("a=b", 0.5, 0.0, True)
    for wrong in ("nose", "nose=1", "=1,2", "nose=1,2,3", "nose=nan,1", "nose=1e9,1"):
        with pytest.raises(LimnerError):
            move(wrong)


def test_moves_follow_one_another() -> None:
    points = np.zeros((2, 2), np.float32)
    skeleton = Skeleton(("nose", "ear"))
    moved = moved_points(points, skeleton, ["nose=10,20", "Nose=+1,-1", "ear=-2,+3"])
    np.testing.assert_array_equal(moved, [[11, 19], [-2, 3]])
    np.testing.assert_array_equal(points, 0)
    with pytest.raises(LimnerError, match="nose, ear"):
        moved_points(points, skeleton, ["chin=+1,+1"])


def test_crop_squares() -> None:
    assert crop_square("auto") is None
    assert crop_square("320,240.5,200") == (320.0, 240.5, 200.0)


def test_names_of_tables_never_meet() -> None:
    assert free_names(["a", "b", "A", "a"]) == ["a", "b", "A-2", "a-3"]


def test_models_are_found_by_name_file_and_run(tmp_path: Path) -> None:
    for name, path in limner_resources.bundled_models().items():
        assert named_model(name) == path
    model = tmp_path / "model.safetensors"
    model.write_bytes(b"")
    assert named_model(str(tmp_path)) == model
    assert named_model(str(model)) == model
    with pytest.raises(ModelError):
        named_model(str(tmp_path / "none"))


def test_every_setting_of_a_run_is_an_option() -> None:
    words = ["train", "a.mp4", "--out", "run"]
    for knob in dataclasses.fields(TrainConfig):
        if knob.name == "sources":
            continue
        option = f"--{knob.name.replace('_', '-')}"
        default = getattr(TrainConfig(), knob.name)
        if isinstance(default, bool):
            words.append(option if default else f"--no-{option[2:]}")
        else:
            words += [option, str(default)]
    chosen = vars(cli.parser().parse_args(words))
    given = {n.removeprefix("knob_"): v for n, v in chosen.items() if n.startswith("knob_")}
    assert TrainConfig(**given) == TrainConfig()


def test_progress_speaks_in_lines_where_there_is_no_terminal(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("limner_app.progress._PLAIN_EVERY_S", 0.0)
    with long_work("Counting") as advance:
        assert advance(0.5, "half")
        assert advance(1.2)
    said = capsys.readouterr()
    assert said.out == ""
    assert "Counting: 50%" in said.err
    assert "-" not in said.err


def test_missing_landmarks_are_not_drawn() -> None:
    image = np.full((60, 80, 3), 128, np.uint8)
    nothing = np.full((2, 2), np.nan, np.float32)
    skeleton = Skeleton(("a", "b"), edges=((0, 1),))
    np.testing.assert_array_equal(pictures.draw_landmarks(image, nothing, skeleton), image)
    some = np.array([[20, 30], [np.nan, 1]], np.float32)
    drawn = pictures.draw_landmarks(image, some, skeleton)
    assert tuple(drawn[30, 20]) == pictures.colour_of(0)
    assert (image == 128).all()
    both = pictures.before_and_after(image, image, some, some + 5, skeleton)
    assert both.shape == (180, 3 * 160 + 8, 3)
    # The landmark was moved from (20, 30) to (25, 35), three times as large here.
    assert tuple(both[3 * 35 + 1, 3 * 80 + 8 + 3 * 25 + 1]) == pictures.colour_of(0)
    large = np.full((130, 200, 3), 128, np.uint8)
    assert pictures.before_and_after(large, large, some, some, skeleton).shape == (130, 408, 3)


def test_curves_survive_one_point_and_none() -> None:
    one = ("one", np.array([5.0]), np.array([0.3]))
    none = ("none", np.array([]), np.array([]))
    assert pictures.curve_picture("title", [one, none]).shape == (560, 960, 3)
    assert pictures.curve_picture("title", [none]).shape == (560, 960, 3)


def test_picture_that_cannot_be_written_leaves_nothing(tmp_path: Path) -> None:
    image = np.zeros((4, 4, 3), np.uint8)
    with pytest.raises(LimnerError):
        write_png(tmp_path / "none" / "a.png", image)
    write_png(tmp_path / "a.png", image)
    assert [path.name for path in tmp_path.iterdir()] == ["a.png"]


def test_landmark_error_is_nought_for_a_linear_map_and_large_for_noise() -> None:
    known = limner_resources.sample_landmarks().points_px
    rng = np.random.default_rng(0)
    mixing = rng.normal(size=(24, 20)) / 5
    found = (known.reshape(len(known), -1) @ mixing).reshape(-1, 10, 2).astype(np.float32)
    good = landmark_error(known.astype(np.float32), known)
    assert good["landmark_error_px"] < 1.0
    mixed = landmark_error(found, known)
    noise = landmark_error(rng.normal(size=found.shape).astype(np.float32) * 30, known)
    assert mixed["landmark_error_px"] < noise["landmark_error_px"]
    assert noise["landmark_error_px"] > 0.8 * noise["landmark_error_of_mean_position_px"]
