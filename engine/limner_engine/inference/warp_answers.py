"""The requests about warps: ``warp``, ``warp_pixel`` and ``embed``.

Every request names its pair whole. The last one's warp is kept with all its levels, so that
another level, or another place pointed at, is answered at once; what was seen of single frames is
kept too, so that a source is encoded once for all targets.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from limner_engine.coordinates import cut
from limner_engine.cropping import CropTrack
from limner_engine.errors import LimnerError
from limner_engine.inference.file_key import FileKey, file_key
from limner_engine.inference.frame_warp import CroppedFrame, WarpPair
from limner_engine.inference.held_warp import EncodedFrame, HeldWarp
from limner_engine.inference.protocol import Message
from limner_engine.inference.warp_session import WarpSession
from limner_engine.types import Floats, Image
from limner_engine.video.reader import VideoReader

MODELS_KEPT = 2
FRAMES_KEPT = 16
EMBED_BATCH = 16
"""Frames of a chunk: short enough that a person's request does not wait long."""

Answer: TypeAlias = tuple[dict[str, Any], Sequence[NDArray[Any]]]
FrameKey: TypeAlias = tuple[FileKey, FileKey, CroppedFrame]


class Warper:
    """Warps pairs of frames, and keeps what it saw.

    Args:
        frame: Reads a frame of a video.
        send: Sends a message to the window in the middle of long work.
        between: Called between pieces of long work; lets others pass, or raises to stop it.
        device: See `choose_device`.
        threads: Processor threads to use.
    """

    def __init__(
        self,
        frame: Callable[[str, int], Image],
        send: Callable[..., None] = lambda *_: None,
        between: Callable[[], None] = lambda: None,
        device: str = "auto",
        threads: int = 2,
    ) -> None:
        self._frame, self._send, self._between = frame, send, between
        self._device, self._threads = device, threads
        self._sessions: OrderedDict[FileKey, WarpSession] = OrderedDict()
        self._frames: OrderedDict[FrameKey, EncodedFrame] = OrderedDict()
        self._held: tuple[tuple[FrameKey, FrameKey], HeldWarp] | None = None

    def warp(self, message: Message) -> Answer:
        """One level of a warp between two frames; see `FrameWarp.to_message`."""
        session, held = self._warped(message)
        header, arrays = held.level(_level(message)).to_message()
        return {**header, "label": session.label}, arrays

    def warp_pixel(self, message: Message) -> Answer:
        """Where one place of the target may come from: its distribution and ``(n, 3)`` places."""
        session, held = self._warped(message)
        x, y, most = (message.header[name] for name in ("x", "y", "most"))
        found = held.places(float(x), float(y), _level(message), most=int(most))
        if found is None:
            return {"outside": True, "label": session.label}, ()
        places = np.array(found.alternatives, np.float64).reshape(-1, 3)
        return {"level": found.level, "label": session.label}, (found.share, places)

    def embed(self, message: Message) -> Answer:
        """Embeddings of a range of frames, sent chunk by chunk."""
        session, request = self._opened(Path(message.header["model"])), message.header["id"]
        track = CropTrack.from_json(message.header["track"])
        start, stop = int(message.header["start"]), int(message.header["stop"])
        # A reader of its own, since requests that pass in between read elsewhere.
        with VideoReader(Path(message.header["video"]), threads=1) as reader:
            for first, embeddings in embed_range(session, reader, track, start, stop):
                self._send({"id": request, "chunk": first}, [embeddings])
                self._between()
        return {"label": session.label}, ()

    def _warped(self, message: Message) -> tuple[WarpSession, HeldWarp]:
        """The warp of the pair that a request names, made unless it was the last one."""
        pair = WarpPair.from_json(message.header)
        session, model = self._opened(pair.model), file_key(pair.model)
        keys = tuple((model, file_key(one.video), one) for one in (pair.source, pair.target))
        source, target = keys
        if self._held is None or self._held[0] != (source, target):
            made = session.warp(*(self._encoded(session, key) for key in (source, target)))
            self._held = (source, target), made
        return session, self._held[1]

    def _encoded(self, session: WarpSession, key: FrameKey) -> EncodedFrame:
        if key not in self._frames:
            place = key[2]
            picture = self._frame(str(place.video), place.frame)
            self._frames[key] = session.encode(picture, place.crop)
            while len(self._frames) > FRAMES_KEPT:
                self._frames.popitem(last=False)
        self._frames.move_to_end(key)
        return self._frames[key]

    def _opened(self, path: Path) -> WarpSession:
        key = file_key(path)
        if key not in self._sessions:
            self._sessions[key] = WarpSession(path, self._device, self._threads)
            while len(self._sessions) > MODELS_KEPT:
                self._sessions.popitem(last=False)
        self._sessions.move_to_end(key)
        return self._sessions[key]


def embed_range(
    session: WarpSession, reader: VideoReader, track: CropTrack, start: int, stop: int
) -> Iterator[tuple[int, Floats]]:
    """Embeddings of the frames from ``start`` up to ``stop``.

    Args:
        session: The model.
        reader: Of the video.
        track: What to look at in each frame.
        start: First frame.
        stop: The frame after the last.

    Yields:
        The first frame of a chunk, and ``(n, E)`` float32; NaN where a frame is unreadable.

    Raises:
        LimnerError: The video has no such frames.
    """
    if not 0 <= start <= stop <= reader.frame_count:
        raise LimnerError(
            f"{reader.path.name} has no frames from {start} up to {stop}.",
            f"Its frames go from 0 to {reader.frame_count - 1}.",
        )
    rows: list[int] = []
    cuts: list[Image] = []
    first = start
    for index, frame in reader.read(start, stop):
        if frame is not None:
            rows.append(index - first)
            cuts.append(cut(frame, track.at(index), session.image_size))
        if index + 1 - first == EMBED_BATCH or index + 1 == stop:
            chunk = np.full((index + 1 - first, session.embedding_size), np.nan, np.float32)
            if cuts:
                chunk[rows] = session.embed_cuts(np.stack(cuts))
            yield first, chunk
            rows, cuts, first = [], [], index + 1


def _level(message: Message) -> int | None:
    level = message.header.get("level")
    return None if level is None else int(level)
