from __future__ import annotations

import io
import json
import struct

import numpy as np
import pytest

from limner_engine.errors import EngineError, FrameUnreadableError, ModelError
from limner_engine.inference import protocol
from limner_engine.inference.protocol import (
    BrokenPipeProtocolError,
    MalformedMessageError,
    error_from_json,
    error_to_json,
    pack,
    read_message,
)
from limner_engine.types import Crop, ModelInfo, Skeleton


def raw(header: bytes, payload: bytes = b"") -> bytes:
    return struct.pack("<IQ", len(header), len(payload)) + header + payload


class Trickle(io.RawIOBase):
    """A pipe that hands over one byte at a time."""

    def __init__(self, data: bytes) -> None:
        self._data = io.BytesIO(data)

    def read(self, size: int = -1) -> bytes:
        return self._data.read(min(size, 1))


@pytest.mark.parametrize("dtype", ["uint8", "bool", "int64", "float32", "float64"])
def test_arrays_come_out_as_they_went_in(dtype: str) -> None:
    array = np.arange(24).reshape(2, 3, 4).astype(dtype)
    empty = np.zeros((0, 5), dtype)
    stream = Trickle(pack({"op": "x", "id": 3}, [array[:, ::-1], empty]) + pack({"id": 4}))
    message = read_message(stream)
    assert message is not None
    assert message.header == {"op": "x", "id": 3}
    assert message.blobs[0].dtype == dtype
    np.testing.assert_array_equal(message.blobs[0], array[:, ::-1])
    assert message.blobs[1].shape == (0, 5)
    assert read_message(stream).header == {"id": 4}
    assert read_message(stream) is None


@pytest.mark.parametrize(
    ("header", "payload"),
    [
        (b"{not json", b"abc"),
        (b"\xff\xfe", b""),
        (b"[1, 2]", b""),
        (b'{"blobs": 3}', b""),
        (b'{"blobs": [7]}', b""),
        (b'{"blobs": [{"dtype": "object", "shape": [1]}]}', b"12345678"),
        (b'{"blobs": [{"dtype": "uint8", "shape": [-1]}]}', b"1"),
        (b'{"blobs": [{"dtype": "uint8", "shape": [4]}]}', b"123"),
        (b'{"blobs": [{"dtype": "uint8", "shape": [2]}]}', b"123"),
        (b'{"blobs": [{"dtype": "uint8", "shape": [true]}]}', b"1"),
    ],
)
def test_a_malformed_message_is_skipped(header: bytes, payload: bytes) -> None:
    stream = io.BytesIO(raw(header, payload) + pack({"id": 1}))
    with pytest.raises(MalformedMessageError):
        read_message(stream)
    assert read_message(stream).header == {"id": 1}


@pytest.mark.parametrize("cut", [3, 12, 20])
def test_a_stream_that_ends_inside_a_message_is_broken(cut: int) -> None:
    whole = pack({"id": 1}, [np.zeros(9, np.uint8)])
    with pytest.raises(BrokenPipeProtocolError):
        read_message(io.BytesIO(whole[:cut]))


def test_lengths_beyond_the_limits_are_refused_before_anything_is_read() -> None:
    for header, payload in [(protocol.HEADER_LIMIT_BYTES + 1, 0), (2, 1 << 60)]:
        with pytest.raises(BrokenPipeProtocolError):
            read_message(io.BytesIO(struct.pack("<IQ", header, payload)))
    with pytest.raises(ValueError, match="too large"):
        pack({"text": "x" * (protocol.HEADER_LIMIT_BYTES + 1)})
    with pytest.raises(ValueError, match="cannot be sent"):
        pack({}, [np.array([None])])


def test_errors_keep_their_kind() -> None:
    there = error_to_json(ModelError("The model is odd.", "Choose another."))
    back = error_from_json(json.loads(json.dumps(there)))
    assert type(back) is ModelError
    assert (back.message, back.mend) == ("The model is odd.", "Choose another.")
    assert type(error_from_json(error_to_json(FrameUnreadableError("x")))) is FrameUnreadableError
    bug = error_from_json({"error": "boom", "kind": "annotations", "traceback": "line 3"})
    assert type(bug) is EngineError
    assert bug.__notes__ == ["line 3"]


def test_crops_and_models_cross_the_pipe() -> None:
    crop = Crop(1.5, 2.25, 3.0, 0.1)
    assert protocol.crop_from_json(protocol.crop_to_json(crop)) == crop
    for wrong in ([1, 2, 3], [1, 2, float("nan"), 0], [1, 2, 0, 0], "abcd", None):
        with pytest.raises(ValueError, match="crop"):
            protocol.crop_from_json(wrong)
    info = ModelInfo("imm", "a", {"width": 4}, Skeleton(("a", "b"), ((0, 1),)), {"steps": 3})
    assert protocol.info_from_json(json.loads(json.dumps(protocol.info_to_json(info)))) == info
