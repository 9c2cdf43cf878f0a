"""From videos and packed files to one frame set."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from drawn_frames import drawn_frames
from drawn_video import draw_video
from limner_engine.cropping import CropTrack
from limner_engine.errors import TrainingError, VideoError
from limner_engine.types import Crop
from limner_training.config import TrainConfig
from limner_training.data.video_frames import gather


def _quiet(message: str, share: float) -> bool:
    return True


def test_frames_are_spread_evenly_and_cut_to_size(tmp_path: Path) -> None:
    video = draw_video(tmp_path / "a.mp4", n=40)
    config = TrainConfig(sources=(str(video),), frames_per_video=10, crop_mode="whole")
    frames = gather(config, 64, _quiet)
    assert frames.pixels.shape == (10, 80, 80, 3)
    assert frames.frame.tolist() == list(range(0, 40, 4))
    assert frames.names == ("a.mp4",)


def test_videos_and_packed_files_mix(tmp_path: Path) -> None:
    video = draw_video(tmp_path / "a.mp4", n=12)
    drawn_frames(2, 10).pack(tmp_path / "b.npz")
    config = TrainConfig(sources=(str(video), str(tmp_path / "b.npz")), crop_mode="whole")
    frames = gather(config, 64, _quiet)
    assert np.bincount(frames.video).tolist() == [12, 10, 10]
    assert frames.names == ("a.mp4", "drawn 0", "drawn 1")


def test_stored_crops_are_used(tmp_path: Path) -> None:
    def paint(number: int, width: int, height: int) -> np.ndarray:
        image = np.zeros((height, width, 3), np.uint8)
        image[100:140, 200:240] = (250, 0, 0)
        return image

    video = draw_video(tmp_path / "a.mp4", n=6, painter=paint)
    track = CropTrack.fixed(Crop(219.5, 119.5, 20.0))
    crops = tmp_path / "crops.json"
    crops.write_text(json.dumps({str(video): json.loads(track.to_json())}))
    frames = gather(TrainConfig(sources=(str(video),), crops=str(crops)), 64, _quiet)
    middle = frames.pixels[3, 20:60, 20:60].mean((0, 1))
    assert middle[0] > 200
    assert middle[1:].max() < 60


def test_packed_for_another_size_is_refused(tmp_path: Path) -> None:
    drawn_frames().pack(tmp_path / "a.npz")
    with pytest.raises(TrainingError, match="holds cuts of 80 px, and this network needs 160 px"):
        gather(TrainConfig(sources=(str(tmp_path / "a.npz"),)), 128, _quiet)


def test_packed_larger_by_a_power_of_two_is_shrunk(tmp_path: Path) -> None:
    drawn_frames(1, 4, size=160).pack(tmp_path / "a.npz")
    drawn_frames(1, 3, size=80).pack(tmp_path / "b.npz")
    sources = (str(tmp_path / "a.npz"), str(tmp_path / "b.npz"))
    assert gather(TrainConfig(sources=sources), 64, _quiet).pixels.shape == (7, 80, 80, 3)
    assert gather(TrainConfig(sources=sources[:1]), 32, _quiet).pixels.shape == (4, 40, 40, 3)


def test_packed_larger_by_another_factor_is_refused(tmp_path: Path) -> None:
    drawn_frames(1, 4, size=120).pack(tmp_path / "a.npz")
    with pytest.raises(TrainingError, match="holds cuts of 120 px, and this network needs 40 px"):
        gather(TrainConfig(sources=(str(tmp_path / "a.npz"),)), 32, _quiet)


def test_folders_of_pictures_mix_with_videos_and_packed_files(tmp_path: Path) -> None:
    video = draw_video(tmp_path / "a.mp4", n=12)
    drawn_frames(1, 10).pack(tmp_path / "b.npz")
    stills = tmp_path / "stills"
    stills.mkdir()
    for number in range(5):
        cv2.imwrite(str(stills / f"{number}.png"), np.full((50, 60, 3), 10 * number, np.uint8))
    (stills / "9.png").write_bytes(b"no picture")
    config = TrainConfig(
        sources=(str(video), str(stills), str(tmp_path / "b.npz")), crop_mode="whole"
    )
    notes: list[str] = []
    frames = gather(config, 64, _quiet, notes.append)
    assert frames.names == ("a.mp4", "stills", "drawn 0")
    assert frames.still.tolist() == [False, True, False]
    assert np.bincount(frames.video).tolist() == [12, 5, 10]
    assert notes == ["Pictures left out of stills: 1 unreadable."]
    told: list[tuple[str, float]] = []

    def report(message: str, share: float) -> bool:
        told.append((message, share))
        return True

    gather(config, 64, report)
    assert (notes[0], 2 / 3) in told
    assert [share for _, share in told] == sorted(share for _, share in told)


def test_nothing_to_learn_from() -> None:
    with pytest.raises(TrainingError, match="nothing to learn from"):
        gather(TrainConfig(), 64, _quiet)


def test_a_missing_video(tmp_path: Path) -> None:
    with pytest.raises(VideoError, match=r"none\.mp4"):
        gather(TrainConfig(sources=(str(tmp_path / "none.mp4"),)), 64, _quiet)


def test_a_video_of_one_frame(tmp_path: Path) -> None:
    video = draw_video(tmp_path / "one.mp4", n=1)
    with pytest.raises(TrainingError, match="fewer than two"):
        gather(TrainConfig(sources=(str(video),), crop_mode="whole"), 64, _quiet)


@pytest.mark.parametrize("mode", ["auto", "whole"])
def test_giving_up(tmp_path: Path, mode: str) -> None:
    video = draw_video(tmp_path / "a.mp4", n=20)
    config = TrainConfig(sources=(str(video),), crop_mode=mode)
    with pytest.raises(TrainingError, match="stopped"):
        gather(config, 64, lambda *_: False)
