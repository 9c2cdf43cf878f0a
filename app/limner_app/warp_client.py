"""What is asked of the engine about warps and embeddings: the part of its client that warps."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from limner_engine.cropping import CropTrack
from limner_engine.inference.frame_warp import Alternative, FrameWarp, SourcePlaces, WarpPair
from limner_engine.inference.protocol import Message
from limner_engine.types import Floats

ALTERNATIVES = 5
"""So many places are marked at most."""


class WarpRequests:
    """Requests about warps; each names its pair whole, so that a fresh engine can answer it."""

    async def _ask(
        self,
        header: dict[str, Any],
        blobs: Sequence[NDArray[Any]] = (),
        on_part: Callable[[Message], None] | None = None,
    ) -> Message:
        """Send a request and wait for its answer."""
        raise NotImplementedError

    async def warp(self, pair: WarpPair, level: int | None = None) -> FrameWarp | None:
        """Warp one frame onto another, or None if a newer warp was asked for meanwhile.

        Args:
            pair: What is warped.
            level: Which level, from 0, the coarsest; the finest if not given. Another level of
                the last pair is there at once.

        Raises:
            LimnerError: The model warps nothing or has no such level, or a frame is unreadable.
        """
        answer = await self._ask({"op": "warp", **pair.to_json(), "level": level})
        if answer.header.get("superseded"):
            return None
        return FrameWarp.from_message(answer.header, answer.blobs)

    async def warp_pixel(
        self,
        pair: WarpPair,
        x_px: float,
        y_px: float,
        level: int | None = None,
        most: int = ALTERNATIVES,
    ) -> SourcePlaces | None:
        """Where one place of the target may come from.

        Args:
            pair: What is warped; quick for the pair that was warped last.
            x_px: Pixels of the target's video.
            y_px: Pixels of the target's video.
            level: As for `warp`.
            most: How many alternatives are wanted at most.

        Returns:
            The places; None where ``(x_px, y_px)`` is outside the target's crop, or if another
            place was asked for meanwhile.

        Raises:
            LimnerError: As for `warp`.
        """
        where = {"x": float(x_px), "y": float(y_px), "most": most}
        answer = await self._ask({"op": "warp_pixel", **pair.to_json(), "level": level, **where})
        if answer.header.get("superseded") or answer.header.get("outside"):
            return None
        share, places = answer.blobs
        alternatives = tuple(Alternative(*map(float, place)) for place in places)
        return SourcePlaces(int(answer.header["level"]), share, alternatives)

    async def embed(
        self,
        model: Path,
        video: Path,
        start: int,
        stop: int,
        track: CropTrack,
        on_chunk: Callable[[int, Floats], None],
        on_progress: Callable[[float], None] | None = None,
    ) -> None:
        """Embeddings of the frames from ``start`` up to ``stop``; cancel the task to stop it.

        Each frame is handed over exactly once and in order, even if the engine dies in between.

        Args:
            model: Which model embeds.
            video: The file.
            start: First frame.
            stop: The frame after the last.
            track: What to look at.
            on_chunk: Called with the first frame and ``(n, E)`` float32; rows of NaN where a frame
                is unreadable.
            on_progress: Called with the share done, 0 to 1.
        """
        where = {"video": str(video), "start": start, "stop": stop, "track": track.to_json()}
        header: dict[str, Any] = {"op": "embed", "model": str(model), **where}

        def take(part: Message) -> None:
            first, embeddings = int(part.header["chunk"]), part.blobs[0]
            # From here a fresh engine would go on.
            header["start"] = first + len(embeddings)
            on_chunk(first, embeddings)
            if on_progress is not None:
                on_progress((first + len(embeddings) - start) / max(1, stop - start))

        await self._ask(header, on_part=take)
