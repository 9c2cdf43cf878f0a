"""Run folders, and packing for another machine: what cannot be made is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from limner_engine.errors import TrainingError
from limner_training.__main__ import main
from limner_training.config import TrainConfig
from limner_training.run_folder import RunFolder


def test_a_run_lives_alone_in_its_folder(tmp_path: Path) -> None:
    config = TrainConfig(sources=("a.mp4",), name="My mouse")
    made = RunFolder.create(tmp_path / "runs", config)
    assert made.path.name.endswith("-my-mouse")
    assert RunFolder.open(made.path).config == config
    with pytest.raises(TrainingError, match="already holds a run"):
        RunFolder.adopt(made.path, config)


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("here")
    for make in (RunFolder.create, RunFolder.adopt):
        with pytest.raises(TrainingError, match="cannot be made") as caught:
            make(file / "runs", TrainConfig())
        assert "another place" in caught.value.mend
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


@pytest.mark.parametrize(
    ("out", "said"), [("set.bin", "has to end in .npz"), ("none/set.npz", "There is no folder")]
)
def test_packing_says_where_it_cannot_write_before_it_reads(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    out: str,
    said: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["pack", "missing.mp4", "--out", out]) == 2
    assert said in capsys.readouterr().err
