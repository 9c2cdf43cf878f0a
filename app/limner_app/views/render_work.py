"""A video that is being written, whatever dialog asked for it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from PySide6.QtCore import QObject, Signal

from limner_app.flows import Flows
from limner_engine.errors import LimnerError
from limner_engine.inference.render_job import RenderJob


class Renderer(Protocol):
    """What is asked of the engine here."""

    async def render(
        self, model: Path, job: RenderJob, out: Path, on_progress: Callable[[float], None]
    ) -> int:
        """Write a video; how many frames it has."""
        ...


class RenderWork(QObject):
    """One video is written at a time.

    Signals:
        began: What is being done, in words.
        advanced: The share that is done, 0..1.
        written: The file, and how many frames it has.
        failed: The sentence and the mend.
        ended: It is over, one way or another.

    Args:
        engine: Writes it.
        flows: Runs it.
        parent: Qt's owner.

    Attributes:
        asker: Who asked for what is being written.
    """

    began = Signal(str)
    advanced = Signal(float)
    written = Signal(object, int)
    failed = Signal(str, str)
    ended = Signal()

    def __init__(self, engine: Renderer, flows: Flows, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._engine, self._flows = engine, flows
        self._task: asyncio.Task[None] | None = None
        self.asker: object = None

    @property
    def working(self) -> bool:
        """Whether a video is being written."""
        return self._task is not None and not self._task.done()

    def start(self, model: Path, job: RenderJob, out: Path, asker: object = None) -> None:
        """Write a video; signals tell how it goes.

        Raises:
            RuntimeError: One is being written already.
        """
        if self.working:
            raise RuntimeError("a video is being written already")
        self.asker = asker
        self._task = self._flows.start(self._run(model, job, out))

    def cancel(self) -> None:
        """Leave off; nothing is left of it."""
        if self._task is not None:
            self._task.cancel()

    async def _run(self, model: Path, job: RenderJob, out: Path) -> None:
        self.began.emit(self.tr("Writing {name}").format(name=out.name))
        try:
            frames = await self._engine.render(model, job, out, self.advanced.emit)
        except LimnerError as error:
            self.failed.emit(error.message, error.mend)
        else:
            self.written.emit(out, frames)
        finally:
            self._task = None
            self.ended.emit()
