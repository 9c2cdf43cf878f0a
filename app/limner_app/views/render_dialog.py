"""The edit of one frame, made along a range of frames and written as a video."""

from __future__ import annotations

import math

import numpy as np
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QLabel,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from limner_app import theme
from limner_app.panel_parts import indent_number
from limner_app.views.file_manager import proposed_file
from limner_app.views.preview_tile import PreviewTile, tile_picture
from limner_app.views.range_choice import RangeChoice
from limner_app.views.range_edit import RangeEdit
from limner_app.views.redrawer import Target
from limner_app.views.render_foot import FileLine, RenderFoot, form_label, form_layout
from limner_app.views.render_parts import (
    PreviewTurn,
    RenderParts,
    off_thread,
    quality_box,
    remember,
    remembered,
)
from limner_engine.coordinates import crop_to_frame, frame_to_crop
from limner_engine.errors import LimnerError
from limner_engine.inference.render_job import Clip, EditJob, ramp_weights
from limner_engine.types import Floats

TILES = 5
TILE_PX = 116
_RAMP = "12"
_LONGEST_RAMP = 500


class RenderDialog(QDialog):
    """A strip of what will come, a few settings, and a file.

    Args:
        parts: What it works with.
        parent: Over which it opens; the window can be used meanwhile.
    """

    def __init__(self, parts: RenderParts, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._parts = parts
        self._edit: RangeEdit | None = None
        self.setWindowTitle(self.tr("Edit along a range"))
        self.setMinimumWidth(640)
        self.what = QLabel()
        self.what.setWordWrap(True)
        self.tiles = [
            PreviewTile(TILE_PX, self.tr("Preview {0}").format(n + 1)) for n in range(TILES)
        ]
        strip = QHBoxLayout()
        strip.setSpacing(theme.GAP)
        for tile in self.tiles:
            strip.addWidget(tile, 1)
        self.range = RangeChoice()
        self.ramp = QSpinBox()
        self.ramp.setRange(0, _LONGEST_RAMP)
        self.ramp.setFont(theme.tabular(self.ramp.font()))
        self.ramp.setMinimumWidth(88)
        self.ramp.setAccessibleName(self.tr("Frames to come in and go out"))
        indent_number(self.ramp)
        self.ramp.setValue(int(remembered("ramp", _RAMP)))
        self.ramp_words = QLabel(self.tr("frames at each end; 0 for at once"))
        self.ramp_words.setProperty("role", "dim")
        self.quality = quality_box()
        self.file = FileLine()
        self.foot = RenderFoot(parts.work, self)
        self._lay_out(strip)
        self._turn = PreviewTurn(parts.flows, self._draw, self)
        self.range.changed.connect(self._changed)
        self.ramp.valueChanged.connect(self._changed)
        self.quality.currentIndexChanged.connect(self._changed)
        self.file.changed.connect(self._file_changed)
        self.foot.export_wished.connect(self.export)
        self.foot.close_wished.connect(self.hide)

    def _lay_out(self, strip: QHBoxLayout) -> None:
        fading = QHBoxLayout()
        fading.setSpacing(theme.GAP)
        fading.addWidget(self.ramp)
        fading.addWidget(self.ramp_words)
        fading.addStretch(1)
        form = form_layout()
        form.addRow(form_label(self.tr("Frames")), self.range)
        form.addRow(form_label(self.tr("Fade in and out")), fading)
        form.addRow(form_label(self.tr("Drawn")), self.quality)
        form.addRow(form_label(self.tr("File")), self.file)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 16, 20, 16)
        column.setSpacing(theme.MARGIN)
        column.addWidget(self.what)
        column.addLayout(strip)
        column.addSpacing(theme.GRID)
        column.addLayout(form)
        column.addStretch(1)
        column.addWidget(self.foot)

    @property
    def previewing(self) -> bool:
        """Whether previews are still being drawn."""
        return self._turn.busy

    def take(self, edit: RangeEdit, selected: tuple[int, int] | None) -> None:
        """Propose to make an edit along its video.

        Args:
            edit: What was tried out in one frame.
            selected: The range that is selected on the timeline (first, behind the last).
        """
        if self.foot.running:
            return  # what is being written stands there until it is done
        self._edit = edit
        self.range.set_video(edit.frame_count, selected)
        self.file.set_path(proposed_file(edit.video, "edited"))
        self._say()

    def follow(self, edit: RangeEdit) -> None:
        """The edit that was proposed has been changed."""
        if self._edit is not None and self._edit.key == edit.key and not self.foot.running:
            self._edit = edit
            self._say()
            self._changed()

    def _say(self) -> None:
        if self._edit is not None:
            words = self.tr("{0}  ·  as on frame {1} of {2}")
            self.what.setText(
                words.format(self._edit.words, self._edit.key.frame_index, self._edit.video.name)
            )

    def job(self) -> EditJob | None:
        """What the settings ask for."""
        edit = self._edit
        if edit is None:
            return None
        start, stop = self.range.range
        clip = Clip(edit.video, edit.track, start, stop)
        sharp = bool(self.quality.currentData())
        return EditJob(clip, edit.offsets, edit.looks, self.ramp.value(), sharp)

    def export(self) -> None:
        """Write the video; where that cannot be begun say why."""
        edit, job = self._edit, self.job()
        if edit is None or job is None:
            return
        sources = [edit.video] if edit.looks is None else [edit.video, edit.looks.video]
        try:
            out = self.file.checked(sources)
        except LimnerError as error:
            self.foot.say(str(error), "loss")
            return
        remember("ramp", str(self.ramp.value()))
        remember("sharp", str(int(job.sharp)))
        self._parts.work.start(edit.model, job, out, self)

    # --- previews ----------------------------------------------------------------------------

    def preview_frames(self) -> list[int]:
        """The frames of the strip, from the first to the last."""
        start, stop = self.range.range
        along = np.linspace(start, stop - 1, TILES)
        return [int(frame) for frame in np.unique(along.round())]

    def _changed(self, *_: object) -> None:
        frames = self.preview_frames()
        for tile, frame in zip(self.tiles, frames, strict=False):
            tile.set_old()
            tile.set_caption(str(frame))
        for number, tile in enumerate(self.tiles):
            tile.setVisible(number < len(frames))
        if self.isVisible():
            self._turn.ask()
        self._file_changed()

    def _file_changed(self) -> None:
        path = self.file.path
        self.foot.set_ready(path is not None and self._edit is not None)
        if self.foot.running or self.foot.result == path:
            return
        there = path is not None and path.is_file()
        self.foot.say(self.tr("A file of this name will be replaced.") if there else "", "warning")

    async def _draw(self) -> None:
        job, edit = self.job(), self._edit
        if job is None or edit is None:
            return
        for tile, frame in zip(self.tiles, self.preview_frames(), strict=False):
            try:
                await self._draw_one(tile, frame, job, edit)
            except LimnerError as error:
                tile.set_words(error.message)

    async def _draw_one(
        self, tile: PreviewTile, index: int, job: EditJob, edit: RangeEdit
    ) -> None:
        parts, clip = self._parts, job.clip
        crop, looks = clip.track.at(index), job.looks
        target = Target(edit.model, clip.video, index, crop, index, crop)
        if looks is not None:
            target = target._replace(
                looks_frame=looks.frame, looks_crop=looks.crop, looks_video=looks.video
            )
        frame = await parts.frame(clip.video, index)
        found = await parts.redrawer.find(target)
        weight = float(ramp_weights(len(clip), job.ramp)[index - clip.start])
        points = frame_to_crop(found, crop)
        for landmark, by in job.offsets.items():
            if landmark < len(points):
                points[landmark] += np.asarray(by, np.float32) * weight
        wanted: Floats = crop_to_frame(points, crop)
        redrawn = await parts.redrawn(target, wanted, job.sharp)
        if redrawn is not None:
            side = math.ceil(TILE_PX * 1.25 * self.devicePixelRatioF())
            made = await off_thread(tile_picture, frame, crop, side, redrawn)
            if looks is not None and weight < 1:
                # Other looks come in as a dissolve.
                before = await off_thread(tile_picture, frame, crop, side, None)
                made = (weight * made + (1 - weight) * before).astype(np.uint8)
            tile.set_picture(made)

    def showEvent(self, event: QShowEvent) -> None:
        """Draw what could not be seen before."""
        super().showEvent(event)
        self._changed()

    def hideEvent(self, event: QHideEvent) -> None:
        """A video that is being written goes on; the status bar shows it."""
        self._turn.stop()
        self._parts.frames.close()
        super().hideEvent(event)
