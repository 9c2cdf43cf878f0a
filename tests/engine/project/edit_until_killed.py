"""Edits a project until it is killed, and says after each edit that it is finished.

Usage: edit_until_killed.py PROJECT CLIP FIRST_NUMBER
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import numpy as np

from limner_engine.project import Project
from limner_engine.types import FrameKey, ModelInfo, Skeleton


def say(*words: object) -> None:
    """Straight to the pipe, so that nothing said can be lost with the process."""
    os.write(1, (" ".join(str(word) for word in words) + "\n").encode())


def begin(path: Path, clip: Path) -> Project:
    if path.exists():
        return Project.open(path)
    project = Project.create(path)
    say("created")
    return project


def main() -> None:
    path, clip, number = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
    project = begin(path, clip)
    project.set_skeleton(Skeleton(("a", "b", "c")))
    video = project.add_video(
        clip, fingerprint="f", frame_count=10**6, width=640, height=480, frame_rate=25.0
    )
    model = project.add_model(ModelInfo("imm", "m", {}, Skeleton.numbered(3), sha256="s"), clip)
    say("ready")
    while True:
        x, y = number + 0.25, number / 3
        project.annotate(FrameKey(video.id, number), {number % 3: (x, y, True)}, author="a")
        say("placed", number)
        if number % 4 == 1:
            points = np.full((2, 3, 2), number, np.float32)
            confidence = np.full((2, 3), 0.5, np.float32)
            project.write_predictions(video.id, model, 0, 2 * number, points, confidence)
            say("predicted", number)
        if number % 6 == 2:
            project.undo()
            say("undone", number)
            project.redo()
            say("redone", number)
        if number % 9 == 3:
            project.rename_landmark(0, f"a{number}")
            say("renamed", number)
        if number % 25 == 4:
            project.backup(path.with_name("copy.limner"))
            say("copied", number)
        number += 1


main()
