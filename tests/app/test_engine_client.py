from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import numpy as np
import pytest

from engine_fixtures import drawn_video, tiny_model
from limner_app.engine_client import EngineClient, EngineState
from limner_engine.cropping.track import CropTrack
from limner_engine.errors import EngineError, ModelError, VideoError
from limner_engine.inference.protocol import pack, read_message
from limner_engine.types import Crop

CROP = Crop(80.0, 60.0, 120.0)
TRACK = CropTrack.fixed(CROP)
FRAMES = 90
WORKER = [sys.executable, "-m", "limner_engine.inference.worker", "--threads", "1"]


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_model(tmp_path_factory.mktemp("model") / "tiny.safetensors")


@pytest.fixture(scope="module")
def video(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return drawn_video(tmp_path_factory.mktemp("video") / "disc.mp4", FRAMES)


def with_client(work: Callable[[EngineClient, list[str]], Awaitable[None]]) -> list[str]:
    """Run a test's coroutine with a fresh client; gives the states that it went through."""
    states: list[str] = []

    async def run() -> None:
        client = EngineClient(threads=1, on_state=lambda state: states.append(state.kind))
        try:
            await asyncio.wait_for(work(client, states), 120)
        finally:
            await client.close()

    asyncio.run(run())
    return states


def kill(client: EngineClient) -> None:
    assert client.pid is not None
    os.kill(client.pid, signal.SIGKILL if hasattr(signal, "SIGKILL") else signal.SIGTERM)


def test_every_question_is_answered(model: Path, video: Path) -> None:
    async def work(client: EngineClient, states: list[str]) -> None:
        info = await client.load(model)
        assert info.kind == "imm"
        assert client.label
        one = await client.detect(model, video, 7, CROP)
        assert one is not None
        assert one.points_px.shape == (5, 2)
        held = await client.hold(model, video, 7, CROP)
        np.testing.assert_array_equal(held.points_px, one.points_px)
        picture = await client.redraw(held.points_px)
        assert picture is not None
        assert picture.shape == (120, 120, 3)
        bare = await client.redraw(held.points_px, sharp=False)
        assert bare is not None
        assert bare.shape == (64, 64, 3)
        assert client.last_ms > 0
        await client.hold(model, video, 7, CROP, looks=(video, 40, CROP))
        other = await client.redraw(held.points_px)
        assert (other != picture).any()
        shares: list[float] = []
        track = await client.find_crops(video, "motion", shares.append)
        assert track.mode == "motion"
        assert shares[-1] == 1.0

    assert with_client(work) == ["starting", "ready", "off"]


def test_a_range_comes_in_order_and_agrees_with_single_frames(model: Path, video: Path) -> None:
    async def work(client: EngineClient, states: list[str]) -> None:
        await client.load(model)
        starts, rows, shares = [], [], []

        def on_chunk(start: int, points: np.ndarray, confidence: np.ndarray) -> None:
            starts.append(start)
            rows.append(points)
            assert confidence.shape == points.shape[:2]

        await client.detect_range(model, video, 3, 80, TRACK, on_chunk, shares.append)
        points = np.concatenate(rows)
        assert points.shape == (77, 5, 2)
        assert starts == sorted(starts)
        assert shares[-1] == 1.0
        one = await client.detect(model, video, 50, CROP)
        np.testing.assert_allclose(points[47], one.points_px, atol=0.5)

    with_client(work)


def test_killed_in_a_range_it_goes_on_where_it_was(model: Path, video: Path) -> None:
    async def work(client: EngineClient, states: list[str]) -> None:
        await client.load(model)
        frames: list[int] = []
        pids = {client.pid}
        chunks = 0

        def on_chunk(start: int, points: np.ndarray, confidence: np.ndarray) -> None:
            nonlocal chunks
            chunks += 1
            frames.extend(range(start, start + len(points)))
            pids.add(client.pid)
            if chunks in (1, 3):  # twice: it got on in between, so it is not given up
                kill(client)

        await client.detect_range(model, video, 0, FRAMES, TRACK, on_chunk)
        assert frames == list(range(FRAMES))
        assert len(pids) >= 2

    states = with_client(work)
    assert states.count("restarting") == 2
    assert states[-2:] == ["ready", "off"]


def test_killed_in_a_redraw_the_picture_still_comes(model: Path, video: Path) -> None:
    async def work(client: EngineClient, states: list[str]) -> None:
        await client.load(model)
        held = await client.hold(model, video, 7, CROP, looks=(video, 40, CROP))
        before = await client.redraw(held.points_px)
        os.kill(client.pid, signal.SIGSTOP)  # so that the request is surely under way
        asked = asyncio.create_task(client.redraw(held.points_px))
        detection = asyncio.create_task(client.detect(model, video, 7, CROP))
        await asyncio.sleep(0.05)
        kill(client)
        np.testing.assert_array_equal(await asked, before)
        np.testing.assert_array_equal((await detection).points_px, held.points_px)
        assert states == ["starting", "ready", "restarting", "ready"]

    with_client(work)


def test_killed_while_idle_it_is_back_with_all_it_held(model: Path, video: Path) -> None:
    async def work(client: EngineClient, states: list[str]) -> None:
        await client.load(model)
        held = await client.hold(model, video, 7, CROP)
        before = await client.redraw(held.points_px)
        kill(client)
        while states[-2:] != ["restarting", "ready"]:
            await asyncio.sleep(0.02)
        np.testing.assert_array_equal(await client.redraw(held.points_px), before)

    with_client(work)


def test_a_second_death_in_the_same_request_is_an_error(tmp_path: Path) -> None:
    async def run() -> None:
        states: list[EngineState] = []
        code = "import sys; print('last words', file=sys.stderr); sys.stdin.buffer.read(1)"
        client = EngineClient(
            on_state=states.append, command=[sys.executable, "-c", code], log_path=tmp_path / "log"
        )
        with pytest.raises(EngineError, match="twice") as caught:
            await asyncio.wait_for(client.load(tmp_path / "m"), 60)
        assert "last words" in caught.value.__notes__[0]
        assert [s.kind for s in states] == ["starting", "restarting", "failed"]
        await client.close()

    asyncio.run(run())


def test_an_engine_that_cannot_start_is_an_error(tmp_path: Path) -> None:
    async def run() -> None:
        client = EngineClient(command=[str(tmp_path / "none")], log_path=tmp_path / "log")
        with pytest.raises(EngineError, match="cannot be started"):
            await client.load(tmp_path / "m")
        assert client.state.kind == "failed"
        await client.close()

    asyncio.run(run())


def test_the_newest_redraw_wins(model: Path, video: Path) -> None:
    async def work(client: EngineClient, states: list[str]) -> None:
        await client.load(model)
        held = await client.hold(model, video, 7, CROP)
        os.kill(client.pid, signal.SIGSTOP)
        points = [held.points_px + np.float32(step) for step in range(30)]
        asked = [asyncio.create_task(client.redraw(p)) for p in points]
        await asyncio.sleep(0.2)
        os.kill(client.pid, signal.SIGCONT)
        pictures = await asyncio.gather(*asked)
        assert pictures[-1] is not None
        assert sum(picture is None for picture in pictures) >= 25
        np.testing.assert_array_equal(pictures[-1], await client.redraw(points[-1]))

    with_client(work)


def test_a_person_goes_before_long_work(model: Path, video: Path) -> None:
    async def work(client: EngineClient, states: list[str]) -> None:
        await client.load(model)
        order: list[str] = []
        long = asyncio.create_task(
            client.detect_range(model, video, 0, FRAMES, TRACK, lambda *_: order.append("chunk"))
        )
        while not order:
            await asyncio.sleep(0.001)
        await client.detect(model, video, 3, CROP)
        order.append("person")
        await long
        assert order.index("person") < len(order) - 1

    with_client(work)


def test_a_cancelled_range_stops_and_the_next_one_runs(model: Path, video: Path) -> None:
    async def work(client: EngineClient, states: list[str]) -> None:
        await client.load(model)
        seen: list[int] = []
        first = asyncio.create_task(
            client.detect_range(model, video, 0, FRAMES, TRACK, lambda s, *_: seen.append(s))
        )
        while not seen:
            await asyncio.sleep(0.001)
        first.cancel()
        with pytest.raises(asyncio.CancelledError):
            await first
        before = len(seen)
        again: list[int] = []
        await client.detect_range(model, video, 0, 20, TRACK, lambda s, *_: again.append(s))
        assert again == [0, 16]
        assert len(seen) == before
        assert states == ["starting", "ready"]

    with_client(work)


def test_each_question_is_answered_by_the_model_it_names(
    model: Path, video: Path, tmp_path: Path
) -> None:
    other = tiny_model(tmp_path / "other.safetensors", seed=7)

    async def work(client: EngineClient, states: list[str]) -> None:
        held = await client.hold(model, video, 7, CROP)
        before = await client.redraw(held.points_px)
        ours = await client.detect(model, video, 7, CROP)
        theirs = await client.detect(other, video, 7, CROP)
        again = await client.detect(model, video, 7, CROP)
        assert ours is not None
        assert theirs is not None
        assert again is not None
        np.testing.assert_array_equal(ours.points_px, again.points_px)
        assert (ours.points_px != theirs.points_px).any()
        # What is held stays held, whoever was asked meanwhile.
        after = await client.redraw(held.points_px)
        np.testing.assert_array_equal(before, after)

    with_client(work)


def test_a_mistake_keeps_its_kind_and_the_engine_goes_on(
    model: Path, video: Path, tmp_path: Path
) -> None:
    async def work(client: EngineClient, states: list[str]) -> None:
        with pytest.raises(ModelError, match="no model at"):
            await client.detect(tmp_path / "none.safetensors", video, 0, CROP)
        (tmp_path / "no.safetensors").write_bytes(b"nothing")
        with pytest.raises(ModelError):
            await client.load(tmp_path / "no.safetensors")
        await client.load(model)
        with pytest.raises(VideoError):
            await client.detect(model, tmp_path / "none.mp4", 0, CROP)
        with pytest.raises(EngineError, match="IndexError") as bug:
            await client.detect(model, video, 100_000, CROP)
        assert "Traceback" in bug.value.__notes__[0]
        with pytest.raises(EngineError, match="held"):
            await client.redraw(np.zeros((5, 2), np.float32))
        assert await client.detect(model, video, 0, CROP) is not None

    assert "restarting" not in with_client(work)


def test_a_chunk_that_nobody_can_take_ends_the_request(model: Path, video: Path) -> None:
    async def work(client: EngineClient, states: list[str]) -> None:
        await client.load(model)

        def full(*_: object) -> None:
            raise OSError("disk full")

        with pytest.raises(OSError, match="disk full"):
            await client.detect_range(model, video, 0, FRAMES, TRACK, full)
        assert await client.detect(model, video, 0, CROP) is not None

    with_client(work)


def test_closing_answers_what_waits(model: Path, video: Path) -> None:
    async def work(client: EngineClient, states: list[str]) -> None:
        await client.load(model)
        pid = client.pid
        waiting = asyncio.create_task(
            client.detect_range(model, video, 0, FRAMES, TRACK, lambda *_: None)
        )
        await asyncio.sleep(0)
        await client.close()
        with pytest.raises(EngineError, match="closed"):
            await waiting
        with pytest.raises(EngineError, match="closed"):
            await client.load(model)
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)

    with_client(work)


def test_prints_do_not_reach_the_pipe_and_nonsense_is_refused() -> None:
    code = (
        "import os, sys; from limner_engine.inference import worker; "
        "take = worker.take_over_pipes\n"
        "def noisy():\n"
        "    pipes = take(); print('noise'); os.write(1, b'native noise'); return pipes\n"
        "worker.take_over_pipes = noisy; worker.main()"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )  # fmt: skip
    assert process.stdin
    assert process.stdout
    assert process.stderr
    header = b"{no json"
    process.stdin.write(len(header).to_bytes(4, "little") + bytes(8) + header)
    process.stdin.write(pack({"op": "ping"}) + pack({"op": "dance", "id": 1}))
    process.stdin.write(pack({"op": "ping", "id": 2}))
    process.stdin.flush()
    answers = [read_message(process.stdout) for _ in range(5)]
    headers = [answer.header for answer in answers if answer]
    assert sum("no sense" in h.get("error", "") for h in headers) == 1
    assert sum("without its number" in h.get("error", "") for h in headers) == 1
    assert "dance" in next(h for h in headers if h.get("id") == 1)["error"]
    assert next(h for h in headers if h.get("id") == 2)["ok"]
    assert any("hello" in h for h in headers)
    process.stdin.close()
    assert process.wait(20) == 0
    assert b"native noise" in process.stderr.read()
    process.stdout.close()
    process.stderr.close()


def test_the_engine_ends_with_its_parent(model: Path) -> None:
    code = (
        "import subprocess, sys, os; "
        f"p = subprocess.Popen({WORKER!r}, stdin=subprocess.PIPE, stdout=subprocess.PIPE); "
        "p.stdout.read(12); print(p.pid, flush=True); os.kill(os.getpid(), 9)"
    )
    parent = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False)
    pid = int(parent.stdout)
    deadline = time.monotonic() + 30
    while _runs(pid):
        assert time.monotonic() < deadline, "the engine outlived its parent"
        time.sleep(0.05)


def _runs(pid: int) -> bool:
    """Whether a process is there and is not merely waiting to be collected."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] not in "ZX"
    except (FileNotFoundError, ProcessLookupError):
        return False


def test_the_client_needs_no_heavy_library() -> None:
    code = (
        "import sys, limner_app.engine_client; "
        "heavy = {'torch', 'av', 'cv2', 'PySide6'} & set(sys.modules); assert not heavy, heavy"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
