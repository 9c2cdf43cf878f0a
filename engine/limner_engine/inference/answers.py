"""What the engine process does for each kind of request."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeAlias

import cv2
import torch
from numpy.typing import NDArray

from limner_engine.cropping import CropTrack
from limner_engine.errors import ModelError, VideoError
from limner_engine.inference.crop_answers import CROP_ANSWERS
from limner_engine.inference.detect import detect_range
from limner_engine.inference.naming_answers import Namer
from limner_engine.inference.protocol import Message, crop_from_json, info_to_json
from limner_engine.inference.render_job import job_from_json
from limner_engine.inference.rendering import render
from limner_engine.inference.session import Session
from limner_engine.inference.warp_answers import Warper
from limner_engine.types import Image
from limner_engine.video.cache import FrameCache
from limner_engine.video.reader import VideoReader

Answer: TypeAlias = tuple[dict[str, Any], Sequence[NDArray[Any]]]

READERS_KEPT = 4
MODELS_KEPT = 2
FRAME_CACHE_BYTES = 48 << 20


class Answers:
    """The state of the engine process: loaded models, a held frame, open videos.

    Every request that needs a model names its file, so that none can be answered by another one.

    Args:
        send: Sends a message to the window in the middle of long work.
        between: Called between pieces of long work; lets others pass and raises to stop it.
        threads: Processor threads to use.
        device: See `choose_device`.
    """

    def __init__(
        self,
        send: Callable[..., None],
        between: Callable[[], None],
        threads: int,
        device: str,
    ) -> None:
        cv2.setNumThreads(1)
        torch.set_num_threads(threads)
        self._send = send
        self._between = between
        self._threads = threads
        self._device = device
        self._sessions: OrderedDict[tuple[str, int, int], Session] = OrderedDict()
        self._held: tuple[int, Session] | None = None
        self._videos: OrderedDict[tuple[str, int, int], tuple[VideoReader, FrameCache]]
        self._videos = OrderedDict()
        self._namer = Namer(self._frame, between, device)
        self._warper = Warper(self._frame, send, between, device, threads)

    def answer(self, message: Message) -> Answer:
        """Do what a request asks.

        Raises:
            LimnerError: A person can mend it.
            ValueError, KeyError, TypeError: The request is not one.
        """
        kinds: dict[str, Callable[[Message], Answer]] = {
            "ping": lambda _: ({}, ()),
            "load": self._load,
            "detect": self._detect,
            "hold": self._hold,
            "redraw": self._redraw,
            "detect_range": self._detect_range,
            **dict.fromkeys(CROP_ANSWERS, self._crops),
            "render": self._render,
            "name": self._name,
            "warp": self._warper.warp,
            "warp_pixel": self._warper.warp_pixel,
            "embed": self._warper.embed,
        }
        op = message.header.get("op")
        if op not in kinds:
            raise ValueError(f"there is no request {op!r}")
        return kinds[op](message)

    def _session(self, message: Message) -> Session:
        """The model that a request names, loaded unless it was just used."""
        name = message.header.get("model")
        if name is None:
            raise ModelError("No model is loaded.", "Choose a model, or train one.")
        return self._opened(str(name))

    def _opened(self, name: str) -> Session:
        try:
            stat = Path(name).stat()
        except OSError:
            raise ModelError(f"There is no model at {name}.", "Choose another model.") from None
        key = (name, stat.st_size, stat.st_mtime_ns)
        if key not in self._sessions:
            self._sessions[key] = Session(Path(name), self._device, self._threads)
            while len(self._sessions) > MODELS_KEPT:
                self._sessions.popitem(last=False)
        self._sessions.move_to_end(key)
        return self._sessions[key]

    def _name(self, message: Message) -> Answer:
        header, out = self._namer.answer(message)
        # What was read from the file before is asked for no more.
        for key in [key for key in self._sessions if key[0] == str(out)]:
            del self._sessions[key]
        self._opened(str(out))
        return header, ()

    def _load(self, message: Message) -> Answer:
        session = self._session(message)
        return {"info": info_to_json(session.info), "label": session.label}, ()

    def _detect(self, message: Message) -> Answer:
        session = self._session(message)
        frame = self._frame(message.header["video"], int(message.header["frame"]))
        found = session.detect([frame], [crop_from_json(message.header["crop"])])[0]
        return {"label": session.label}, (found.points_px, found.confidence)

    def _hold(self, message: Message) -> Answer:
        session = self._session(message)
        frame = self._frame(message.header["video"], int(message.header["frame"]))
        looks = message.header.get("looks")
        source = None
        if looks is not None:
            source = self._frame(looks[0], int(looks[1])), crop_from_json(looks[2])
        found = session.hold(frame, crop_from_json(message.header["crop"]), source)
        self._held = int(message.header["hold"]), session
        return {"label": session.label}, (found.points_px, found.confidence)

    def _redraw(self, message: Message) -> Answer:
        if self._held is None or message.header["hold"] != self._held[0]:
            # The drag that asked for it is over: another frame is held by now.
            return {"superseded": True}, ()
        sharp = bool(message.header.get("sharp", True))
        return {}, (self._held[1].redraw(message.blobs[0], sharp=sharp),)

    def _detect_range(self, message: Message) -> Answer:
        session, request = self._session(message), message.header["id"]
        track = CropTrack.from_json(message.header["track"])
        start, stop = int(message.header["start"]), int(message.header["stop"])
        # A reader of its own, since requests that pass in between read elsewhere; one thread,
        # since decoding and the network share the budget of two.
        with VideoReader(Path(message.header["video"]), threads=1) as reader:
            chunks = detect_range(session, reader, track, start, stop)
            try:
                for chunk in chunks:
                    blobs = [chunk.points_px, chunk.confidence]
                    if chunk.gap_px is not None:
                        blobs.append(chunk.gap_px)
                    self._send({"id": request, "chunk": chunk.start}, blobs)
                    self._between()
            finally:
                chunks.close()  # type: ignore[attr-defined]
        return {}, ()

    def _crops(self, message: Message) -> Answer:
        request = message.header["id"]

        def progress(share: float) -> bool:
            self._send({"id": request, "progress": round(share, 4)})
            self._between()
            return True

        return CROP_ANSWERS[message.header["op"]](message, self._threads, progress), ()

    def _render(self, message: Message) -> Answer:
        session, request = self._session(message), message.header["id"]

        def progress(share: float) -> None:
            self._send({"id": request, "progress": round(share, 4)})
            self._between()

        job = job_from_json(message.header["job"])
        done = render(session, job, Path(message.header["out"]), progress)
        return {"frames": done.frames, "unreadable": done.unreadable}, ()

    def _frame(self, video: str, index: int) -> Image:
        """A frame of a video, from memory where it was just shown."""
        try:
            stat = Path(video).stat()
        except OSError as error:
            raise VideoError(
                f"{Path(video).name} cannot be opened: {error.strerror}.",
                "Check that the file is still there.",
            ) from error
        key = (video, stat.st_size, stat.st_mtime_ns)
        if key not in self._videos:
            reader = VideoReader(Path(video), threads=self._threads)
            self._videos[key] = reader, FrameCache(FRAME_CACHE_BYTES // READERS_KEPT)
            while len(self._videos) > READERS_KEPT:
                self._videos.popitem(last=False)[1][0].close()
        self._videos.move_to_end(key)
        reader, cache = self._videos[key]
        frame = cache.get(index)
        if frame is None:
            frame = reader[index]
            cache.put(index, frame)
        return frame
