"""What goes through the pipe between the window and the engine process.

A message is a prefix of two little-endian numbers (uint32 length of the header, uint64 length of
the payload), a header (one JSON object) and a payload (arrays, one after another, in C order).
The header's ``blobs`` lists ``{"dtype", "shape"}`` of each array. Nothing is ever pickled: all
that can come out of a message is JSON and numbers.

Both lengths stand in the prefix so that a header which cannot be understood can be skipped: the
next message still begins where it should.
"""

from __future__ import annotations

import json
import math
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from limner_engine import errors
from limner_engine.types import Crop, ModelInfo, Skeleton

HEADER_LIMIT_BYTES = 16 << 20
PAYLOAD_LIMIT_BYTES = 256 << 20
_PREFIX = struct.Struct("<IQ")
_DTYPES = {"uint8", "bool", "int64", "float32", "float64"}


class MalformedMessageError(Exception):
    """A message that makes no sense; the stream stands at the beginning of the next one."""


class BrokenPipeProtocolError(Exception):
    """The stream ended inside a message, or is not this protocol: nothing more can be read."""


@dataclass(frozen=True, slots=True, eq=False)
class Message:
    """One request or answer.

    Attributes:
        header: A JSON object without ``blobs``.
        blobs: Arrays of uint8, bool, int64, float32 or float64.
    """

    header: dict[str, Any]
    blobs: tuple[NDArray[Any], ...] = ()


def pack(header: dict[str, Any], blobs: Sequence[NDArray[Any]] = ()) -> bytes:
    """A message as bytes.

    Args:
        header: What JSON can hold; NaN is refused.
        blobs: Arrays that travel with it.

    Raises:
        ValueError: too large, not JSON, or an array of another type.
    """
    arrays = [np.ascontiguousarray(blob) for blob in blobs]
    for array in arrays:
        if array.dtype.name not in _DTYPES:
            raise ValueError(f"an array of {array.dtype.name} cannot be sent")
    described = [{"dtype": a.dtype.name, "shape": list(a.shape)} for a in arrays]
    text = json.dumps({**header, "blobs": described}, allow_nan=False).encode()
    size = sum(array.nbytes for array in arrays)
    if len(text) > HEADER_LIMIT_BYTES or size > PAYLOAD_LIMIT_BYTES:
        raise ValueError(f"a message of {len(text)} + {size} bytes is too large to send")
    return b"".join([_PREFIX.pack(len(text), size), text, *(a.tobytes() for a in arrays)])


def read_message(stream: BinaryIO) -> Message | None:
    """The next message, or None where the stream ends between two.

    Raises:
        MalformedMessageError: the message was skipped, the next one can be read.
        BrokenPipeProtocolError: nothing more can be read.
    """
    prefix = _read_exactly(stream, _PREFIX.size, may_end=True)
    if not prefix:
        return None
    header_size, payload_size = _PREFIX.unpack(prefix)
    if header_size > HEADER_LIMIT_BYTES or payload_size > PAYLOAD_LIMIT_BYTES:
        raise BrokenPipeProtocolError(
            f"a message of {header_size} + {payload_size} bytes is over the limit"
        )
    text = _read_exactly(stream, header_size)
    payload = _read_exactly(stream, payload_size)
    try:
        header = json.loads(text)
    except ValueError as error:
        raise MalformedMessageError(f"the header is not JSON: {error}") from error
    if not isinstance(header, dict):
        raise MalformedMessageError("the header is not a JSON object")
    return Message(header, _unpack_blobs(header.pop("blobs", []), payload))


def _read_exactly(stream: BinaryIO, size: int, *, may_end: bool = False) -> bytes:
    parts: list[bytes] = []
    missing = size
    while missing:
        part = stream.read(missing)
        if not part:
            if may_end and missing == size:
                return b""
            raise BrokenPipeProtocolError("the stream ended inside a message")
        parts.append(part)
        missing -= len(part)
    return b"".join(parts)


def _unpack_blobs(described: Any, payload: bytes) -> tuple[NDArray[Any], ...]:
    if not isinstance(described, list):
        raise MalformedMessageError("blobs is not a list")
    arrays: list[NDArray[Any]] = []
    at = 0
    for entry in described:
        name = entry.get("dtype") if isinstance(entry, dict) else None
        shape = entry.get("shape") if isinstance(entry, dict) else None
        if name not in _DTYPES or not isinstance(shape, list):
            raise MalformedMessageError(f"not an array: {entry!r}")
        if not all(isinstance(n, int) and not isinstance(n, bool) and n >= 0 for n in shape):
            raise MalformedMessageError(f"not a shape: {shape!r}")
        dtype, count = np.dtype(name), math.prod(shape)
        if at + count * dtype.itemsize > len(payload):
            raise MalformedMessageError("the arrays are longer than the payload")
        array = np.frombuffer(payload, dtype, count, at).reshape(shape)
        arrays.append(array)
        at += array.nbytes
    if at != len(payload):
        raise MalformedMessageError("the payload is longer than the arrays")
    return tuple(arrays)


def crop_to_json(crop: Crop) -> list[float]:
    """A crop as ``[centre x, centre y, side, angle]``."""
    return [crop.centre_x_px, crop.centre_y_px, crop.side_px, crop.angle_rad]


def crop_from_json(data: Any) -> Crop:
    """The inverse of `crop_to_json`.

    Raises:
        ValueError: not four finite numbers, or no side above 0.
    """
    if not isinstance(data, list) or len(data) != 4:
        raise ValueError(f"not a crop: {data!r}")
    values = [float(value) for value in data]
    if not all(math.isfinite(value) for value in values):
        raise ValueError(f"not a crop: {data!r}")
    return Crop(*values)


def info_to_json(info: ModelInfo) -> dict[str, Any]:
    """What a model says of itself, for the pipe."""
    return {
        "kind": info.kind,
        "name": info.name,
        "config": info.config,
        "skeleton": info.skeleton.to_json(),
        "provenance": info.provenance,
        "licence": info.licence,
        "sha256": info.sha256,
        "format_version": info.format_version,
    }


def info_from_json(data: dict[str, Any]) -> ModelInfo:
    """The inverse of `info_to_json`."""
    return ModelInfo(**{**data, "skeleton": Skeleton.from_json(data["skeleton"])})


def error_to_json(error: errors.LimnerError) -> dict[str, str]:
    """A mendable error, for the pipe."""
    return {"error": error.message, "mend": error.mend, "kind": type(error).__name__}


def error_from_json(header: dict[str, Any]) -> errors.LimnerError:
    """The error that a message carries, of the kind it had on the other side.

    An unknown kind is a bug of the engine: it becomes an `EngineError` with the engine's traceback
    as a note.
    """
    found = getattr(errors, str(header.get("kind", "")), None)
    kind: type[errors.LimnerError] = errors.EngineError
    if isinstance(found, type) and issubclass(found, errors.LimnerError):
        kind = found
    error = kind(str(header["error"]), str(header.get("mend", "")))
    if header.get("traceback"):
        error.add_note(str(header["traceback"]))
    return error
