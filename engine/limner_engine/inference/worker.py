"""The engine process: ``python -m limner_engine.inference.worker``.

One thread reads requests, the main thread answers them. What a person waits for goes before long
work, which stops between two of its pieces to let it pass; of several waiting redraws or single
detections only the newest is answered, the others are called superseded. A rendering, the
longest work of all, lets other long work pass as well, and naming, the shortest, passes all other.
The process ends when its standard input ends, so it never outlives the window.
"""

from __future__ import annotations

import argparse
import faulthandler
import os
import signal
import sys
import threading
import time
import traceback
from collections.abc import Sequence
from typing import Any, BinaryIO

from numpy.typing import NDArray

from limner_engine.errors import LimnerError
from limner_engine.inference.protocol import (
    BrokenPipeProtocolError,
    MalformedMessageError,
    Message,
    error_to_json,
    pack,
    read_message,
)
from limner_engine.quiet_threads import wait_without_spinning

LONG = {
    *("detect_range", "find_crops", "look_for_crops", "follow_box", "render", "name", "embed"),
}
LONGEST = {"render"}
SHORTEST = "name"
"""Long the first time, when it looks at many frames, and quick after each correction."""
NEWEST_WINS = {"detect", "redraw", "warp", "warp_pixel"}
DRAG_PAUSE_S = 0.12
"""How long long work waits for the next redraw after one: a drag sends one every 8 to 16 ms."""


class CancelledRequestError(Exception):
    """The window no longer wants the answer."""


class Worker:
    """Requests in, answers out.

    Args:
        requests: Where requests come from.
        answers: Where answers go.
        threads: Processor threads to use.
        device: See `choose_device`.
    """

    def __init__(
        self, requests: BinaryIO, answers: BinaryIO, *, threads: int, device: str = "auto"
    ) -> None:
        self._requests = requests
        self._answers = answers
        self._writing = threading.Lock()
        self._changed = threading.Condition()
        self._queue: list[Message] = []
        self._running: list[Message] = []  # long work; the last one has let the others wait
        self._cancelled: set[Any] = set()
        self._threads = threads
        self._device = device

    def run(self) -> None:
        """Answer until the input ends, which ends the process."""
        threading.Thread(target=self._read, name="requests", daemon=True).start()
        # These take a second or two; the reader thread takes in requests meanwhile.
        from limner_engine.inference.answers import Answers

        self._answerer = Answers(self._send, self._between, self._threads, self._device)
        self._send({"hello": os.getpid()})
        while True:
            message = self._take(passing=LONG)
            if message is not None:
                self._answer(message)

    def _send(self, header: dict[str, Any], blobs: Sequence[NDArray[Any]] = ()) -> None:
        data = pack(header, blobs)
        try:
            with self._writing:
                self._answers.write(data)
                self._answers.flush()
        except OSError:
            os._exit(0)  # nobody listens any more

    def _read(self) -> None:
        while True:
            try:
                message = read_message(self._requests)
            except MalformedMessageError as error:
                self._refuse(None, f"A message made no sense: {error}.")
                continue
            except BrokenPipeProtocolError as error:
                self._refuse(None, f"The stream of requests is broken: {error}.")
                os._exit(1)
            if message is None:
                os._exit(0)
            if not isinstance(message.header.get("id"), int):
                self._refuse(None, "A request came without its number.")
            elif message.header.get("op") == "cancel":
                self._cancel(message)
            else:
                with self._changed:
                    self._queue.append(message)
                    self._changed.notify_all()

    def _refuse(self, request: Any, text: str) -> None:
        self._send({"id": request, "error": text, "mend": "", "kind": "EngineError"})

    def _cancel(self, message: Message) -> None:
        target = message.header.get("target")
        with self._changed:
            waiting = [m for m in self._queue if m.header["id"] == target]
            self._queue = [m for m in self._queue if m.header["id"] != target]
            if any(m.header["id"] == target for m in self._running):
                self._cancelled.add(target)
            self._changed.notify_all()
        for dropped in waiting:
            self._send({"id": dropped.header["id"], "cancelled": True})
        self._send({"id": message.header["id"], "ok": True})

    def _take(self, *, passing: set[str], wait_s: float | None = None) -> Message | None:
        """The next request, interactive ones first; older ones of the same kind are superseded.

        Args:
            passing: Which kinds of long work may be taken.
            wait_s: How long to wait where long work is running; without an end where none is.
        """
        with self._changed:
            # Long work looks in between its pieces with nothing to wait for.
            if not self._queue and (not self._running or wait_s):
                self._changed.wait(wait_s)
            newest = {m.header.get("op"): m for m in self._queue}
            dropped = [
                m
                for m in self._queue
                if m.header.get("op") in NEWEST_WINS and m is not newest[m.header["op"]]
            ]
            self._queue = [m for m in self._queue if m not in dropped]
            quick = [m for m in self._queue if m.header.get("op") not in LONG]
            ready = quick or [m for m in self._queue if m.header.get("op") in passing]
            chosen = ready[0] if ready else None
            if chosen is not None:
                self._queue.remove(chosen)
                if chosen.header.get("op") in LONG:
                    self._running.append(chosen)
        for message in dropped:
            self._send({"id": message.header["id"], "superseded": True})
        return chosen

    def _between(self) -> None:
        """Called by long work between its pieces: lets what is shorter pass.

        Raises:
            CancelledRequestError: The long work itself is no longer wanted.
        """
        own = self._running[-1].header
        passing = LONG - LONGEST if own["op"] in LONGEST else {SHORTEST} - {own["op"]}
        wait_s: float | None = None
        while True:
            message = self._take(passing=passing, wait_s=wait_s)
            with self._changed:
                if own["id"] in self._cancelled:
                    if message is not None:
                        self._queue.insert(0, message)
                        if message in self._running:
                            self._running.remove(message)
                    raise CancelledRequestError
            if message is None:
                return
            self._answer(message)
            # While a person drags, the whole processor is theirs.
            wait_s = DRAG_PAUSE_S if message.header.get("op") == "redraw" else None

    def _answer(self, message: Message) -> None:
        request, op = message.header["id"], message.header.get("op")
        began = time.perf_counter()
        try:
            header, blobs = self._answerer.answer(message)
            took_ms = round(1000 * (time.perf_counter() - began), 3)
            self._send({"id": request, "ok": True, "ms": took_ms, **header}, blobs)
        except CancelledRequestError:
            self._send({"id": request, "cancelled": True})
        except LimnerError as error:
            self._send({"id": request, **error_to_json(error)})
        except Exception as error:
            # A bug. The process goes on, the window hears of it with all that is known.
            text = traceback.format_exc()
            print(text, file=sys.stderr, flush=True)
            summary = f"The engine failed at {op!r}: {type(error).__name__}: {error}"
            report = {"error": summary, "mend": "", "kind": "EngineError", "traceback": text}
            self._send({"id": request, **report})
        finally:
            if op in LONG:
                with self._changed:
                    self._running.remove(message)
                    self._cancelled.discard(request)


def take_over_pipes() -> tuple[BinaryIO, BinaryIO]:
    """Keep the real standard output for answers and send everything else printed to the log.

    Libraries, native ones too, print to standard output; not one byte of theirs may come between
    answers.
    """
    answers = os.dup(1)
    os.dup2(2, 1)
    if sys.platform == "win32":
        import msvcrt

        msvcrt.setmode(answers, os.O_BINARY)
        msvcrt.setmode(0, os.O_BINARY)
    return sys.stdin.buffer, os.fdopen(answers, "wb", buffering=1 << 16)


def main() -> None:
    """The engine process."""
    parser = argparse.ArgumentParser(description="Limner's engine; started by the window.")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--device", default="auto")
    options = parser.parse_args()
    wait_without_spinning()
    requests, answers = take_over_pipes()
    faulthandler.enable()
    # Control-C in a terminal reaches the whole group; the window decides when the engine ends.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    Worker(requests, answers, threads=options.threads, device=options.device).run()


if __name__ == "__main__":
    main()
