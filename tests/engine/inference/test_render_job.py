from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from limner_engine.cropping.track import CropTrack
from limner_engine.inference.render_job import (
    Clip,
    EditJob,
    Looks,
    RenderJob,
    SwapJob,
    job_from_json,
    job_to_json,
)
from limner_engine.types import Crop

CROP = Crop(80.0, 60.0, 100.0, 0.25)
CLIP = Clip(Path("walk.mp4"), CropTrack.fixed(CROP), 3, 12)
LOOKS = Looks(Path("face.png"), 0, CROP)
JOBS: list[RenderJob] = [
    EditJob(CLIP, {0: (0.1, -0.2), 7: (0.0, 0.3)}, LOOKS, 4, True),
    EditJob(CLIP, {}, None, 0, False),
    SwapJob(CLIP, LOOKS, relative=True, sharp=True, beside=False),
    SwapJob(CLIP, LOOKS, relative=False, sharp=False, beside=True, smooth=False),
]


@pytest.mark.parametrize("job", JOBS)
def test_jobs_travel_as_json(job: RenderJob) -> None:
    data = job_to_json(job)
    back = job_from_json(json.loads(json.dumps(data, allow_nan=False)))
    assert type(back) is type(job)
    assert job_to_json(back) == data
    if isinstance(job, EditJob) and isinstance(back, EditJob):
        assert (back.offsets, back.looks, back.ramp) == (job.offsets, job.looks, job.ramp)
        assert (back.clip.video, len(back.clip)) == (job.clip.video, 9)


@pytest.mark.parametrize(
    "change",
    [{"kind": "dance"}, {"clip": None}, {"offsets": {"x": [0, 0]}}, {"offsets": {"1": [0]}}],
)
def test_what_is_no_job_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises((ValueError, KeyError, TypeError)):
        job_from_json({**job_to_json(JOBS[0]), **change})


def test_jobs_that_make_no_sense_are_not_made() -> None:
    with pytest.raises(ValueError, match="no frames from 4 up to 4"):
        Clip(Path("walk.mp4"), CLIP.track, 4, 4)
    with pytest.raises(ValueError, match="-1 frames"):
        EditJob(CLIP, {}, None, -1, True)
    with pytest.raises(ValueError, match="finite"):
        EditJob(CLIP, {1: (float("nan"), 0.0)}, None, 0, True)
