"""What the dialogs that write videos work with, and how their previews are drawn in turn."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QComboBox

from limner_app.document import Document
from limner_app.flows import Flows
from limner_app.settings import settings
from limner_app.views.frame_reading import FrameReading
from limner_app.views.redrawer import Redrawer, Target
from limner_app.views.render_work import RenderWork
from limner_app.views.video_crops import VideoCrops
from limner_engine.types import Floats, Image

_SETTLE_MS = 220
"""A setting must rest so long before it is worth a preview."""
_TRIES = 3
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class RenderParts:
    """What a dialog needs of the window.

    Attributes:
        document: The open project.
        redrawer: Edit's own, since the engine holds one picture for all.
        crops: What to look at in any video.
        frames: Pictures of any video.
        flows: Runs previews.
        work: Writes the video.
    """

    document: Document
    redrawer: Redrawer
    crops: VideoCrops
    frames: FrameReading
    flows: Flows
    work: RenderWork

    async def frame(self, path: Path, index: int) -> Image:
        """A frame, read off the window's thread."""
        return await off_thread(self.frames.read, path, index)

    async def redrawn(self, target: Target, points_px: Floats, sharp: bool) -> Image | None:
        """A redrawn crop; None where others kept asking for theirs."""
        for _ in range(_TRIES):
            image = await self.redrawer.redraw(target, points_px, sharp=sharp)
            if image is not None:
                return image
        return None


async def off_thread(work: Callable[..., _T], *words: object) -> _T:
    """Do what would hold the window up on another thread."""
    return await asyncio.get_event_loop().run_in_executor(None, work, *words)


class PreviewTurn(QObject):
    """Previews are drawn a moment after the last change; another change drops what is left.

    Args:
        flows: Runs them.
        draw: Draws all of them.
        parent: Qt's owner.
    """

    def __init__(
        self, flows: Flows, draw: Callable[[], Coroutine[Any, Any, None]], parent: QObject
    ) -> None:
        super().__init__(parent)
        self._flows, self._draw = flows, draw
        self._task: asyncio.Task[None] | None = None
        self._settle = QTimer(self, singleShot=True, interval=_SETTLE_MS)
        self._settle.timeout.connect(self._begin)

    @property
    def busy(self) -> bool:
        """Whether something is still to be drawn."""
        return self._settle.isActive() or (self._task is not None and not self._task.done())

    def ask(self) -> None:
        """Something has changed."""
        self._cancel()
        self._settle.start()

    def stop(self) -> None:
        """Nobody looks any more."""
        self._settle.stop()
        self._cancel()

    def _begin(self) -> None:
        self._task = self._flows.start(self._draw())

    def _cancel(self) -> None:
        if self._task is not None:
            self._task.cancel()
            self._task = None


def remembered(name: str, default: str) -> str:
    """What was chosen last time."""
    return str(settings().value(f"render/{name}", default))


def remember(name: str, value: str) -> None:
    """Propose this next time."""
    settings().setValue(f"render/{name}", value)


def quality_box() -> QComboBox:
    """With the video's detail, or by the network alone, as chosen last."""
    box = QComboBox()
    box.addItem(box.tr("Sharp, with the video's own detail"), True)
    box.addItem(box.tr("By the network alone"), False)
    box.setCurrentIndex(0 if remembered("sharp", "1") == "1" else 1)
    box.setAccessibleName(box.tr("Drawn"))
    return box
