"""SmallNORB and SVHN on a few made-up files."""

from __future__ import annotations

import gzip
import struct
from pathlib import Path

import numpy as np
import pytest

from limner_engine.errors import FormatError
from limner_training.data.datasets import small_norb, svhn


def _matrix(array: np.ndarray) -> bytes:
    kind = small_norb.BYTES if array.dtype == np.uint8 else small_norb.INTEGERS
    sides = [*array.shape, *[1] * (3 - array.ndim)]
    return struct.pack(f"<{2 + len(sides)}i", kind, array.ndim, *sides) + array.tobytes()


def _small_norb(folder: Path, *, packed: bool) -> Path:
    rng = np.random.default_rng(0)
    for stem, count in zip(small_norb.STEMS.values(), (4, 3), strict=True):
        arrays = {
            "dat": rng.integers(0, 256, (count, 2, 96, 96), np.uint8),
            "cat": np.arange(count, dtype="<i4") % 5,
            "info": np.column_stack([np.arange(count) + 4] * 4).astype("<i4"),
        }
        for name, array in arrays.items():
            path = folder / f"{stem}-{name}.mat"
            if packed:
                path.with_name(f"{path.name}.gz").write_bytes(gzip.compress(_matrix(array)))
            else:
                path.write_bytes(_matrix(array))
    return folder


@pytest.mark.parametrize("packed", [False, True])
def test_small_norb(packed: bool, tmp_path: Path) -> None:
    toys = small_norb.load(_small_norb(tmp_path, packed=packed))
    first = np.random.default_rng(0).integers(0, 256, (4, 2, 96, 96), np.uint8)
    assert len(toys) == 7
    assert toys.point_count == 0
    assert toys.part.tolist() == ["train"] * 4 + ["test"] * 3
    assert toys.people[:2] == ("0/4", "1/5")
    np.testing.assert_array_equal(toys.picture(2)[..., 1], first[2, 0])
    assert toys.cut(6, 64).shape == (64, 64, 3)


def test_small_norb_says_what_is_wrong(tmp_path: Path) -> None:
    folder = _small_norb(tmp_path, packed=False)
    path = folder / f"{small_norb.STEMS['test']}-dat.mat"
    whole = path.read_bytes()
    path.write_bytes(whole[:-9])
    with pytest.raises(FormatError, match="cut short"):
        small_norb.load(folder)
    path.write_bytes(b"MATLAB 5.0 MAT-file" + whole)
    with pytest.raises(FormatError, match="no such matrix"):
        small_norb.load(folder)
    path.unlink()
    with pytest.raises(FormatError, match="testing-dat"):
        small_norb.load(folder)


def _svhn(folder: Path) -> Path:
    rng = np.random.default_rng(0)
    for part, count in (("train", 5), ("test", 3)):
        pixels = rng.integers(0, 256, (32, 32, 3, count), np.uint8)
        labels = np.arange(10, 10 - count, -1, dtype=np.uint8)[:, None]
        np.savez(folder / f"{part}_32x32.npz", X=pixels, y=labels)
    return folder


def test_svhn(tmp_path: Path) -> None:
    folder = _svhn(tmp_path)
    digits = svhn.load(folder)
    assert len(digits) == 8
    assert digits.groups[:3] == ("0", "9", "8")  # 10 stands for zero
    with np.load(folder / "test_32x32.npz") as stored:
        np.testing.assert_array_equal(digits.picture(6), stored["X"][..., 1])


def test_svhn_says_what_to_convert(tmp_path: Path) -> None:
    folder = _svhn(tmp_path)
    path = folder / "test_32x32.npz"
    np.savez(path, X=np.zeros((3, 32, 32, 3), np.uint8), y=np.zeros(3))
    with pytest.raises(FormatError, match=r"\(32, 32, 3, N\)"):
        svhn.load(folder)
    path.rename(folder / "test_32x32.mat")
    with pytest.raises(FormatError, match="does not read MATLAB"):
        svhn.load(folder)
