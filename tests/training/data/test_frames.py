"""Packed frame sets."""

from __future__ import annotations

import json
import pickle
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from drawn_frames import drawn_frames
from limner_engine.errors import TrainingError
from limner_engine.types import Crop
from limner_training.data.frames import FrameSet, packed_size, wider


def _same(a: FrameSet, b: FrameSet) -> bool:
    arrays = all(
        np.array_equal(getattr(a, name), getattr(b, name))
        for name in ("pixels", "video", "frame", "still")
    )
    return arrays and a.names == b.names


def test_packed_size_is_even_and_a_quarter_wider() -> None:
    assert packed_size(64) == 80
    assert packed_size(128) == 160


def test_folder_and_file_give_the_set_back(tmp_path: Path) -> None:
    frames = replace(drawn_frames(), still=np.array([False, True]))
    frames.save(tmp_path / "frames")
    frames.pack(tmp_path / "frames.npz")
    assert _same(FrameSet.open(tmp_path / "frames"), frames)
    assert _same(FrameSet.open(tmp_path / "frames.npz"), frames)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["frames", "frames.npz"]


def test_a_folder_cut_short_is_refused(tmp_path: Path) -> None:
    drawn_frames().save(tmp_path)
    (tmp_path / "names.json").unlink()
    with pytest.raises(TrainingError, match="no packed frames"):
        FrameSet.open(tmp_path)


def test_a_folder_whose_arrays_disagree_is_refused(tmp_path: Path) -> None:
    drawn_frames().save(tmp_path)
    np.save(tmp_path / "video.npy", np.zeros(3, np.int32))
    with pytest.raises(TrainingError, match="do not fit"):
        FrameSet.open(tmp_path)


def test_pickles_are_not_read(tmp_path: Path) -> None:
    (tmp_path / "x.npz").write_bytes(pickle.dumps({"pixels": 1}))
    with pytest.raises(TrainingError, match="no packed frames"):
        FrameSet.open(tmp_path / "x.npz")
    np.savez(tmp_path / "y.npz", names=np.array([object()], dtype=object))
    with pytest.raises(TrainingError, match="no packed frames: it holds no plain arrays"):
        FrameSet.open(tmp_path / "y.npz")


@pytest.mark.parametrize("kept", [0, 4, 300, -60])
def test_a_file_cut_off_is_refused(tmp_path: Path, kept: int) -> None:
    whole, path = tmp_path / "whole.npz", tmp_path / "cut.npz"
    drawn_frames().pack(whole)
    path.write_bytes(whole.read_bytes()[:kept])
    with pytest.raises(TrainingError, match=r"cut\.npz holds no packed frames"):
        FrameSet.open(path)


def test_a_single_array_is_refused(tmp_path: Path) -> None:
    with (tmp_path / "one.npz").open("wb") as file:
        np.save(file, np.zeros(3))
    with pytest.raises(TrainingError, match="one array without a name"):
        FrameSet.open(tmp_path / "one.npz")


def test_a_place_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match="cannot be written"):
        drawn_frames().pack(tmp_path / "none" / "x.npz")
    (tmp_path / "folder.npz").mkdir()
    with pytest.raises(TrainingError, match="cannot be written"):
        drawn_frames().pack(tmp_path / "folder.npz")
    assert [path.name for path in tmp_path.iterdir()] == ["folder.npz"]


def test_joining_keeps_videos_apart() -> None:
    joined = FrameSet.join([drawn_frames(2), drawn_frames(3, seed=1)])
    assert len(joined.names) == 5
    assert np.bincount(joined.video).tolist() == [24] * 5


def test_joining_different_sizes_is_refused() -> None:
    with pytest.raises(TrainingError, match="different sizes"):
        FrameSet.join([drawn_frames(), drawn_frames(size=160)])


def test_names_stand_as_json(tmp_path: Path) -> None:
    drawn_frames().save(tmp_path)
    assert json.loads((tmp_path / "names.json").read_text()) == ["drawn 0", "drawn 1"]


def test_sets_of_earlier_versions_hold_videos_alone(tmp_path: Path) -> None:
    frames = drawn_frames()
    frames.save(tmp_path / "frames")
    (tmp_path / "frames" / "still.npy").unlink()
    kept = {name: getattr(frames, name) for name in ("pixels", "video", "frame")}
    np.savez(tmp_path / "frames.npz", names=np.array(frames.names), **kept)
    for name in ("frames", "frames.npz"):
        assert FrameSet.open(tmp_path / name).still.tolist() == [False, False]


def test_what_is_still_must_be_said_of_every_name() -> None:
    with pytest.raises(TrainingError, match="do not fit"):
        replace(drawn_frames(), still=np.array([True]))


def test_joining_keeps_what_is_still() -> None:
    stills = replace(drawn_frames(2), still=np.array([True, False]))
    joined = FrameSet.join([drawn_frames(1), stills])
    assert joined.still.tolist() == [False, True, False]
    assert np.flatnonzero(joined.still[joined.video]).tolist() == list(range(24, 48))


def test_shrinking_takes_the_mean_of_blocks() -> None:
    frames = drawn_frames(2, 150, size=16)  # more than are shrunk at once
    small = frames.shrunk(4)
    mean = frames.pixels.reshape(300, 4, 4, 4, 4, 3).mean((2, 4))
    np.testing.assert_array_equal(small.pixels, np.floor(mean + 0.5))
    assert np.array_equal(small.video, frames.video)


def test_crops_are_widened_about_their_middle() -> None:
    assert wider(Crop(3.0, 4.0, 80.0, 0.5)) == Crop(3.0, 4.0, 100.0, 0.5)
