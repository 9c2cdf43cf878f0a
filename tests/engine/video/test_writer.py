"""Videos out of pictures, and the memory for decoded ones."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from drawn_video import numbered_picture, read_barcode
from limner_engine.errors import VideoError
from limner_engine.video.cache import FrameCache
from limner_engine.video.reader import VideoReader
from limner_engine.video.writer import VideoWriter


@pytest.mark.parametrize(("width", "height"), [(320, 240), (321, 243), (64, 720)])
def test_what_is_written_reads_back(width: int, height: int, tmp_path: Path) -> None:
    path = tmp_path / "out.mp4"
    with VideoWriter(path, width, height, Fraction(30_000, 1001), crf=10) as writer:
        for number in range(20):
            writer.write(numbered_picture(number, width, height, None))
        assert not path.exists()
    assert [file.name for file in tmp_path.iterdir()] == ["out.mp4"]
    with VideoReader(path) as reader:
        assert reader.frame_rate == Fraction(30_000, 1001)
        assert (reader.width, reader.height) == (width + width % 2, height + height % 2)
        assert len(reader) == 20
        for number in (19, 0, 11):
            image = reader[number][:height, :width]
            assert read_barcode(image) == number
            painted = numbered_picture(number, width, height, None)
            assert np.abs(image.astype(int) - painted).mean() < 4


def test_colours_survive(tmp_path: Path) -> None:
    for height in (240, 720):
        path = tmp_path / f"{height}.mp4"
        colours = [(200, 40, 40), (40, 200, 40), (40, 40, 200), (128, 128, 128), (255, 255, 255)]
        with VideoWriter(path, 64, height, 25, crf=5) as writer:
            for colour in colours:
                writer.write(np.full((height, 64, 3), colour, np.uint8))
        with VideoReader(path) as reader:
            for i, colour in enumerate(colours):
                assert np.abs(reader[i].mean((0, 1)) - colour).max() < 4


def test_an_error_inside_leaves_the_older_file(tmp_path: Path) -> None:
    path = tmp_path / "out.mp4"
    path.write_bytes(b"older")

    def fail() -> None:
        with VideoWriter(path, 64, 48, 25) as writer:
            writer.write(np.zeros((48, 64, 3), np.uint8))
            raise RuntimeError("in between")

    with pytest.raises(RuntimeError, match="in between"):
        fail()
    assert path.read_bytes() == b"older"
    assert [file.name for file in tmp_path.iterdir()] == ["out.mp4"]


def test_what_cannot_be_written_is_refused(tmp_path: Path) -> None:
    with pytest.raises(VideoError, match="cannot be written"):
        VideoWriter(tmp_path / "no" / "folder.mp4", 64, 48, 25)
    with pytest.raises(VideoError, match="cannot be written"):
        VideoWriter(tmp_path / "flat.mp4", 64, 0, 25)
    writer = VideoWriter(tmp_path / "a.mp4", 64, 48, 25)
    with pytest.raises(ValueError, match="must be uint8"):
        writer.write(np.zeros((48, 65, 3), np.uint8))
    with pytest.raises(VideoError, match="no frames"):
        writer.close()
    assert list(tmp_path.iterdir()) == []


def test_the_cache_keeps_to_its_budget_and_drops_what_is_oldest() -> None:
    image = np.zeros((10, 10, 3), np.uint8)
    cache = FrameCache(3 * image.nbytes)
    for i in range(3):
        cache.put(i, image + i)
    assert cache.get(0) is not None
    cache.put(3, image)
    assert cache.get(1) is None
    kept = cache.get(2)
    assert kept is not None
    assert kept.max() == 2
    assert cache.used_bytes == 3 * image.nbytes
    cache.put(9, np.zeros((100, 100, 3), np.uint8))
    assert cache.get(9) is None
    cache.clear()
    assert (len(cache), cache.used_bytes) == (0, 0)
