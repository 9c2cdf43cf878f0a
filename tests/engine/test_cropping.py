from __future__ import annotations

import math
import subprocess
import sys
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from limner_engine.cropping import CropsCancelledError, CropTrack, find_crops
from limner_engine.cropping.sampling import sample_frames
from limner_engine.cropping.smoothing import smooth, without_outliers
from limner_engine.errors import FormatError, FrameUnreadableError, VideoError
from limner_engine.types import Crop, Image
from limner_engine.video.reader import VideoReader


class DrawnVideo:
    """A video that is drawn when it is asked for: a disc that walks before a wall."""

    def __init__(
        self,
        width: int = 320,
        height: int = 180,
        frame_count: int = 90,
        *,
        moves: bool = True,
        unreadable: frozenset[int] = frozenset(),
        keyframes: tuple[int, ...] = (0,),
    ) -> None:
        self.path = Path("drawn.mp4")
        self.width, self.height, self.frame_count = width, height, frame_count
        self.frame_rate = Fraction(30)
        self.index = SimpleNamespace(keyframes=keyframes)
        self._moves = moves
        self._unreadable = unreadable
        self._wall = np.random.default_rng(0).integers(90, 140, (height, width, 3), np.uint8)
        self._rows, self._columns = np.mgrid[:height, :width]

    def time_s(self, index: int) -> float:
        return index / 30

    def place(self, index: int) -> tuple[float, float]:
        share = index / max(1, self.frame_count - 1) if self._moves else 0.5
        return self.width * (0.2 + 0.6 * share), self.height * 0.5

    def __getitem__(self, index: int) -> Image:
        if index in self._unreadable:
            raise FrameUnreadableError("spoilt")
        x, y = self.place(index)
        image = self._wall.copy()
        image[(self._columns - x) ** 2 + (self._rows - y) ** 2 < (0.15 * self.height) ** 2] = 250
        return image

    def read(self, start: int, stop: int, step: int = 1) -> Iterator[tuple[int, Image | None]]:
        for index in range(start, stop, step):
            yield index, None if index in self._unreadable else self[index]


def test_a_track_is_linear_between_and_constant_outside() -> None:
    values = np.array([[0, 0, 10, 0], [10, 20, 30, 0.5]], np.float32)
    track = CropTrack(np.array([10, 20]), values, "face")
    assert track.at(0) == Crop(0, 0, 10, 0)
    assert track.at(15) == Crop(5, 10, 20, 0.25)
    assert track.at(99) == Crop(10, 20, 30, 0.5)


def test_angles_turn_the_short_way() -> None:
    values = np.array([[0, 0, 1, 3.1], [0, 0, 1, -3.1]], np.float32)
    angle = CropTrack(np.array([0, 2]), values, "hand").at(1).angle_rad
    assert abs(angle) == pytest.approx(math.pi, abs=1e-4)


def test_a_track_survives_json() -> None:
    values = np.random.default_rng(0).uniform(1, 500, (5, 4)).astype(np.float32)
    track = CropTrack(np.array([0, 3, 4, 9, 40]), values, "motion")
    back = CropTrack.from_json(track.to_json())
    np.testing.assert_array_equal(back.frames, track.frames)
    np.testing.assert_allclose(back.values, values, atol=1e-3)
    assert back.mode == "motion"
    assert CropTrack.whole(64, 48).at(7) == Crop.whole(64, 48)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        '{"mode": "face", "frames": [], "values": []}',
        '{"mode": "face", "frames": [1, 1], "values": [[1, 1, 1, 0], [1, 1, 1, 0]]}',
        '{"mode": "face", "frames": [1], "values": [[1, 1, 0, 0]]}',
        '{"mode": "face", "frames": [1], "values": [[1, 1, NaN, 0]]}',
        '{"mode": "face", "frames": ["a"], "values": [[1, 1, 1, 0]]}',
    ],
)
def test_what_is_no_track_is_refused(text: str) -> None:
    with pytest.raises(FormatError):
        CropTrack.from_json(text)


def test_outliers_go_and_slow_drift_stays() -> None:
    drift = np.linspace(100, 300, 40)
    boxes = np.column_stack([drift, np.full(40, 50.0), np.full(40, 80.0)])
    jumped = boxes.copy()
    jumped[[7, 30], 0] += 150
    jumped[20, 2] = 30
    kept = without_outliers(jumped)
    assert np.flatnonzero(~np.isfinite(kept[:, 0])).tolist() == [7, 20, 30]
    assert np.isfinite(without_outliers(boxes)).all()


def test_smoothing_keeps_a_straight_line_up_to_its_ends_and_lowers_noise() -> None:
    times = np.linspace(0, 4, 60)
    np.testing.assert_allclose(smooth(times, 3 * times + 2, 0.3), 3 * times + 2, atol=0.02)
    noise = np.random.default_rng(0).normal(0, 1, 60)
    assert smooth(times, noise, 0.3).std() < 0.5


def test_motion_is_followed() -> None:
    video = DrawnVideo()
    track = find_crops(video, "auto")
    assert track.mode == "motion"
    for index in range(0, 90, 11):
        x, y = video.place(index)
        crop = track.at(index)
        half = crop.side_px / 2
        assert abs(crop.centre_x_px - x) < half - 0.15 * video.height
        assert abs(crop.centre_y_px - y) < half - 0.15 * video.height
        assert crop.side_px < 0.75 * video.height
        # The square stays inside the frame where it can.
        assert crop.centre_x_px - half >= -0.51
        assert crop.centre_x_px + half <= video.width - 0.49


def test_a_still_video_is_looked_at_whole() -> None:
    video = DrawnVideo(moves=False)
    assert find_crops(video, "auto").at(3) == Crop.whole(320, 180)
    assert find_crops(video, "whole").mode == "whole"
    with pytest.raises(VideoError, match="Nothing moves"):
        find_crops(video, "motion")
    with pytest.raises(VideoError, match="No face"):
        find_crops(video, "face")


def test_unreadable_frames_are_passed_over() -> None:
    track = find_crops(DrawnVideo(unreadable=frozenset(range(30, 60))), "motion")
    assert not set(track.frames.tolist()) & set(range(30, 60))
    with pytest.raises(VideoError, match="No frame"):
        find_crops(DrawnVideo(unreadable=frozenset(range(90))), "auto")


def test_it_can_be_cancelled() -> None:
    shares: list[float] = []

    def progress(share: float) -> bool:
        shares.append(share)
        return len(shares) < 4

    with pytest.raises(CropsCancelledError):
        find_crops(DrawnVideo(), "auto", progress=progress)
    assert len(shares) == 4
    shares.clear()
    find_crops(DrawnVideo(), "motion", progress=lambda share: shares.append(share) is None)
    assert shares == sorted(shares)
    assert shares[-1] == 1.0


def test_samples_of_a_long_video_are_bounded_and_near_keyframes() -> None:
    long = DrawnVideo(16, 16, 400_000, keyframes=tuple(range(0, 400_000, 250)))
    frames = sample_frames(long)
    assert 150 <= len(frames) <= 600
    assert (frames % 250 == 0).all()
    assert (np.diff(frames) > 0).all()
    assert len(sample_frames(DrawnVideo(16, 16, 1))) == 1
    assert sample_frames(DrawnVideo(16, 16, 40)).tolist() == list(range(40))


def test_an_unknown_mode_is_a_bug() -> None:
    with pytest.raises(ValueError, match="mode"):
        find_crops(DrawnVideo(), "hands")


def test_tracks_need_neither_opencv_nor_torch() -> None:
    code = (
        "import sys, limner_engine.cropping; "
        "assert not {'cv2', 'torch', 'av'} & set(sys.modules), sorted(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize("name", ["d0.mp4", "d20.mp4"])
def test_faces_are_found_in_talking_heads(data_dir: Path, name: str) -> None:
    with VideoReader(data_dir / "heads" / name) as reader:
        track = find_crops(reader, samples=40)
        assert track.mode == "face"
        sides = track.values[:, 2]
        assert 0.5 * reader.height < sides.min() <= sides.max() < 1.2 * reader.height
        steps = np.abs(np.diff(track.values[:, :2], axis=0)).max()
        assert steps < 0.1 * reader.height
