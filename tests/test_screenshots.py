"""The pictures of the documents can be taken anew, without a screen and without a trace."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import cv2
import pytest

from limner_engine.model_file import save_model
from limner_engine.models.imm import IMM, IMMConfig
from limner_engine.types import ModelInfo, Skeleton

SCRIPT = Path(__file__).resolve().parent.parent / "packaging" / "take_screenshots.py"
VIEWS = ("welcome", "inspect", "edit", "learn")
DIALOGS = ("range", "swap", "prior", "poses")


@pytest.mark.slow
def test_every_view_is_pictured(tmp_path: Path) -> None:
    config = tmp_path / "config"
    config.mkdir()
    model = tmp_path / "m.safetensors"
    network = IMM(IMMConfig(image_size=32, width=8, landmark_count=6))
    info = ModelInfo("imm", "small", network.config.to_json(), Skeleton.numbered(6))
    save_model(model, network, info)
    words = ["--out", str(tmp_path / "out"), "--model", str(model), "--learn-seconds", "2"]
    words += ["--no-names"]  # a network learns them for minutes; a journey goes there, too
    done = subprocess.run(
        [sys.executable, str(SCRIPT), *words, "--size", "1366x768"],
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen", "LIMNER_CONFIG": str(config)},
        capture_output=True,
        text=True,
        timeout=280,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    taken = sorted((tmp_path / "out").iterdir())
    assert [path.name for path in taken] == sorted(f"{view}.png" for view in VIEWS + DIALOGS)
    for path in taken:
        picture = cv2.imread(str(path))
        assert picture is not None
        if path.stem in VIEWS:
            assert picture.shape == (768, 1366, 3)
        assert picture.std() > 5  # more than an empty ground
    assert list(config.iterdir()) == []
