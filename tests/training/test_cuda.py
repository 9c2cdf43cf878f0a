"""Learning and answering on a CUDA device; skipped by name where there is none."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from drawn_frames import drawn_frames
from limner_engine.inference.session import Session
from limner_engine.priors.prior import PosePrior
from limner_engine.types import Crop, Skeleton
from limner_training.config import TrainConfig
from limner_training.control import Control
from limner_training.events import Event, Started
from limner_training.loop import learn
from limner_training.run_folder import RunFolder

pytestmark = [
    pytest.mark.cuda,
    pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device here"),
]


def _prior(folder: Path) -> Path:
    skeleton = Skeleton(("a", "b", "c", "d"), ((0, 1), (1, 2), (2, 3)), ((0, 3),))
    poses = np.random.default_rng(0).uniform(-0.6, 0.6, (50, 4, 2)).astype(np.float32)
    path = folder / "drawn.prior.npz"
    PosePrior("drawn", skeleton, poses).save(path)
    return path


@pytest.mark.parametrize(
    "knobs",
    [
        {"loss": "content", "colour_steps": 5, "warp_share": 0.3, "obedience": 1.0},
        {"loss": "l1+adversarial", "half_size": 0.5},
        {"method": "keypointgan", "picture_judge": 1.0, "regressor_steps": 20, "agreement": 1.0},
    ],
)
def test_a_run_learns_and_its_model_answers_as_on_the_processor(
    tmp_path: Path, knobs: dict[str, object]
) -> None:
    drawn_frames(2, 30).pack(tmp_path / "drawn.npz")
    if knobs.get("method") == "keypointgan":
        knobs = knobs | {"prior": str(_prior(tmp_path))}
    settings = {"sources": [str(tmp_path / "drawn.npz")], "minutes": 0, "steps": 60, "batch": 8}
    config = TrainConfig.from_json(
        json.dumps(settings | knobs | {"device": "cuda", "landmarks": 4})
    )
    folder = RunFolder.create(tmp_path, config)
    events: list[Event] = []
    learn(folder, events.append, Control(None))
    started = next(event for event in events if isinstance(event, Started))
    assert "CPU" not in started.device

    frame = np.ascontiguousarray(drawn_frames(1, 2).pixels[0])
    crop = Crop.whole(80, 80)
    found = [
        Session(folder.model_path, device).detect([frame], [crop])[0].points_px
        for device in ("cpu", "cuda")
    ]
    np.testing.assert_allclose(found[0], found[1], atol=0.5)
