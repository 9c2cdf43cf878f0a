"""Edit: drag a landmark and the picture follows while the mouse moves."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Protocol

import numpy as np
from PySide6.QtCore import QPoint, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import QGuiApplication, QHideEvent, QShowEvent
from PySide6.QtWidgets import QMenu, QStackedLayout, QVBoxLayout, QWidget

from limner_app import theme
from limner_app.crop_finding import CropEngine
from limner_app.document import Document
from limner_app.panel_parts import EmptyPlace
from limner_app.views.edit_bar import EditBar, EditFoot
from limner_app.views.edit_canvas import EditCanvas, to_qimage
from limner_app.views.edit_lack import what_is_missing
from limner_app.views.edit_marks import skeleton_of_edit
from limner_app.views.edit_sources import EditSources
from limner_app.views.frame_edits import FrameEdit
from limner_app.views.live_drawing import LiveDrawing
from limner_app.views.picture_edits import PictureEdits
from limner_app.views.picture_file import ask_where, both_pictures, save_image
from limner_app.views.pose_inset import PoseInset
from limner_app.views.range_edit import RangeEdit, range_edit
from limner_app.views.redrawer import Engine, Patch, apply_patch, crop_bounds
from limner_app.views.video_crops import VideoCrops
from limner_engine.errors import LimnerError
from limner_engine.project.matching import landmark_map
from limner_engine.types import Image, Skeleton

_SETTLE_MS = 60
"""Scrubbing has paused when no frame came for this long; only then is the engine asked."""
_MARGIN_SHARE = 0.12
"""What is shown around the crop, as a share of its side."""


class EditEngine(Engine, CropEngine, Protocol):
    """What Edit asks of the engine."""


class EditView(QWidget):
    """Before and after of the frame on screen.

    Signals:
        history_changed: What can be taken back or done again is another thing now.
        redrawn: A new picture is on screen; milliseconds since it was wished.
        abilities_changed: Other actions can be used now; see `abilities`.
        mend_wished: A button was pressed that stands for an action; which one.
    """

    history_changed = Signal()
    redrawn = Signal(float)
    abilities_changed = Signal()
    mend_wished = Signal(str)

    def __init__(
        self,
        document: Document,
        client: EditEngine,
        parent: QWidget | None = None,
        *,
        on_busy: Callable[[], None] | None = None,
    ) -> None:
        """Make the view.

        Args:
            document: What is on screen.
            client: The engine.
            parent: Qt's owner.
            on_busy: Called while a person drags, so that learning can step aside.
        """
        super().__init__(parent)
        self.place_title = self.tr("Edit")
        self._document, self.on_busy = document, on_busy
        self.edits = PictureEdits(document, self)
        self.drawing = LiveDrawing(document, client, self.edits, self)
        self.crops = VideoCrops(document, client)
        self.sources = EditSources(document, self.edits, self.drawing, self.crops, self)
        self._missed = False
        self._order: list[int] = []
        """For each of the model's landmarks its place among the project's, or -1."""
        self.canvas, self.bar, self.foot = EditCanvas(), EditBar(), EditFoot()
        self.canvas.inset = PoseInset(document, self.canvas, self.bar.pose_picture)
        self.abilities: frozenset[str] = frozenset()
        self._empty = EmptyPlace("magic-wand", "", self.tr("Open videos…"))
        self._mend = "open_videos"
        if self._empty.button is not None:
            self._empty.button.clicked.connect(lambda: self.mend_wished.emit(self._mend))
        self._settle = QTimer(self, singleShot=True, interval=_SETTLE_MS)
        self._settle.timeout.connect(self.drawing.prepare)
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
        self._names_changed()
        self._frame_arrived()

    def _wire(self) -> None:
        bar, canvas, document = self.bar, self.canvas, self._document
        bar.divider.toggled.connect(canvas.set_divided)
        bar.whole.toggled.connect(self._show_part)
        bar.network_only.toggled.connect(lambda on: self.drawing.set_sharp(not on))
        bar.reset.clicked.connect(self.reset_all)
        bar.save.clicked.connect(lambda: self.save_picture())
        bar.copy.clicked.connect(self.copy_picture)
        bar.along.clicked.connect(lambda: self.mend_wished.emit("edit_range"))
        bar.swap.clicked.connect(lambda: self.mend_wished.emit("swap"))
        for choice in (bar.pose, bar.looks):
            choice.opening.connect(self.sources.offer)
        bar.pose.chosen.connect(self.sources.take_pose_from)
        bar.pose.cleared.connect(self.sources.own_pose)
        bar.looks.chosen.connect(self.sources.take_looks_from)
        bar.looks.cleared.connect(lambda: self.sources.take_looks_from(None))
        canvas.drag_started.connect(self._drag_started)
        canvas.drag_moved.connect(self._drag_moved)
        canvas.drag_finished.connect(self._drag_finished)
        canvas.reset_requested.connect(self._reset)
        canvas.nudged.connect(self.nudge)
        canvas.menu_requested.connect(self._menu)
        canvas.selected.connect(self._select)
        self.edits.edited.connect(self._edited)
        self.edits.history_changed.connect(self.history_changed)
        self.drawing.found_changed.connect(self._edited)
        self.drawing.looking.connect(self._looking)
        self.drawing.drawn.connect(self._drawn)
        document.frame_image.connect(self._frame_arrived)
        document.crop_changed.connect(self._frame_arrived)
        document.models_changed.connect(self._model_changed)
        document.video_changed.connect(self._frame_arrived)
        document.skeleton_changed.connect(self._names_changed)
        document.selection_changed.connect(self._selection_changed)

    # --- what is on screen -------------------------------------------------------------------

    def showEvent(self, event: QShowEvent) -> None:
        """Bring up to date what was left alone while hidden."""
        super().showEvent(event)
        self._names_changed()
        self._frame_arrived()

    def hideEvent(self, event: QHideEvent) -> None:
        """Ask nothing of the engine while nobody looks."""
        self._settle.stop()
        self.drawing.cancel()
        super().hideEvent(event)

    def _frame_arrived(self, *_: object) -> None:
        # A frame that arrives under a held landmark waits until it is let go.
        self._missed = self.canvas.dragging
        if self._missed or not self.isVisible():
            return
        image = self._document.image()
        self.canvas.set_frame(image)
        self.drawing.clear()
        none = np.zeros((0, 2), np.float32)
        self.canvas.set_points(none, none, frozenset())
        self.edits.load()
        self._show_part()
        self._say()
        if image is not None and self._document.model_path is not None:
            self._settle.start()

    def _model_changed(self) -> None:
        self.drawing.forget()
        self._names_changed()
        self._frame_arrived()

    def _names_changed(self) -> None:
        info, shown = self._document.model_info, self._document.skeleton
        self._order = []
        skeleton = Skeleton(())
        if info is not None:
            self._order = landmark_map(shown, info.skeleton).tolist()
            skeleton = skeleton_of_edit(shown, info.skeleton)
        self.canvas.skeleton = skeleton
        self.canvas.update()

    def _selection_changed(self, landmark: int) -> None:
        known = landmark >= 0 and landmark in self._order
        self.canvas.chosen = self._order.index(landmark) if known else None
        self.canvas.update()
        self._tell_abilities()

    def _select(self, landmark: int) -> None:
        place = self._order[landmark] if landmark < len(self._order) else -1
        if place >= 0:
            self._document.select(place)

    def _show_part(self, *_: object) -> None:
        if self.bar.whole.isChecked() or self._document.image() is None:
            self.canvas.set_view(None)
            return
        crop = self._document.crop()
        grow = crop.side_px * _MARGIN_SHARE
        left, top, right, bottom = crop_bounds(crop, 1 << 30, 1 << 30)
        rect = QRectF(left, top, right - left, bottom - top)
        self.canvas.set_view(rect.adjusted(-grow, -grow, grow, grow))

    def _say(self) -> None:
        """Bring texts and buttons in line with what there is."""
        reason, mend, self._mend = what_is_missing(self._document)
        self._empty.text.setText(reason)
        if self._empty.button is not None:
            self._empty.button.setText(mend)
        self._stack.setCurrentWidget(self._empty if reason else self.canvas)
        ready = not reason
        for widget in self.bar.of_a_picture:
            widget.setEnabled(ready)
        for button in (self.bar.reset, self.bar.along):
            button.setEnabled(ready and not self.edit.empty)
        self.foot.say(len(self.edit.moved), self.sources.looks_words(), ready)
        self._tell_abilities()

    def _tell_abilities(self) -> None:
        able = {"picture"} if self._stack.currentWidget() is self.canvas else set()
        if able and not self.edit.empty:
            able.add("edited")
        if able and self.canvas.chosen in self.edit.moved:
            able.add("edited_landmark")
        if able != self.abilities:
            self.abilities = frozenset(able)
            self.abilities_changed.emit()

    # --- edits -------------------------------------------------------------------------------

    @property
    def edit(self) -> FrameEdit:
        """The edit of the frame on screen."""
        return self.edits.edit

    @property
    def empty_text(self) -> str:
        """What stands in the place of the pictures; empty where they are."""
        return "" if self._stack.currentWidget() is self.canvas else self._empty.text.text()

    def range_edit(self) -> RangeEdit | None:
        """The edit as it can be made in any frame; None where there is none that is drawn."""
        return range_edit(self._document, self.edit, self.drawing, self.sources)

    def handles_undo(self) -> bool:
        """Whether Undo and Redo mean this view's own steps now."""
        return self.undo_text is not None or self.redo_text is not None

    @property
    def undo_text(self) -> str | None:
        """What `undo` would take back; None for nothing."""
        return self.edits.undo_text

    @property
    def redo_text(self) -> str | None:
        """What `redo` would do again; None for nothing."""
        return self.edits.redo_text

    def undo(self) -> str | None:
        """Take back the newest edit of a picture, going to its frame; what it was."""
        return self.edits.undo()

    def redo(self) -> str | None:
        """Do again what was taken back, going to its frame; what it was."""
        return self.edits.redo()

    def reset_all(self) -> None:
        """Put all landmarks and the looks back."""
        self.edits.commit(self.tr("Reset all landmarks"), FrameEdit())

    def reset_selected(self) -> None:
        """Put the selected landmark back."""
        if self.canvas.chosen is not None:
            self._reset(self.canvas.chosen)

    def _reset(self, landmark: int) -> None:
        text = self.tr("Reset {0}").format(self._name(landmark))
        self.edits.commit(text, self.edit.without_points([landmark]))

    def nudge(self, dx: float, dy: float) -> None:
        """Move the selected landmark a little, pixels of the video."""
        landmark, edit, found = self.canvas.chosen, self.edit, self.drawing.found
        if landmark is not None and found is not None and landmark < len(found):
            x, y = edit.points(found)[landmark].tolist()
            text = self.tr("Move {0}").format(self._name(landmark))
            self.edits.commit(text, edit.with_point(landmark, x + dx, y + dy))

    def _name(self, landmark: int) -> str:
        names = self.canvas.skeleton.names
        return names[landmark] if landmark < len(names) else str(landmark + 1)

    # --- dragging and drawing ----------------------------------------------------------------

    def _edited(self) -> None:
        """Show the edit of the frame on screen."""
        found, edit = self.drawing.found, self.edit
        if found is not None and not self.canvas.dragging:
            self.canvas.set_points(found, edit.points(found), frozenset(edit.moved))
        self._say()
        self.drawing.ask()

    def _drag_started(self, _landmark: int) -> None:
        self.drawing.dragged = self.edit
        self.drawing.hold()

    def _drag_moved(self, landmark: int, x: float, y: float) -> None:
        self.drawing.dragged = self.edit.with_point(landmark, x, y)
        if self.on_busy is not None:
            self.on_busy()
        self.drawing.ask()

    def _drag_finished(self, landmark: int) -> None:
        edit, self.drawing.dragged = self.drawing.dragged, None
        if edit is not None:
            self.edits.commit(self.tr("Move {0}").format(self._name(landmark)), edit)
        if self._missed:
            self._frame_arrived()

    def _looking(self, looking: bool) -> None:
        if looking and self.drawing.found is None:
            self.foot.took.setText(self.tr("Looking…"))
        elif not looking and self.drawing.patch is None:
            self.foot.took.clear()

    def _drawn(self, patch: Patch | None, took_ms: float) -> None:
        self.canvas.set_patch(patch)
        self.foot.took.setText("" if patch is None else self.tr("{0:.0f} ms").format(took_ms))
        self.redrawn.emit(took_ms)

    # --- pictures that leave -----------------------------------------------------------------

    def picture(self, both: bool = True) -> Image | None:
        """The edited frame, ``(H, W, 3)``, or before and after side by side."""
        frame = self._document.image()
        if frame is None:
            return None
        after = apply_patch(frame, self.drawing.patch)
        return both_pictures(frame, after) if both else after

    def save_picture(self, path: Path | None = None, both: bool = True) -> None:
        """Write the picture; a dialog asks where and what without a path."""
        document = self._document
        if document.video is None:
            return
        if path is None:
            asked = ask_where(self, document.video.path, document.frame_index)
            if asked is None:
                return
            path, both = asked
        image = self.picture(both)
        if image is not None:
            try:
                save_image(path, image)
            except LimnerError as error:
                document.message.emit("error", error.message, error.mend)
            else:
                self.foot.summary.setText(self.tr("Saved as {0}").format(path.name))

    def copy_picture(self) -> None:
        """Put the edited frame on the clipboard."""
        image = self.picture(both=False)
        if image is not None:
            QGuiApplication.clipboard().setImage(to_qimage(image))
            self.foot.summary.setText(self.tr("The picture is on the clipboard."))

    def toggle_divider(self) -> None:
        """Change between side by side and one over the other."""
        other = self.bar.side_by_side if self.canvas.divided else self.bar.divider
        other.setChecked(True)

    def toggle_whole_frame(self) -> None:
        """Change between the network's crop and the whole frame."""
        self.bar.whole.toggle()

    def _menu(self, landmark: int, at: QPoint) -> None:
        menu = QMenu(self)
        if landmark >= 0:
            put_back = menu.addAction(
                theme.icon("arrow-counter-clockwise"),
                self.tr("Reset {0}").format(self._name(landmark)),
            )
            put_back.setEnabled(landmark in self.edit.moved)
            put_back.triggered.connect(lambda: self._reset(landmark))
        everything = menu.addAction(self.tr("Reset all"))
        everything.setEnabled(not self.edit.empty)
        everything.triggered.connect(self.reset_all)
        menu.addSeparator()
        menu.addAction(theme.icon("copy"), self.tr("Copy the picture"), self.copy_picture)
        menu.addAction(
            theme.icon("download-simple"), self.tr("Save the picture…"), self.save_picture
        )
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(at)
