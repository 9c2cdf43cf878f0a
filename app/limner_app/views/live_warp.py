"""Keeps the warp in step with source and target, and says where the place under the mouse is from.

One question at a time is with the engine; meanwhile only the newest wish waits.
"""

from __future__ import annotations

import asyncio
import sys
import time
from typing import Protocol

from PySide6.QtCore import QObject, Signal

from limner_app.document import Document
from limner_engine.errors import LimnerError
from limner_engine.inference.frame_warp import FrameWarp, SourcePlaces, WarpPair

MARKED = 3
"""So many places that are likely are marked."""


class WarpEngine(Protocol):
    """What is asked of the engine here."""

    async def warp(self, pair: WarpPair, level: int | None = None) -> FrameWarp | None:
        """Warp one frame onto another; None where a newer wish came."""
        ...

    async def warp_pixel(
        self,
        pair: WarpPair,
        x_px: float,
        y_px: float,
        level: int | None = None,
        most: int = MARKED,
    ) -> SourcePlaces | None:
        """Where one place of the target may come from; None outside, or for a newer wish."""
        ...


class LiveWarp(QObject):
    """The newest warp and the newest place.

    Attributes:
        warp: What the engine answered last; None before.
        pair: What that is the warp of.
        places: Where the place that is wished may come from; None before that is known.
        failure: Why the pair that is wished has no warp; None where nothing failed.

    Signals:
        warped: There is another warp, or none; milliseconds since it was wished.
        placed: There are other places, or none.
        working: Whether a warp is being made.
        failed: The pair that is wished has no warp; see `failure`.
    """

    warped = Signal(float)
    placed = Signal()
    working = Signal(bool)
    failed = Signal()

    def __init__(
        self, document: Document, engine: WarpEngine, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._document, self._engine = document, engine
        self.warp: FrameWarp | None = None
        self.pair: WarpPair | None = None
        self.places: SourcePlaces | None = None
        self.failure: LimnerError | None = None
        self._wish: tuple[WarpPair, int | None] | None = None
        self._place: tuple[float, float] | None = None
        self._warp_waits = self._place_waits = False
        self._wished_at_s = 0.0
        self._task: asyncio.Task[None] | None = None

    @property
    def fresh(self) -> bool:
        """Whether `warp` is what is wished."""
        return self._wish is not None and self.pair == self._wish[0] and not self._warp_waits

    def ask(self, pair: WarpPair | None, level: int | None) -> None:
        """Warp something; None for nothing. What is there stays until the answer comes."""
        if pair is None:
            self.forget()
            return
        if (pair, level) == self._wish and self.failure is None:
            return
        self._wish, self._wished_at_s = (pair, level), time.perf_counter()
        self._warp_waits = True
        self._place_waits = self._place is not None
        self._go_on()

    def ask_place(self, place: tuple[float, float] | None) -> None:
        """Find where a place of the target may come from.

        Args:
            place: Pixels of the target's video; None for none.
        """
        if place == self._place:
            return
        self._place = place
        self._place_waits = place is not None and self._wish is not None
        if place is None and self.places is not None:
            self.places = None
            self.placed.emit()
        self._go_on()

    def forget(self) -> None:
        """There is nothing to be warped any more."""
        self.cancel()
        self.failure = None
        if self.warp is not None or self.places is not None:
            self.warp = self.pair = self.places = None
            self.placed.emit()
            self.warped.emit(0.0)

    def cancel(self) -> None:
        """Nobody looks any more; what is wished is asked again when it is wished again."""
        if self._task is not None:
            self._task.cancel()
        self._task, self._wish = None, None
        self._warp_waits = self._place_waits = False

    def _go_on(self) -> None:
        if not (self._warp_waits or self._place_waits):
            return
        if self._task is None or self._task.done():
            self._task = asyncio.get_event_loop().create_task(self._answer())
            self._task.add_done_callback(_ended)

    async def _answer(self) -> None:
        while self._warp_waits or self._place_waits:
            if self._warp_waits:
                self.working.emit(True)
                try:
                    await self._warp()
                finally:
                    self.working.emit(False)
            else:
                await self._find()

    async def _warp(self) -> None:
        assert self._wish is not None
        wish, wished_at_s = self._wish, self._wished_at_s
        try:
            warp = await self._engine.warp(*wish)
        except LimnerError as error:
            if wish == self._wish:
                self._warp_waits = self._place_waits = False
                self.failure = error
                self.warp = self.pair = self.places = None
                self.failed.emit()
                self._document.message.emit("error", error.message, error.mend)
            return
        if warp is None:
            # Whoever asked the engine for another warp meanwhile is not this one.
            self._warp_waits = wish != self._wish
            return
        self._warp_waits, self.failure = wish != self._wish, None
        self.warp, self.pair = warp, wish[0]
        self.warped.emit((time.perf_counter() - wished_at_s) * 1000)

    async def _find(self) -> None:
        wish, place = self._wish, self._place
        self._place_waits = False
        if wish is None or place is None:
            return
        try:
            places = await self._engine.warp_pixel(wish[0], *place, wish[1], MARKED)
        except LimnerError as error:
            self._document.message.emit("error", error.message, error.mend)
            return
        if wish == self._wish and place == self._place:
            self.places = places
            self.placed.emit()


def _ended(task: asyncio.Task[None]) -> None:
    error = None if task.cancelled() else task.exception()
    if error is not None:
        # A bug: it belongs to the program's one hook, not into a log that nobody reads.
        sys.excepthook(type(error), error, error.__traceback__)
