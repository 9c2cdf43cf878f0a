"""Priors from the command line."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from drawn_motion import draw_bvh, waving
from drawn_video import draw_video
from limner_app.cli import main
from limner_engine.formats.skeleton_file import SkeletonFile, write_skeleton
from limner_engine.priors.prior import PosePrior
from limner_engine.types import Skeleton


@pytest.fixture
def motion(tmp_path: Path) -> Path:
    return draw_bvh(tmp_path / "wave.bvh", waving(40))


def _prior(*words: object) -> int:
    return main(["prior", *(str(word) for word in words)])


def test_a_prior_of_motion_capture(
    motion: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out, sheet = tmp_path / "people.prior.npz", tmp_path / "look.png"
    words = ["--skeleton", "body-13", "--poses", 60, "--out", out, "--gallery", sheet]
    assert _prior(motion, *words) == 0
    said = capsys.readouterr().out
    assert "of 40 poses (" in said
    assert "left shoulder = LeftArm" in said
    assert f"60 poses of 13 landmarks\nwritten: {out}, {sheet}" in said
    prior = PosePrior.open(out)
    assert [prior.name, len(prior), prior.sources] == ["people", 60, ("wave.bvh",)]
    picture = cv2.imread(str(sheet))
    assert picture is not None
    assert picture.std() > 10
    # Made again, it is the same to the bit.
    again = tmp_path / "again.prior.npz"
    assert _prior(motion, *words[:4], "--out", again, "--name", "people") == 0
    assert PosePrior.open(again).sha256 == prior.sha256


def test_the_facts_as_json(
    motion: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    array = tmp_path / "a.npy"
    np.save(array, np.random.default_rng(0).normal(size=(30, 3, 2)))
    skeleton = tmp_path / "three.json"
    write_skeleton(skeleton, SkeletonFile(Skeleton(("a", "b", "c"))))
    out = tmp_path / "p.prior.npz"
    assert _prior(array, "--skeleton", skeleton, "--out", out, "--json") == 0
    facts = json.loads(capsys.readouterr().out)
    assert facts["poses"] == 30
    assert facts["landmarks"] == ["a", "b", "c"]
    assert facts["fit"] == {"how": "each", "extent": 1.4, "centre": [0.0, 0.0]}
    assert facts["sources"][0]["kept"] == 30
    assert facts["sha256"] == PosePrior.open(out).sha256
    joins, few = facts["warnings"]
    assert "joins no landmarks" in joins
    assert "30 different poses are few" in few
    # A prior is taken as it lies, unless somebody says otherwise.
    again = tmp_path / "q.prior.npz"
    assert _prior(out, "--out", again, "--json") == 0
    assert json.loads(capsys.readouterr().out)["fit"]["how"] == "given"
    np.testing.assert_array_equal(PosePrior.open(again).poses, PosePrior.open(out).poses)
    assert _prior(out, "--out", again, "--fit", "each", "--extent", "0.8", "--centre=-0.1,0") == 0
    laid = PosePrior.open(again).poses
    np.testing.assert_allclose(np.ptp(laid, axis=1).max(axis=1), 0.8, atol=1e-5)
    middles = (laid.max(axis=1) + laid.min(axis=1)) / 2
    np.testing.assert_allclose(middles, np.tile([-0.1, 0], (30, 1)), atol=1e-5)


def test_joints_are_written_edited_and_read(
    motion: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    skeleton = tmp_path / "two.json"
    write_skeleton(skeleton, SkeletonFile(Skeleton(("middle", "left wrist"), ((0, 1),))))
    out, joints = tmp_path / "p.prior.npz", tmp_path / "map.json"
    assert _prior(motion, "--skeleton", skeleton, "--out", out) == 2
    said = capsys.readouterr().err
    assert "no joint for middle" in said
    assert "--write-joints" in said
    assert not out.exists()
    assert _prior(motion, "--skeleton", skeleton, "--write-joints", joints) == 0
    content = json.loads(joints.read_text())
    assert content["landmarks"] == {"middle": None, "left wrist": "LeftHand"}
    content["landmarks"]["middle"] = ["LeftUpLeg", "RightUpLeg"]
    joints.write_text(json.dumps(content))
    assert _prior(motion, "--skeleton", skeleton, "--joints", joints, "--out", out) == 0
    assert "middle = LeftUpLeg and RightUpLeg" in capsys.readouterr().out


def test_points_without_names_are_told_apart_by_a_person(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    array, out, joints = tmp_path / "a.npy", tmp_path / "p.prior.npz", tmp_path / "map.json"
    poses = np.random.default_rng(0).normal(size=(60, 5, 2))
    np.save(array, poses)
    words = ["--skeleton", "face-5"]
    assert _prior(array, *words, "--out", out) == 0
    capsys.readouterr()
    skeleton = tmp_path / "two.json"
    write_skeleton(skeleton, SkeletonFile(Skeleton(("a", "b"), ((0, 1),))))
    assert _prior(array, "--skeleton", skeleton, "--out", out) == 2
    assert "5 points without names, and the skeleton has 2" in capsys.readouterr().err
    assert _prior(array, "--skeleton", skeleton, "--write-joints", joints) == 0
    content = json.loads(joints.read_text())
    assert content["joints"] == [f"point {number}" for number in range(1, 6)]
    content["landmarks"] = {"a": "point 5", "b": "point 2"}
    joints.write_text(json.dumps(content))
    words = ["--skeleton", skeleton, "--joints", joints, "--out", out, "--thin", 0]
    assert _prior(array, *words) == 0
    laid = PosePrior.open(out).poses
    way = poses[:, 1] - poses[:, 4]
    turned = np.arctan2(way[:, 1], way[:, 0])
    found = laid[:, 1] - laid[:, 0]
    np.testing.assert_allclose(np.arctan2(found[:, 1], found[:, 0]), turned, atol=1e-4)


def test_beside_a_video(motion: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    video = draw_video(tmp_path / "a.mp4", n=12, size=(160, 128))
    out, sheet = tmp_path / "p.prior.npz", tmp_path / "look.png"
    words = ["--out", out, "--skeleton", "body-13", "--gallery", sheet, "--poses", 40]
    assert _prior(motion, *words, "--against", video, "--crop", "80,64,100", "--json") == 0
    facts = json.loads(capsys.readouterr().out)
    assert facts["gallery"] == str(sheet)
    assert facts["fit"]["how"] == "centred"
    picture = cv2.imread(str(sheet))
    assert picture is not None
    assert picture.shape[1] > 12 * 128


def test_beside_pictures(motion: Path, tmp_path: Path) -> None:
    folder = tmp_path / "stills"
    folder.mkdir()
    for number in range(3):
        noise = np.random.default_rng(number).integers(0, 255, (90, 80, 3)).astype(np.uint8)
        assert cv2.imwrite(str(folder / f"{number}.png"), noise)
    out, sheet = tmp_path / "p.prior.npz", tmp_path / "look.png"
    words = ["--out", out, "--skeleton", "body-13", "--gallery", sheet, "--against", folder]
    assert _prior(motion, *words) == 0
    assert sheet.exists()
    assert _prior(motion, *words, "--crop", "40,40,30") == 2


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--out", "p.npz"], "has to end in .prior.npz. Try p.prior.npz."),
        ([], "--out FILE or --write-joints JSON is needed"),
        (["--write-joints", "j.json", "--gallery", "g.png"], "need --out"),
        (["--out", "p.prior.npz", "--skeleton", "octopus"], "no skeleton octopus"),
        (["--out", "p.prior.npz", "--centre", "5,0"], "--centre cannot be"),
        (["--out", "p.prior.npz", "--thin", "2"], "not a number from 0 to 1"),
        (["--out", "p.prior.npz", "--yaw", "x"], "not an angle from 0 to 180"),
        (["--out", "p.prior.npz", "--joints", "wave.bvh"], "is not JSON"),
        (["--out", "p.prior.npz", "--gallery", "g.jpg"], "has to end in .png"),
        (["--out", "p.prior.npz", "--poses", "9000000"], "A few thousand are enough"),
        (["--out", "none/p.prior.npz"], "There is no folder"),
    ],
)
def test_mistakes_cost_two_and_nothing_is_written(
    motion: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    words: list[str],
    said: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    assert _prior(motion, *words) == 2
    assert said in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["wave.bvh"]


def test_a_source_is_never_written_over(
    motion: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "p.prior.npz"
    assert _prior(motion, "--skeleton", "body-13", "--out", out) == 0
    assert _prior(out, "--out", out) == 2
    assert "also an input" in capsys.readouterr().err
