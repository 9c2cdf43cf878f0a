"""The research folder of real and drawn oddities; needs LIMNER_DATA."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from drawn_video import read_barcode
from limner_engine.errors import VideoError
from limner_engine.types import Image
from limner_engine.video.reader import VideoReader

Entry = tuple[Path, dict[str, Any]]


@pytest.fixture(scope="module")
def drawn(data_dir: Path) -> list[Entry]:
    folder = data_dir / "tricky" / "tricky_synth"
    listed: dict[str, dict[str, Any]] = json.loads((folder / "manifest.json").read_text())
    return [(folder / name, facts) for name, facts in listed.items()]


def one(reader: VideoReader, i: int) -> Image | None:
    [(_, image)] = reader.read(i, i + 1)
    return image


def test_intact_drawn_videos_are_exact_in_every_order(drawn: list[Entry]) -> None:
    seen = 0
    for path, facts in drawn:
        if "n" not in facts:
            continue
        count = int(facts["n"])
        pick = random.Random(path.name)
        orders = [
            range(count),
            range(count - 1, -1, -1),
            [pick.randrange(count) for _ in range(40)],
        ]
        for order in orders:
            with VideoReader(path) as reader:
                assert len(reader) == count, path.name
                assert reader.health.unreadable == ()
                for i in order:
                    upright = np.rot90(reader[i], reader.index.rotation // 90)
                    assert read_barcode(upright) == i, f"{path.name}, frame {i}"
                late = [
                    abs(reader.time_s(i) - (seconds - facts["times"][0]))
                    for i, seconds in enumerate(facts["times"])
                ]
                assert max(late) < 1e-3, path.name
        seen += 1
    assert seen > 20


def test_bad_drawn_videos_are_refused_or_give_only_right_frames(drawn: list[Entry]) -> None:
    readable: dict[str, int] = {}
    messages: list[str] = []
    for path, facts in drawn:
        if "n" in facts:
            continue
        try:
            reader = VideoReader(path)
        except VideoError as error:
            messages.append(error.message)
            readable[path.name] = 0
            continue
        with reader:
            assert not reader.health.ok
            for i, image in reader.read(0, len(reader)):
                assert image is None or read_barcode(image) == i, f"{path.name}, frame {i}"
            readable[path.name] = reader.health.readable_count
    assert all(message.startswith("bad_") for message in messages)
    assert readable == {
        "bad_truncated_nomoov.mp4": 0,
        "bad_truncated.mkv": 114,
        "bad_middle.ts": 87,
        "bad_empty.mp4": 0,
        "bad_text.mp4": 0,
    }


def test_real_oddities_are_the_same_in_every_order_or_refused(data_dir: Path) -> None:
    refused = set()
    for path in sorted((data_dir / "tricky").rglob("*.*")):
        if path.parent.name == "tricky_synth" or path.suffix not in {
            ".mp4",
            ".mov",
            ".mkv",
            ".gif",
        }:
            continue
        try:
            reader = VideoReader(path)
        except VideoError as error:
            refused.add(error.message.removeprefix("No frame of ").split()[0])
            continue
        with reader:
            straight = dict(reader.read(0, len(reader)))
        assert any(image is not None for image in straight.values())
        pick = random.Random(path.name)
        count = len(straight)
        backward = range(count - 1, max(-1, count - 40), -1)
        with VideoReader(path) as reader:
            for i in (*backward, *(pick.randrange(count) for _ in range(25))):
                image, known = one(reader, i), straight[i]
                assert (image is None) == (known is None), f"{path.name}, frame {i}"
                assert image is None or known is None or np.array_equal(image, known)
    assert refused == {
        "bipbop_audioinit.mp4",
        "chunk_out_of_range.mp4",
        "no_timescale.mp4",
        "zero_empty_stsc.mp4",
    }


def test_the_corrupted_video_gives_its_28_frames(data_dir: Path) -> None:
    with VideoReader(data_dir / "tricky" / "decord" / "test_data" / "corrupted.mp4") as reader:
        assert len(reader) == 50
        assert reader.health.unreadable == tuple(range(28, 50))
