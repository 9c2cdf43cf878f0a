"""The way from a video to its landmarks."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import qasync

from drawn_video import draw_video
from limner_app.detecting import Detector
from limner_app.document import Document
from limner_app.flows import Flows
from limner_engine.errors import EngineError
from small_engine import SmallEngine, small_model

Run = Callable[[Coroutine[Any, Any, None]], None]


@pytest.fixture
def run(qapp: Any) -> Iterator[Run]:
    loop = qasync.QEventLoop(qapp)
    asyncio.set_event_loop(loop)
    yield lambda work: loop.run_until_complete(asyncio.wait_for(work, 60))
    loop.close()


async def _until(condition: Callable[[], bool]) -> None:
    while not condition():
        await asyncio.sleep(0.01)


def _parts(
    tmp_path: Path, engine: SmallEngine, bundled: dict[str, Path]
) -> tuple[Document, Detector, list[BaseException]]:
    errors: list[BaseException] = []
    flows = Flows(errors.append)
    document = Document()
    document.create(tmp_path / "a.limner")
    detector = Detector(document, engine, flows, lambda: bundled, tmp_path / "sample.mp4")
    return document, detector, errors


def test_a_face_video_gets_the_faces_model_and_its_first_landmarks(
    run: Run, tmp_path: Path
) -> None:
    async def work() -> None:
        engine = SmallEngine(mode="face")
        bundled = {"faces": small_model(tmp_path / "faces.safetensors", name="faces")}
        document, detector, errors = _parts(tmp_path, engine, bundled)
        document.add_videos([draw_video(tmp_path / "a.mp4", n=30, size=(160, 128))])
        await _until(lambda: "model" in document.landmarks().origin)
        assert document.model_path == bundled["faces"]
        assert document.crop_track is not None
        assert document.crop_track.mode == "face"
        # Each frame that is looked at gets its landmarks, once.
        document.show(9)
        await _until(lambda: engine.detected == [0, 9])
        document.show(0)
        await asyncio.sleep(0.3)
        assert engine.detected == [0, 9]
        assert set(engine.models) == {bundled["faces"]}
        await _until(lambda: not detector.working)
        assert errors == []
        await detector._flows.stop()
        document.close()

    run(work())


def test_what_no_model_fits_is_said(run: Run, tmp_path: Path) -> None:
    async def work() -> None:
        document, detector, errors = _parts(tmp_path, SmallEngine(), {})
        told: list[bool] = []
        detector.no_model_fits.connect(lambda: told.append(True))
        document.add_videos([draw_video(tmp_path / "a.mp4", n=12, size=(160, 128))])
        await _until(lambda: bool(told))
        assert errors == []
        await detector._flows.stop()
        document.close()

    run(work())


def test_playing_asks_nothing(run: Run, tmp_path: Path) -> None:
    async def work() -> None:
        engine = SmallEngine()
        document, detector, _ = _parts(tmp_path, engine, {})
        document.add_videos([draw_video(tmp_path / "a.mp4", n=30, size=(160, 128))])
        await _until(lambda: document.crop_track is not None and not detector.working)
        document.set_model(small_model(tmp_path / "m.safetensors"))
        await _until(lambda: engine.detected == [0])
        detector.set_playing(True)
        for frame in range(1, 20):
            document.show(frame)
            await asyncio.sleep(0.02)
        assert engine.detected == [0]
        detector.set_playing(False)
        await _until(lambda: engine.detected == [0, 19])
        await detector._flows.stop()
        document.close()

    run(work())


def test_a_range_lands_in_the_project_frame_for_frame(run: Run, tmp_path: Path) -> None:
    async def work() -> None:
        engine = SmallEngine()
        document, detector, _ = _parts(tmp_path, engine, {})
        document.add_videos([draw_video(tmp_path / "a.mp4", n=30, size=(160, 128))])
        await _until(lambda: document.crop_track is not None and not detector.working)
        document.set_model(small_model(tmp_path / "m.safetensors"))
        counts: list[int] = []
        detector.range_detected.connect(counts.append)
        detector.detect_range(5, 25)
        await _until(lambda: bool(counts))
        assert counts == [20]
        paths = document.trajectories()
        np.testing.assert_allclose(paths[5:25, 0, 0], np.arange(5, 25) + 20)
        assert np.isnan(paths[25:]).all()
        await detector._flows.stop()
        document.close()

    run(work())


def test_an_engine_that_fails_is_reported(run: Run, tmp_path: Path) -> None:
    async def work() -> None:
        engine = SmallEngine()
        document, detector, errors = _parts(tmp_path, engine, {})
        document.add_videos([draw_video(tmp_path / "a.mp4", n=12, size=(160, 128))])
        await _until(lambda: document.crop_track is not None and not detector.working)
        engine.error = EngineError("The engine died.")
        document.set_model(small_model(tmp_path / "m.safetensors"))
        await _until(lambda: bool(errors))
        assert str(errors[0]) == "The engine died."
        await detector._flows.stop()
        document.close()

    run(work())
