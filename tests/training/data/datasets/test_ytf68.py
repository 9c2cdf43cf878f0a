"""Faces of stills."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from limner_engine.errors import FormatError
from limner_training.data.datasets import ytf68


def test_real_stills_are_cut_around_their_faces(data_dir: Path) -> None:
    seen: list[float] = []

    def few(share: float) -> bool:
        seen.append(share)
        return len(seen) < 12

    faces = ytf68.read(data_dir / "faces" / "ytf68_dev", 64, few)
    count = len(faces.frames)
    assert faces.frames.pixels.shape == (count, 80, 80, 3)
    assert faces.points_norm.shape == (count, 68, 2)
    assert sorted(faces.frames.names) == list(faces.frames.names)
    known = faces.points_norm[np.isfinite(faces.points_norm).all((1, 2))]
    # The tip of the nose lies about the middle of the crop, and nearly all points inside it.
    assert np.abs(np.median(known[:, 30], axis=0)).max() < 0.3
    assert (np.abs(known) < 1).mean() > 0.97


def test_a_folder_without_its_table(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match=r"no landmarks\.csv"):
        ytf68.read(tmp_path, 64)


def test_pictures_without_faces(tmp_path: Path) -> None:
    (tmp_path / "images").mkdir()
    names = [f"{axis}{i}" for i in range(68) for axis in "xy"]
    header = ",".join(
        ["file", "identity", "video", "source", "width", "height", "labelled", *names]
    )
    row = ",".join(["a.jpg", "A", "v0", "s", "60", "60", "0", *([""] * 136)])
    (tmp_path / "landmarks.csv").write_text(f"{header}\n{row}\n")
    with pytest.raises(FormatError, match=r"a\.jpg is missing"):
        ytf68.read(tmp_path, 64)
    cv2.imwrite(str(tmp_path / "images" / "a.jpg"), np.full((60, 60, 3), 128, np.uint8))
    with pytest.raises(FormatError, match="No face"):
        ytf68.read(tmp_path, 64)


def test_a_labelled_set_holds_the_last_people_back(data_dir: Path) -> None:
    seen: list[float] = []

    def few(share: float) -> bool:
        seen.append(share)
        return len(seen) < 12

    faces = ytf68.load(data_dir / "faces" / "ytf68_dev", few)
    cuts = ytf68.read(data_dir / "faces" / "ytf68_dev", 64, lambda _: False)
    assert faces.points_px.shape[1:] == (68, 2)
    assert np.isfinite(faces.points_px).all()
    assert set(faces.part.tolist()) == {"train"}  # the first by name
    # The same squares as those that runs learn from.
    first = cuts.points_norm[np.isfinite(cuts.points_norm).all((1, 2))]
    np.testing.assert_allclose(faces.points_norm()[: len(first)], first, atol=1e-5)
