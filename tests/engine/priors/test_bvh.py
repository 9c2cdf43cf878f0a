"""Motion capture as text."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from drawn_motion import draw_bvh, waving
from limner_engine.errors import FormatError
from limner_engine.priors.bvh import read_bvh
from limner_engine.priors.mocap import upright


def test_joints_are_where_their_angles_put_them(tmp_path: Path) -> None:
    path = draw_bvh(tmp_path / "a.bvh", [{}, {"LeftArm": 90.0}, {"Spine": 90.0, "LeftArm": 90.0}])
    read = read_bvh(path)
    place = {name: i for i, name in enumerate(read.skeleton.names)}
    root = read.points[:, place["Hips"]]
    np.testing.assert_allclose(root, [[0, 9.5, 2], [1, 9.5, 2], [2, 9.5, 2]])
    hand = read.points[:, place["LeftHand"]] - root
    # Held out; raised; raised by somebody who lies on the right side.
    np.testing.assert_allclose(hand, [[7, 5, 0], [1.5, 10.5, 0], [-5.5, 6.5, 0]], atol=1e-9)
    assert read.skeleton.names[place["Head"] + 1] == "Head end"
    assert (place["LeftArm"], place["LeftForeArm"]) in read.skeleton.edges


def test_angles_are_multiplied_in_the_order_of_the_channels(tmp_path: Path) -> None:
    text = """HIERARCHY
ROOT a
{
  OFFSET 0 0 0
  CHANNELS 3 Xrotation Yrotation Zrotation
  End Site
  {
    OFFSET 1 0 0
  }
}
MOTION
Frames: 1
Frame Time: 1
90 0 90
"""
    (tmp_path / "a.bvh").write_text(text)
    # Rx(90) Rz(90) (1, 0, 0) = Rx(90) (0, 1, 0) = (0, 0, 1).
    np.testing.assert_allclose(read_bvh(tmp_path / "a.bvh").points[0, 1], [0, 0, 1], atol=1e-12)


def test_files_with_z_up_come_to_stand(tmp_path: Path) -> None:
    standing = upright(read_bvh(draw_bvh(tmp_path / "y.bvh", waving(4))))
    lying = upright(read_bvh(draw_bvh(tmp_path / "z.bvh", waving(4), up="z")))
    for one in (standing, lying):
        one.points[:] -= one.points[:, :1]
    np.testing.assert_allclose(lying.points, standing.points, atol=1e-9)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("HIERARCHY", "HIERARCHIE", "line 1"),
        ("OFFSET 1.000", "OFFSET one", "not a number"),
        ("Zrotation Xrotation", "Zrotation Wrotation", "channels"),
        ("Frames: 2", "Frames: 3", "announces 3 frames and has 2"),
        ("MOTION", "", "not understood"),
        ("JOINT RightArm", "JOINT LeftArm", "name of its own"),
    ],
)
def test_what_is_not_in_the_layout(tmp_path: Path, old: str, new: str, said: str) -> None:
    path = draw_bvh(tmp_path / "a.bvh", waving(2))
    path.write_text(path.read_text().replace(old, new, 1))
    with pytest.raises(FormatError, match=said):
        read_bvh(path)


def test_a_row_that_was_cut_off(tmp_path: Path) -> None:
    path = draw_bvh(tmp_path / "a.bvh", waving(2))
    path.write_text(path.read_text().rstrip()[:-8])
    with pytest.raises(FormatError, match="numbers, not"):
        read_bvh(path)


def test_real_files_have_people_on_their_feet(data_dir: Path) -> None:
    found = sorted((data_dir / "mocap").rglob("*.bvh"))
    assert found
    for path in found:
        read = upright(read_bvh(path))
        names = read.skeleton.names
        if "Head" not in names:
            continue
        foot = next(name for name in ("LeftFoot", "LeftAnkle") if name in names)
        above = read.points[:, names.index("Head"), 1] - read.points[:, names.index(foot), 1]
        assert np.median(above) > 0, path.name
