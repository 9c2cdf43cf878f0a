"""Packed frame sets."""

from __future__ import annotations

import json
import pickle
from pathlib import Path

import numpy as np
import pytest

from drawn_frames import drawn_frames
from limner_engine.errors import TrainingError
from limner_training.data.frames import FrameSet, packed_size


def _same(a: FrameSet, b: FrameSet) -> bool:
    arrays = all(
        np.array_equal(getattr(a, name), getattr(b, name)) for name in ("pixels", "video", "frame")
    )
    return arrays and a.names == b.names


def test_packed_size_is_even_and_a_quarter_wider() -> None:
    assert packed_size(64) == 80
    assert packed_size(128) == 160


def test_folder_and_file_give_the_set_back(tmp_path: Path) -> None:
    frames = drawn_frames()
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
    with pytest.raises(TrainingError, match="no packed frames"):
        FrameSet.open(tmp_path / "y.npz")


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
