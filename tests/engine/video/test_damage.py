"""Damaged files: all that is sound, never a wrong frame, and a report that names the rest."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pytest

from drawn_video import draw_video, read_barcode
from limner_engine.errors import FrameUnreadableError, VideoError
from limner_engine.types import Image
from limner_engine.video.damage import Decoded, Trouble, spoilt
from limner_engine.video.reader import VideoReader

COUNT = 80


def sound_frames(path: Path) -> dict[object, Image]:
    with VideoReader(path) as reader:
        return {reader.timestamp(i): reader[i] for i in range(len(reader))}


def check_against(sound: dict[object, Image], path: Path) -> VideoReader:
    """Every frame that is given is the sound one of that time, in any order."""
    reader = VideoReader(path)
    straight = dict(reader.read(0, len(reader)))
    for i, image in straight.items():
        if image is None:
            assert i in reader.health.unreadable
            with pytest.raises(FrameUnreadableError, match=f"Frame {i} of"):
                reader[i]
        else:
            assert np.array_equal(image, sound[reader.timestamp(i)]), f"frame {i} is wrong"
    other = VideoReader(path)
    order = random.Random(2).sample(range(len(other)), len(other))
    for i in order:
        [(_, image)] = other.read(i, i + 1)
        known = straight[i]
        assert (image is None) == (known is None)
        assert image is None or known is None or np.array_equal(image, known)
    other.close()
    return reader


@pytest.mark.parametrize("kind", ["noise", "zeros", "flipped"])
@pytest.mark.parametrize("name", ["a.mp4", "a.mkv", "a.ts"])
@pytest.mark.parametrize("seed", [1, 2])
def test_damage_inside_never_gives_a_wrong_frame(
    name: str, kind: str, seed: int, tmp_path: Path
) -> None:
    path = draw_video(tmp_path / name, COUNT, gop=20, bframes=2)
    sound = sound_frames(path)
    pick = random.Random(seed)
    data = bytearray(path.read_bytes())
    at = pick.randrange(len(data) // 4, len(data) * 3 // 4)
    if kind == "noise":
        data[at : at + 1500] = pick.randbytes(1500)
    elif kind == "zeros":
        data[at : at + 2000] = bytes(2000)
    else:
        for place in range(at, at + 400, 7):
            data[place] ^= 1 << pick.randrange(8)
    path.write_bytes(data)
    with check_against(sound, path) as reader:
        assert not reader.health.ok
        readable = reader.health.readable_count
        # At most two stretches between keyframes, and what leans on them, are lost.
        assert COUNT - 2 * 20 - 4 <= readable < COUNT
        assert "cannot" in reader.health.sentence()


@pytest.mark.parametrize("name", ["cut.mkv", "cut.ts"])
@pytest.mark.parametrize("share", [0.35, 0.61, 0.83])
def test_a_cut_file_gives_what_is_there(name: str, share: float, tmp_path: Path) -> None:
    path = draw_video(tmp_path / name, COUNT, gop=20, bframes=2)
    sound = sound_frames(path)
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * share)])
    with check_against(sound, path) as reader:
        assert reader.health.readable_count >= 0.5 * share * COUNT
        assert reader.health.notes


def test_lost_frames_of_a_constant_rate_keep_their_places(tmp_path: Path) -> None:
    path = draw_video(tmp_path / "gap.ts", COUNT, gop=10, bframes=2)
    data = bytearray(path.read_bytes())
    middle = len(data) // 2 // 188 * 188
    data[middle : middle + 188 * 12] = random.Random(0).randbytes(188 * 12)
    path.write_bytes(data)
    with VideoReader(path) as reader:
        assert len(reader) == COUNT
        assert reader.health.unreadable
        for i, image in reader.read(0, COUNT):
            assert image is None or read_barcode(image) == i


def test_a_recording_without_its_table_is_refused(tmp_path: Path) -> None:
    path = draw_video(tmp_path / "cut.mp4", COUNT)
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2])
    with pytest.raises(VideoError, match="cut off"):
        VideoReader(path)


def test_a_file_of_nothing_but_damage_is_refused(tmp_path: Path) -> None:
    path = draw_video(tmp_path / "noise.mp4", 20, gop=40)
    data = bytearray(path.read_bytes())
    begin, end = data.index(b"mdat") + 4, data.index(b"moov") - 4
    data[begin:end] = random.Random(5).randbytes(end - begin)
    path.write_bytes(data)
    with pytest.raises(VideoError, match="No frame of"):
        VideoReader(path)


def test_damage_past_the_checked_part_is_found_while_reading(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = draw_video(tmp_path / "long.mp4", 160, gop=20, bframes=2)
    sound = sound_frames(path)
    data = bytearray(path.read_bytes())
    at = len(data) * 3 // 4
    data[at : at + 1500] = random.Random(7).randbytes(1500)
    path.write_bytes(data)
    monkeypatch.setattr("limner_engine.video.scan.CHECKED_PIXELS", 1)
    for order in (range(160), random.Random(1).sample(range(160), 160)):
        with VideoReader(path) as reader:
            assert reader.index.checked_packets == 64
            assert reader.health.unreadable == ()
            given = 0
            for i in order:
                [(_, image)] = reader.read(i, i + 1)
                if image is not None:
                    given += 1
                    assert np.array_equal(image, sound[reader.timestamp(i)]), i
            assert 110 < given < 160
            assert len(reader.health.unreadable) == 160 - given


def test_trouble_spreads_to_the_next_start_and_what_leans_across_it() -> None:
    # Eight packets; decoding can start at 0 and 4, and frame 3 is stored after packet 4.
    rank = np.array([0, 1, 2, 4, 5, 3, 6, 7])
    bad = spoilt(Decoded([0, 1, 2, 5, 3, 4, 6, 7], [Trouble(2)]), 8, [0, 4], [0, 5], rank)
    assert np.nonzero(bad)[0].tolist() == [2, 3, 5]
    late = spoilt(Decoded([0, 1, 2, 3], [Trouble(3, emitted=1)]), 4, [0], [0], np.arange(4))
    assert np.nonzero(late)[0].tolist() == [1, 2, 3]
