"""Single picture files."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

import cv2
import numpy as np
import pytest

from limner_engine.errors import FormatError
from limner_training.data.datasets.labelled import read_picture
from limner_training.data.picture_file import stored_picture


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def _enormous() -> bytes:
    """A PNG that says it has 40,000 pixels a side."""
    header = struct.pack(">IIBBBBB", 40_000, 40_000, 8, 2, 0, 0, 0)
    data = _chunk(b"IHDR", header) + _chunk(b"IDAT", zlib.compress(b"")) + _chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + data


def test_red_comes_first_and_names_may_be_in_any_script(tmp_path: Path) -> None:
    path = tmp_path / "Gänseblümchen 花.png"
    stored = np.zeros((3, 5, 3), np.uint8)
    stored[..., 2] = 200
    path.write_bytes(cv2.imencode(".png", stored)[1].tobytes())
    picture = stored_picture(path)
    assert picture is not None
    assert picture.shape == (3, 5, 3)
    assert picture[0, 0].tolist() == [200, 0, 0]


@pytest.mark.parametrize("data", [b"", b"no picture", _enormous(), None])
def test_what_is_no_picture_is_told_and_breaks_nothing(tmp_path: Path, data: bytes | None) -> None:
    path = tmp_path / "a.png"
    if data is not None:
        path.write_bytes(data)
    assert stored_picture(path) is None
    with pytest.raises(FormatError, match="missing or cannot be read"):
        read_picture(path)
