"""Which bundled model looks at a video where none is named, and what the demo says of it."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

import limner_resources
from drawn_video import draw_video
from engine_fixtures import tiny_model
from limner_app import cli, demo
from limner_app.fitting_model import fitting_model
from limner_engine.cropping import CropTrack
from limner_engine.types import Crop
from limner_engine.video.reader import VideoReader


@pytest.fixture
def models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of bundled models in resources that stand in for the real ones."""
    root = tmp_path / "resources"
    shutil.copytree(limner_resources.sample_video().parent, root / "sample")
    (root / "models").mkdir()
    monkeypatch.setattr(limner_resources, "resource_dir", lambda: root)
    return root / "models"


def _see(monkeypatch: pytest.MonkeyPatch, mode: str) -> None:
    """Let the search for a crop come out in some way."""
    track = CropTrack.fixed(Crop(80, 64, 100), mode)
    monkeypatch.setattr("limner_engine.cropping.find_crops", lambda *_, **__: track)


def _model_of(video: Path, out: Path, capsys: pytest.CaptureFixture[str]) -> str:
    assert cli.main(["detect", str(video), "--out", str(out), "--json"]) == 0
    (facts,) = json.loads(capsys.readouterr().out)["videos"]
    assert out.is_file()
    return f"{facts['model']} {len(facts['landmarks'])}"


def test_detect_chooses_the_bundled_model_that_fits(
    models: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    tiny_model(models / "faces.safetensors", landmarks=5)
    tiny_model(models / "sample.safetensors", landmarks=7)
    video = draw_video(tmp_path / "a.mp4", n=8, size=(160, 128))
    # The same clip under another name is the sample, too.
    copy = tmp_path / "fox.mp4"
    shutil.copyfile(limner_resources.sample_video(), copy)
    _see(monkeypatch, "face")
    assert _model_of(video, tmp_path / "a.csv", capsys) == "tiny 5"
    _see(monkeypatch, "motion")
    assert _model_of(copy, tmp_path / "fox.csv", capsys) == "tiny 7"
    assert cli.main(["detect", str(video), "--out", str(tmp_path / "no.csv")]) == 2
    said = capsys.readouterr().err.strip().splitlines()[-1]
    assert said.startswith("limner: No bundled model fits a.mp4")
    assert "limner train a.mp4 --out run" in said
    assert not (tmp_path / "no.csv").exists()


def test_without_bundled_models_the_mend_is_named(
    models: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert not list(models.iterdir())
    _see(monkeypatch, "face")
    video = draw_video(tmp_path / "a.mp4", n=8, size=(160, 128))
    assert cli.main(["detect", str(video), "--out", str(tmp_path / "no.csv")]) == 2
    assert "--model" in capsys.readouterr().err


def test_which_model_fits() -> None:
    both = {"sample": Path("s"), "faces": Path("f")}
    assert fitting_model(both, "face", is_sample=False) == Path("f")
    assert fitting_model(both, "motion", is_sample=True) == Path("s")
    assert fitting_model(both, "motion", is_sample=False) is None
    assert fitting_model({"sample": Path("s")}, "face", is_sample=False) is None
    assert fitting_model(both, None, is_sample=False) is None


def test_the_demo_tells_the_error_of_the_bundled_model_beside_its_own(models: Path) -> None:
    known = limner_resources.sample_landmarks().points_px
    with VideoReader(limner_resources.sample_video()) as reader:
        track = CropTrack.whole(reader.width, reader.height)
        assert demo.bundled_error(reader, track, known) == {}
        tiny_model(models / "sample.safetensors")
        told = demo.bundled_error(reader, track, known)
    assert told["bundled_model"] == "tiny"
    assert len(told["bundled_model_sha256"]) == 64
    assert told["bundled_model_landmark_error_px"] > 0
