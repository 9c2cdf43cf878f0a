"""Warp: one frame redrawn from another, and for every place where it comes from."""

from __future__ import annotations

from typing import Protocol

import numpy as np
from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtGui import QHideEvent, QImage, QShowEvent
from PySide6.QtWidgets import QStackedLayout, QVBoxLayout, QWidget

from limner_app.crop_finding import CropEngine
from limner_app.document import Document
from limner_app.flows import Flows
from limner_app.panel_parts import EmptyPlace
from limner_app.views.edit_canvas import to_qimage
from limner_app.views.frame_choice import FrameChoice
from limner_app.views.live_warp import LiveWarp, WarpEngine
from limner_app.views.warp_bar import WarpBar, WarpFoot
from limner_app.views.warp_canvas import Place, WarpCanvas
from limner_app.views.warp_choices import WarpChoices
from limner_app.views.warp_lack import lack_of
from limner_app.views.warp_pictures import heat_of, pictures_of
from limner_app.views.warp_readout import readout
from limner_app.views.warp_source import SourceFrame, WarpSource
from limner_engine.inference.frame_warp import CroppedFrame, WarpPair
from limner_engine.types import Crop, Image

_SEEN_PX = 512
"""Side of the pictures of source and target."""


class Engine(WarpEngine, CropEngine, Protocol):
    """What Warp asks of the engine."""


class WarpView(QWidget):
    """The frame on screen, redrawn from a source that stays while the video goes on.

    Signals:
        redrawn: There is a new warp on screen; milliseconds since it was wished.
        abilities_changed: Other actions can be used now; see `abilities`.
        mend_wished: A button was pressed that stands for an action; which one.
    """

    redrawn = Signal(float)
    abilities_changed = Signal()
    mend_wished = Signal(str)

    def __init__(
        self, document: Document, client: Engine, flows: Flows, parent: QWidget | None = None
    ) -> None:
        """Make the view.

        Args:
            document: What is on screen.
            client: The engine.
            flows: Runs what takes time.
            parent: Qt's owner.
        """
        super().__init__(parent)
        self.place_title = self.tr("Warp")
        self._document = document
        self.choices = WarpChoices(document, self)
        self.live = LiveWarp(document, client, self)
        self.source = WarpSource(document, client, flows, self.choices, self)
        self.canvas, self.bar, self.foot = WarpCanvas(), WarpBar(), WarpFoot()
        self.abilities: frozenset[str] = frozenset()
        self._target: CroppedFrame | None = None
        self._sides: tuple[int, ...] = ()
        self._empty = EmptyPlace("flow-arrow", "", self.tr("Open videos…"))
        self._mend = "open_videos"
        if self._empty.button is not None:
            self._empty.button.clicked.connect(lambda: self.mend_wished.emit(self._mend))
        centre = QWidget()
        self._stack = QStackedLayout(centre)
        self._stack.addWidget(self._empty)
        self._stack.addWidget(self.canvas)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.bar)
        column.addWidget(centre, 1)
        column.addWidget(self.foot)
        self.setFocusProxy(self.canvas)
        self._wire()
        self._show_choices()
        self._say()

    def _wire(self) -> None:
        bar, document, choices, live = self.bar, self._document, self.choices, self.live
        bar.source.opening.connect(self._offer)
        bar.source.chosen.connect(choices.set_source)
        bar.source.cleared.connect(lambda: choices.set_source(0, None))
        bar.here.clicked.connect(self.take_source_from_here)
        bar.swap.clicked.connect(self.swap)
        bar.arrows.toggled.connect(choices.set_arrows)
        bar.heat.toggled.connect(choices.set_heat)
        bar.level.chosen.connect(lambda level: choices.set_level(None if level < 0 else level))
        choices.source_changed.connect(self._refresh)
        choices.level_changed.connect(self._ask)
        choices.level_changed.connect(self._show_choices)
        choices.shown_changed.connect(self._show_choices)
        self.source.changed.connect(self._source_changed)
        live.warped.connect(self._warped)
        live.placed.connect(self._placed)
        live.failed.connect(lambda: self._warped(0.0))
        live.working.connect(self._working)
        self.canvas.pointed.connect(self._pointed)
        document.frame_image.connect(self._target_arrived)
        document.crop_changed.connect(self._refresh)
        document.models_changed.connect(self._model_changed)
        document.video_changed.connect(self._refresh)
        document.project_changed.connect(self._refresh)

    # --- what is on screen -------------------------------------------------------------------

    def showEvent(self, event: QShowEvent) -> None:
        """Bring up to date what was left alone while hidden."""
        super().showEvent(event)
        self._refresh()

    def hideEvent(self, event: QHideEvent) -> None:
        """Ask nothing of the engine while nobody looks."""
        self.live.cancel()
        self.source.drop()
        super().hideEvent(event)

    def _refresh(self) -> None:
        if self.isVisible():
            self._target_arrived()
            self.source.read()

    def _target_arrived(self, *_: object) -> None:
        if not self.isVisible():
            return
        document, image = self._document, self._document.image()
        self._target = None
        if document.video is not None and image is not None:
            index = document.frame_index
            self._target = CroppedFrame(document.video.path, index, document.crop(index))
            picture = seen(image, self._target.crop)
            self.canvas.set_frame("target", picture, self._words(index, None))
        self._say()
        self._ask()

    def _source_changed(self) -> None:
        source = self.source.frame
        if source is None:
            self.canvas.set_frame("source", None, "")
        else:
            picture = seen(source.image, source.where.crop)
            words = self._words(source.where.frame, source)
            self.canvas.set_frame("source", picture, words)
        self._say()
        self._ask()

    def _words(self, frame: int, source: SourceFrame | None) -> str:
        """Which frame it is; the video is named where it is another one than on screen."""
        shown = self._document.video
        if source is not None and shown is not None and source.video_id != shown.id:
            return self.tr("frame {n} of {name}").format(n=frame, name=source.where.video.name)
        return self.tr("frame {n}").format(n=frame)

    def _model_changed(self) -> None:
        model = self._document.warp_model
        if model is None or (self.live.pair and self.live.pair.model != model.path):
            self.live.forget()
            self._sides = ()
        self._show_choices()
        self._refresh()
        self._say()

    def _say(self) -> None:
        """Bring texts and buttons in line with what there is."""
        reason, mend, self._mend = lack_of(self._document, self.choices)
        self._empty.text.setText(reason)
        if self._empty.button is not None:
            self._empty.button.setText(mend)
        self._stack.setCurrentWidget(self._empty if reason else self.canvas)
        for widget in self.bar.of_a_warp:
            widget.setEnabled(not reason)
        self.bar.level.setEnabled(not reason and len(self._sides) > 1)
        model = self._document.warp_model
        self.foot.model.setText("" if reason or model is None else model.info.name)
        if reason:
            self.foot.took.clear()
        self._read_out()
        able = frozenset() if reason else frozenset({"warped"})
        if self._document.image() is not None and self._document.warp_model is not None:
            able |= {"warp_target"}
        if able != self.abilities:
            self.abilities = able
            self.abilities_changed.emit()

    @property
    def empty_text(self) -> str:
        """What stands in the place of the pictures; empty where they are."""
        return "" if self._stack.currentWidget() is self.canvas else self._empty.text.text()

    # --- warps -------------------------------------------------------------------------------

    def _ask(self) -> None:
        source, model = self.source.frame, self._document.warp_model
        if not self.isVisible():
            return
        if source is None or self._target is None or model is None or self.empty_text:
            self.live.forget()
            return
        self.live.ask(WarpPair(model.path, source.where, self._target), self._level())
        self._pointed()

    def _level(self) -> int | None:
        """The level that is wished, as far as the model has it; None for the finest."""
        model, level = self._document.warp_model, self.choices.now.level
        count = 1 if model is None else int(model.info.config.get("levels", 1))
        return None if level is None or level >= count - 1 else level

    def _warped(self, took_ms: float) -> None:
        warp, pair = self.live.warp, self.live.pair
        if warp is None or pair is None:
            self.canvas.set_warp(None)
            self.foot.took.clear()
        else:
            pictures = pictures_of(warp)
            self.canvas.full_px = pictures.full * pair.target.crop.side_px
            self.canvas.set_warp(pictures)
            self.foot.took.setText(self.tr("{0:.0f} ms").format(took_ms))
            if warp.sides != self._sides:
                self._sides = warp.sides
                self._show_choices()
            self.redrawn.emit(took_ms)
        self._say()

    def _working(self, working: bool) -> None:
        if working and self.live.warp is None:
            self.foot.took.setText(self.tr("Warping…"))

    def _pointed(self) -> None:
        place, target = self.canvas.place, self._target
        if place is None or target is None:
            self.live.ask_place(None)
        else:
            self.live.ask_place(in_video(place, target.crop))
        self._read_out()

    def _placed(self) -> None:
        places, pair = self.live.places, self.live.pair
        if places is None or pair is None or self.canvas.place is None:
            self.canvas.set_likely(None, ())
        else:
            crop = pair.source.crop
            likely = [
                (*in_crop(one.x_px, one.y_px, crop), one.share) for one in places.alternatives
            ]
            self.canvas.set_likely(heat_of(places.share), likely)
        self._read_out()

    def _read_out(self) -> None:
        words = ""
        if not self.empty_text:
            words = readout(self.live, self.canvas.place)
        self.foot.summary.setText(words)
        self.foot.summary.setToolTip(words)
        self.canvas.setAccessibleDescription(words)

    # --- choices -----------------------------------------------------------------------------

    def _show_choices(self) -> None:
        now, bar = self.choices.now, self.bar
        (bar.arrows if now.arrows else bar.colours).setChecked(True)
        bar.heat.setChecked(now.heat)
        with QSignalBlocker(bar.level):
            bar.level.set_levels(self._sides, now.level)
        self.canvas.arrows, self.canvas.heat_shown = now.arrows, now.heat
        self.canvas.update()

    def _offer(self, choice: FrameChoice) -> None:
        """Say which videos there are, and propose the source as it is."""
        project, shown = self._document.project, self._document.video
        if project is not None and shown is not None:
            choice.set_videos(project.videos(), shown.id, self._document.frame_index)
            video = self.choices.video()
            if video is not None:
                choice.picker.choose(video.id, self.choices.now.frame)

    def take_source_from_here(self) -> None:
        """Take the colours from the frame on screen, from now on."""
        if self._document.video is not None:
            self.choices.set_source(self._document.frame_index, self._document.video.id)

    def swap(self) -> None:
        """Let source and target take each other's place."""
        shown, video, frame = self._document.video, self.choices.video(), self.choices.now.frame
        if shown is None or video is None:
            return
        self.take_source_from_here()
        if video.id != shown.id:
            self._document.show_video(video.id)
        self._document.show(min(frame, video.frame_count - 1))


def seen(image: Image, crop: Crop) -> QImage:
    """What the network sees of a frame, large enough to look at."""
    from limner_engine.coordinates import cut

    return to_qimage(cut(image, crop, _SEEN_PX))


def in_video(place: Place, crop: Crop) -> tuple[float, float]:
    """A place of a crop, 0..1 from its top left, in pixels of the video."""
    from limner_engine.coordinates import crop_to_frame

    x, y = crop_to_frame(2 * np.array(place) - 1, crop).tolist()
    return x, y


def in_crop(x_px: float, y_px: float, crop: Crop) -> Place:
    """The inverse of `in_video`."""
    from limner_engine.coordinates import frame_to_crop

    x, y = ((frame_to_crop(np.array([x_px, y_px]), crop) + 1) / 2).tolist()
    return x, y
