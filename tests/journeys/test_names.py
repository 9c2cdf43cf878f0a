"""A skeleton, five labelled frames, and the landmarks are found on the others by themselves."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from limner_app.main_window import MainWindow
from limner_app.naming_memory import names_folder
from limner_app.window import open_window, wait_until
from limner_engine.types import Floats, Image, Skeleton
from limner_engine.video.writer import VideoWriter

PATIENCE_S = 120.0
FRAMES, WIDTH, HEIGHT = 48, 192, 160
LABELLED = (0, 10, 20, 30, 40)
NAMES = ("head", "middle", "tail")


def truth(frame: int) -> Floats:
    """Where the three landmarks of the drawn animal are, ``(3, 2)`` pixels."""
    turn = 0.6 * np.sin(frame / 7)
    middle = np.array([96 + 40 * np.sin(frame / 11), 80 + 20 * np.cos(frame / 9)])
    along = np.array([np.cos(turn), np.sin(turn)])
    return np.stack([middle + 26 * along, middle, middle - 30 * along]).astype(np.float32)


def picture(frame: int) -> Image:
    """A bright body with a dark head and a thin tail over a still ground."""
    rows, columns = np.mgrid[:HEIGHT, :WIDTH]
    image = np.stack([60 + columns // 8, 70 + rows // 8, 80 + 0 * rows], -1).astype(np.uint8)
    head, middle, tail = truth(frame)

    def distance(a: Floats, b: Floats) -> Any:
        way = b - a
        along = ((columns - a[0]) * way[0] + (rows - a[1]) * way[1]) / max(1e-6, way @ way)
        along = np.clip(along, 0, 1)
        return np.hypot(columns - a[0] - along * way[0], rows - a[1] - along * way[1])

    image[distance(middle, tail) < 3] = (230, 190, 150)
    image[distance(middle, (head + middle) / 2) < 13] = (240, 230, 200)
    image[distance(head, head) < 8] = (200, 60, 40)
    return image


@pytest.fixture
def window(qapp: Any, tmp_path: Path) -> Iterator[MainWindow]:
    path = tmp_path / "animal.mp4"
    with VideoWriter(path, WIDTH, HEIGHT, Fraction(30)) as writer:
        for frame in range(FRAMES):
            writer.write(picture(frame))
    made = open_window([path], size=(1366, 768))
    assert wait_until(
        lambda: made.document.crop_track is not None and not made.detector.working, PATIENCE_S
    )
    yield made
    made.close()
    assert wait_until(made.closed.is_set, PATIENCE_S)
    asyncio.get_event_loop().close()


def _label(window: MainWindow, frame: int) -> None:
    document = window.document
    document.show(frame)
    assert wait_until(lambda: document.frame_index == frame, PATIENCE_S)
    for landmark, (x, y) in enumerate(truth(frame).tolist()):
        document.place(landmark, x, y)


def _named(window: MainWindow) -> bool:
    namer = window.namer
    resting = namer._fitting is not None and namer._fitting.done()
    return namer.shown and resting and "model" in window.document.landmarks().origin


@pytest.mark.timeout(300)
def test_five_labelled_frames_name_the_landmarks_of_all(window: MainWindow) -> None:
    document, namer = window.document, window.namer
    document.set_skeleton(Skeleton(NAMES, ((0, 1), (1, 2))))
    for frame in LABELLED:
        _label(window, frame)
    document.show(25)
    began = time.monotonic()
    assert wait_until(lambda: document.frame_index == 25 and _named(window), PATIENCE_S)
    waited = time.monotonic() - began
    assert waited < 30, waited
    found = document.landmarks()
    assert found.origin == ("model",) * 3
    far = np.hypot(*(found.points - truth(25)).T)
    assert np.median(far) < 8, far
    assert document.project is not None
    folder = names_folder(document.project.path)
    assert document.model_path == folder / "names.safetensors"
    assert document.model_info is not None
    assert document.model_info.kind == "named"
    # All other frames follow, unasked.
    assert wait_until(lambda: not namer.sweep.working, PATIENCE_S)
    paths = document.trajectories()
    assert np.isfinite(paths).all()
    others = [frame for frame in range(FRAMES) if frame not in LABELLED]
    wanted = np.stack([truth(frame) for frame in others])
    assert np.median(np.linalg.norm(paths[others] - wanted, axis=-1)) < 6
    # The panel and the list of what to label next say so.
    window.panels.docks["names"].raise_()
    assert window.naming_panel.note() == "5 frames labelled"
    assert wait_until(lambda: bool(window.queue.entries), PATIENCE_S)
    assert not {entry.frame for entry in window.queue.entries} & set(LABELLED)
