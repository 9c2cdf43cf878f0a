"""The one door to the engine process. Every call is awaitable; the newest request wins.

The process is started by the first request. When it dies, another one is started, is told of the
model and the held frame, and gets every unanswered request again: a caller notices nothing but the
time it takes. A request in which the engine died twice is answered with an `EngineError`.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from limner_app.crop_requests import CropRequests
from limner_app.engine_process import EngineProcess, default_command, default_log_path
from limner_app.naming_client import NamingRequests
from limner_app.rendered_file import being_rendered
from limner_app.warp_client import WarpRequests
from limner_engine.cropping import CropTrack
from limner_engine.errors import EngineError
from limner_engine.inference.protocol import (
    Message,
    crop_to_json,
    error_from_json,
    info_from_json,
    pack,
)
from limner_engine.inference.render_job import RenderJob, job_to_json
from limner_engine.types import Crop, Floats, Image, Landmarks, ModelInfo

DEATHS_ALLOWED = 1
SETTLE_S = 10.0
"""How long a cancelled rendering waits for the engine to let go of its files."""
_MEND = "Try again; if it happens again, choose another model or a smaller video."

StateKind = Literal["off", "starting", "ready", "restarting", "failed"]


@dataclass(frozen=True, slots=True)
class EngineState:
    """How the engine is.

    Attributes:
        kind: ``off`` before the first request and after `EngineClient.close`.
        message: A sentence for people.
    """

    kind: StateKind
    message: str


@dataclass(slots=True, eq=False)
class _Request:
    header: dict[str, Any]
    blobs: Sequence[NDArray[Any]]
    answer: asyncio.Future[Message]
    on_part: Callable[[Message], None] | None = None
    deaths: int = 0
    once: bool = False  # not asked again when the engine dies
    whole: bool = False  # begins anew when it is asked again
    sent: float = field(default_factory=time.perf_counter)


class EngineClient(CropRequests, NamingRequests, WarpRequests):
    """Requests to the engine; all methods belong to the thread of one asyncio loop.

    Args:
        threads: Processor threads the engine may use.
        device: See `limner_engine.inference.device.choose_device`.
        on_state: Told of every change of state.
        command: What starts an engine; this Python's own one if not given.
        log_path: Where the engine's own words go.

    Attributes:
        state: How the engine is now.
        label: Where and how the loaded model runs, such as ``CPU bf16``; empty before.
        last_ms: Time from the last answered request to its answer, milliseconds.
    """

    def __init__(
        self,
        *,
        threads: int = 2,
        device: str = "auto",
        on_state: Callable[[EngineState], None] | None = None,
        command: Sequence[str] | None = None,
        log_path: Path | None = None,
    ) -> None:
        self.state = EngineState("off", "The engine is not running.")
        self.label = ""
        self.last_ms = float("nan")
        self._on_state = on_state
        self._command = list(command or default_command(threads, device))
        self._log_path = log_path or default_log_path()
        self._process: EngineProcess | None = None
        self._fruitless_lives = 0
        self._closed = False
        self._requests: dict[int, _Request] = {}
        self._count = 0
        self._hold_count = 0
        self._held: dict[str, Any] | None = None

    @property
    def pid(self) -> int | None:
        """The engine's process number while it runs."""
        return self._process.pid if self._process else None

    async def load(self, model: Path) -> ModelInfo:
        """Load a model before it is needed, and learn what its file says.

        Raises:
            ModelError: The file is refused.
        """
        answer = await self._ask({"op": "load", "model": str(model)})
        return info_from_json(answer.header["info"])

    async def detect(self, model: Path, video: Path, frame: int, crop: Crop) -> Landmarks | None:
        """Landmarks of one frame, or None if a newer detection was asked for meanwhile."""
        where = {"video": str(video), "frame": frame, "crop": crop_to_json(crop)}
        answer = await self._ask({"op": "detect", "model": str(model), **where})
        return None if answer.header.get("superseded") else Landmarks(*answer.blobs)

    async def detect_range(
        self,
        model: Path,
        video: Path,
        start: int,
        stop: int,
        track: CropTrack,
        on_chunk: Callable[[int, Floats, Floats], None],
        on_progress: Callable[[float], None] | None = None,
        on_gap: Callable[[int, Floats], None] | None = None,
    ) -> None:
        """Landmarks of the frames from ``start`` up to ``stop``; cancel the task to stop it.

        Each frame is handed over exactly once and in order, even if the engine dies in between.

        Args:
            model: Which model detects.
            video: The file.
            start: First frame.
            stop: The frame after the last.
            track: What to look at.
            on_chunk: Called with the first frame, points ``(n, K, 2)`` in pixels and confidence
                ``(n, K)``; rows of NaN where a frame is unreadable.
            on_progress: Called with the share done, 0 to 1.
            on_gap: Called with the first frame and how far the two layers of a named model are
                apart, ``(n, K)`` in pixels; never for other models.
        """
        where = {"video": str(video), "start": start, "stop": stop, "track": track.to_json()}
        header: dict[str, Any] = {"op": "detect_range", "model": str(model), **where}

        def take(part: Message) -> None:
            first, (points, confidence, *gaps) = int(part.header["chunk"]), part.blobs
            # From here a fresh engine would go on.
            header["start"] = first + len(points)
            on_chunk(first, points, confidence)
            if on_gap is not None and gaps:
                on_gap(first, gaps[0])
            if on_progress is not None:
                on_progress((first + len(points) - start) / max(1, stop - start))

        await self._ask(header, on_part=take)

    async def hold(
        self,
        model: Path,
        video: Path,
        frame: int,
        crop: Crop,
        looks: tuple[Path, int, Crop] | None = None,
    ) -> Landmarks:
        """Encode the looks of a frame (or of ``looks``) for `redraw`; gives its landmarks."""
        self._hold_count += 1
        header: dict[str, Any] = {
            "op": "hold",
            "hold": self._hold_count,
            "model": str(model),
            "video": str(video),
            "frame": frame,
            "crop": crop_to_json(crop),
        }
        if looks is not None:
            header["looks"] = [str(looks[0]), looks[1], crop_to_json(looks[2])]
        answer = await self._ask(header)
        self._held = header
        return Landmarks(*answer.blobs)

    async def redraw(self, points_px: NDArray[np.floating], *, sharp: bool = True) -> Image | None:
        """The held crop with its landmarks at ``points_px``, or None if a newer redraw was asked.

        Args:
            points_px: ``(K, 2)`` pixels of the held frame's video; NaN leaves a landmark out.
            sharp: Keep the video's detail where it only moves; the network's bare picture if not.

        Returns:
            ``(N, N, 3)`` uint8; see `limner_engine.inference.session.Session.redraw`.

        Raises:
            EngineError: Nothing is held.
        """
        if self._held is None:
            raise EngineError("No frame is held to be redrawn.", "Choose the frame again.")
        points = np.asarray(points_px, np.float32)
        header = {"op": "redraw", "hold": self._held["hold"], "sharp": sharp}
        answer = await self._ask(header, [points])
        return None if answer.header.get("superseded") else answer.blobs[0]

    async def render(
        self, model: Path, job: RenderJob, out: Path, on_progress: Callable[[float], None]
    ) -> int:
        """Write a redrawn video; cancel the task to stop it, which leaves nothing behind.

        Args:
            model: Which model redraws.
            job: What is drawn.
            out: The video to write, ``.mp4``.
            on_progress: Called with the share done, 0 to 1.

        Returns:
            Frames written.

        Raises:
            LimnerError: A file cannot be read or written, or the job does not fit the model.
        """
        with being_rendered(out) as beside:
            header = {"op": "render", "model": str(model), "job": job_to_json(job)}
            answer = await self._ask(
                {**header, "out": str(beside)},
                on_part=lambda part: on_progress(float(part.header["progress"])),
                settle=True,
            )
        return int(answer.header["frames"])

    async def close(self) -> None:
        """End the engine; requests that are still unanswered get an `EngineError`."""
        self._closed = True
        process, self._process = self._process, None
        self._fail_all("The engine was closed.")
        if process is not None:
            await asyncio.get_running_loop().run_in_executor(None, process.close)
        self._set_state("off", "The engine is not running.")

    async def _ask(
        self,
        header: dict[str, Any],
        blobs: Sequence[NDArray[Any]] = (),
        on_part: Callable[[Message], None] | None = None,
        *,
        settle: bool = False,
    ) -> Message:
        """Send a request and wait for its answer; ``settle``: also where it was cancelled."""
        if self._closed:
            raise EngineError("The engine was closed.")
        number = self._add(header, blobs, on_part)
        request = self._requests[number]
        request.whole = settle
        if self._process is None:
            self._start("starting", "The engine is starting.")
        else:
            self._process.send(pack({**header, "id": number}, blobs))
        try:
            return await (asyncio.shield(request.answer) if settle else request.answer)
        except asyncio.CancelledError:
            if number in self._requests and self._process:
                self._process.send(pack(self._cancel_header(number)))
                if settle:
                    request.once, request.on_part = True, None
                    request.answer.add_done_callback(_look_at)
                    await asyncio.wait([request.answer], timeout=SETTLE_S)
            self._requests.pop(number, None)
            raise

    def _add(
        self,
        header: dict[str, Any],
        blobs: Sequence[NDArray[Any]] = (),
        on_part: Callable[[Message], None] | None = None,
    ) -> int:
        self._count += 1
        answer = asyncio.get_running_loop().create_future()
        self._requests[self._count] = _Request(header, blobs, answer, on_part)
        return self._count

    def _cancel_header(self, number: int) -> dict[str, Any]:
        self._count += 1
        return {"op": "cancel", "id": self._count, "target": number}

    def _start(self, kind: StateKind, message: str) -> None:
        """Start an engine, give it back the held frame, and ask everything again."""
        self._set_state(kind, message)
        loop = asyncio.get_running_loop()
        try:
            self._process = EngineProcess(
                self._command, loop, self._take, self._died, self._log_path
            )
        except OSError as error:
            self._fail_all(f"The engine cannot be started: {error}.")
            self._set_state("failed", f"The engine cannot be started: {error}.")
            return
        unanswered = dict(self._requests)
        if self._held is not None:
            self._restore(self._held)
        for number, request in unanswered.items():
            self._process.send(pack({**request.header, "id": number}, request.blobs))

    def _restore(self, header: dict[str, Any]) -> None:
        number = self._add(header)
        self._requests[number].once = True
        # If the model or the video has gone meanwhile, whoever asks next is told so by the engine.
        self._requests[number].answer.add_done_callback(_look_at)
        if self._process is not None:
            self._process.send(pack({**header, "id": number}))

    def _take(self, process: EngineProcess, message: Message) -> None:
        if process is not self._process:
            return
        if "hello" in message.header:
            self._set_state("ready", "The engine is ready.")
            return
        request = self._requests.get(message.header.get("id") or 0)
        if request is None:
            return  # cancelled meanwhile
        is_part = not message.header.keys() & {"ok", "error", "superseded", "cancelled"}
        if is_part:
            # It gets on, so that dying now and then shall not stop it.
            if not request.whole:
                request.deaths = self._fruitless_lives = 0
            if request.on_part is not None and not request.answer.done():
                try:
                    request.on_part(message)
                except Exception as error:
                    self._finish(message.header["id"], error)
                    process.send(pack(self._cancel_header(message.header["id"])))
            return
        if "error" in message.header:
            self._finish(message.header["id"], error_from_json(message.header))
            return
        self._fruitless_lives = 0
        self.label = str(message.header.get("label", self.label))
        self.last_ms = 1000 * (time.perf_counter() - request.sent)
        self._finish(message.header["id"], message)

    def _finish(self, number: int, result: Message | Exception) -> None:
        answer = self._requests.pop(number).answer
        if answer.done():
            return
        if isinstance(result, Exception):
            answer.set_exception(result)
        else:
            answer.set_result(result)

    def _fail_all(self, message: str, mend: str = "") -> None:
        for number in list(self._requests):
            self._finish(number, EngineError(message, mend))

    def _died(self, process: EngineProcess, how: str) -> None:
        if process is not self._process:
            return
        self._process = None
        self._fruitless_lives += 1
        for number, request in list(self._requests.items()):
            if request.once:
                self._requests.pop(number).answer.cancel()
                continue
            request.deaths += 1
            if request.deaths > DEATHS_ALLOWED:
                error = EngineError(f"{how} It did so twice while it worked on the same.", _MEND)
                error.add_note(process.log_tail())
                self._finish(number, error)
        # With nobody waiting, one that keeps dying before it has answered anything is left alone.
        if self._requests or self._fruitless_lives <= DEATHS_ALLOWED:
            self._start("restarting", f"{how} It is being restarted; nothing is lost.")
        else:
            self._set_state("failed", f"{how} It starts again with the next request.")

    def _set_state(self, kind: StateKind, message: str) -> None:
        self.state = EngineState(kind, message)
        if self._on_state is not None:
            self._on_state(self.state)


def _look_at(answer: asyncio.Future[Message]) -> None:
    """Keep an answer for which nobody waits from being reported as never looked at."""
    if not answer.cancelled():
        answer.exception()
