"""The flow about pose priors with all it needs, for tests that go through it."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from limner_app import window as starting
from limner_app.document import Document
from limner_app.flows import Flows
from limner_app.prior_dialog import PriorDialog, PriorParts
from limner_app.training_client import TrainingClient
from limner_engine.cropping import CropMode, CropTrack, Sightings
from limner_engine.errors import VideoError
from limner_engine.formats.skeleton_file import SkeletonFile, parsed
from limner_engine.priors.prior import PosePrior
from limner_engine.project import Project
from limner_engine.types import Skeleton
from limner_resources import skeleton_templates
from small_engine import SmallEngine

BODY = parsed(skeleton_templates()["upper-body-7"], "upper-body-7").skeleton
CHILD = """
import json, sys
print(json.dumps({"event": "started", "step": 0, "parameters": 10, "device": "CPU",
                  "train_frames": 5, "held_back_frames": 2}), flush=True)
sys.stdin.read()
print(json.dumps({"event": "done", "step": 3, "model": "", "figures": {}, "stopped": True}))
"""


class SeeingEngine(SmallEngine):
    """Sees one thing that goes from left to right, and no face."""

    def __init__(self) -> None:
        super().__init__()
        self.looked: list[str] = []

    async def look_for_crops(
        self,
        video: Path,
        mode: CropMode,
        on_progress: Callable[[float], None] | None = None,
        *,
        apart: bool = False,
    ) -> Sightings:
        self.looked.append(mode)
        if mode == "face":
            raise VideoError("No face was seen.", "Choose another way to crop.")
        count = 12
        middle = np.linspace(50, 110, count)
        moving = np.column_stack(
            [middle - 20, *(np.full(count, v) for v in (49, 0, 79)), middle]
            + [np.full(count, v) for v in (64, 0.0, 40, 30, 1.0)]
        )
        moving[:, 2] = middle + 20
        frames, times = np.arange(count), np.arange(count) / 30
        faces, both = np.full((count, 3), np.nan), (times, times)
        modes = frozenset({"auto", "motion", "turning"})
        return Sightings("a.mp4", (160, 128), frames, faces, frames, moving, both, True, modes)

    async def follow_box(
        self, video: Path, drawn: CropTrack, on_progress: Callable[[float], None] | None = None
    ) -> CropTrack:
        return drawn


class Flow:
    """A dialog with what it was given."""

    def __init__(self, document: Document, flows: Flows, script: Path, qtbot: QtBot) -> None:
        self.document, self.flows, self.qtbot = document, flows, qtbot
        self.engine = SeeingEngine()
        self.training = TrainingClient(program=[sys.executable, str(script)])
        self.edited: list[SkeletonFile | None] = []
        self.opened: list[str] = []
        self.started: list[Path] = []
        self.dialog = self.open()

    def open(self) -> PriorDialog:
        parts = PriorParts(
            self.document,
            self.engine,
            self.flows,
            self.training,
            lambda: self.opened.append("crops"),
            self.edited.append,
        )
        made = PriorDialog(parts)
        made.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
        self.qtbot.addWidget(made)
        made.started.connect(self.started.append)
        made.show()
        self.dialog = made
        return made

    def rest(self) -> None:
        dialog = self.dialog
        assert starting.wait_until(
            lambda: (
                not (
                    dialog.crop._work.busy
                    or dialog.prior._work.busy
                    or dialog.prior.seen.busy
                    or dialog.prior._settle.isActive()
                )
            )
        )

    def to(self, title: str) -> None:
        while self.dialog.steps[self.dialog.current].title != title:
            before = self.dialog.current
            self.dialog.foot.next.click()
            self.rest()
            assert self.dialog.current == before + 1, self.dialog.foot.words.text()

    def read(self, path: Path) -> None:
        self.dialog.prior.read_files([path])
        self.rest()


def project_of(flow: Flow) -> Project:
    project = flow.document.project
    assert project is not None
    return project


def bodies(count: int = 60) -> np.ndarray:
    """Upper bodies of seven points, pixels."""
    layout = np.array(skeleton_templates()["upper-body-7"]["layout"])
    noise = np.random.default_rng(0).normal(0, 8, (count, 7, 2))
    return np.asarray(200 * layout + noise)


def prior(count: int = 60, skeleton: Skeleton = BODY, name: str = "waves") -> PosePrior:
    poses = (bodies(count)[:, : len(skeleton.names)] / 100 - 1).astype(np.float32)
    return PosePrior(name, skeleton, poses, ("waves.bvh",))


def archive(path: Path) -> Path:
    names = ["Root", "Head", "LeftArm", "RightArm", "LeftForeArm", "RightForeArm", "Paw"]
    space = np.concatenate([bodies(20) / 100, np.zeros((20, 7, 1))], axis=2).astype(np.float32)
    parents = np.array([-1, 0, 0, 0, 2, 3, 4])
    np.savez(path, __names__=np.array(names), __parents__=parents, wave=space)
    return path
