"""Videos that the engine renders: whole or not at all, and never in a person's way."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable
from pathlib import Path

import numpy as np
import pytest

from engine_fixtures import drawn_video, tiny_model
from limner_app.engine_client import EngineClient
from limner_engine.cropping.track import CropTrack
from limner_engine.errors import EngineError, VideoError
from limner_engine.inference.render_job import Clip, EditJob, Looks, SwapJob
from limner_engine.types import Crop
from limner_engine.video.reader import VideoReader

FRAMES = 24
CROP = Crop(80.0, 60.0, 100.0)
TRACK = CropTrack.fixed(CROP)


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_model(tmp_path_factory.mktemp("model") / "tiny.safetensors")


@pytest.fixture(scope="module")
def video(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return drawn_video(tmp_path_factory.mktemp("video") / "disc.mp4", FRAMES)


def with_client(work: Callable[[EngineClient], Awaitable[None]]) -> None:
    async def run() -> None:
        client = EngineClient(threads=1, device="cpu")
        try:
            await asyncio.wait_for(work(client), 100)
        finally:
            await client.close()

    asyncio.run(run())


def test_a_video_is_rendered_while_others_are_answered(
    model: Path, video: Path, tmp_path: Path
) -> None:
    out = tmp_path / "swapped.mp4"
    job = SwapJob(Clip(video, TRACK, 2, 20), Looks(video, 5, CROP), False, True, True)
    edit = EditJob(Clip(video, TRACK, 0, FRAMES), {1: (0.2, 0.1)}, None, 3, True)

    async def work(client: EngineClient) -> None:
        held = await client.hold(model, video, 7, CROP)
        before = await client.redraw(held.points_px + 4)
        shares: list[float] = []
        asked = asyncio.create_task(client.render(model, job, out, shares.append))
        while not shares:
            await asyncio.sleep(0.001)
        # A drag goes on as if nothing else were drawn, and other long work passes.
        np.testing.assert_array_equal(await client.redraw(held.points_px + 4), before)
        chunks: list[int] = []
        await client.detect_range(model, video, 0, 16, TRACK, lambda at, *_: chunks.append(at))
        assert chunks == [0]
        assert not asked.done()
        assert await asked == 18
        assert shares == sorted(shares)
        assert shares[-1] == 1
        # One that is stopped leaves what stood there.
        bytes_before = out.read_bytes()
        shares.clear()
        stopped = asyncio.create_task(client.render(model, edit, out, shares.append))
        while not shares or shares[-1] < 0.3:
            await asyncio.sleep(0.001)
        stopped.cancel()
        with pytest.raises(asyncio.CancelledError):
            await stopped
        assert out.read_bytes() == bytes_before
        # One in which the engine dies is begun again, without leftovers of the first.
        shares.clear()
        killed = asyncio.create_task(client.render(model, edit, out, shares.append))
        while not shares or shares[-1] < 0.3:
            await asyncio.sleep(0.001)
        assert client.pid is not None
        os.kill(client.pid, signal.SIGKILL)
        assert await killed == FRAMES

    with_client(work)
    with VideoReader(out) as reader:
        assert (reader.frame_count, reader.width, reader.height) == (FRAMES, 160, 120)
    assert [path.name for path in tmp_path.iterdir()] == ["swapped.mp4"]


def test_what_cannot_be_rendered_is_refused_and_leaves_nothing(
    model: Path, video: Path, tmp_path: Path
) -> None:
    late = EditJob(Clip(video, TRACK, 0, FRAMES + 1), {}, None, 0, True)
    strange = EditJob(Clip(video, TRACK, 0, 4), {5: (0.1, 0.0)}, None, 0, True)

    async def work(client: EngineClient) -> None:
        with pytest.raises(VideoError, match="has no frame 24"):
            await client.render(model, late, tmp_path / "a.mp4", lambda _: None)
        with pytest.raises(EngineError, match="moves number 6"):
            await client.render(model, strange, tmp_path / "a.mp4", lambda _: None)
        with pytest.raises(VideoError, match="cannot be written"):
            await client.render(model, late, tmp_path / "none" / "a.mp4", lambda _: None)

    with_client(work)
    assert list(tmp_path.iterdir()) == []
