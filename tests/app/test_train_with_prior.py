"""``limner train --method keypointgan``: what is told before all else, and what is kept."""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import pytest

from limner_app.commands import train
from limner_app.commands.named_prior import fitted, named_skeleton
from limner_engine.errors import FormatError, LimnerError, TrainingError
from limner_engine.formats.skeleton_file import SkeletonFile, write_skeleton
from limner_engine.priors.prior import PosePrior
from limner_engine.types import Skeleton
from limner_training.config import TrainConfig
from limner_training.events import Done
from limner_training.presets import settings
from limner_training.run_folder import RunFolder

_SKELETON = Skeleton(("head", "left foot", "right foot"), ((0, 1), (0, 2)), ((1, 2),))


def _prior() -> PosePrior:
    poses = np.random.default_rng(0).uniform(-0.7, 0.7, (5, 3, 2)).astype(np.float32)
    return PosePrior("standing", _SKELETON, poses)


@pytest.fixture
def words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    monkeypatch.chdir(tmp_path)
    _prior().save(tmp_path / "p.prior.npz")
    (tmp_path / "a.npz").write_bytes(b"read by the run alone")

    def learn(folder: RunFolder, *_: object) -> Done:
        folder.model_path.write_bytes(b"model")
        return Done(1, "model.safetensors")

    monkeypatch.setattr(train, "learn", learn)
    return ["a.npz", "--out", "run", "--method", "keypointgan"]


def _run(words: list[str]) -> TrainConfig:
    parser = argparse.ArgumentParser()
    train.add_options(parser)
    train.run(parser.parse_args(words))
    return RunFolder(Path("run")).config


def test_the_run_knows_its_prior_wherever_it_is_resumed(words: list[str], tmp_path: Path) -> None:
    config = _run([*words, "--prior", "p.prior.npz"])
    assert config.prior == str(tmp_path / "p.prior.npz")
    assert config.method == "keypointgan"
    usual = settings("keypointgan")
    assert (config.minutes, config.learning_rate) == (usual["minutes"], usual["learning_rate"])
    assert not list(Path("run").glob("*.npz"))


def test_a_skeleton_takes_what_it_names_of_the_prior(words: list[str], tmp_path: Path) -> None:
    feet = Skeleton(("right foot", "left foot"), ((0, 1),), ((1, 0),))
    write_skeleton(tmp_path / "feet.json", SkeletonFile(feet))
    config = _run([*words, "--prior", "p.prior.npz", "--skeleton", "feet.json"])
    made = PosePrior.open(Path(config.prior))
    assert Path(config.prior).parent == tmp_path / "run"
    assert made.skeleton == feet
    assert np.array_equal(made.poses, _prior().poses[:, [2, 1]])


def test_a_prior_fits_a_skeleton_by_names() -> None:
    prior = _prior()
    assert fitted(prior, _SKELETON) is prior
    joined = Skeleton(_SKELETON.names, ((1, 2),))
    assert fitted(prior, joined).skeleton == joined
    assert fitted(prior, joined).poses is prior.poses
    with pytest.raises(TrainingError, match="no landmark for tail"):
        fitted(prior, Skeleton(("head", "tail")))


def test_skeletons_are_named_or_files() -> None:
    assert len(named_skeleton("body-13").names) == 13
    with pytest.raises(FormatError, match="no skeleton nobody") as refused:
        named_skeleton("nobody")
    assert "body-13" in refused.value.mend


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        ([], "learns from a pose prior, and none is named"),
        (["--prior", "none.prior.npz"], "no file"),
        (["--prior", "a.npz"], "not a pose prior"),
        (["--prior", "p.prior.npz", "--landmarks", "7"], "--landmarks means nothing"),
        (["--prior", "p.prior.npz", "--mirror"], "--mirror means nothing to keypointgan"),
        (["--prior", "p.prior.npz", "--skeleton", "face-5"], "no landmark for"),
        (["--prior", "p.prior.npz", "--method", "imm"], "--prior means nothing to imm"),
        (["--skeleton", "face-5", "--method", "imm"], "--skeleton means nothing to imm"),
    ],
)
def test_what_is_wrong_is_told_before_anything_is_made(
    words: list[str], more: list[str], sentence: str
) -> None:
    with pytest.raises(LimnerError, match=sentence):
        _run([*words, *more])
    assert not Path("run").exists()
