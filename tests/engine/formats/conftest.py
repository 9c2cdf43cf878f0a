from __future__ import annotations

import numpy as np
import pytest

from limner_engine.formats import LandmarkTable, merge

NAMES = ("left eye", "nose, tip", "Mäulchen “m”")


@pytest.fixture
def table() -> LandmarkTable:
    """50 frames of 3 landmarks with corrections, a hidden landmark and unreadable frames."""
    random = np.random.default_rng(5)
    points = random.uniform(0, 1920, (50, 3, 2)).astype(np.float32)
    confidence = random.uniform(0, 1, (50, 3)).astype(np.float32)
    for frame in (0, 17, 18):
        points[frame], confidence[frame] = np.nan, np.nan
    annotations = {
        "frame": np.array([3, 3, 18]),
        "landmark": np.array([0, 1, 2]),
        "x": np.array([1 / 3, 5.0, 7.25]),
        "y": np.array([2 / 3, 6.0, 1e-5]),
        "visible": np.array([True, False, True]),
        "author": np.array(["Ada", "Ada", "Bo, the second"]),
    }
    return merge(
        (points, confidence),
        annotations,
        video="clip, 1.mp4",
        subject="subject 1",
        names=NAMES,
        time_s=np.arange(50) * 1001 / 30000,
        model="faces",
        unreadable=[0, 17, 18],
    )


@pytest.fixture
def raw_table() -> LandmarkTable:
    """Numbers with all the digits that a float64 can have, and of every size."""
    random = np.random.default_rng(6)
    points = random.uniform(-1, 1, (400, 2, 2)) * 10.0 ** random.integers(-300, 300, (400, 2, 2))
    return LandmarkTable(
        "v",
        "s",
        ("a", "b"),
        np.arange(400) * 3,
        random.uniform(0, 1e6, 400),
        points,
        random.uniform(0, 1, (400, 2)),
        np.full((400, 2), np.nan),
        np.full((400, 2), "model:m", dtype=object),
    )
