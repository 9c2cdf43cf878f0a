"""From loose poses to a prior."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from drawn_motion import ARM, draw_bvh, waving
from limner_engine.errors import FormatError
from limner_engine.priors.joint_map import JointMap
from limner_engine.priors.loose import LoosePoses
from limner_engine.priors.making import PriorWishes, make_prior, mirrored
from limner_engine.priors.picture import gallery, pose_tile, skeleton_picture
from limner_engine.priors.prior import PosePrior
from limner_engine.priors.reading import read_loose
from limner_engine.types import Skeleton
from limner_resources import skeleton_templates

BODY = Skeleton.from_json(skeleton_templates()["body-13"])


def _flat(count: int = 20, named: bool = True) -> LoosePoses:
    points = np.random.default_rng(1).normal(size=(count, 3, 2)) * 40 + 200
    skeleton = Skeleton(("left ear", "nose", "right ear"))
    return LoosePoses("table.csv", skeleton, points, np.arange(count), named=named)


@pytest.fixture
def person(tmp_path: Path) -> LoosePoses:
    return read_loose(draw_bvh(tmp_path / "wave.bvh", waving(60)))


def test_poses_of_pictures(tmp_path: Path) -> None:
    source = _flat()
    source.points[4, 1] = np.nan
    made = make_prior("ears", [source], PriorWishes())
    assert made.prior.skeleton.symmetries == ((0, 2),)
    assert [made.counts[0].incomplete, made.counts[0].kept, len(made.prior)] == [1, 19, 19]
    sides = np.ptp(made.prior.poses, axis=1).max(axis=1)
    np.testing.assert_allclose(sides, 1.4, atol=1e-5)
    made.prior.save(tmp_path / "p.prior.npz")
    assert PosePrior.open(tmp_path / "p.prior.npz").sources == ("table.csv",)


def test_motion_capture_is_seen_from_many_sides(person: LoosePoses) -> None:
    made = make_prior("waves", [person], PriorWishes(most=500, how="centred"), skeleton=BODY)
    assert len(made.prior) == 500
    assert 5 < made.counts[0].kept < 40
    assert made.counts[0].found == 60
    across = made.prior.poses[:, 1, 0] - made.prior.poses[:, 2, 0]
    assert (across > 0.05).mean() == pytest.approx(0.5, abs=0.15)
    head, ankles = made.prior.poses[:, 0, 1], made.prior.poses[:, 11:, 1].mean(axis=1)
    assert (head < ankles).all()
    again = make_prior("waves", [person], PriorWishes(most=500, how="centred"), skeleton=BODY)
    assert again.prior.sha256 == made.prior.sha256


def test_from_the_front_sides_are_where_they_are(person: LoosePoses) -> None:
    made = make_prior("waves", [person], PriorWishes(most=80, yaw_deg=30), skeleton=BODY)
    assert (made.prior.poses[:, 1, 0] > made.prior.poses[:, 2, 0]).all()


def test_a_mirror_waves_with_the_other_hand(person: LoosePoses) -> None:
    wishes = PriorWishes(most=400, yaw_deg=10, mirror=True)
    poses = make_prior("waves", [person], wishes, skeleton=BODY).prior.poses
    left, right = poses[:, 5, 1] < poses[:, 1, 1] - 0.1, poses[:, 6, 1] < poses[:, 2, 1] - 0.1
    assert left.mean() == pytest.approx(right.mean(), abs=0.1)
    assert left.mean() > 0.1
    assert (poses[:, 1, 0] > poses[:, 2, 0]).all()
    np.testing.assert_array_equal(mirrored(mirrored(poses, BODY), BODY), poses)


def test_sources_can_count_alike(person: LoosePoses, tmp_path: Path) -> None:
    still = replace(read_loose(draw_bvh(tmp_path / "still.bvh", [{}])), source="still")
    arms_out = {}
    for even in (False, True):
        wishes = PriorWishes(most=400, yaw_deg=1, pitch_deg=0, even=even, how="set")
        poses = make_prior("two", [person, still], wishes, skeleton=BODY).prior.poses
        flat = np.abs(poses[:, 5, 1] - poses[:, 1, 1]) < 0.01
        arms_out[even] = float(flat.mean())
    assert arms_out[False] < 0.2
    assert arms_out[True] > 0.45


def test_people_of_other_units_are_of_one_size(person: LoosePoses) -> None:
    giant = replace(person, points=person.points * 100)
    made = make_prior("two", [person, giant], PriorWishes(most=200, how="centred"), skeleton=BODY)
    heights = np.ptp(made.prior.poses[..., 1], axis=1)
    half = len(heights) // 2
    assert np.median(heights[:half]) == pytest.approx(np.median(heights[half:]), rel=0.02)


def test_points_without_names(person: LoosePoses) -> None:
    made = make_prior("arm", [_flat(named=False)], PriorWishes(), skeleton=ARM)
    assert made.prior.skeleton == ARM
    with pytest.raises(FormatError, match="3 points without names, and the skeleton has 13"):
        make_prior("body", [_flat(named=False)], PriorWishes(), skeleton=BODY)
    said = JointMap({"left wrist": ("nose",)})
    with pytest.raises(FormatError, match="no joint for left shoulder, left elbow"):
        make_prior("arm", [_flat()], PriorWishes(), skeleton=ARM, joints=said)


def test_what_makes_no_prior() -> None:
    empty = _flat(2)
    empty.points[:, 0] = np.nan
    with pytest.raises(FormatError, match="no whole pose"):
        make_prior("none", [empty], PriorWishes())
    with pytest.raises(FormatError, match="out of the canvas"):
        make_prior("far", [_flat()], PriorWishes(how="given"))


def test_a_pose_picture_is_brightest_along_its_edges() -> None:
    pose = np.array([[-0.5, 0.0], [0.5, 0.0]], np.float32)
    drawn = skeleton_picture(pose, Skeleton(("a", "b"), ((0, 1),)), 64)
    assert drawn.shape == (64, 64)
    assert drawn.dtype == np.float32
    grid = (2 * np.arange(64) + 1) / 64 - 1
    x, y = np.meshgrid(grid, grid)
    off = np.hypot(np.maximum(np.abs(x) - 0.5, 0), y)
    np.testing.assert_allclose(drawn, np.exp(-25 * off), atol=1e-5)


def test_left_and_right_have_colours_of_their_own() -> None:
    pose = np.array([[0.5, -0.5], [0.5, 0.5], [-0.5, -0.5], [-0.5, 0.5]], np.float32)
    skeleton = Skeleton(("l1", "l2", "r1", "r2"), ((0, 1), (2, 3)), ((0, 2), (1, 3)))
    tile = pose_tile(pose, skeleton, 64).astype(int)
    assert tile[32, 48, 2] > tile[32, 48, 0] + 80  # blue
    assert tile[32, 16, 0] > tile[32, 16, 2] + 80  # orange


def test_galleries(person: LoosePoses) -> None:
    prior = make_prior("w", [person], PriorWishes(most=30), skeleton=BODY).prior
    alone = gallery(prior, rows=2, columns=4, side=32)
    assert alone.shape == (2 * 36 + 4, 4 * 36 + 4, 3)
    crops = [np.full((20, 20, 3), 100 + i, np.uint8) for i in range(9)]
    beside = gallery(prior, crops, rows=2, columns=4, side=32)
    assert beside.shape[1] == alone.shape[1] + 12 + 2 * 36 + 4
    np.testing.assert_array_equal(beside[:, : alone.shape[1]], alone)
    assert set(np.unique(beside[4:36, alone.shape[1] + 16 : alone.shape[1] + 48])) <= set(
        range(100, 109)
    )
