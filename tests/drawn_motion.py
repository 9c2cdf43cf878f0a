"""Small motion capture with known places: a BVH file and an archive of one stick person."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from limner_engine.types import Skeleton

PERSON: dict[str, tuple[str, tuple[float, float, float]]] = {
    "LeftUpLeg": ("Hips", (1, 0, 0)),
    "LeftLeg": ("LeftUpLeg", (0, -4, 0)),
    "LeftFoot": ("LeftLeg", (0, -4, 0)),
    "RightUpLeg": ("Hips", (-1, 0, 0)),
    "RightLeg": ("RightUpLeg", (0, -4, 0)),
    "RightFoot": ("RightLeg", (0, -4, 0)),
    "Spine": ("Hips", (0, 5, 0)),
    "LeftShoulder": ("Spine", (0.5, 0, 0)),
    "LeftArm": ("LeftShoulder", (1, 0, 0)),
    "LeftForeArm": ("LeftArm", (3, 0, 0)),
    "LeftHand": ("LeftForeArm", (2.5, 0, 0)),
    "RightShoulder": ("Spine", (-0.5, 0, 0)),
    "RightArm": ("RightShoulder", (-1, 0, 0)),
    "RightForeArm": ("RightArm", (-3, 0, 0)),
    "RightHand": ("RightForeArm", (-2.5, 0, 0)),
    "Head": ("Spine", (0, 2, 0)),
}
"""Parent and offset of each joint, y up, facing z, arms held out."""
ARM = Skeleton(("left shoulder", "left elbow", "left wrist"), ((0, 1), (1, 2)))


def draw_bvh(path: Path, turns: list[dict[str, float]], up: str = "y") -> Path:
    """Write the person with joints turned about z, a row each.

    Args:
        path: Where to.
        turns: For each frame degrees about the forward axis, by joint.
        up: ``y`` or ``z``.
    """
    lines = ["HIERARCHY"]
    order: list[str] = []

    def joint(name: str, offset: tuple[float, float, float], depth: int) -> None:
        pad = "\t" * depth
        order.append(name)
        x, y, z = offset
        shown = (x, y, z) if up == "y" else (x, -z, y)
        lines.append(f"{pad}{'JOINT' if depth else 'ROOT'} {name}")
        lines.append(f"{pad}{{")
        lines.append(f"{pad}\tOFFSET {shown[0]:.3f} {shown[1]:.3f} {shown[2]:.3f}")
        places = "" if depth else "Xposition Yposition Zposition "
        lines.append(f"{pad}\tCHANNELS {3 if depth else 6} {places}Zrotation Xrotation Yrotation")
        below = [(child, at) for child, (parent, at) in PERSON.items() if parent == name]
        for child, at in below:
            joint(child, at, depth + 1)
        if not below:
            tip = {"Head": (0, 1, 0)}.get(name, (0, 0, 0.5))
            x, y, z = tip
            shown = (x, y, z) if up == "y" else (x, -z, y)
            lines.append(f"{pad}\tEnd Site")
            lines.append(f"{pad}\t{{")
            lines.append(f"{pad}\t\tOFFSET {shown[0]} {shown[1]} {shown[2]}")
            lines.append(f"{pad}\t}}")
        lines.append(f"{pad}}}")

    joint("Hips", (0, 0, 0), 0)
    lines += ["MOTION", f"Frames: {len(turns)}", "Frame Time: 0.0333333"]
    for number, row in enumerate(turns):
        cells = [str(number), "9.5", "2"]
        for name in order:
            turn = row.get(name, 0.0)
            # Where z is up, somebody faces minus y, and turns about that.
            cells += [f"{turn}", "0", "0"] if up == "y" else ["0", "0", f"{-turn}"]
        lines.append(" ".join(cells))
    path.write_text("\n".join(lines) + "\n")
    return path


def waving(count: int) -> list[dict[str, float]]:
    """Turns of the left arm from hanging to raised."""
    return [{"LeftArm": float(turn)} for turn in np.linspace(-80, 80, count)]


def draw_archive(path: Path, frames: int = 30) -> Path:
    """Write an archive of two recordings of three joints: a rod that turns about its root."""
    angle = np.linspace(0, np.pi / 2, frames)
    pose = np.zeros((frames, 3, 3), np.float16)
    pose[:, 1, 0], pose[:, 1, 1] = np.cos(angle), np.sin(angle)
    pose[:, 2] = 2 * pose[:, 1]
    np.savez(
        path,
        __names__=np.array(["shoulder", "elbow", "wrist"]),
        __parents__=np.array([-1, 0, 1]),
        take__a=pose,
        take__b=pose[:5],
    )
    return path
