"""The process that learns named landmarks, from its folder to its model."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from drawn_video import draw_video
from limner_engine.cropping.track import CropTrack
from limner_engine.errors import TrainingError
from limner_engine.model_file import read_model_info
from limner_engine.naming.labelled import LabelledFrames
from limner_engine.types import Skeleton
from limner_training.events import Done, Failed, Named, Preparing
from limner_training.naming.cuts import RUN, _spread, from_videos
from limner_training.naming.held_back import HeldBack
from limner_training.naming.settings import HELD_BACK_FILE, NameOrder, NameSettings
from limner_training.run_folder import RunFolder

WIDTH, HEIGHT, COUNT = 96, 64, 30
FRAMES = (2, 5, 9, 11)


@pytest.fixture(scope="module")
def video(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("video") / "square.mp4"
    draw_video(path, COUNT, (WIDTH, HEIGHT))
    return path


def _labelled(video: Path) -> LabelledFrames:
    """The middle of the wandering square, and its upper left corner."""
    numbers, side = np.array(FRAMES), HEIGHT // 6
    left = ((WIDTH - side) * (0.5 + 0.5 * np.sin(numbers / 9))).astype(int)
    top = ((HEIGHT - side) * (0.5 + 0.5 * np.cos(numbers / 7))).astype(int)
    corner = np.stack([left, top], -1).astype(np.float32)
    points = np.stack([corner + side / 2, corner], 1)
    told = np.ones((len(FRAMES), 2), np.bool_)
    crop = CropTrack.whole(WIDTH, HEIGHT).at(0)
    return LabelledFrames(
        tuple((video, int(number)) for number in FRAMES),
        (crop,) * len(FRAMES),
        points,
        told,
        told,
        np.zeros(len(FRAMES), np.int64),
        Skeleton(("middle", "corner")),
    )


def test_a_folder_of_labels_becomes_a_model(video: Path, tmp_path: Path) -> None:
    settings = NameSettings(
        minutes=0, steps=8, image_size=32, width=4, batch=2, members=2, threads=1, device="cpu",
        unlabelled=6,
    )  # fmt: skip
    tracks = {str(video): CropTrack.whole(WIDTH, HEIGHT).to_json()}
    NameOrder(_labelled(video), tracks, settings).write(tmp_path)
    finished = subprocess.run(
        [sys.executable, "-m", "limner_training", "name", "--folder", str(tmp_path), "--detached"],
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert finished.returncode == 0, finished.stderr
    events = RunFolder(tmp_path).events()
    assert len(finished.stdout.splitlines()) == len(events)
    assert isinstance(events[0], Preparing)
    assert sum(isinstance(event, Named) for event in events) == 3
    done = events[-1]
    assert isinstance(done, Done)
    info = read_model_info(tmp_path / done.model)
    assert info.skeleton.names == ("middle", "corner")
    assert info.provenance["held_back_frames"] == [[str(video), number] for number in FRAMES]
    assert np.isfinite(HeldBack.open(tmp_path / HELD_BACK_FILE).points_norm).all()


def test_a_person_s_mistake_is_said(video: Path, tmp_path: Path) -> None:
    settings = NameSettings(minutes=0, steps=8, image_size=32, start_from="nothing.safetensors")
    NameOrder(_labelled(video), {}, settings).write(tmp_path)
    finished = subprocess.run(
        [sys.executable, "-m", "limner_training", "name", "--folder", str(tmp_path), "--detached"],
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert finished.returncode == 2
    last = RunFolder(tmp_path).events()[-1]
    assert isinstance(last, Failed)
    assert "nothing.safetensors" in last.message


def test_cuts_come_from_the_labelled_frames_and_from_others(video: Path) -> None:
    labelled = _labelled(video)
    track = CropTrack.whole(WIDTH, HEIGHT)
    cuts = from_videos(labelled, {str(video): track}, 32, 4 * RUN, lambda *_: True)
    assert len(cuts) == len(FRAMES)
    assert len(cuts.unlabelled) == 4 * RUN
    half = max(WIDTH, HEIGHT) / 2
    assert cuts.px_per_unit.tolist() == [half] * len(FRAMES)
    # The middle of the square is red in the cut, where its point says.
    for pixels, point in zip(cuts.pixels, cuts.points_norm[:, 0], strict=True):
        x, y = ((point / 1.25 + 1) * cuts.size / 2).astype(int)
        red, green, blue = pixels[y, x].astype(int)
        assert red > 150
        assert max(green, blue) < 120


def test_unlabelled_frames_are_spread_over_many_videos() -> None:
    tracks = {f"{number}.mp4": CropTrack.whole(8, 8) for number in range(10)}
    assert list(_spread(tracks, 4)) == ["0.mp4", "3.mp4", "6.mp4", "9.mp4"]
    assert list(_spread(tracks, 20)) == list(tracks)


def test_reading_can_be_given_up(video: Path) -> None:
    with pytest.raises(TrainingError, match="was stopped"):
        from_videos(_labelled(video), {}, 32, 0, lambda *_: False)
