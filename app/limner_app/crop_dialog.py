"""How the square that the network looks at is found, with what comes of it in sample frames."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Awaitable, Callable

import numpy as np
from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QCloseEvent, QHideEvent
from PySide6.QtWidgets import QDialog, QGridLayout, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from limner_app import theme
from limner_app.crop_finding import (
    ENOUGH_INSIDE,
    found_crops,
    is_gathered,
    labels_inside,
    project_setting,
    set_tracks,
)
from limner_app.document import Document
from limner_app.flows import Flows
from limner_app.panel_parts import dim
from limner_app.views.crop_foot import CropFoot
from limner_app.views.crop_form import BOX, HAND, CropForm, mode_names
from limner_app.views.crop_search import CropSearch, SearchEngine
from limner_app.views.crop_tile import HEIGHT_PX, CropTile, crop_view
from limner_app.views.frame_reading import FrameReading
from limner_app.views.render_parts import off_thread
from limner_engine.cropping import CropTrack
from limner_engine.cropping.setting import PROJECT_SETTING
from limner_engine.errors import FrameUnreadableError, LimnerError
from limner_engine.types import Image

COLUMNS, ROWS = 3, 3
_SETTLE_MS = 120
_DRAWN = ("hand", "keys")


class CropDialog(QDialog):
    """Sample frames above, what can be chosen below; the frames follow every choice.

    Args:
        document: The open project, with a video on screen.
        engine: Looks through videos.
        flows: Runs the work.
        parent: Over which it opens; the window can be used meanwhile.
    """

    def __init__(
        self,
        document: Document,
        engine: SearchEngine,
        flows: Flows,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        project, video = document.project, document.video
        assert project is not None
        assert video is not None
        self._document, self._engine, self._flows = document, engine, flows
        self._project, self._video, self._subject = project, video, document.subject
        self.track: CropTrack | None = None
        self._now = document.crop_track
        drawn = self._now if self._now is not None and self._now.mode in _DRAWN else None
        boxes = drawn
        if drawn is not None and drawn.mode == "hand":
            # One box for all frames was drawn for what is seen now; one that follows something
            # was only moved, and stands for nothing in any single frame.
            there = document.frame_index
            boxes = drawn.with_key(there, drawn.at(there)) if len(drawn.frames) == 1 else None
        size = video.width, video.height
        apart = is_gathered(project, video)
        self._search = CropSearch(engine, video.path, size, apart=apart, drawn=drawn, boxes=boxes)
        self._frames = FrameReading()
        self._pictures: dict[int, Image | None] = {}
        self._work: asyncio.Task[None] | None = None
        self._settle = QTimer(self, singleShot=True, interval=_SETTLE_MS)
        self._settle.timeout.connect(lambda: self._begin(self._show_choice))
        self.setWindowTitle(self.tr("Crop of {name}").format(name=video.path.name))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.tiles = [
            CropTile(self.tr("Sample {n}").format(n=n + 1)) for n in range(COLUMNS * ROWS)
        ]
        places = np.unique(np.linspace(0, video.frame_count - 1, len(self.tiles)).round())
        self.samples = [int(place) for place in places]
        self.form = CropForm(
            (HAND,) * (drawn is not None) + (BOX,) * (boxes is not None and not apart)
        )
        self.said = QLabel()
        self.said.setWordWrap(True)
        others = sum(not other.missing for other in project.videos())
        self.foot = CropFoot(others)
        self._lay_out()
        setting = project_setting(project)
        self.form.propose(HAND if drawn is not None else setting.mode, setting)
        self.form.changed.connect(self._changed)
        self.foot.apply.clicked.connect(lambda: self.apply_here())
        self.foot.apply_all.clicked.connect(lambda: self._begin(self._apply_to_all))
        self.foot.close_button.clicked.connect(self._close_or_cancel)
        document.video_changed.connect(self._left)
        document.subjects_changed.connect(self._subject_changed)
        self._changed()

    def _lay_out(self) -> None:
        grid = QGridLayout()
        grid.setHorizontalSpacing(theme.MARGIN)
        grid.setVerticalSpacing(theme.GAP)
        for number, tile in enumerate(self.tiles):
            tile.set_frame_share(self._video.width / self._video.height)
            grid.addWidget(tile, number // COLUMNS, number % COLUMNS)
            tile.setVisible(number < len(self.samples))
            if number < len(self.samples):
                tile.pressed.connect(lambda at=self.samples[number]: self._document.show(at))
        legend = dim(
            self.tr("Left: the frame and its square. Right: what the network sees of it.")
        )
        grid.addWidget(legend, ROWS, 0, 1, COLUMNS)
        self.said.setMinimumHeight(3 * self.said.fontMetrics().lineSpacing())
        self.said.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        below = QHBoxLayout()
        below.setSpacing(theme.MARGIN * 2)
        below.addWidget(self.form, 1)
        below.addWidget(self.said, 1, Qt.AlignmentFlag.AlignTop)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 16, 20, 16)
        column.setSpacing(theme.MARGIN)
        column.addLayout(grid)
        column.addLayout(below)
        column.addStretch(1)
        column.addWidget(self.foot)

    @property
    def working(self) -> bool:
        """Whether something is still looked for or drawn."""
        return self._settle.isActive() or (self._work is not None and not self._work.done())

    # --- the choice ------------------------------------------------------------------------

    def _changed(self) -> None:
        self.track = None
        self.foot.set_ready(False, self.form.setting is not None)
        for tile in self.tiles:
            tile.set_old()
        if self._work is not None:
            self._work.cancel()
        self.foot.end()
        self._settle.start()

    def _begin(self, work: Callable[[], Awaitable[None]]) -> None:
        if self._work is not None:
            self._work.cancel()
        self._work = self._flows.start(self._guarded(work))

    async def _guarded(self, work: Callable[[], Awaitable[None]]) -> None:
        try:
            await work()
        except LimnerError as error:
            self._say(str(error), "loss")
            await self._draw(None)
        finally:
            self.foot.end()

    async def _show_choice(self) -> None:
        mode, setting = self.form.mode, self.form.setting
        if self._search.waits(mode):
            self.foot.begin(self.tr("Looking through the video"))
            await self._draw(None, old=True)
        track = await self._search.track(mode, setting, self.foot.advance)
        self.track = track
        self._explain(track)
        self.foot.set_ready(True, setting is not None)
        await self._draw(track)

    async def _draw(self, track: CropTrack | None, *, old: bool = False) -> None:
        height_px = math.ceil(HEIGHT_PX * self.devicePixelRatioF())
        for tile, index in zip(self.tiles, self.samples, strict=False):
            if index not in self._pictures:
                self._pictures[index] = await off_thread(self._read, index)
            picture = self._pictures[index]
            crop = None if track is None else track.at(index)
            view = None
            if picture is not None:
                view = await off_thread(crop_view, picture, crop, height_px)
            tile.set_view(view, str(index))
            if old:
                tile.set_old()

    def _read(self, index: int) -> Image | None:
        try:
            return self._frames.read(self._video.path, index)
        except FrameUnreadableError:
            return None

    def _explain(self, track: CropTrack) -> None:
        lines, role = [], "dim"
        if self.form.mode == "auto":
            found = mode_names().get(track.mode, "")
            lines.append(self.tr("Found: {what}.").format(what=found[:1].lower() + found[1:]))
        sides = np.unique(track.values[:, 2].round())
        if len(sides) == 1:
            lines.append(self.tr("The square is {n} px wide.").format(n=int(sides[0])))
        else:
            words = self.tr("The square is {a} to {b} px wide.")
            lines.append(words.format(a=int(sides[0]), b=int(sides[-1])))
        inside, known = labels_inside(self._project, self._video.id, self._subject, track)
        if known:
            words = self.tr("{n} of {all} labelled points lie inside.")
            lines.append(words.format(n=f"{inside:,}", all=f"{known:,}"))
            if inside < ENOUGH_INSIDE * known:
                role = "warning"
                lines.append(self.tr("Give it more room, or choose another way."))
        self._say("\n".join(lines), role)

    def _say(self, text: str, role: str) -> None:
        self.said.setText(text)
        self.said.setProperty("role", role)
        self.said.style().unpolish(self.said)
        self.said.style().polish(self.said)

    # --- applying --------------------------------------------------------------------------

    def apply_here(self) -> None:
        """Use what is shown for this video, and close."""
        if self.track is None or self._document.video is None:
            return
        self._keep()
        if self._now is None or self.track.to_json() != self._now.to_json():
            self._document.set_crop_track(self.track)
        self.close()

    def _keep(self) -> None:
        setting = self.form.setting
        if setting is not None and self.form.keep.isChecked():
            self._project.set_setting(PROJECT_SETTING, setting.to_json())

    async def _apply_to_all(self) -> None:
        setting, track = self.form.setting, self.track
        if setting is None or track is None:
            return
        others = [
            video
            for video in self._project.videos()
            if video.id != self._video.id and not video.missing
        ]
        tracks: dict[int, CropTrack] = {}
        for done, video in enumerate(others):
            words = self.tr("{name}, {n} of {all}")
            self.foot.begin(words.format(name=video.path.name, n=done + 1, all=len(others)))
            tracks[video.id] = await found_crops(
                self._engine,
                self._project,
                video,
                self._subject,
                lambda share, at=done: self.foot.advance((at + share) / len(others)),  # type: ignore[misc]
                setting=setting,
            )
        text = self.tr("Change the crop of {n} videos").format(n=len(others) + 1)
        with self._project.grouped(text):
            set_tracks(self._project, self._subject, tracks, text)
            self._document.set_crop_track(track)
        self._document.history_changed.emit()
        self._keep()
        self.close()

    # --- closing ---------------------------------------------------------------------------

    def _close_or_cancel(self) -> None:
        if self.foot.busy:
            if self._work is not None:
                self._work.cancel()
            self._say(self.tr("Cancelled; nothing was changed."), "dim")
        else:
            self.close()

    def _subject_changed(self) -> None:
        if self._document.subject != self._subject:
            self._left()

    def _left(self) -> None:
        """Another video or subject is on: what is shown here is about neither."""
        self.close()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Nothing goes on behind a closed window."""
        self._settle.stop()
        if self._work is not None:
            self._work.cancel()
        self._frames.close()
        super().closeEvent(event)

    def hideEvent(self, event: QHideEvent) -> None:
        """Escape hides a dialog without closing it first."""
        self._settle.stop()
        if self._work is not None:
            self._work.cancel()
        super().hideEvent(event)
