"""``limner warp`` and ``limner embed``: what they write, and what they refuse."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
import torch

from engine_fixtures import drawn_frame, drawn_video, tiny_fabnet, tiny_model, tiny_warp_model
from limner_app import cli
from limner_app.commands.named_frame import named_frame
from limner_app.commands.warp_pictures import PANE
from limner_engine.coordinates import cut, frame_to_crop, norm_to_pixel
from limner_engine.flow_colours import flow_colours
from limner_engine.formats.array_file import write_arrays
from limner_engine.formats.png_file import write_png
from limner_engine.types import Crop, Image
from limner_engine.video.reader import VideoReader

FRAMES = 12
LOOKING = ("--device", "cpu", "--threads", "1")
WHOLE = ("--model", "tiny.safetensors", "--crop", "whole", *LOOKING)
PICTURES = {"redrawn.png", "flow.png", "confidence.png", "difference.png", "overview.png"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    torch.set_num_threads(1)
    made = tmp_path_factory.mktemp("inputs")
    tiny_warp_model(made / "tiny.safetensors")
    tiny_fabnet(made / "fabnet.safetensors")
    tiny_model(made / "imm.safetensors")
    drawn_video(made / "a.mp4", FRAMES)
    write_png(made / "c.png", drawn_frame(5, 100, 80))
    return made


@pytest.fixture(autouse=True)
def in_the_folder(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for path in folder.iterdir():
        shutil.copy(path, tmp_path)
    monkeypatch.chdir(tmp_path)


def _answer(capsys: pytest.CaptureFixture[str], *words: str) -> Any:
    assert cli.main([*words, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def _seen(path: Path) -> Image:
    picture = cv2.imread(str(path))
    assert picture is not None
    return np.asarray(picture[..., ::-1], np.uint8)


def _refused(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    assert cli.main(list(words)) == 2
    return capsys.readouterr().err


def test_a_warp_is_pictures_and_numbers(capsys: pytest.CaptureFixture[str]) -> None:
    square = ("--source-crop", "70,50,90")
    words = ("warp", "a.mp4:2", "c.png", *WHOLE, *square, "--out", "new/w")
    answer = _answer(capsys, *words)
    out = Path("new/w")
    assert {path.name for path in out.iterdir()} == {*PICTURES, "flow.npz"} == {*answer["files"]}
    assert answer["sides"] == [8, 16, 32]
    assert answer["level"] == 2
    assert answer["source"] == {"file": "a.mp4", "frame": 2, "crop": [70, 50, 90, 0]}
    assert answer["target"]["crop"] == [49.5, 39.5, 100, 0]
    with np.load(out / "flow.npz") as kept:
        numbers = {name: kept[name] for name in kept}
    assert json.loads(str(numbers["header"]))["model"] == "tiny warps"
    # The numbers in the videos' pixels are those in the picture's, cut as the network sees them.
    target, source = Crop(49.5, 39.5, 100), Crop(70, 50, 90)
    row, column = 7, 21
    own = norm_to_pixel(frame_to_crop(numbers["target_xy_px"][row, column], target), 32)
    np.testing.assert_allclose(own, (column, row), atol=1e-3)
    place = norm_to_pixel(frame_to_crop(numbers["source_xy_px"][row, column], source), 32)
    np.testing.assert_allclose(place - own, numbers["flow_px"][row, column], atol=1e-3)
    wanted = cut(drawn_frame(5, 100, 80), target, 32).astype(float)
    off = np.abs(numbers["redrawn"] - wanted).mean(-1) / 255
    np.testing.assert_allclose(numbers["difference"], off, atol=0.02)
    assert answer["difference_percent"] == pytest.approx(100 * off.mean(), abs=1)
    flow = _seen(out / "flow.png")
    assert flow.shape == (PANE, PANE, 3)
    colours = flow_colours(numbers["flow_px"], answer["full_colour_px"])
    assert np.abs(flow[4::8, 4::8].astype(int) - colours).max() <= 1
    assert _seen(out / "overview.png").shape[1] == 3 * (PANE + 16)


def test_levels_and_baselines(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["warp", "a.mp4:2", "a.mp4:9", *WHOLE, "--level", "0", "--out", "w"]) == 0
    assert "level 0: 8 x 8, of tiny warps" in capsys.readouterr().out
    assert Path("w/confidence.png").is_file()
    baseline = ("--model", "fabnet.safetensors", "--crop", "whole", *LOOKING)
    answer = _answer(capsys, "warp", "a.mp4:2", "a.mp4:9", *baseline, "--out", "w")
    # It has no confidence, and another model's does not stay behind.
    assert not Path("w/confidence.png").exists()
    assert answer["mean_confidence"] is None
    assert {path.name for path in Path("w").iterdir()} == {*answer["files"]}


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("a.mp4", "c.png", *WHOLE), "a.mp4 has 12 frames. Say which one is meant: a.mp4:6"),
        (("a.mp4:12", "c.png", *WHOLE), "no frame 12. Its frames go from 0 to 11"),
        (("a.mp4:1", "gone.mp4:3", *WHOLE), "gone.mp4"),
        (("a.mp4:1", "c.png", *WHOLE, "--level", "3"), "no level 3"),
        (("a.mp4:1", "c.png", "--model", "imm.safetensors", *LOOKING), "does not warp"),
        (("a.mp4:1", "c.png"), "--model"),
    ],
)
def test_what_does_not_go_is_said(
    capsys: pytest.CaptureFixture[str], words: tuple[str, ...], said: str
) -> None:
    assert said in _refused(capsys, "warp", *words, "--out", "w")
    assert not Path("w").exists()


def test_inputs_are_not_written_over(capsys: pytest.CaptureFixture[str]) -> None:
    Path("w").mkdir()
    shutil.copy("c.png", "w/redrawn.png")
    words = ("warp", "a.mp4:1", "w/redrawn.png", *WHOLE, "--out")
    assert "is also an input" in _refused(capsys, *words, "w")
    assert "is a file" in _refused(capsys, *words, "c.png")


def test_a_files_own_name_may_end_like_a_frame(tmp_path: Path) -> None:
    odd = tmp_path / "take:3"
    assert named_frame(str(odd)) == (tmp_path / "take", 3)
    odd.touch()
    assert named_frame(str(odd)) == (odd, None)
    assert named_frame("a.mp4:-1") == (Path("a.mp4:-1"), None)


def test_every_frame_is_embedded(capsys: pytest.CaptureFixture[str]) -> None:
    answer = _answer(capsys, "embed", "a.mp4", *WHOLE, "--out", "a.npz")
    assert answer["frames"] == [0, FRAMES - 1]
    assert answer["unreadable"] == []
    with np.load("a.npz") as kept:
        numbers = {name: kept[name] for name in kept}
    assert numbers["embeddings"].shape == (FRAMES, 16)
    assert np.isfinite(numbers["embeddings"]).all()
    np.testing.assert_array_equal(numbers["frame"], np.arange(FRAMES))
    with VideoReader("a.mp4") as reader:
        np.testing.assert_allclose(numbers["time_s"], [reader.time_s(i) for i in range(FRAMES)])
    np.testing.assert_array_equal(numbers["crop"][3], [79.5, 59.5, 160, 0])
    words = ("embed", "a.mp4", *WHOLE, "--from", "4", "--to", "6", "--out", "b.npz")
    assert cli.main(list(words)) == 0
    assert "3 frames: 16 numbers each" in capsys.readouterr().out
    with np.load("b.npz") as kept:
        part = kept["embeddings"]
    np.testing.assert_allclose(part, numbers["embeddings"][4:7], atol=1e-2)
    assert ".npz" in _refused(capsys, "embed", "a.mp4", *WHOLE, "--out", "a.csv")


def test_archives_hold_numbers_alone(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="objects"):
        write_arrays(tmp_path / "x.npz", {}, {"a": np.array([None])})
    with pytest.raises(ValueError, match="taken"):
        write_arrays(tmp_path / "x.npz", {}, {"header": np.zeros(1)})
    assert not any(tmp_path.glob("x*"))
