"""Landmarks are named after every label, and what follows from that."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import qasync

from drawn_video import draw_video
from limner_app import naming, sweeping
from limner_app.detecting import Detector
from limner_app.document import Document
from limner_app.flows import Flows
from limner_app.naming import Namer
from limner_app.naming_memory import names_folder
from limner_app.sweeping import missing_stretches
from limner_engine.errors import EngineError
from limner_engine.types import Skeleton
from small_engine import SmallEngine, small_model

Work = Callable[["Parts"], Coroutine[Any, Any, None]]
NAMES = ("snout", "left ear", "tail base")


class Parts:
    """A project with one video and a base model, and what names its landmarks."""

    def __init__(self, folder: Path) -> None:
        self.engine = SmallEngine()
        self.errors: list[BaseException] = []
        self.flows = Flows(self.errors.append)
        self.document = Document()
        bundled = {"faces": small_model(folder / "faces.safetensors", name="faces")}
        self.engine.mode = "face"
        self.detector = Detector(
            self.document, self.engine, self.flows, lambda: bundled, folder / "sample.mp4"
        )
        self.namer = Namer(self.document, self.engine, self.flows)
        self.base = bundled["faces"]
        self.folder = folder

    async def opened(self) -> None:
        self.document.create(self.folder / "a.limner")
        self.document.add_videos([draw_video(self.folder / "a.mp4", n=30, size=(160, 128))])
        await until(
            lambda: (
                self.document.model_path is not None
                and not self.detector.working
                and 0 in self.engine.detected
            )
        )

    async def labelled(self, frame: int = 0, landmark: int = 0) -> None:
        """Place a landmark, and wait until it is named on screen."""
        self.document.show(frame)
        await until(lambda: self.document.frame_index == frame)
        before = len(self.engine.named)
        self.document.place(landmark, 40.0 + frame, 50.0)
        await until(lambda: len(self.engine.named) > before and self.namer.shown)
        await until(lambda: self.namer._fitting is None or self.namer._fitting.done())


async def until(condition: Callable[[], bool]) -> None:
    while not condition():
        await asyncio.sleep(0.005)


@pytest.fixture
def run(
    qapp: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[[Work], None]]:
    monkeypatch.setattr(sweeping, "SETTLE_MS", 10)
    monkeypatch.setattr(naming, "JUDGE_MS", 100)
    loop = qasync.QEventLoop(qapp)
    asyncio.set_event_loop(loop)

    def go(work: Work) -> None:
        async def told() -> None:
            parts = Parts(tmp_path)
            await parts.opened()
            await work(parts)
            parts.namer.close()
            await parts.flows.stop()
            parts.document.close()
            assert parts.errors == []

        loop.run_until_complete(asyncio.wait_for(told(), 60))

    yield go
    loop.close()


def test_the_first_label_names_the_landmarks_on_every_frame(run: Callable[[Work], None]) -> None:
    async def work(parts: Parts) -> None:
        document, namer = parts.document, parts.namer
        document.set_skeleton(Skeleton(NAMES))
        await asyncio.sleep(0.05)
        assert parts.engine.named == []  # nothing is labelled yet
        await parts.labelled()
        assert parts.engine.bases == [(parts.base, None)]
        assert document.project is not None
        assert document.model_path == names_folder(document.project.path) / "names.safetensors"
        assert document.model_path.is_file()
        assert document.project.models()[-1].path == document.model_path
        # The landmark that nobody labelled has no name yet; the others follow on all frames.
        document.show(7)
        await until(lambda: document.frame_index == 7 and "model" in document.landmarks().origin)
        np.testing.assert_allclose(document.landmarks().points[0], [40, 50])
        assert document.landmarks().missing() == [1, 2]
        await until(lambda: bool((document.confidence_summary() >= 0).all()))
        assert namer.labels == 1

    run(work)


def test_a_correction_clears_what_was_found_and_finds_it_again(
    run: Callable[[Work], None],
) -> None:
    async def work(parts: Parts) -> None:
        document, namer = parts.document, parts.namer
        document.set_skeleton(Skeleton(NAMES))
        await parts.labelled()
        await until(lambda: bool((document.confidence_summary() >= 0).all()))
        number = document.model_id
        await parts.labelled(frame=10)
        assert document.model_id == number
        assert document.project is not None
        assert len(document.project.models()) == 2
        await until(lambda: bool((document.confidence_summary() >= 0).all()))
        document.show(20)
        await until(lambda: document.frame_index == 20)
        np.testing.assert_allclose(document.landmarks().points[0], [45, 50])
        # The frame on screen came before the others.
        assert parts.engine.detected[-1] == 10
        assert parts.engine.ranges[-2:] == [(11, 30), (0, 10)]
        # The same labels name nothing anew.
        fits = len(parts.engine.named)
        namer.fit()
        await asyncio.sleep(0.05)
        assert len(parts.engine.named) == fits

    run(work)


def test_curves_are_measured_when_the_person_has_stopped(run: Callable[[Work], None]) -> None:
    async def work(parts: Parts) -> None:
        document, namer = parts.document, parts.namer
        document.set_skeleton(Skeleton(NAMES))
        await parts.labelled()
        assert namer.figures.stated == ()
        await until(lambda: parts.engine.judged == 1 and bool(namer.figures.stated))
        await until(lambda: bool((document.confidence_summary() >= 0).all()))
        # What was found stays, as the landmarks are the same.
        assert namer.sweep.gaps[1, 0].shape == (30, 3)
        assert len(parts.engine.named) == 1
        # The next label keeps the curves until they are measured anew.
        await parts.labelled(frame=4)
        assert namer.figures.stated != ()
        await until(lambda: parts.engine.judged == 2)

    run(work)


def test_a_persons_choice_of_a_model_stays_and_is_the_next_base(
    run: Callable[[Work], None],
) -> None:
    async def work(parts: Parts) -> None:
        document, namer = parts.document, parts.namer
        document.set_skeleton(Skeleton(NAMES))
        await parts.labelled()
        other = small_model(parts.folder / "other.safetensors", count=5, name="other")
        document.set_model(other)
        assert not namer.shown
        await until(lambda: parts.engine.bases[-1] == (other, None))
        document.place(1, 60, 60)
        await until(lambda: len(parts.engine.named) == 3)
        await until(lambda: namer._fitting is not None and namer._fitting.done())
        assert document.model_path == other
        namer.show()
        assert namer.shown
        await until(lambda: document.landmarks().author[0] is not None)

    run(work)


def test_naming_can_be_switched_off_and_stays_off(run: Callable[[Work], None]) -> None:
    async def work(parts: Parts) -> None:
        document, namer = parts.document, parts.namer
        namer.switch(False)
        document.set_skeleton(Skeleton(NAMES))
        document.place(0, 40, 50)
        await asyncio.sleep(0.05)
        assert parts.engine.named == []
        path = document.project.path if document.project is not None else Path()
        document.close()
        document.open(path)
        assert not namer.on
        namer.switch(True)
        await until(lambda: namer.shown)

    run(work)


def test_discovered_landmarks_that_a_person_corrects_are_not_names(
    run: Callable[[Work], None],
) -> None:
    async def work(parts: Parts) -> None:
        parts.document.move(1, 33, 34)  # the skeleton is the base model's own
        await asyncio.sleep(0.05)
        assert not parts.namer.nameable
        assert parts.engine.named == []

    run(work)


def test_what_the_engine_says_reaches_the_person(run: Callable[[Work], None]) -> None:
    async def work(parts: Parts) -> None:
        parts.document.set_skeleton(Skeleton(NAMES))
        parts.engine.error = EngineError("The engine is gone.")
        parts.document.place(0, 40, 50)
        await until(lambda: bool(parts.errors))
        assert isinstance(parts.errors.pop(), EngineError)
        parts.engine.error = None
        await parts.labelled(frame=3)

    run(work)


def test_missing_stretches_begin_at_the_frame_on_screen() -> None:
    known = np.array([0, 1, 0, 0, 1, 0], np.bool_)
    assert missing_stretches(known, 3) == [(3, 4), (5, 6), (0, 1), (2, 3)]
    assert missing_stretches(np.ones(4, np.bool_), 2) == []
    assert missing_stretches(np.zeros(4, np.bool_), 0) == [(0, 4)]
