"""Every frame by its number, whatever the container does with time."""

from __future__ import annotations

import random
import struct
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from drawn_video import draw_sound, draw_video, numbered_picture, read_barcode
from limner_engine.errors import VideoError
from limner_engine.types import Image
from limner_engine.video.reader import VideoReader

COUNT = 60

DRAWN: dict[str, dict[str, Any]] = {
    "plain.mp4": {},
    "b_frames.mp4": {"gop": 15, "bframes": 3},
    "open_gop.mp4": {"gop": 12, "bframes": 3, "options": {"x264-params": "open-gop=1"}},
    "open_gop.mkv": {"gop": 12, "bframes": 3, "options": {"x264-params": "open-gop=1"}},
    "hevc_open_gop.mkv": {
        "codec": "libx265",
        "gop": 12,
        "options": {"x265-params": "open-gop=1:log-level=none"},
    },
    "varying.mkv": {"times": [(k + (k % 7) * 0.1) / 30 for k in range(COUNT)], "gop": 20},
    "late.mkv": {"start_s": 3.5},
    "late_with_sound.mp4": {"start_s": 3.5, "sound": True, "gop": 20},
    "broadcast.ts": {"start_s": 3.5, "sound": True, "gop": 15, "bframes": 2},
    "old.avi": {"codec": "mpeg4", "gop": 15, "bframes": 2},
    "h264.avi": {"gop": 15, "bframes": 2},
    "disc.mpg": {"codec": "mpeg2video", "gop": 15, "bframes": 2},
    "flash.flv": {"codec": "flv", "gop": 15},
    "hidden.webm": {
        "codec": "libvpx",
        "gop": 30,
        "options": {"auto-alt-ref": "1", "lag-in-frames": "16", "deadline": "realtime"},
    },
    "vp9.webm": {
        "codec": "libvpx-vp9",
        "gop": 30,
        "options": {"deadline": "realtime", "cpu-used": "8"},
    },
    "raw.264": {"gop": 20, "bframes": 2},
    "film.mp4": {"rate": Fraction(24_000, 1001), "gop": 24},
}


@pytest.fixture
def plain(tmp_path: Path) -> Iterator[VideoReader]:
    with VideoReader(draw_video(tmp_path / "plain.mp4", COUNT, gop=20, bframes=2)) as reader:
        yield reader


@pytest.mark.parametrize("name", DRAWN)
def test_every_order_gives_the_frame_that_was_asked_for(name: str, tmp_path: Path) -> None:
    path = draw_video(tmp_path / name, COUNT, **DRAWN[name])
    with VideoReader(path) as reader:
        assert len(reader) == COUNT
        assert [read_barcode(image) for image in reader] == list(range(COUNT))
    with VideoReader(path) as reader:
        backward = [read_barcode(reader[i]) for i in reversed(range(COUNT))]
        assert backward == list(reversed(range(COUNT)))
    with VideoReader(path) as reader:
        pick = random.Random(4)
        for i in (pick.randrange(COUNT) for _ in range(COUNT)):
            assert read_barcode(reader[i]) == i
        assert reader.health.unreadable == ()


@pytest.mark.parametrize("name", ["b_frames.mp4", "broadcast.ts", "old.avi", "vp9.webm"])
def test_a_frame_is_the_same_to_the_last_bit_however_it_was_reached(
    name: str, tmp_path: Path
) -> None:
    path = draw_video(tmp_path / name, COUNT, **DRAWN[name])
    with VideoReader(path) as reader:
        straight = list(reader)
    for i in (41, 3, 40, 59, 17, 0):
        with VideoReader(path, threads=1) as reader:
            assert np.array_equal(reader[i], straight[i])


@pytest.mark.parametrize("rotation", [90, 180, 270])
def test_rotated_videos_come_as_shown(rotation: int, tmp_path: Path) -> None:
    path = draw_video(tmp_path / "turned.mp4", 12, (160, 96), rotation=rotation)
    with VideoReader(path) as reader:
        size = (160, 96) if rotation == 180 else (96, 160)
        assert (reader.width, reader.height) == size
        assert reader[7].shape == (size[1], size[0], 3)
        assert reader.index.rotation == rotation
        upright = np.rot90(reader[7], rotation // 90)
        assert read_barcode(upright) == 7


def test_an_edit_list_hides_what_players_hide(tmp_path: Path) -> None:
    path = draw_video(tmp_path / "trimmed.mp4", COUNT, gop=20, bframes=0)
    data = bytearray(path.read_bytes())
    box = data.index(b"elst")
    start = box + 16
    unit = 512
    shown_from = 13
    old = int.from_bytes(data[start : start + 4], "big")
    data[start : start + 4] = (old + shown_from * unit).to_bytes(4, "big")
    path.write_bytes(data)
    with VideoReader(path) as reader:
        numbers = [read_barcode(image) for image in reader]
        assert numbers == list(range(shown_from, COUNT))
        assert read_barcode(reader[20]) == 20 + shown_from
        assert reader.time_s(0) == 0.0


def test_time_is_the_streams_own(tmp_path: Path) -> None:
    times = [0.0, 0.1, 0.15, 0.9, 1.0, 2.5]
    path = draw_video(tmp_path / "varying.mkv", 6, times=times, start_s=2.0)
    with VideoReader(path) as reader:
        assert [reader.time_s(i) for i in range(6)] == pytest.approx(times, abs=1e-3)
        assert reader.timestamp(0) == 2
        assert reader.start_time == 2
        assert reader.frame_at_time(0.5) == 2
        assert reader.frame_at_time(-1) == 0
        assert reader.frame_at_time(99) == 5
        for i in range(6):
            assert reader.frame_at_time(reader.time_s(i)) == i


def test_rates_are_rational(tmp_path: Path) -> None:
    path = draw_video(tmp_path / "film.mp4", 24, rate=Fraction(24_000, 1001))
    with VideoReader(path) as reader:
        assert reader.frame_rate == Fraction(24_000, 1001)
        assert reader.timestamp(23) == 23 * Fraction(1001, 24_000)
        assert all(reader.frame_at_time(reader.time_s(i)) == i for i in range(24))


def test_numbers_count_from_the_end_too(plain: VideoReader) -> None:
    assert read_barcode(plain[-1]) == COUNT - 1
    for outside in (COUNT, -COUNT - 1):
        with pytest.raises(IndexError, match=str(outside)):
            plain[outside]


def test_read_strides_and_goes_backward(plain: VideoReader) -> None:
    numbers = [(i, read_barcode(image)) for i, image in plain.read(3, 999, 7) if image is not None]
    assert numbers == [(i, i) for i in range(3, COUNT, 7)]
    back = [read_barcode(image) for _, image in plain.read(50, 30, -4) if image is not None]
    assert back == [50, 46, 42, 38, 34]


def test_pictures_are_the_callers_own(plain: VideoReader) -> None:
    first = plain[5]
    kept = first.copy()
    first[:] = 0
    assert np.array_equal(plain[5], kept)


def test_lossless_pictures_are_exact(tmp_path: Path) -> None:
    path = draw_video(tmp_path / "exact.mkv", 12, codec="ffv1", pix_fmt="bgr0")
    with VideoReader(path) as reader:
        for i in (7, 0, 11):
            assert np.array_equal(reader[i], numbered_picture(i, 320, 240, None))


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("empty.mp4", b"", "is empty"),
        ("notes.mp4", b"These are my notes.\n" * 40, "holds text"),
        ("notes.txt", b"These are my notes.\n" * 40, "holds text"),
        ("noise.mp4", bytes(range(256)) * 40, "not a video"),
    ],
)
def test_other_files_are_refused_in_a_sentence(
    name: str, content: bytes, says: str, tmp_path: Path
) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(VideoError, match=says) as caught:
        VideoReader(tmp_path / name)
    assert caught.value.message.startswith(name)
    assert caught.value.mend


def test_sound_missing_files_and_folders_are_refused(tmp_path: Path) -> None:
    with pytest.raises(VideoError, match="sound but no pictures"):
        VideoReader(draw_sound(tmp_path / "song.m4a"))
    with pytest.raises(VideoError, match="no file"):
        VideoReader(tmp_path / "gone.mp4")
    with pytest.raises(VideoError, match="is a folder"):
        VideoReader(tmp_path)


def test_encrypted_files_are_refused(tmp_path: Path) -> None:
    path = draw_video(tmp_path / "locked.mp4", 10)
    data = path.read_bytes()
    # What a protected track says of itself: its entry is called encv and holds a sinf box.
    sample_entry = data.index(b"avc1", data.index(b"stsd"))
    locked = bytearray(data)
    locked[sample_entry : sample_entry + 4] = b"encv"
    path.write_bytes(locked + (12).to_bytes(4, "big") + b"sinf" + bytes(4))
    with pytest.raises(VideoError, match="encrypted"):
        VideoReader(path)


def test_a_closed_reader_says_so(tmp_path: Path) -> None:
    reader = VideoReader(draw_video(tmp_path / "plain.mp4", 5))
    reader.close()
    with pytest.raises(VideoError, match="closed"):
        reader[0]


def test_a_file_that_changes_is_noticed(tmp_path: Path) -> None:
    path = draw_video(tmp_path / "plain.mp4", COUNT, gop=10)
    with VideoReader(path) as reader:
        draw_video(path, COUNT, gop=10, painter=lambda n, w, h: np.full((h, w, 3), n, np.uint8))
        with pytest.raises(VideoError, match="changed"):
            reader[45]


def _turned_photograph(path: Path, orientation: int) -> Image:
    """A JPEG whose EXIF says how it is turned; the picture as OpenCV shows it."""
    good, data = cv2.imencode(".jpg", numbered_picture(3, 160, 96, None)[..., ::-1])
    assert good
    # One TIFF directory, big-endian, with one entry: 0x0112, a short.
    tiff = b"MM\x00*\x00\x00\x00\x08" + struct.pack(">HHHIHHI", 1, 0x0112, 3, 1, orientation, 0, 0)
    exif = b"Exif\x00\x00" + tiff
    head, rest = data.tobytes()[:2], data.tobytes()[2:]
    path.write_bytes(head + b"\xff\xe1" + struct.pack(">H", len(exif) + 2) + exif + rest)
    shown = cv2.imread(str(path), cv2.IMREAD_COLOR)
    assert shown is not None
    return np.ascontiguousarray(shown[..., ::-1], np.uint8)


@pytest.mark.parametrize("orientation", [1, 3, 6, 8])
def test_photographs_are_turned_as_their_camera_says(tmp_path: Path, orientation: int) -> None:
    shown = _turned_photograph(tmp_path / "photo.jpg", orientation)
    with VideoReader(tmp_path / "photo.jpg") as reader:
        assert (reader.width, reader.height) == (shown.shape[1], shown.shape[0])
        assert np.abs(reader[0].astype(int) - shown.astype(int)).mean() < 4
