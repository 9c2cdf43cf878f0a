"""The motion of one video with the looks of another, written as a video."""

from __future__ import annotations

import math
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import (
    QDialog,
    QFileDialog,
    QGridLayout,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from limner_app import theme
from limner_app.model_titles import draws_poses
from limner_app.views.file_manager import proposed_file
from limner_app.views.picture_file import save_image
from limner_app.views.preview_tile import PreviewTile
from limner_app.views.render_foot import RenderFoot
from limner_app.views.render_parts import PreviewTurn, RenderParts
from limner_app.views.swap_preview import SwapPreview
from limner_app.views.swap_settings import SwapSettings
from limner_engine.errors import LimnerError
from limner_engine.inference.render_job import Clip, Looks, SwapJob

COLUMNS = 4
TILE_PX = 124
POSE_PX = 92


class SwapDialog(QDialog):
    """Looks on the left; above, what drives them; below, what comes of it.

    Args:
        parts: What it works with.
        parent: Over which it opens; the window can be used meanwhile.
    """

    def __init__(self, parts: RenderParts, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._parts = parts
        self._chosen = COLUMNS // 2
        self._selected: tuple[int, int] | None = None
        self._proposed: Path | None = None
        self.setWindowTitle(self.tr("Swap looks and motion"))
        self.setMinimumWidth(780)
        self.settings = SwapSettings()
        self.looks_tile = PreviewTile(TILE_PX, self.tr("Looks"))
        self.driving_tiles, self.pose_tiles, self.result_tiles = (
            [PreviewTile(side, f"{name} {n + 1}") for n in range(COLUMNS)]
            for name, side in (
                (self.tr("Driving frame"), TILE_PX),
                (self.tr("Pose"), POSE_PX),
                (self.tr("Result"), TILE_PX),
            )
        )
        self.foot = RenderFoot(parts.work, self)
        self.save = QPushButton(self.tr("Save this picture…"))
        self.save.setToolTip(self.tr("Save the framed result as a single picture"))
        self.save.clicked.connect(lambda: self.save_picture())
        self.foot.add_button(self.save)
        self._lay_out()
        self._turn = PreviewTurn(parts.flows, self._draw, self)
        self.settings.changed.connect(self._changed)
        self.settings.looks.changed.connect(self._propose_file)
        self.settings.motion_changed.connect(self._motion_changed)
        self.settings.file.changed.connect(self._file_changed)
        self.foot.export_wished.connect(self.export)
        self.foot.close_wished.connect(self.hide)
        for number, tile in enumerate(self.result_tiles):
            tile.pressed.connect(lambda n=number: self.choose(n))
            self.driving_tiles[number].pressed.connect(lambda n=number: self.choose(n))
        self.choose(self._chosen)

    def _lay_out(self) -> None:
        grid = QGridLayout()
        grid.setSpacing(theme.GAP)
        for tile in (*self.driving_tiles, *self.pose_tiles):
            tile.captioned = False
        self._pose_words = QLabel(self.tr("Pose"))
        for row, words in enumerate((QLabel(self.tr("Motion")), self._pose_words)):
            words.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            words.setProperty("role", "dim")
            grid.addWidget(words, row, 0)
        grid.addWidget(self.looks_tile, 2, 0)
        self.looks_tile.set_caption(self.tr("Looks"))
        for row, tiles in enumerate((self.driving_tiles, self.pose_tiles, self.result_tiles)):
            for column, tile in enumerate(tiles):
                grid.addWidget(tile, row, column + 1)
        for column in range(COLUMNS + 1):
            grid.setColumnStretch(column, 1)
        column_ = QVBoxLayout(self)
        column_.setContentsMargins(20, 16, 20, 16)
        column_.setSpacing(theme.MARGIN)
        column_.addLayout(self.settings.top)
        column_.addSpacing(theme.GRID)
        column_.addLayout(grid)
        column_.addSpacing(theme.GRID)
        column_.addLayout(self.settings.form)
        column_.addStretch(1)
        column_.addWidget(self.foot)

    @property
    def previewing(self) -> bool:
        """Whether previews are still being drawn."""
        return self._turn.busy

    def propose(self, selected: tuple[int, int] | None) -> None:
        """Offer the project's videos, the looks of the frame on screen among them.

        Args:
            selected: The range of the video on screen that is selected on the timeline.
        """
        document = self._parts.document
        if document.project is None or document.video is None or self.foot.running:
            return
        videos, shown = document.project.videos(), document.video.id
        others = [video.id for video in videos if video.id != shown and not video.missing]
        self._selected = selected
        self.settings.set_videos(videos, shown, others[0] if others else shown)
        self.settings.looks.choose(shown, document.frame_index)
        self._motion_changed()

    def choose(self, number: int) -> None:
        """Frame one of the results: the one that is saved as a picture."""
        self._chosen = number
        self._mark()

    def _mark(self) -> None:
        start, stop = self.settings.range.range
        last = min(COLUMNS, stop - start) - 1
        for n, tile in enumerate(self.result_tiles):
            tile.set_chosen(n == min(self._chosen, last))

    def _motion_changed(self) -> None:
        video, shown = self.settings.driving_video, self._parts.document.video
        if video is not None:
            mine = shown is not None and shown.id == video.id
            self.settings.range.set_video(video.frame_count, self._selected if mine else None)
        self._propose_file()

    def _propose_file(self) -> None:
        looks, video = self.settings.looks.path, self.settings.driving_video
        # A name that a person typed stays.
        mine = self.settings.file.path not in (None, self._proposed)
        if looks is not None and video is not None and not self.foot.running and not mine:
            self._proposed = proposed_file(looks, f"moved-by-{video.path.stem}")
            self.settings.file.set_path(self._proposed)

    # --- the job -----------------------------------------------------------------------------

    async def preview(self) -> SwapPreview | None:
        """What the settings ask for; None where something is missing.

        Raises:
            LimnerError: A file cannot be read.
        """
        settings, document = self.settings, self._parts.document
        video, path, frame = settings.driving_video, settings.looks.path, settings.looks.frame
        model = document.model_path
        if video is None or path is None or model is None:
            return None
        start, stop = settings.range.range
        crops, source = self._parts.crops, settings.looks.video
        for wanted in (video, source):
            if wanted is not None and crops.known(wanted) is None:
                words = self.tr("Finding what to look at in {0}…").format(wanted.path.name)
                self.foot.say(words)
        track = await crops.track(video)
        looks_track = await (crops.track_of(path) if source is None else crops.track(source))
        job = SwapJob(
            Clip(video.path, track, start, stop),
            Looks(path, frame, looks_track.at(frame)),
            relative=bool(settings.how.currentData()),
            sharp=bool(settings.quality.currentData()),
            beside=settings.beside.isChecked(),
        )
        return SwapPreview(self._parts, model, job)

    def export(self) -> None:
        """Write the video; where that cannot be begun say why."""
        try:
            out = self.settings.file.checked(self.settings.sources())
        except LimnerError as error:
            self.foot.say(str(error), "loss")
            return
        self.settings.keep()
        self._parts.flows.start(self._export(out))

    async def _export(self, out: Path) -> None:
        try:
            preview = await self.preview()
        except LimnerError as error:
            self.foot.say(str(error), "loss")
            return
        if preview is not None and not self._parts.work.working:
            self._parts.work.start(preview.model, preview.job, out, self)

    def save_picture(self, path: Path | None = None) -> None:
        """Write the framed result as a picture; a dialog asks where without a path."""
        if path is None:
            there = self.settings.file.path
            start = there.with_suffix(".png") if there is not None else Path("swap.png")
            name, _ = QFileDialog.getSaveFileName(
                self, self.tr("Save the picture"), str(start), self.tr("Pictures (*.png)")
            )
            if not name:
                return
            path = Path(name)
        self._parts.flows.start(
            self._save_picture(path if path.suffix else path.with_suffix(".png"))
        )

    async def _save_picture(self, path: Path) -> None:
        try:
            preview = await self.preview()
            if preview is None:
                return
            frames = preview.frames(COLUMNS)
            picture = await preview.picture(frames[min(self._chosen, len(frames) - 1)])
            if picture is None:
                self.foot.say(self.tr("The engine is busy; try again in a moment."), "warning")
                return
            save_image(path, picture)
        except LimnerError as error:
            self.foot.say(str(error), "loss")
        else:
            self.foot.say(self.tr("Saved as {0}").format(path.name), "", path)

    # --- previews ----------------------------------------------------------------------------

    def _changed(self) -> None:
        start, stop = self.settings.range.range
        info = self._parts.document.model_info
        between = info is not None and draws_poses(info)
        self._pose_words.setVisible(between)
        for tile in (self.looks_tile, *self.driving_tiles, *self.pose_tiles, *self.result_tiles):
            tile.set_old()
        for number, tile in enumerate(self.result_tiles):
            tile.setVisible(number < stop - start)
            self.driving_tiles[number].setVisible(number < stop - start)
            self.pose_tiles[number].setVisible(between and number < stop - start)
        self._mark()
        if self.isVisible():
            self._turn.ask()
        self._file_changed()

    def _file_changed(self) -> None:
        path = self.settings.file.path
        ready = path is not None and len(self.settings.sources()) == 2
        self.foot.set_ready(ready)
        self.save.setEnabled(ready)
        if self.foot.running or self.foot.result == path:
            return
        there = path is not None and path.is_file()
        self.foot.say(self.tr("A file of this name will be replaced.") if there else "", "warning")

    async def _draw(self) -> None:
        try:
            preview = await self.preview()
            if preview is None:
                return
            await self._draw_all(preview, math.ceil(TILE_PX * 1.25 * self.devicePixelRatioF()))
        except LimnerError as error:
            self.looks_tile.set_words(error.message)

    async def _draw_all(self, preview: SwapPreview, side_px: int) -> None:
        self._file_changed()
        self.looks_tile.set_picture(await preview.looks(side_px))
        frames = preview.frames(COLUMNS)
        tiles = (self.driving_tiles, self.pose_tiles, self.result_tiles)
        columns = list(zip(*tiles, frames, strict=False))
        for *_, below, index in columns:
            below.set_caption(str(index))
        info = self._parts.document.model_info
        for above, between, below, index in columns:
            try:
                above.set_picture(await preview.driving(index, side_px))
                if info is not None and draws_poses(info):
                    between.set_picture(await preview.pose(index, side_px, info.skeleton))
                result = await preview.result(index, side_px)
            except LimnerError as error:
                below.set_words(error.message)
                continue
            if result is not None:
                below.set_picture(result)

    def showEvent(self, event: QShowEvent) -> None:
        """Draw what could not be seen before."""
        super().showEvent(event)
        self._changed()

    def hideEvent(self, event: QHideEvent) -> None:
        """A video that is being written goes on; the status bar shows it."""
        self._turn.stop()
        self._parts.frames.close()
        super().hideEvent(event)
