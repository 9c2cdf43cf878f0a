"""Poses in space: archives, facing, thinning and looking from a side."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from drawn_motion import draw_archive
from limner_engine.errors import FormatError
from limner_engine.priors.mocap import (
    facing,
    is_mocap_archive,
    read_mocap_archive,
    thinned,
    turned_about_y,
)
from limner_engine.priors.projection import MOST_PITCH_RAD, projected
from limner_engine.types import Skeleton

RNG = np.random.default_rng(3)


def test_archives(tmp_path: Path) -> None:
    path = draw_archive(tmp_path / "a.npz", frames=30)
    assert is_mocap_archive(path)
    read = read_mocap_archive(path)
    assert read.points.shape == (35, 3, 3)
    assert read.takes.tolist() == [0] * 30 + [1] * 5
    assert read.skeleton.edges == ((0, 1), (1, 2))
    np.savez(tmp_path / "b.npz", poses=np.zeros((3, 4, 2)))
    assert not is_mocap_archive(tmp_path / "b.npz")


def test_archives_that_are_refused(tmp_path: Path) -> None:
    names, parents = np.array(["a", "b"]), np.array([-1, 0])
    np.savez(tmp_path / "none.npz", __names__=names, __parents__=parents)
    flat = np.zeros((3, 2, 2))
    np.savez(tmp_path / "flat.npz", __names__=names, __parents__=parents, take=flat)
    np.savez(tmp_path / "odd.npz", __names__=names, __parents__=np.array([-1, 7]), take=flat)
    for name in ("none", "flat", "odd"):
        with pytest.raises(FormatError, match=name):
            read_mocap_archive(tmp_path / f"{name}.npz")


def test_people_are_turned_to_face_one_way() -> None:
    skeleton = Skeleton(("l", "r", "nose"), (), ((0, 1),))
    person = np.array([[1.0, 0, 0], [-1, 0, 0], [0, 1, 0.5]])
    turned = turned_about_y(np.stack([person] * 3), np.array([0.3, 2.0, -1.5]))
    np.testing.assert_allclose(facing(turned, skeleton), np.stack([person] * 3), atol=1e-9)


def test_somebody_who_faces_the_camera_has_the_left_on_the_right() -> None:
    person = np.array([[[1.0, 0, 0], [-1, 0, 0], [0, 2, 0.5]]])
    seen = projected(person, RNG, yaw=0.0, pitch=0.0)[0]
    np.testing.assert_allclose(seen, [[1, 0], [-1, 0], [0, -2]], atol=1e-12)


def test_cameras_stand_as_far_aside_as_is_said() -> None:
    rod = np.tile([[1.0, 0, 0], [0, 1.0, 0]], (4000, 1, 1))
    seen = projected(rod, RNG, yaw=np.pi / 3, pitch=0.5)
    assert seen[:, 0, 0].min() == pytest.approx(0.5, abs=0.01)
    assert seen[:, 0, 0].max() == pytest.approx(1.0, abs=0.01)
    assert -seen[:, 1, 1].max() == pytest.approx(np.cos(MOST_PITCH_RAD), abs=1e-9)
    around = projected(rod, RNG, pitch=0.0)[:, 0, 0]
    assert around.min() < -0.99
    assert abs(float(around.mean())) < 0.05


def test_poses_that_are_nearly_alike_go() -> None:
    poses = RNG.normal(size=(40, 5, 3)) * 3
    near = poses + RNG.uniform(-0.01, 0.01, poses.shape) + [5.0, 0, 0]
    both = np.concatenate([poses, near])
    takes = np.repeat([0, 1], 40)
    assert thinned(both, takes, 0.05, across=True).tolist() == list(range(40))
    assert len(thinned(both, takes, 0.05, across=False)) == 80
    assert len(thinned(both, takes, 0.0, across=True)) == 80
    assert len(thinned(both[:0], takes[:0], 0.05, across=True)) == 0


def test_no_pose_that_is_left_out_is_far_from_all() -> None:
    poses = RNG.normal(size=(300, 2, 2))
    kept = thinned(poses, np.zeros(300, np.int64), 0.2, across=True)
    assert 2 < len(kept) < 200
    centred = poses - poses.mean(axis=1, keepdims=True)
    size = np.median((centred.max(axis=1) - centred.min(axis=1)).max(axis=1))
    far = np.linalg.norm(centred[:, None] - centred[kept][None], axis=3).max(axis=2)
    assert (far.min(axis=1) < 0.2 * size + 1e-6).all()
    among = far[kept] + np.eye(len(kept)) * 9
    assert (among.min(axis=1) >= 0.2 * size - 1e-6).all()
