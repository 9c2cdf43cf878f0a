"""What is kept of a video, and when it is made anew."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from drawn_video import draw_video, read_barcode
from limner_engine.errors import VideoError
from limner_engine.video.fingerprint import fingerprint
from limner_engine.video.health import HealthReport
from limner_engine.video.index import VideoIndex, default_cache_dir
from limner_engine.video.reader import VideoReader
from limner_engine.video.scan import ScanStoppedError, scan


def test_an_index_reads_back_as_it_was(tmp_path: Path) -> None:
    path = draw_video(tmp_path / "a.mkv", 30, gop=10, bframes=2, start_s=1)
    index = scan(path)
    index.save(tmp_path / "a.npz")
    again = VideoIndex.load(tmp_path / "a.npz")
    assert again is not None
    for name in ("pts", "packet", "start_packets", "keyframes"):
        assert np.array_equal(getattr(index, name), getattr(again, name))
    for name in ("pts", "dts", "size", "crc", "key"):
        assert np.array_equal(getattr(index.packets, name), getattr(again.packets, name))
    assert again.health == index.health
    assert (again.time_base, again.average_rate) == (index.time_base, index.average_rate)
    assert (again.width, again.height, again.codec) == (320, 240, "h264")
    assert index.keyframes.tolist() == [0, 10, 20]


def test_the_index_is_made_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = draw_video(tmp_path / "a.mp4", 10)
    cache = tmp_path / "beside"
    VideoReader(path, cache_dir=cache).close()
    assert [file.name for file in cache.iterdir()] == [f"{fingerprint(path)}.npz"]

    def never(*_: object, **__: object) -> VideoIndex:
        raise AssertionError("the file was looked through again")

    monkeypatch.setattr("limner_engine.video.reader.scan", never)
    moved = path.rename(tmp_path / "b.mp4")
    with VideoReader(moved, cache_dir=cache) as reader:
        assert read_barcode(reader[9]) == 9


@pytest.mark.parametrize("harm", ["cut", "noise", "empty", "flipped"])
def test_a_damaged_index_is_made_anew(harm: str, tmp_path: Path) -> None:
    path = draw_video(tmp_path / "a.mp4", 10)
    VideoReader(path).close()
    [stored] = default_cache_dir().iterdir()
    data = bytearray(stored.read_bytes())
    if harm == "flipped":
        data[len(data) // 2] ^= 255
    harmed = {"cut": data[: len(data) // 2], "noise": os.urandom(500), "empty": b""}
    stored.write_bytes(harmed.get(harm, data))
    with VideoReader(path) as reader:
        assert len(reader) == 10
        assert read_barcode(reader[7]) == 7
    assert VideoIndex.load(stored, path.stat().st_mtime_ns) is not None


def test_a_damaged_copy_is_not_taken_for_the_sound_original(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = draw_video(tmp_path / "a.mp4", 60, gop=10)
    # What a long file would do whose damage lies between the sampled blocks.
    monkeypatch.setattr("limner_engine.video.reader.fingerprint", lambda _: "same")
    VideoReader(path).close()
    data = bytearray(path.read_bytes())
    data[len(data) // 2 : len(data) // 2 + 500] = os.urandom(500)
    copy = tmp_path / "copy.mp4"
    copy.write_bytes(data)
    os.utime(copy, ns=(0, path.stat().st_mtime_ns + 1))
    with VideoReader(copy) as reader:
        assert reader.health.unreadable
        assert read_barcode(reader[59]) == 59


def test_a_folder_that_cannot_be_written_is_no_hindrance(tmp_path: Path) -> None:
    path = draw_video(tmp_path / "a.mp4", 5)
    (tmp_path / "file").write_text("in the way")
    with VideoReader(path, cache_dir=tmp_path / "file") as reader:
        assert len(reader) == 5


def test_looking_through_tells_how_far_it_is_and_can_be_stopped(tmp_path: Path) -> None:
    path = draw_video(tmp_path / "a.mp4", 200, (64, 48))
    shares: list[float] = []

    def note(share: float) -> bool:
        shares.append(share)
        return True

    VideoReader(path, progress=note).close()
    assert shares == sorted(shares)
    assert 0 <= shares[0] < shares[-1] <= 1
    with pytest.raises(ScanStoppedError):
        scan(path, progress=lambda _: False)


def test_a_fingerprint_follows_the_content(tmp_path: Path) -> None:
    for size in (0, 10, 1 << 20, (1 << 20) + 1, 5_000_000):
        path = tmp_path / "file"
        data = bytearray(np.random.default_rng(size).bytes(size))
        path.write_bytes(data)
        name = fingerprint(path)
        assert name == fingerprint(path.rename(tmp_path / "moved"))
        (tmp_path / "moved").write_bytes(data + b"x")
        assert fingerprint(tmp_path / "moved") != name
        if size:
            data[-1] ^= 1
            (tmp_path / "moved").write_bytes(data)
            assert fingerprint(tmp_path / "moved") != name
    with pytest.raises(VideoError, match="cannot be read"):
        fingerprint(tmp_path / "gone")


def test_a_health_report_names_frames_in_spans() -> None:
    assert HealthReport(5).ok
    assert HealthReport(5).sentence() == "All 5 frames can be read."
    report = HealthReport(20, (3, 7, 8, 9), ("The file breaks off.",))
    assert not report.ok
    assert report.sentence() == (
        "16 of 20 frames can be read; frames 3, 7-9 cannot. The file breaks off."
    )
    many = HealthReport(100, tuple(range(0, 40, 2)))
    assert many.sentence().endswith("and 14 more cannot.")
