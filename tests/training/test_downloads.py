"""Fetching published files, from a server on this computer."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from limner_engine.errors import TrainingError
from limner_training.downloads import DownloadStoppedError, Published, fetch, is_published

BODY = bytes(range(256)) * 2000
MEND = "Do something else."


class Shelf(ThreadingHTTPServer):
    """Serves `BODY`, as badly as it is told to."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answer)
        self.body = BODY
        self.breaks_after: list[int] = []
        self.takes_ranges = True
        self.asked: list[str] = []
        self.silent = threading.Event()

    @property
    def published(self) -> Published:
        address = f"http://127.0.0.1:{self.server_port}/weights.h5"
        return Published(address, len(BODY), "sha256", hashlib.sha256(BODY).hexdigest())


class Answer(BaseHTTPRequestHandler):
    server: Shelf

    def do_GET(self) -> None:
        wanted = self.headers.get("Range", "")
        self.server.asked.append(wanted)
        if self.path == "/gone":
            self.send_error(404)
            return
        if self.path == "/plain":
            self.send_response(302)
            self.send_header("Location", "http://limner.invalid/weights.h5")
            self.end_headers()
            return
        if self.path == "/silent":
            self.server.silent.wait(5)
            return
        ranged = bool(wanted) and self.server.takes_ranges
        start = int(wanted.removeprefix("bytes=").rstrip("-")) if ranged else 0
        body = self.server.body[start:]
        self.send_response(206 if ranged else 200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        end = self.server.breaks_after.pop(0) if self.server.breaks_after else len(body)
        self.wfile.write(body[:end])

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        pass


@pytest.fixture
def shelf(monkeypatch: pytest.MonkeyPatch) -> Iterator[Shelf]:
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    server = Shelf()
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield server
    server.silent.set()
    server.shutdown()
    server.server_close()
    thread.join()


def test_a_good_file_gets_its_name_and_progress_ends_at_one(shelf: Shelf, tmp_path: Path) -> None:
    path = tmp_path / "weights" / "weights.h5"
    shares: list[float] = []

    def progress(share: float) -> bool:
        shares.append(share)
        assert not path.exists()
        return True

    fetch(shelf.published, path, MEND, progress)
    assert path.read_bytes() == BODY
    assert [item.name for item in path.parent.iterdir()] == ["weights.h5"]
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
    assert len(shares) > 3
    assert is_published(path, shelf.published)


def test_another_file_is_refused_and_nothing_is_left(shelf: Shelf, tmp_path: Path) -> None:
    shelf.body = BODY[:-1] + b"x"
    with pytest.raises(TrainingError, match="hash differs") as caught:
        fetch(shelf.published, tmp_path / "weights.h5", MEND)
    assert caught.value.mend == MEND
    assert list(tmp_path.iterdir()) == []


def test_not_a_byte_more_than_published_is_taken(shelf: Shelf, tmp_path: Path) -> None:
    shelf.body = BODY + b"x"
    with pytest.raises(TrainingError, match="longer than the published"):
        fetch(shelf.published, tmp_path / "weights.h5", MEND)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("takes_ranges", [True, False])
def test_a_broken_connection_is_taken_up_again(
    shelf: Shelf, tmp_path: Path, takes_ranges: bool
) -> None:
    shelf.takes_ranges = takes_ranges
    shelf.breaks_after = [100_000]
    fetch(shelf.published, tmp_path / "weights.h5", MEND)
    assert (tmp_path / "weights.h5").read_bytes() == BODY
    assert shelf.asked == ["", "bytes=100000-"]


def test_a_connection_that_keeps_breaking_is_named(shelf: Shelf, tmp_path: Path) -> None:
    shelf.breaks_after = [1000] * 9
    with pytest.raises(TrainingError, match=f"broke after 3000 of {len(BODY)} bytes"):
        fetch(shelf.published, tmp_path / "weights.h5", MEND)
    assert len(shelf.asked) == 3
    assert list(tmp_path.iterdir()) == []


def test_the_person_ends_it(shelf: Shelf, tmp_path: Path) -> None:
    with pytest.raises(DownloadStoppedError):
        fetch(shelf.published, tmp_path / "weights.h5", MEND, lambda share: share < 0.5)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("path", "reason"),
    [("/gone", "answers 404"), ("/plain", "leads away from HTTPS"), ("/silent", "not answer")],
)
def test_a_server_that_does_not_give_it(
    shelf: Shelf, tmp_path: Path, path: str, reason: str
) -> None:
    published = shelf.published
    elsewhere = replace(published, address=published.address.replace("/weights.h5", path))
    with pytest.raises(TrainingError, match=f"^The weights could not be fetched: .*{reason}"):
        fetch(elsewhere, tmp_path / "weights.h5", MEND, timeout_s=0.3)
    assert len(shelf.asked) == 1
    assert list(tmp_path.iterdir()) == []


def test_nobody_there(shelf: Shelf, tmp_path: Path) -> None:
    published = shelf.published
    shelf.shutdown()
    shelf.server_close()
    with pytest.raises(TrainingError, match="fetched: connection refused") as caught:
        fetch(published, tmp_path / "weights.h5", MEND)
    assert caught.value.mend == MEND
    assert list(tmp_path.iterdir()) == []


def test_the_proxy_of_the_environment_is_asked(
    shelf: Shelf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("no_proxy")
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{shelf.server_port}")
    elsewhere = replace(shelf.published, address="http://localhost:9/weights.h5")
    fetch(elsewhere, tmp_path / "weights.h5", MEND)
    assert (tmp_path / "weights.h5").read_bytes() == BODY


def test_plain_http_is_for_this_computer_alone(tmp_path: Path) -> None:
    elsewhere = Published("http://limner.invalid/weights.h5", 1, "sha256", "")
    with pytest.raises(ValueError, match="over HTTPS"):
        fetch(elsewhere, tmp_path / "weights.h5", MEND)


def test_no_place_to_write(shelf: Shelf, tmp_path: Path) -> None:
    (tmp_path / "weights").write_text("a file where the folder should be")
    with pytest.raises(TrainingError, match="could not be written"):
        fetch(shelf.published, tmp_path / "weights" / "weights.h5", MEND)


def test_another_length_or_hash_is_not_the_published_file(shelf: Shelf, tmp_path: Path) -> None:
    path = tmp_path / "weights.h5"
    path.write_bytes(BODY[:-1])
    assert not is_published(path, shelf.published)
    path.write_bytes(BODY[:-1] + b"x")
    assert not is_published(path, shelf.published)
