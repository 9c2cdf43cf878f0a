"""The engine process as the window holds it: a pipe in, a pipe out, a log."""

from __future__ import annotations

import asyncio
import os
import queue
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import BinaryIO, TypeVar, cast

import appdirs

from limner_engine.inference.protocol import (
    BrokenPipeProtocolError,
    MalformedMessageError,
    Message,
    read_message,
)

T = TypeVar("T")

LOG_LIMIT_BYTES = 1 << 20
LOG_TAIL_BYTES = 4000
CLOSE_TIMEOUT_S = 3.0


def default_log_path() -> Path:
    """Where the engine writes what it prints."""
    root = os.environ.get("LIMNER_CACHE") or appdirs.user_cache_dir("limner")
    return Path(root) / "engine.log"


class EngineProcess:
    """One life of the engine. Both callbacks run in the loop's thread.

    Args:
        command: What to start.
        loop: Whose thread hears of messages and of the end.
        on_message: Called with each message.
        on_exit: Called once with a sentence when the process has ended.
        log_path: The file that gets what the process prints.

    Raises:
        OSError: It cannot be started.
    """

    def __init__(
        self,
        command: Sequence[str],
        loop: asyncio.AbstractEventLoop,
        on_message: Callable[[EngineProcess, Message], None],
        on_exit: Callable[[EngineProcess, str], None],
        log_path: Path,
    ) -> None:
        self._loop = loop
        self._on_message = on_message
        self._on_exit = on_exit
        self._log_path = log_path
        self._outgoing: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        log_path.parent.mkdir(parents=True, exist_ok=True)
        too_long = log_path.exists() and log_path.stat().st_size > LOG_LIMIT_BYTES
        with log_path.open("wb" if too_long else "ab") as log:
            self._log_start = log.tell()
            self._popen = subprocess.Popen(
                list(command),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
                # Small equations on several threads take ten times longer beside other work: the
                # threads of numpy's library spin while they wait. It reads this when it is loaded.
                env={"OPENBLAS_NUM_THREADS": "1", **os.environ},
            )
        self._writer = threading.Thread(target=self._write, name="engine requests", daemon=True)
        self._reader = threading.Thread(target=self._read, name="engine answers", daemon=True)
        self._writer.start()
        self._reader.start()

    @property
    def pid(self) -> int:
        """The number that the operating system gave it."""
        return self._popen.pid

    def send(self, data: bytes) -> None:
        """Queue a message; never blocks, however busy the process is."""
        self._outgoing.put(data)

    def log_tail(self) -> str:
        """The end of what this process printed."""
        with self._log_path.open("rb") as log:
            size = log.seek(0, os.SEEK_END)
            log.seek(max(self._log_start, size - LOG_TAIL_BYTES))
            return log.read().decode("utf-8", "replace").strip()

    def kill(self) -> None:
        """End it at once."""
        self._popen.kill()

    def close(self) -> None:
        """Let it end by itself, or end it; blocks until it has, at most some seconds."""
        self._outgoing.put(None)
        try:
            self._popen.wait(CLOSE_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            self._popen.kill()
            self._popen.wait()
        self._reader.join()

    def _write(self) -> None:
        pipe = cast(BinaryIO, self._popen.stdin)
        try:
            while (data := self._outgoing.get()) is not None:
                pipe.write(data)
                pipe.flush()
        except OSError:
            # The process has died; the reading thread tells of it.
            return
        finally:
            try:
                pipe.close()
            except OSError:
                # What could not be written was for a dead process.
                self._popen.poll()

    def _read(self) -> None:
        pipe = cast(BinaryIO, self._popen.stdout)
        why = ""
        with pipe:
            try:
                while (message := read_message(pipe)) is not None:
                    self._tell(self._on_message, message)
            except (BrokenPipeProtocolError, MalformedMessageError) as error:
                # Death in the middle of an answer, or an answer that is none: either way this
                # process is of no more use.
                why = f" ({error})"
                self._popen.kill()
        code = self._popen.wait()
        self._outgoing.put(None)
        how = f"by signal {-code}" if code < 0 else f"with status {code}"
        self._tell(self._on_exit, f"The engine ended {how}{why}.")

    def _tell(self, callback: Callable[[EngineProcess, T], None], value: T) -> None:
        try:
            self._loop.call_soon_threadsafe(callback, self, value)
        except RuntimeError:
            # The loop is closed: nobody is left who could want to know.
            self._popen.kill()


def default_command(threads: int, device: str) -> list[str]:
    """What starts an engine with this same Python."""
    module = ["-m", "limner_engine.inference.worker"]
    return [sys.executable, *module, "--threads", str(threads), "--device", device]
