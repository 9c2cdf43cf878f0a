"""Loose poses on their way to a prior: read, mapped, laid, fitted to what crops suggest."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from limner_app.views.prior_draft import Placing, PriorDraft, SampleCrops, model_name
from limner_app.views.prior_reading import (
    ReadingDroppedError,
    Source,
    box_of,
    fitted,
    former_maps,
    guessed_map,
    laid,
    read_source,
    remember_map,
    unplaced,
)
from limner_app.views.prior_sampling import chosen_samples
from limner_engine.errors import FormatError
from limner_engine.priors.joint_map import JointMap
from limner_engine.priors.prior import PosePrior
from limner_engine.priors.statistics import PoseStatistics
from limner_engine.project import Project
from limner_engine.types import Skeleton

ARM = Skeleton(("left shoulder", "left elbow", "left wrist"), ((0, 1), (1, 2)))
JOINTS = ("Root", "LeftArm", "LeftForeArm", "LeftHand")


def _ignore(_share: float) -> None:
    return


def poses(count: int = 40, size: float = 100.0) -> np.ndarray:
    """Arms of all directions about (200, 150) px."""
    rng = np.random.default_rng(1)
    turn = rng.uniform(-np.pi, np.pi, (count, 2)).cumsum(axis=1)
    steps = np.stack([np.cos(turn), np.sin(turn)], axis=-1) * size
    start = rng.normal((200, 150), 5, (count, 1, 2))
    return np.concatenate([start, start + steps.cumsum(axis=1)], axis=1)


def archive(path: Path, count: int = 30) -> Path:
    """Motion capture of an arm."""
    flat = poses(count, 0.3)
    space = np.zeros((count, 4, 3), np.float32)
    space[:, 1:, :2] = flat
    names, parents = np.array(JOINTS), np.array([-1, 0, 1, 2])
    np.savez(path, __names__=names, __parents__=parents, wave=space)
    return path


def test_points_without_names_are_taken_in_their_order(tmp_path: Path) -> None:
    np.save(tmp_path / "arms.npy", poses())
    source = read_source([tmp_path / "arms.npy"], _ignore)
    assert (source.name, source.count, source.spatial) == ("arms", 40, False)
    made = guessed_map(source, ARM)
    assert made.missing == ()
    base = unplaced(source, ARM, made, _ignore)
    prior = laid(source, ARM, base, Placing("each", 1.0), "arms")
    assert prior.skeleton == ARM
    assert prior.sources == ("arms.npy",)
    sides = np.ptp(prior.poses, axis=1).max(axis=1)
    np.testing.assert_allclose(sides, 1.0, atol=1e-5)
    assert guessed_map(source, Skeleton(("a", "b"))).missing == ("a", "b")


def test_joints_of_motion_capture_are_guessed_and_remembered(tmp_path: Path) -> None:
    source = read_source([archive(tmp_path / "wave.npz")], _ignore)
    assert source.spatial
    assert source.joint_names == JOINTS
    made = guessed_map(source, ARM)
    assert made.landmarks["left wrist"] == ("LeftHand",)
    other = JointMap(made.landmarks | {"left wrist": ("LeftForeArm", "LeftHand")})
    with Project.create(tmp_path / "p.limner") as project:
        assert former_maps(project) == []
        remember_map(project, other)
        assert guessed_map(source, ARM, former_maps(project)) == other
        # What the file does not have is no use.
        remember_map(project, JointMap({"left wrist": ("Paw",)}))
        assert guessed_map(source, ARM, former_maps(project)) == made
    with Project.create(tmp_path / "q.limner") as project:
        prior = PosePrior("a", ARM, np.zeros((1, 3, 2), np.float32))
        project.add_prior(prior, {"left elbow": "Root"})
        assert guessed_map(source, ARM, former_maps(project)).landmarks["left elbow"] == ("Root",)


def test_a_prior_stays_as_it_is_until_it_is_placed_otherwise(tmp_path: Path) -> None:
    given = PosePrior("arms", ARM, (poses() / 400 - 0.4).astype(np.float32), ("drawn by hand",))
    given.save(tmp_path / "arms.prior.npz")
    source = read_source([tmp_path / "arms.prior.npz"], _ignore)
    base = unplaced(source, ARM, guessed_map(source, ARM), _ignore)
    same = laid(source, ARM, base, Placing("given"), "arms")
    assert same.sha256 == given.sha256
    moved = laid(source, ARM, base, Placing("set", 0.5), "arms")
    assert moved.sha256 != given.sha256
    # Of another skeleton with some of its names.
    part = Skeleton(ARM.names[1:], ((0, 1),))
    fewer = unplaced(source, part, guessed_map(source, part), _ignore)
    np.testing.assert_allclose(fewer, given.poses[:, 1:], atol=1e-6)
    assert laid(source, part, fewer, Placing("given"), "b").skeleton == part


@pytest.mark.parametrize("how", ["each", "centred", "set"])
def test_poses_are_fitted_to_what_the_crops_suggest(tmp_path: Path, how: str) -> None:
    np.save(tmp_path / "arms.npy", poses())
    source = read_source([tmp_path / "arms.npy"], _ignore)
    base = unplaced(source, ARM, guessed_map(source, ARM), _ignore)
    boxes = np.array([[-0.3, -0.1, 0.1, 0.4]])
    seen = PoseStatistics.of_boxes(boxes, "faces")
    assert box_of(seen) == pytest.approx(tuple(boxes[0]))
    placing = fitted(base, Placing(how), seen)  # type: ignore[arg-type]
    now = PoseStatistics.of(laid(source, ARM, base, placing, "a").poses)
    assert now.side == pytest.approx(0.5, abs=0.02)
    assert now.centre == pytest.approx((-0.1, 0.15), abs=0.02)
    # A waving arm tells a size, and no place.
    moving = fitted(base, Placing(how, 1.0, (0.1, 0.2)), PoseStatistics.of_boxes(boxes, "motion"))  # type: ignore[arg-type]
    assert moving.centre == (0.1, 0.2)


def test_bad_files_and_dropped_readings(tmp_path: Path) -> None:
    (tmp_path / "a.bvh").write_text("HIERARCHY\nnonsense\n")
    with pytest.raises(FormatError, match=r"a\.bvh, line 2"):
        read_source([tmp_path / "a.bvh"], _ignore)
    np.save(tmp_path / "a.npy", poses())

    def dropped(_share: float) -> None:
        raise ReadingDroppedError("Nobody waits.")

    with pytest.raises(ReadingDroppedError):
        read_source([tmp_path / "a.npy"], dropped)
    source = Source.of_prior(PosePrior("far", ARM, np.full((2, 3, 2), 3.0, np.float32)))
    with pytest.raises(FormatError, match="out of the crop"):
        laid(source, Skeleton(ARM.names), source.prior.poses, Placing("given"), "far")  # type: ignore[union-attr]


def test_files_of_different_joints_are_each_mapped_by_names(tmp_path: Path) -> None:
    archive(tmp_path / "wave.npz")
    with np.load(tmp_path / "wave.npz") as stored:
        parts = dict(stored)
    parts["__names__"] = np.array(("root", "l_shoulder", "l_elbow", "l_wrist"))
    np.savez(tmp_path / "other.npz", **parts)
    paths = [tmp_path / "wave.npz", tmp_path / "other.npz"]
    source = read_source(paths, _ignore)
    assert source.joint_names == ()
    both = unplaced(source, ARM, guessed_map(source, ARM), _ignore)
    assert len(both) > 0
    parts["__names__"] = np.array(("a", "b", "c", "d"))
    np.savez(tmp_path / "other.npz", **parts)
    source = read_source(paths, _ignore)
    with pytest.raises(FormatError, match=r"other\.npz has no joint for left shoulder"):
        unplaced(source, ARM, guessed_map(source, ARM), _ignore)


def test_placing_is_remembered_and_nothing_else_is_taken_for_it() -> None:
    placing = Placing("set", 0.8, (0.1, -0.3))
    assert Placing.from_json(placing.to_json()) == placing
    for other in (None, {}, {"how": "set", "extent": 9.0, "centre": [0, 0]}, {"how": "so"}):
        assert Placing.from_json(other) == Placing()


def test_samples_are_spread_over_videos() -> None:
    assert chosen_samples(["a", "b"], 9) == [("a", 5), ("b", 4)]
    many = [str(number) for number in range(30)]
    chosen = chosen_samples(many, 9)
    assert [count for _, count in chosen] == [1] * 9
    assert chosen[0][0] == "1"
    draft = PriorDraft()
    pictures = np.arange(5, dtype=np.uint8)[:, None, None, None] * np.ones((1, 2, 2, 3), np.uint8)
    draft.crops = [SampleCrops("a", pictures), SampleCrops("b", pictures[:1] + 100)]
    shown = [int(picture[0, 0, 0]) for picture in draft.sample_pictures(4)]
    assert shown[:2] == [0, 100]
    assert len(set(shown)) == 4
    assert model_name(["/x/walk.mp4", "b"], "mocap") == "walk+1-mocap"
