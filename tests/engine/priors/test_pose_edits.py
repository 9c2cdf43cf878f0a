"""What a hand does to a drawn pose."""

from __future__ import annotations

import numpy as np
import pytest

from limner_engine.priors import pose_edits
from limner_engine.priors.pose_edits import Joints, Pose, Way
from limner_engine.types import Skeleton
from limner_resources import skeleton_templates


def template(key: str) -> tuple[Skeleton, Pose]:
    data = skeleton_templates()[key]
    return Skeleton.from_json(data), pose_edits.fitted(np.array(data["layout"]))


def lengths(pose: Pose, skeleton: Skeleton) -> Pose:
    edges = np.array(skeleton.edges)
    return np.linalg.norm(pose[edges[:, 0]] - pose[edges[:, 1]], axis=1)


BODY, STANDING = template("body-13")
NUMBER = {name: i for i, name in enumerate(BODY.names)}


def test_a_layout_is_brought_into_the_middle() -> None:
    made = pose_edits.fitted(np.array([[10.0, 10.0], [30.0, 50.0]]))
    np.testing.assert_allclose(made, [[-0.35, -0.7], [0.35, 0.7]])
    assert pose_edits.fitted(np.array([[3.0, 4.0]])).tolist() == [[0.0, 0.0]]


def test_what_hangs_on_a_joint_of_a_body() -> None:
    joints = Joints.of(BODY)
    arm = {NUMBER["left elbow"], NUMBER["left wrist"]}
    assert joints.limb(NUMBER["left shoulder"]) == arm | {NUMBER["left shoulder"]}
    assert joints.limb(NUMBER["left elbow"]) == arm
    assert joints.limb(NUMBER["head"]) == {NUMBER["head"]}
    assert joints.parents[NUMBER["left wrist"]] == NUMBER["left elbow"]
    assert joints.parents[NUMBER["left shoulder"]] is None
    assert {joint for joint, _ in joints.tree} | {joints.middle} == set(range(13))


def test_the_parts_of_a_face_go_whole_and_a_middle_takes_all() -> None:
    face = Joints.of(template("face-68")[0])
    assert {len(face.limb(joint)) for joint in (0, 8, 40, 50)} == {17, 6, 12}
    star = Joints.of(Skeleton(tuple("abcdefg"), ((0, 1), (1, 2), (0, 3), (3, 4), (0, 5), (5, 6))))
    assert star.limb(0) == set(range(7))
    assert star.limb(3) == {3, 4}
    assert Joints.of(Skeleton(("a", "b"))).limb(1) == {1}


@pytest.mark.parametrize("key", sorted(skeleton_templates()))
@pytest.mark.parametrize("way", pose_edits.WAYS)
def test_a_drag_that_goes_nowhere_changes_nothing(key: str, way: Way) -> None:
    skeleton, pose = template(key)
    joints = Joints.of(skeleton)
    for joint, (x, y) in enumerate(pose.tolist()):
        made = pose_edits.dragged(pose, joints, joint, (x, y), way)
        np.testing.assert_allclose(made, pose, atol=1e-7)


def test_a_joint_is_dragged_alone_with_its_limb_or_with_its_neighbours() -> None:
    joints, elbow, wrist = Joints.of(BODY), NUMBER["left elbow"], NUMBER["left wrist"]
    to = (0.5, -0.5)
    alone = pose_edits.dragged(STANDING, joints, elbow, to, "joint")
    assert np.flatnonzero((alone != STANDING).any(axis=1)).tolist() == [elbow]
    assert alone[elbow].tolist() == [0.5, -0.5]
    limb = pose_edits.dragged(STANDING, joints, elbow, to, "limb")
    assert np.flatnonzero((limb != STANDING).any(axis=1)).tolist() == [elbow, wrist]
    np.testing.assert_allclose(limb[wrist] - limb[elbow], STANDING[wrist] - STANDING[elbow])
    soft = pose_edits.dragged(STANDING, joints, elbow, to, "nearby")
    went = np.linalg.norm(soft - STANDING, axis=1)
    order = np.argsort(np.linalg.norm(STANDING - STANDING[elbow], axis=1))
    assert (np.diff(went[order]) <= 1e-12).all()
    np.testing.assert_allclose(soft[elbow], to)


@pytest.mark.parametrize("key", sorted(skeleton_templates()))
def test_bones_keep_their_lengths_wherever_a_hand_goes(key: str) -> None:
    skeleton, pose = template(key)
    joints, rng = Joints.of(skeleton), np.random.default_rng(0)
    for joint in range(len(pose)):
        x, y = rng.uniform(-1.2, 1.2, 2)
        made = pose_edits.dragged(pose, joints, joint, (x, y), "bones")
        np.testing.assert_allclose(lengths(made, skeleton), lengths(pose, skeleton), atol=1e-9)
        assert not np.allclose(made, pose)


def test_a_wrist_reaches_its_place_by_bending_the_elbow() -> None:
    joints, wrist, shoulder = Joints.of(BODY), NUMBER["left wrist"], NUMBER["left shoulder"]
    x, y = STANDING[shoulder] + (0.15, -0.2)
    made = pose_edits.dragged(STANDING, joints, wrist, (x, y), "bones")
    np.testing.assert_allclose(made[wrist], (x, y))
    still = [i for i in range(13) if i not in (wrist, NUMBER["left elbow"])]
    np.testing.assert_array_equal(made[still], STANDING[still])
    far = pose_edits.dragged(STANDING, joints, wrist, (1.2, -1.2), "bones")
    reach = np.linalg.norm(far[wrist] - far[shoulder])
    elbow = NUMBER["left elbow"]
    arm = sum(np.linalg.norm(STANDING[a] - STANDING[elbow]) for a in (wrist, shoulder))
    assert reach == pytest.approx(arm), "out of reach the arm is straight"


def test_what_hangs_on_a_swung_joint_swings_with_it() -> None:
    joints, elbow = Joints.of(BODY), NUMBER["left elbow"]
    x, y = STANDING[NUMBER["left shoulder"]] + (0.3, 0.0)
    made = pose_edits.dragged(STANDING, joints, elbow, (x, y), "bones")
    before = STANDING[NUMBER["left wrist"]] - STANDING[elbow]
    after = made[NUMBER["left wrist"]] - made[elbow]
    assert np.linalg.norm(after) == pytest.approx(np.linalg.norm(before))
    assert after[0] > before[0], "the forearm is raised with the upper arm"


def test_nothing_leaves_the_room_around_the_crop() -> None:
    joints = Joints.of(BODY)
    for way in ("joint", "limb"):
        made = pose_edits.dragged(STANDING, joints, 3, (9.0, 9.0), way)
        assert np.abs(made).max() <= pose_edits.LIMIT
    made = pose_edits.moved(STANDING, (5.0, 0.1))
    assert made[:, 0].max() == pytest.approx(pose_edits.LIMIT)
    np.testing.assert_allclose(made[:, 1], STANDING[:, 1] + 0.1)
    outside = STANDING + np.array([2.0, 0.0])
    np.testing.assert_allclose(pose_edits.moved(outside, (0.0, 0.0)), outside)
    assert pose_edits.moved(outside, (-0.5, 0.0))[0, 0] == pytest.approx(outside[0, 0] - 0.5)


def test_a_mirrored_pose_has_its_left_on_the_other_side() -> None:
    pose = pose_edits.dragged(
        STANDING, Joints.of(BODY), NUMBER["left wrist"], (0.9, -0.4), "joint"
    )
    made = pose_edits.mirrored(pose, BODY)
    assert made[NUMBER["right wrist"]].tolist() == [-0.9, -0.4]
    np.testing.assert_allclose(made[NUMBER["left wrist"]], pose[NUMBER["right wrist"]] * (-1, 1))
    np.testing.assert_array_equal(pose_edits.mirrored(made, BODY), pose)
    np.testing.assert_allclose(pose_edits.mirrored(STANDING, BODY), STANDING, atol=1e-12)


def test_turning_and_scaling_leave_their_point_where_it_is() -> None:
    quarter = pose_edits.turned(np.array([[1.0, 0.0]]), np.pi / 2, (0.0, 0.0))
    np.testing.assert_allclose(quarter, [[0.0, 1.0]], atol=1e-12, err_msg="clockwise, y is down")
    np.testing.assert_allclose(pose_edits.turned(STANDING, 2 * np.pi), STANDING, atol=1e-9)
    corner = pose_edits.box_of(STANDING)[0]
    made = pose_edits.scaled(STANDING, (0.5, 0.8), (corner[0], corner[1]))
    np.testing.assert_allclose(pose_edits.box_of(made)[0], corner)
    np.testing.assert_allclose(np.ptp(made, axis=0), np.ptp(STANDING, axis=0) * (0.5, 0.8))


def test_a_pose_becomes_neither_a_dot_nor_larger_than_the_room() -> None:
    for factor in (-3.0, 0.0, 100.0):
        made = pose_edits.scaled(STANDING, factor)
        assert 0.01 < np.ptp(made, axis=0).max() <= 2 * pose_edits.LIMIT + 1e-9
        ratio = np.ptp(made, axis=0) / np.ptp(STANDING, axis=0)
        assert ratio[0] == pytest.approx(ratio[1]), "proportions are kept"
    line = np.array([[-0.5, 0.0], [0.5, 0.0]])
    assert np.ptp(pose_edits.scaled(line, 0.5)[:, 0]) == pytest.approx(0.5)


def test_poses_between_two_swing_and_do_not_shrink() -> None:
    joints, elbow = Joints.of(BODY), NUMBER["left elbow"]
    x, y = STANDING[NUMBER["left shoulder"]] + (0.1, -0.4)
    up = pose_edits.dragged(STANDING, joints, elbow, (x, y), "bones")
    made = pose_edits.between(STANDING, up, 3, BODY)
    assert len(made) == 3
    for pose in made:
        np.testing.assert_allclose(lengths(pose, BODY), lengths(STANDING, BODY), atol=1e-9)
    heights = [pose[elbow, 1] for pose in (STANDING, *made, up)]
    assert (np.diff(heights) < 0).all()


def test_poses_between_a_turned_face_and_itself_are_turned_faces() -> None:
    skeleton, face = template("face-68")
    middle = Joints.of(skeleton).middle
    about = (float(face[middle, 0]), float(face[middle, 1]))
    made = pose_edits.between(face, pose_edits.turned(face, 0.6, about), 1, skeleton)
    np.testing.assert_allclose(made[0], pose_edits.turned(face, 0.3, about), atol=1e-9)


def test_a_body_that_turns_about_does_not_tip_over() -> None:
    back = STANDING * (-1.0, 1.0)
    (half,) = pose_edits.between(STANDING, back, 1, BODY)
    shoulders = half[NUMBER["right shoulder"]] - half[NUMBER["left shoulder"]]
    np.testing.assert_allclose(shoulders, 0.0, atol=1e-9)
    same = pose_edits.between(STANDING, STANDING, 2, BODY)
    np.testing.assert_allclose(same[1], STANDING, atol=1e-9)
