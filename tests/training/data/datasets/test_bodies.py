"""BBC Pose, Human3.6M and its simplified form on a few made-up files."""

from __future__ import annotations

import textwrap
from pathlib import Path

import numpy as np
import pytest

import drawn_layouts
from engine_fixtures import drawn_video
from limner_engine.errors import FormatError
from limner_training.data.datasets import bbc_pose, human36m, simple_human36m


def test_bbc(tmp_path: Path) -> None:
    poses = bbc_pose.load(drawn_layouts.bbc(tmp_path))
    assert poses.points_px.shape == (9, 7, 2)
    assert poses.part.tolist() == ["train"] * 3 + ["validation"] * 3 + ["test"] * 3
    assert poses.people[0] == "1"
    # Points go from (100, 100) to (300, 300) counted from 0: 60 px more, clipped at the right,
    # where the frame ends at 403.
    np.testing.assert_allclose(poses.views[0], [39.5, 39.5, 321.0, 321.0])
    assert poses.cut(0, 32).shape == (32, 32, 3)


def test_bbc_clips_its_box_to_the_frame(tmp_path: Path) -> None:
    folder = drawn_layouts.bbc(tmp_path)
    table = folder / "bbcpose.csv"
    table.write_text(table.read_text().replace("301,301,301,", "301,391,301,"))
    left, _, width, _ = bbc_pose.load(folder).views[0]
    assert left + width == pytest.approx(403.5)


def test_bbc_says_what_to_convert(tmp_path: Path) -> None:
    folder = drawn_layouts.bbc(tmp_path)
    table = folder / "bbcpose.csv"
    text = table.read_text()
    table.write_text(text.replace("11,4,val", "11,4,maybe"))
    with pytest.raises(FormatError, match="row 5"):
        bbc_pose.load(folder)
    table.write_text(text.splitlines()[0])
    with pytest.raises(FormatError, match="no rows"):
        bbc_pose.load(folder)
    table.rename(folder / "bbcpose.mat")
    with pytest.raises(FormatError, match=r"convert bbcpose\.mat to bbcpose\.csv"):
        bbc_pose.load(folder)


def test_bbc_is_converted_by_the_lines_in_its_documentation(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scipy_io = pytest.importorskip("scipy.io")
    names = ("videoName", "type", "source", "train_frames", "train_joints")
    names += ("test_frames", "test_joints")
    released = np.empty((1, 22), [(name, object) for name in names])
    joints = np.arange(2 * 7 * 3, dtype=np.float64).reshape(2, 7, 3)
    for number in range(22):
        kind = "train" if number < 10 else "val" if number < 15 else "test"
        frames = np.array([[5.0, 9.0, 11.0]])
        given = (frames, joints, np.empty((0, 0)), np.empty((0, 0)))
        released[0, number] = (
            "video",
            kind,
            "buehler11",
            *(given if kind != "test" else given[2:] + given[:2]),
        )
    scipy_io.savemat(tmp_path / "bbcpose.mat", {"bbcpose": released})
    lines = str(bbc_pose.__doc__).split("y6``::")[1].split("``type`` is")[0]
    monkeypatch.chdir(tmp_path)
    exec(textwrap.dedent(lines), {})
    for video in range(1, 21):
        for frame in (5, 9, 11):
            drawn_layouts.picture(tmp_path / str(video) / f"{frame}.jpg", 60, 50)
    poses = bbc_pose.load(tmp_path)
    assert len(poses) == 60
    assert (poses.part == "test").sum() == 15
    np.testing.assert_array_equal(poses.points_px[58], joints[:, :, 1].T - 1)


def _human36m(folder: Path) -> Path:
    rng = np.random.default_rng(3)
    for subject in (*human36m.TRAIN, *human36m.TEST):
        poses = folder / subject / human36m.POSES
        poses.mkdir(parents=True)
        (folder / subject / "Videos").mkdir()
        for take in ("Walking 1.54138969", "TakingPhoto.54138969"):
            np.save(poses / f"{take}.npy", rng.uniform(20, 90, (62, 64)))
            (folder / subject / "Videos" / f"{take}.mp4").write_bytes(b"")
    drawn_video(folder / "S1" / "Videos" / "Walking 1.54138969.mp4", frames=62)
    drawn_video(folder / "S1" / "Videos" / "TakingPhoto.54138969.mp4", frames=30)
    return folder


def test_human36m(tmp_path: Path) -> None:
    folder = _human36m(tmp_path)
    poses = human36m.load(folder)
    # Frames 0 and 60 of two takes of seven people.
    assert poses.points_px.shape == (28, 17, 2)
    assert set(poses.groups) == {"Walking", "Photo"}
    assert poses.part.tolist() == ["train"] * 20 + ["test"] * 8
    stored = np.load(folder / "S1" / human36m.POSES / "TakingPhoto.54138969.npy")
    np.testing.assert_allclose(poses.points_px[1, 1], stored[60].reshape(32, 2)[1])
    # The square holds all compared joints.
    assert np.abs(poses.points_norm()).max() == pytest.approx(1 / 1.4)
    assert poses.cut(2, 32).shape == (32, 32, 3)  # Walking, frame 0
    assert poses.cut(3, 32).shape == (32, 32, 3)
    with pytest.raises(FormatError, match="30 frames"):
        poses.cut(1, 32)


def test_human36m_says_what_to_convert(tmp_path: Path) -> None:
    folder = _human36m(tmp_path)
    pose = folder / "S9" / human36m.POSES / "Walking 1.54138969.npy"
    np.save(pose, np.zeros((62, 96)))
    with pytest.raises(FormatError, match=r"\(62, 96\)"):
        human36m.load(folder)
    pose.write_bytes(b"\x80\x04 no array")
    with pytest.raises(FormatError, match="no array"):
        human36m.load(folder)
    pose.rename(pose.with_suffix(".cdf"))
    with pytest.raises(FormatError, match=r"Walking 1\.54138969\.npy.*cdflib"):
        human36m.load(folder)


def test_simple_human36m(tmp_path: Path) -> None:
    folder = drawn_layouts.simple_human36m(tmp_path)
    poses = simple_human36m.load(folder)
    # Eating is none of the six activities: three frames of two takes of seven people.
    assert poses.points_px.shape == (42, 32, 2)
    assert set(poses.groups) == {"Directions", "Walking"}
    assert poses.people.count("S11") == (poses.part == "test").sum() == 6
    with np.load(folder / "S1" / "Landmarks" / "Directions.54138969.npz") as stored:
        np.testing.assert_allclose(poses.points_norm()[0], 2 * stored["points"][0] - 1)
    seen = poses.picture(0)
    assert (seen[:30] == 0).all()  # masked away
    assert seen[64, 64, 2] > 150


def test_simple_human36m_says_what_to_convert(tmp_path: Path) -> None:
    folder = drawn_layouts.simple_human36m(tmp_path)
    table = folder / "S7" / "Landmarks" / "Walking 1.60457274.npz"
    np.savez(table, frames=np.arange(3), points=np.zeros((3, 17, 2)))
    with pytest.raises(FormatError, match="17, 2"):
        simple_human36m.load(folder)
    table.unlink()
    with pytest.raises(FormatError, match="keypoints_2d"):
        simple_human36m.load(folder)
    (folder / "S8").rename(folder / "S2")
    with pytest.raises(FormatError, match="S8/WithBackground"):
        simple_human36m.load(folder)
