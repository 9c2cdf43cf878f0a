"""Files that are fetched once: over HTTPS, of a known length and hash, whole or not at all.

What a connection gives is counted and hashed as it comes and gets its name only when both are as
published, so that no half or foreign file is ever read. A connection that breaks is taken up again
where it broke, a few times; a later call starts afresh. Proxies named in the environment
(``https_proxy``) are used.
"""

from __future__ import annotations

import hashlib
import http.client
import os
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import IO, BinaryIO

from limner_engine.errors import TrainingError

Progress = Callable[[float], bool]
"""Called with the share that has come, 0..1; False ends the download."""

_CHUNK_BYTES = 1 << 16
_ATTEMPTS = 3
_TIMEOUT_S = 20.0
_LOOPBACK = ("127.0.0.1", "localhost", "::1")


class DownloadStoppedError(TrainingError):
    """The person ended the download."""


@dataclass(frozen=True, slots=True)
class Published:
    """A file as its publisher describes it.

    Attributes:
        address: An ``https`` address; plain ``http`` is taken from this computer alone.
        size_bytes: Its exact length; not a byte more is read.
        algorithm: The published hash's name, as `hashlib` knows it.
        digest: The hash, in lower-case hexadecimal digits.
    """

    address: str
    size_bytes: int
    algorithm: str
    digest: str


def fetch(
    what: Published,
    path: Path,
    mend: str,
    progress: Progress | None = None,
    timeout_s: float = _TIMEOUT_S,
) -> None:
    """Fetch a file, check it, and only then give it its name.

    Args:
        what: Where it lies and what it must be.
        path: Its place; its folder is made.
        mend: What a person can do where it cannot be had, to end the error's sentence.
        progress: Told how much has come; may end it.
        timeout_s: Longest silence of the other side, seconds.

    Raises:
        DownloadStoppedError: ``progress`` said False.
        TrainingError: No connection, another file than the published one, or no place for it.
            Nothing is left behind.
    """
    beside = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with beside.open("wb") as file:
                digest = _receive(what, file, mend, progress, timeout_s)
                file.flush()
                os.fsync(file.fileno())
            if digest != what.digest:
                raise _refused("what came is not the published file, its hash differs", mend)
            beside.replace(path)
        finally:
            beside.unlink(missing_ok=True)
    except OSError as error:  # of the disk: those of the connection are named in _receive
        raise _unwritable(path, error) from error


def is_published(path: Path, what: Published) -> bool:
    """Whether a file on the disk is the published one, by its length and hash."""
    if path.stat().st_size != what.size_bytes:
        return False
    with path.open("rb") as file:
        return hashlib.file_digest(file, what.algorithm).hexdigest() == what.digest


def _receive(
    what: Published, file: BinaryIO, mend: str, progress: Progress | None, timeout_s: float
) -> str:
    """Fill ``file`` from the network and give the hash of what came."""
    digest = hashlib.new(what.algorithm)
    have = 0
    for attempt in range(1, _ATTEMPTS + 1):
        try:
            with _open(what.address, have, timeout_s) as answer:
                if have and answer.status != http.HTTPStatus.PARTIAL_CONTENT:
                    # This server cannot go on in the middle: from the start again.
                    file.seek(0)
                    file.truncate()
                    digest, have = hashlib.new(what.algorithm), 0
                while chunk := answer.read(_CHUNK_BYTES):
                    have += len(chunk)
                    if have > what.size_bytes:
                        raise _refused("what came is longer than the published file", mend)
                    digest.update(chunk)
                    _write(file, chunk)
                    if progress is not None and not progress(have / what.size_bytes):
                        raise DownloadStoppedError("The download was ended.")
            if have == what.size_bytes:
                return digest.hexdigest()
            reason = f"the connection broke after {have} of {what.size_bytes} bytes"
        except urllib.error.HTTPError as error:
            # The other side answered: asking again would change nothing.
            raise _refused(f"the server answers {error.code} {error.reason}", mend) from error
        except (OSError, http.client.HTTPException) as error:
            reason = _reason(error)
            if attempt == _ATTEMPTS or not have:
                raise _refused(reason, mend) from error
    raise _refused(reason, mend)


def _open(address: str, start: int, timeout_s: float) -> http.client.HTTPResponse:
    """Ask for the bytes from ``start`` on."""
    if not _is_safe(address):
        raise ValueError(f"files are fetched over HTTPS, not from {address}")
    headers = {"User-Agent": "limner", "Accept-Encoding": "identity"}
    if start:
        headers["Range"] = f"bytes={start}-"
    request = urllib.request.Request(address, headers=headers)
    answer: http.client.HTTPResponse = urllib.request.build_opener(_Redirections).open(
        request, timeout=timeout_s
    )
    return answer


class _Redirections(urllib.request.HTTPRedirectHandler):
    """Follows redirections, but never from HTTPS to plain HTTP."""

    def redirect_request(
        self,
        req: urllib.request.Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: http.client.HTTPMessage,
        newurl: str,
    ) -> urllib.request.Request | None:
        if not _is_safe(newurl):
            raise urllib.error.HTTPError(newurl, code, "leads away from HTTPS", headers, fp)
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _is_safe(address: str) -> bool:
    parts = urllib.parse.urlsplit(address)
    return parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK)


def _write(file: BinaryIO, chunk: bytes) -> None:
    """Write, and keep a full disk apart from a broken connection: both are OSErrors."""
    try:
        file.write(chunk)
    except OSError as error:
        raise _unwritable(Path(file.name), error) from error


def _reason(error: Exception) -> str:
    cause = error.reason if isinstance(error, urllib.error.URLError) else error
    if isinstance(cause, TimeoutError):
        return "the server does not answer"
    if isinstance(cause, OSError) and cause.strerror:
        return cause.strerror[0].lower() + cause.strerror[1:]
    return str(cause) or type(cause).__name__


def _refused(reason: str, mend: str) -> TrainingError:
    return TrainingError(f"The weights could not be fetched: {reason}.", mend)


def _unwritable(path: Path, error: OSError) -> TrainingError:
    return TrainingError(
        f"{path} could not be written: {error.strerror or error}.",
        "Free some space, or let LIMNER_CACHE name another folder.",
    )
