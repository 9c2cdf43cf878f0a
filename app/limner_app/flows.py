"""Asynchronous work of the window: kept alive while it runs, its errors told."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any


class Flows:
    """Starts coroutines on the running loop.

    Args:
        on_error: Told of every exception that leaves one.
    """

    def __init__(self, on_error: Callable[[BaseException], None]) -> None:
        self._on_error = on_error
        self._running: set[asyncio.Task[Any]] = set()

    def start(self, work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        """Run a coroutine; the task can be cancelled."""
        task = asyncio.get_event_loop().create_task(work)
        self._running.add(task)
        task.add_done_callback(self._done)
        return task

    async def stop(self, but: asyncio.Task[Any] | None = None) -> None:
        """Cancel everything, except one task, and wait until it has ended."""
        others = [task for task in self._running if task is not but]
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    def _done(self, task: asyncio.Task[Any]) -> None:
        self._running.discard(task)
        if not task.cancelled():
            error = task.exception()
            if error is not None:
                self._on_error(error)
