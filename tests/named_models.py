"""Labelled drawn frames and small named models to test with."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch

from engine_fixtures import drawn_frame
from limner_engine.model_file import save_model
from limner_engine.models.heatmaps import HeatmapConfig
from limner_engine.models.named import SECOND, Named, NamedConfig
from limner_engine.naming.labelled import LabelledFrames
from limner_engine.types import Crop, Image, ModelInfo, Skeleton

NAMES = ("left", "middle", "right")
CROP = Crop(79.5, 59.5, 160.0)
TINY = HeatmapConfig(
    landmark_count=3, image_size=32, width=4, grid_size=8, map_size=16, features=4, bottom=8
)


def picture(_: str, index: int) -> Image:
    """What `drawn_labels` says it labels."""
    return drawn_frame(index)


def drawn_labels(folder: Path, count: int = 8, step: int = 4) -> LabelledFrames:
    """The disc of `drawn_frame`: its left edge, its middle and its right edge."""
    video = folder / "drawn.mp4"
    if not video.exists():
        video.write_bytes(b"")  # frames are drawn when they are asked for
    frames = [step * number for number in range(count)]
    x = np.array([20 + (3 * frame) % 120 for frame in frames], np.float32)
    points = np.full((count, 3, 2), 60.0, np.float32)
    points[..., 0] = x[:, None] + np.array([-15, 0, 15], np.float32)
    told = np.ones((count, 3), np.bool_)
    return LabelledFrames(
        tuple((video, frame) for frame in frames),
        (CROP,) * count,
        points,
        told.copy(),
        told,
        np.ones(count, np.int64),
        Skeleton(NAMES),
    )


def second_layer(path: Path, seed: int = 0) -> Path:
    """The file of an untrained second layer, with nothing held back."""
    torch.manual_seed(seed)
    config = NamedConfig(
        image_size=TINY.image_size, landmark_count=3, heatmaps=TINY.to_json(), members=2
    )
    network = Named(config)
    network.choice.fill_(SECOND)
    save_model(path, network, ModelInfo("named", "second", config.to_json(), Skeleton(NAMES)))
    return path
