"""What the window asks the engine about warps, and a real engine that answers it."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from engine_fixtures import drawn_frame, drawn_video, tiny_warp_model
from limner_app.engine_client import EngineClient
from limner_engine.cropping.track import CropTrack
from limner_engine.errors import ModelError
from limner_engine.inference.frame_warp import CroppedFrame, WarpPair
from limner_engine.inference.warp_session import WarpSession
from limner_engine.types import Crop, Floats

SOURCE, TARGET = Crop(80.0, 60.0, 120.0), Crop(70.0, 64.0, 90.0, 0.2)
FRAMES = 40


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    torch.set_num_threads(1)
    return tiny_warp_model(tmp_path_factory.mktemp("model") / "tiny.safetensors")


@pytest.fixture(scope="module")
def video(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return drawn_video(tmp_path_factory.mktemp("video") / "disc.mp4", FRAMES)


def with_client(work: Callable[[EngineClient], Awaitable[None]]) -> None:
    async def run() -> None:
        client = EngineClient(threads=1)
        try:
            await asyncio.wait_for(work(client), 120)
        finally:
            await client.close()

    asyncio.run(run())


def a_pair(model: Path, video: Path, target: int = 9) -> WarpPair:
    source = CroppedFrame(video, 0, SOURCE)
    return WarpPair(model, source, CroppedFrame(video, target, TARGET))


def test_warps_places_and_embeddings_are_the_sessions(model: Path, video: Path) -> None:
    pair = a_pair(model, video)

    async def embeds(client: EngineClient) -> None:
        rows: list[Floats] = []
        shares: list[float] = []

        def take(first: int, part: Floats) -> None:
            assert first == 2 + sum(map(len, rows))
            rows.append(part)

        track = CropTrack.fixed(TARGET)
        await client.embed(model, video, 2, FRAMES, track, take, shares.append)
        assert sum(map(len, rows)) == FRAMES - 2
        assert np.isfinite(np.concatenate(rows)).all()
        assert shares[-1] == 1
        assert shares == sorted(shares)

    async def work(client: EngineClient) -> None:
        coarse, warp = await client.warp(pair, 0), await client.warp(pair)
        assert coarse is not None
        assert warp is not None
        assert (coarse.level, coarse.side, warp.level, warp.side) == (0, 8, 2, 32)
        assert warp.confidence is not None
        assert client.label.startswith("CPU")
        # The video's own frames are a little lossy, hence the tolerance.
        session = WarpSession(model, "cpu", 1)
        frames = session.encode(drawn_frame(0), SOURCE), session.encode(drawn_frame(9), TARGET)
        own = session.warp(*frames).level()
        assert np.abs(warp.redrawn.astype(int) - own.redrawn).mean() < 8
        x, y = warp.target_px(TARGET)[20, 11]
        found = await client.warp_pixel(pair, float(x), float(y))
        assert found is not None
        assert found.level == 2
        assert found.share.shape == (32, 32)
        best = found.alternatives[0]
        np.testing.assert_allclose(best[:2], warp.source_px(SOURCE)[20, 11], atol=0.05)
        assert best.share == pytest.approx(warp.peak[20, 11], abs=1e-4)
        one = await client.warp_pixel(pair, float(x), float(y), 1, most=1)
        assert one is not None
        assert (one.level, one.share.shape, len(one.alternatives)) == (1, (16, 16), 1)
        assert await client.warp_pixel(pair, 159.0, 119.0) is None
        with pytest.raises(ModelError, match="no level 5"):
            await client.warp(pair, 5)
        await embeds(client)

    with_client(work)


@pytest.mark.skipif(not hasattr(signal, "SIGSTOP"), reason="needs a process that can be paused")
def test_the_newest_wins_and_a_fresh_engine_answers_as_well(model: Path, video: Path) -> None:
    pair = a_pair(model, video)

    async def work(client: EngineClient) -> None:
        before = await client.warp_pixel(pair, 70, 64)
        assert before is not None
        assert client.pid is not None
        os.kill(client.pid, signal.SIGSTOP)
        asked = [asyncio.create_task(client.warp_pixel(pair, 60 + i, 64)) for i in range(11)]
        others = [asyncio.create_task(client.warp(a_pair(model, video, i))) for i in range(11)]
        await asyncio.sleep(0.2)
        os.kill(client.pid, signal.SIGCONT)
        places, warps = await asyncio.gather(*asked), await asyncio.gather(*others)
        assert places[-1] is not None
        assert warps[-1] is not None
        assert sum(one is None for one in places) >= 8
        assert sum(one is None for one in warps) >= 8
        np.testing.assert_array_equal(places[-1].share, before.share)
        os.kill(client.pid, signal.SIGKILL)
        after = await client.warp_pixel(pair, 70, 64)
        assert after is not None
        assert after.alternatives == before.alternatives

    with_client(work)
