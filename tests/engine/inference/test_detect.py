from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from engine_fixtures import drawn_frame, tiny_model
from limner_engine.cropping import CropTrack
from limner_engine.inference.detect import UNFETCHED_LIMIT, detect_range
from limner_engine.inference.session import Session
from limner_engine.types import Image


class Frames:
    """Drawn frames that are counted as they are read."""

    def __init__(self, bad: frozenset[int] = frozenset(), breaks_at: int | None = None) -> None:
        self.read_so_far = 0
        self._bad, self._breaks_at = bad, breaks_at

    def read(self, start: int, stop: int, step: int = 1) -> Iterator[tuple[int, Image | None]]:
        for index in range(start, stop, step):
            if index == self._breaks_at:
                raise OSError("the disk went away")
            self.read_so_far += 1
            yield index, None if index in self._bad else drawn_frame(index)


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_model(tmp_path_factory.mktemp("model") / "tiny.safetensors")


TRACK = CropTrack(
    np.array([0, 60]), np.array([[60, 60, 90, 0], [100, 60, 110, 0]], np.float32), "motion"
)


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize(("start", "stop", "batch"), [(0, 37, 8), (5, 6, 16), (3, 35, 16)])
def test_chunks_are_whole_in_order_and_right(
    model: Path, threads: int, start: int, stop: int, batch: int
) -> None:
    session = Session(model, "cpu", threads)
    bad = frozenset({4, 5, 20, 36})
    chunks = list(detect_range(session, Frames(bad), TRACK, start, stop, batch=batch))
    assert [c.start for c in chunks] == list(range(start, stop, batch))
    points = np.concatenate([c.points_px for c in chunks])
    confidence = np.concatenate([c.confidence for c in chunks])
    assert points.shape == (stop - start, 5, 2)
    for row, index in enumerate(range(start, stop)):
        if index in bad:
            assert np.isnan(points[row]).all()
            assert np.isnan(confidence[row]).all()
        else:
            alone = session.detect([drawn_frame(index)], [TRACK.at(index)])[0]
            np.testing.assert_allclose(points[row], alone.points_px, atol=0.5)


def test_an_empty_range_gives_nothing(model: Path) -> None:
    assert list(detect_range(Session(model, "cpu", 2), Frames(), TRACK, 7, 7)) == []


def test_a_failing_reader_is_heard_of(model: Path) -> None:
    chunks = detect_range(Session(model, "cpu", 2), Frames(breaks_at=20), TRACK, 0, 40, batch=8)
    with pytest.raises(OSError, match="disk"):
        list(chunks)
    assert not [t for t in threading.enumerate() if t.name == "decode"]


def test_nobody_reads_far_ahead_and_closing_ends_the_thread(model: Path) -> None:
    frames = Frames()
    chunks = detect_range(Session(model, "cpu", 2), frames, TRACK, 0, 10_000, batch=8)
    next(chunks)
    chunks.close()
    assert not [t for t in threading.enumerate() if t.name == "decode"]
    assert frames.read_so_far <= 8 * (2 * UNFETCHED_LIMIT + 4)
