"""What a person chose in Warp, as the project remembers it."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QObject, Signal

from limner_app.document import Document
from limner_engine.project import Video

_SETTING = "warp_view"


@dataclass(frozen=True, slots=True)
class Choices:
    """How warps are shown, and from where.

    Attributes:
        video_id: The project's number of the source's video; None for the one on screen.
        frame: The source's frame.
        level: Which level of the warp, from 0; None for the finest.
        arrows: Whether the flow is drawn as arrows; as colours if not.
        heat: Whether the source shows where a place may come from.
    """

    video_id: int | None = None
    frame: int = 0
    level: int | None = None
    arrows: bool = False
    heat: bool = True

    @classmethod
    def from_json(cls, data: Any) -> Choices:
        """What `dataclasses.asdict` gave; what is not as it should be is as at the beginning."""
        if not isinstance(data, dict):
            return cls()
        whole = {
            name: data[name]
            for name in ("video_id", "frame", "level")
            if isinstance(data.get(name), int) and data[name] >= 0
        }
        yes_or_no = {
            name: data[name] for name in ("arrows", "heat") if isinstance(data.get(name), bool)
        }
        return cls(**whole, **yes_or_no)


class WarpChoices(QObject):
    """The choices of the open project.

    Signals:
        source_changed: Another frame is the source.
        level_changed: Another level is wanted.
        shown_changed: The same is shown otherwise.

    Args:
        document: Its project remembers them.
        parent: Qt's owner.
    """

    source_changed = Signal()
    level_changed = Signal()
    shown_changed = Signal()

    def __init__(self, document: Document, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._document = document
        self.now = Choices()
        document.project_changed.connect(self._read)
        self._read()

    def video(self) -> Video | None:
        """The source's video; None where there is none any more."""
        document, chosen = self._document, self.now.video_id
        if document.project is None or chosen is None:
            return document.video
        known = {video.id: video for video in document.project.videos()}
        video = known.get(chosen)
        return None if video is None or video.missing else video

    def set_source(self, frame: int, video_id: int | None) -> None:
        """Take the colours from a frame; None: of whatever video is on screen."""
        self._keep(dataclasses.replace(self.now, frame=frame, video_id=video_id))

    def set_level(self, level: int | None) -> None:
        """Show one level, from 0; None for the finest."""
        self._keep(dataclasses.replace(self.now, level=level))

    def set_arrows(self, arrows: bool) -> None:
        """Draw the flow as arrows, or as colours."""
        self._keep(dataclasses.replace(self.now, arrows=arrows))

    def set_heat(self, heat: bool) -> None:
        """Show over the source where a place may come from, or not."""
        self._keep(dataclasses.replace(self.now, heat=heat))

    def _read(self) -> None:
        project = self._document.project
        self._tell(Choices() if project is None else Choices.from_json(project.setting(_SETTING)))

    def _keep(self, now: Choices) -> None:
        if now != self.now and self._document.project is not None:
            self._document.project.set_setting(_SETTING, dataclasses.asdict(now))
        self._tell(now)

    def _tell(self, now: Choices) -> None:
        before, self.now = self.now, now
        if (now.video_id, now.frame) != (before.video_id, before.frame):
            self.source_changed.emit()
        if now.level != before.level:
            self.level_changed.emit()
        if (now.arrows, now.heat) != (before.arrows, before.heat):
            self.shown_changed.emit()
