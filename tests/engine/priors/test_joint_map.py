"""Which joints landmarks are."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from limner_engine.errors import FormatError
from limner_engine.priors.joint_map import JointMap
from limner_engine.priors.joint_names import guessed_pairs, taken_apart, with_pairs
from limner_engine.priors.loose import LoosePoses
from limner_engine.types import Skeleton
from limner_resources import skeleton_templates

BODY = Skeleton.from_json(skeleton_templates()["body-13"])
SOURCES = {
    "mixamo": "mixamorig:Hips mixamorig:Spine mixamorig:Neck mixamorig:Head "
    "mixamorig:HeadTop_End mixamorig:LeftShoulder mixamorig:LeftArm mixamorig:LeftForeArm "
    "mixamorig:LeftHand mixamorig:RightShoulder mixamorig:RightArm mixamorig:RightForeArm "
    "mixamorig:RightHand mixamorig:LeftUpLeg mixamorig:LeftLeg mixamorig:LeftFoot "
    "mixamorig:RightUpLeg mixamorig:RightLeg mixamorig:RightFoot",
    "arrays": "pelvis l_hip l_knee l_ankle l_foot r_hip r_knee r_ankle r_foot neck head_top "
    "l_shoulder l_elbow l_wrist l_hand r_shoulder r_elbow r_wrist r_hand",
    "asf": "root lhipjoint lfemur ltibia lfoot rhipjoint rfemur rtibia rfoot lowerneck head "
    "lclavicle lhumerus lradius lwrist rclavicle rhumerus rradius rwrist",
    "coco": "nose left_eye right_eye left_shoulder right_shoulder left_elbow right_elbow "
    "left_wrist right_wrist left_hip right_hip left_knee right_knee left_ankle right_ankle",
}
EXPECTED = {
    "mixamo": ("Head", "LeftArm", "LeftForeArm", "LeftHand", "LeftUpLeg", "LeftFoot"),
    "arrays": ("head_top", "l_shoulder", "l_elbow", "l_wrist", "l_hip", "l_ankle"),
    "asf": ("head", "lhumerus", "lradius", "lwrist", "lfemur", "lfoot"),
    "coco": ("nose", "left_shoulder", "left_elbow", "left_wrist", "left_hip", "left_ankle"),
}


@pytest.mark.parametrize("kind", list(SOURCES))
def test_joints_are_guessed_by_their_names(kind: str) -> None:
    found = JointMap.guessed(BODY, SOURCES[kind].split())
    parts = ("shoulder", "elbow", "wrist", "hip", "ankle")
    wanted = ("head", *(f"left {part}" for part in parts))
    assert not found.missing
    assert tuple(found.landmarks[n][0].split(":")[-1] for n in wanted) == EXPECTED[kind]
    for landmark, (joint, *_) in found.landmarks.items():
        assert taken_apart(joint)[0] == taken_apart(landmark)[0]


def test_a_head_is_between_its_joint_and_its_tip() -> None:
    head = Skeleton(("head",))
    assert JointMap.guessed(head, ("Neck", "Head", "Head end")).landmarks["head"] == (
        "Head",
        "Head end",
    )
    assert JointMap.guessed(head, ("neck", "head_top")).landmarks["head"] == ("head_top",)


def test_names_are_taken_apart() -> None:
    assert taken_apart("LeftForeArm") == ("left", "fore arm")
    assert taken_apart("r_hip") == ("right", "hip")
    assert taken_apart("Wrist.L") == ("left", "wrist")
    assert taken_apart("rig:Spine2") == ("", "spine 2")
    assert taken_apart("rfemur") == ("right", "femur")
    assert taken_apart("leg") == ("", "leg")
    assert taken_apart("root") == ("", "root")


def test_pairs_are_seen_in_names() -> None:
    assert guessed_pairs(("l_ear", "nose", "r_ear", "left eye")) == ((0, 2),)
    given = Skeleton(("left a", "right a"), (), ((1, 0),))
    assert with_pairs(given) is given


def _poses() -> LoosePoses:
    points = np.arange(2 * 3 * 2, dtype=float).reshape(2, 3, 2)
    return LoosePoses("take", Skeleton(("neck", "skull", "x")), points, np.zeros(2, np.int64))


def test_a_landmark_can_be_the_middle_of_joints() -> None:
    wanted = Skeleton(("head", "tail"))
    joints = JointMap({"head": ("neck", "skull"), "tail": ("x",)})
    made = joints.apply(_poses(), wanted)
    assert made.skeleton == wanted
    np.testing.assert_allclose(made.points[0], [[1, 2], [4, 5]])


def test_a_landmark_that_is_nowhere_is_named() -> None:
    wanted = Skeleton(("head", "tail"))
    joints = JointMap.guessed(wanted, _poses().skeleton.names)
    assert joints.missing == ("tail",)
    with pytest.raises(FormatError, match=r"no joint for tail; it has neck, skull, x\."):
        joints.apply(_poses(), wanted)


def test_a_map_holds_where_its_joints_are_and_names_hold_elsewhere() -> None:
    wanted = Skeleton(("head", "neck"))
    said = JointMap({"head": ("skull", "x")})
    assert said.within(wanted, ("neck", "skull", "x")).landmarks["head"] == ("skull", "x")
    other = said.within(wanted, ("Neck", "Head"))
    assert other.landmarks == {"head": ("Head",), "neck": ("Neck",)}


def test_the_file_is_for_people(tmp_path: Path) -> None:
    path = tmp_path / "map.json"
    joints = JointMap({"head": ("neck", "skull"), "tail": (), "x": ("x",)})
    joints.save(path, ["neck", "skull", "x"])
    content = json.loads(path.read_text())
    assert content["landmarks"] == {"head": ["neck", "skull"], "tail": None, "x": "x"}
    assert content["joints"] == ["neck", "skull", "x"]
    assert JointMap.open(path) == joints


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{}", '{"limner_joint_map": 1}', '{"limner_joint_map": 1, "landmarks": {"a": 3}}'],
)
def test_files_that_are_no_maps(tmp_path: Path, text: str) -> None:
    path = tmp_path / "map.json"
    path.write_text(text)
    with pytest.raises(FormatError):
        JointMap.open(path)
    with pytest.raises(FormatError, match="could not be read"):
        JointMap.open(tmp_path / "none.json")
