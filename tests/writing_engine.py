"""An engine for tests of the dialogs that write videos, and what such a dialog works with."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from limner_app import window as starting
from limner_app.document import Document
from limner_app.flows import Flows
from limner_app.views.frame_reading import FrameReading
from limner_app.views.redrawer import Redrawer
from limner_app.views.render_parts import RenderParts
from limner_app.views.render_work import RenderWork
from limner_app.views.video_crops import VideoCrops
from limner_engine.inference.render_job import RenderJob
from limner_engine.types import Crop, Floats, Landmarks, ModelInfo, Skeleton
from small_engine import SmallEngine


class WritingEngine(SmallEngine):
    """Notes what it is asked; writes a few bytes, waiting halfway where it is told to."""

    def __init__(self) -> None:
        super().__init__()
        self.jobs: list[RenderJob] = []
        self.holds: list[tuple[Path, int, Any]] = []
        self.wanted: list[Floats] = []
        self.refusal: Exception | None = None
        self.gate: asyncio.Future[None] | None = None

    def wait_halfway(self) -> None:
        self.gate = asyncio.get_event_loop().create_future()

    async def hold(
        self, model: Path, video: Path, frame: int, crop: Crop, looks: object = None
    ) -> Landmarks:
        self.holds.append((video, frame, looks))
        return await super().hold(model, video, frame, crop, looks)

    async def redraw(self, points_px: np.ndarray, *, sharp: bool = True) -> np.ndarray:
        self.wanted.append(np.array(points_px))
        return await super().redraw(points_px, sharp=sharp)

    async def render(
        self, model: Path, job: RenderJob, out: Path, on_progress: Callable[[float], None]
    ) -> int:
        self.jobs.append(job)
        if self.refusal is not None:
            raise self.refusal
        on_progress(0.5)
        if self.gate is not None:
            await self.gate
        out.write_bytes(b"video")
        return 7


@contextmanager
def writing_parts(
    qapp: Any, engine: WritingEngine, project: Path, videos: list[Path]
) -> Iterator[RenderParts]:
    """What a dialog works with, without a window around it; the last video is on screen."""
    loop = starting.make_loop(qapp)
    errors: list[BaseException] = []
    flows, document = Flows(errors.append), Document()
    document.create(project)
    added = document.add_videos(videos)
    document.show_video(added[-1].id)
    document.model_path = project.with_suffix(".safetensors")
    document.model_info = ModelInfo("imm", "small", {}, Skeleton.numbered(4))
    work = RenderWork(engine, flows)
    frames = FrameReading()
    yield RenderParts(
        document, Redrawer(engine), VideoCrops(document, engine), frames, flows, work
    )
    loop.run_until_complete(flows.stop())
    frames.close()
    document.close()
    loop.close()
    assert not errors
