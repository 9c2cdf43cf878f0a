"""The picture with everything that is known of it: the hero of the window."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import (
    QKeyEvent,
    QMouseEvent,
    QNativeGestureEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from limner_app import theme
from limner_app.document import Document
from limner_app.views.landmark_marks import draw_chip, draw_edges, draw_landmarks
from limner_app.views.shown_picture import ShownPicture
from limner_app.views.subject_marks import draw_subject
from limner_engine.types import Floats

if TYPE_CHECKING:
    from limner_app.tools.tool import Tool

MOST_ZOOM = 64.0
REACH_PX = 13.0
"""How near the mouse must be to a landmark to take it, screen pixels."""
OTHERS_REACH_PX = 8.0
"""Likewise to one of another subject, which is not to be taken for an empty place's neighbour."""


class FrameView(QWidget):
    """Shows the document's frame, zooms and pans it, and hands the mouse to a tool.

    Signals:
        play_wished: Space was pressed and let go without panning.

    Attributes:
        tool: What the left and right buttons do; None for nothing.
        hovered: The landmark under the mouse, or None.
        hovered_other: One of a subject that is not worked on: that one and the landmark, or None.
        dragged: A landmark that is being moved and where it is now, or None.
    """

    play_wished = Signal()

    def __init__(self, document: Document, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.document = document
        self.tool: Tool | None = None
        self.hovered: int | None = None
        self.hovered_other: tuple[int, int] | None = None
        self.dragged: tuple[int, float, float] | None = None
        self.shown = {"skeleton": True, "confidence": False, "names": False, "crop": False}
        self._scale = 1.0
        self._origin = QPointF(0, 0)
        self._fitted = True
        self._pan_from: QPointF | None = None
        self._space = self._space_panned = False
        self._picture = ShownPicture()
        self._skeleton = document.skeleton
        self._size = (0, 0)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMinimumSize(240, 160)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName(self.tr("Frame"))
        document.frame_image.connect(self._take_image)
        document.video_changed.connect(self._new_video)
        for signal in (
            document.annotations_changed,
            document.predictions_changed,
            document.skeleton_changed,
            document.crop_changed,
            document.subjects_changed,
        ):
            signal.connect(self.update)
        document.selection_changed.connect(self.update)
        # The project is asked once a change, not at each painting.
        document.skeleton_changed.connect(self._names_changed)
        document.project_changed.connect(self._names_changed)

    # --- where things are ----------------------------------------------------------------

    @property
    def scale(self) -> float:
        """Screen pixels for each pixel of the video."""
        return self._scale

    def to_screen(self, x: float, y: float) -> QPointF:
        """A point of the video, pixels, to this widget."""
        return self._origin + QPointF((x + 0.5) * self._scale, (y + 0.5) * self._scale)

    def to_video(self, at: QPointF) -> tuple[float, float]:
        """The inverse of `to_screen`."""
        inside = (at - self._origin) / self._scale
        return inside.x() - 0.5, inside.y() - 0.5

    def inside(self, x: float, y: float) -> bool:
        """Whether a point lies on the picture."""
        width, height = self._size
        return -0.5 <= x <= width - 0.5 and -0.5 <= y <= height - 0.5

    def nearest(self, at: QPointF) -> int | None:
        """The landmark within reach of a point of this widget."""
        best, found = REACH_PX, None
        for i, place in enumerate(self.places()):
            if place is not None:
                away = math.hypot(place.x() - at.x(), place.y() - at.y())
                if away < best:
                    best, found = away, i
        return found

    def nearest_other(self, at: QPointF) -> tuple[int, int] | None:
        """The subject and its landmark within reach, of those that are not worked on."""
        best, found = OTHERS_REACH_PX, None
        for one, known in self.document.other_landmarks():
            for i, place in enumerate(self._on_screen(known.points)):
                if place is not None:
                    away = math.hypot(place.x() - at.x(), place.y() - at.y())
                    if away < best:
                        best, found = away, (one.id, i)
        return found

    def _on_screen(self, points: Floats) -> list[QPointF | None]:
        return [
            self.to_screen(float(x), float(y)) if np.isfinite(x) and np.isfinite(y) else None
            for x, y in points
        ]

    def places(self) -> list[QPointF | None]:
        """Screen position of each landmark, None where it is missing."""
        made = self._on_screen(self.document.landmarks().points)
        if self.dragged is not None and self.dragged[0] < len(made):
            made[self.dragged[0]] = self.to_screen(*self.dragged[1:])
        return made

    # --- zoom and pan --------------------------------------------------------------------

    def fit(self) -> None:
        """Show the whole frame as large as it goes, and keep it so while the window changes."""
        self._fitted = True
        width, height = self._size
        if width and height:
            room_w, room_h = max(1, self.width() - 16), max(1, self.height() - 16)
            self._scale = min(room_w / width, room_h / height)
            self._centre()
        self.update()

    def zoom(self, factor: float, at: QPointF | None = None) -> None:
        """Zoom about a point of this widget, by default its middle."""
        anchor = at if at is not None else QPointF(self.width() / 2, self.height() / 2)
        x, y = self.to_video(anchor)
        least = 0.5 * min(
            self.width() / max(1, self._size[0]), self.height() / max(1, self._size[1])
        )
        self._scale = min(MOST_ZOOM, max(min(least, 1.0), self._scale * factor))
        self._origin += anchor - self.to_screen(x, y)
        self._fitted = False
        self._keep_in_sight()
        self.update()

    def zoom_to(self, scale: float) -> None:
        """Zoom so that a pixel of the video takes ``scale`` pixels of the screen."""
        self.zoom(scale / self.devicePixelRatioF() / self._scale)

    def _centre(self) -> None:
        width, height = self._size
        self._origin = QPointF(
            (self.width() - width * self._scale) / 2, (self.height() - height * self._scale) / 2
        )

    def _keep_in_sight(self) -> None:
        width, height = self._size[0] * self._scale, self._size[1] * self._scale
        x = min(max(self._origin.x(), 60 - width), self.width() - 60)
        y = min(max(self._origin.y(), 60 - height), self.height() - 60)
        self._origin = QPointF(x, y)

    # --- the document --------------------------------------------------------------------

    def _new_video(self) -> None:
        reader = self.document.reader
        self._size = (0, 0) if reader is None else (reader.width, reader.height)
        self.hovered = self.hovered_other = self.dragged = None
        self._take_image(self.document.image())
        self.fit()

    def _take_image(self, image: object) -> None:
        self._picture.set_image(image if isinstance(image, np.ndarray) else None)
        if self.tool is not None:
            self.tool.frame_left()
        self.dragged = None
        self.update()

    def _names_changed(self) -> None:
        self._skeleton = self.document.skeleton
        self.update()

    # --- painting ------------------------------------------------------------------------

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint it."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), theme.colour("canvas"))
        if self.document.reader is None:
            return
        width, height = self._size
        area = QRectF(
            self._origin.x(), self._origin.y(), width * self._scale, height * self._scale
        )
        if self._picture.image is None:
            painter.fillRect(area, theme.colour("field"))
            painter.setPen(theme.colour("dim"))
            painter.drawText(
                area, Qt.AlignmentFlag.AlignCenter, self.tr("This frame cannot be read")
            )
        else:
            self._picture.paint(painter, area, QRectF(self.rect()), self.devicePixelRatioF())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self.tool is not None:
            self.tool.paint(painter)
        self._paint_landmarks(painter)

    def _paint_landmarks(self, painter: QPainter) -> None:
        known = self.document.landmarks()
        skeleton = self._skeleton
        if len(known) != len(skeleton.names):
            return  # between two signals of one change
        colours = theme.landmark_colours(skeleton)
        self._paint_others(painter)
        places = self.places()
        if self.shown["skeleton"]:
            draw_edges(painter, places, skeleton.edges)
        selected = self.document.selected
        draw_landmarks(
            painter,
            places,
            known,
            colours,
            selected=selected,
            hovered=self.hovered,
            with_confidence=self.shown["confidence"],
        )
        bounds, taken = QRectF(self.rect()), list[QRectF]()
        for i, place in enumerate(places):
            pointed = i in (selected, self.hovered)
            if place is None or not (pointed or self.shown["names"] or self.shown["confidence"]):
                continue
            words = [skeleton.names[i]] if pointed or self.shown["names"] else []
            if known.origin[i] == "model" and (pointed or self.shown["confidence"]):
                words.append(f"{float(known.confidence[i]):.2f}")
            if not known.visible[i]:
                words.append(self.tr("hidden"))
            if words:
                draw_chip(painter, place, "  ".join(words), bounds, taken)

    def _paint_others(self, painter: QPainter) -> None:
        edges = self._skeleton.edges if self.shown["skeleton"] else ()
        for one, known in self.document.other_landmarks():
            places = self._on_screen(known.points)
            there = self.hovered_other
            hovered = there[1] if there is not None and there[0] == one.id else None
            draw_subject(painter, places, edges, theme.subject_colour(one.id), hovered)
            at = None if hovered is None else places[hovered]
            if hovered is not None and at is not None:
                words = f"{one.name}  {self._skeleton.names[hovered]}"
                draw_chip(painter, at, words, QRectF(self.rect()))

    # --- mouse and keys ------------------------------------------------------------------

    def resizeEvent(self, _event: QResizeEvent) -> None:
        """Keep the picture in sight."""
        if self._fitted:
            self.fit()
        else:
            self._keep_in_sight()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zoom at the cursor."""
        turned = event.angleDelta().y()
        if turned:
            self.zoom(1.0015**turned, event.position())
        event.accept()

    def event(self, event: QEvent) -> bool:
        """Pinch zooms; Space waits for what follows."""
        if isinstance(event, QNativeGestureEvent):
            if event.gestureType() == Qt.NativeGestureType.ZoomNativeGesture:
                self.zoom(1.0 + event.value(), event.position())
                return True
        elif (
            isinstance(event, QKeyEvent)
            and event.type() == QEvent.Type.ShortcutOverride
            and event.key() == Qt.Key.Key_Space
        ):
            # Space may begin a pan, so this view waits for what follows before it plays.
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Handle the keys that mean something here."""
        if event.key() == Qt.Key.Key_Space:
            if not event.isAutoRepeat():
                self._space, self._space_panned = True, False
                self.setCursor(Qt.CursorShape.OpenHandCursor)
            return
        super().keyPressEvent(event)

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        """Space let go: play, unless it was held to pan."""
        if event.key() == Qt.Key.Key_Space:
            if not event.isAutoRepeat() and self._space:
                self._space = False
                self.unsetCursor()
                if not self._space_panned:
                    self.play_wished.emit()
            return
        super().keyReleaseEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin what the button means here."""
        self.setFocus(Qt.FocusReason.MouseFocusReason)
        middle = event.button() == Qt.MouseButton.MiddleButton
        if middle or (self._space and event.button() == Qt.MouseButton.LeftButton):
            self._pan_from = event.position()
            self.setCursor(Qt.CursorShape.ClosedHandCursor)
        elif self.tool is not None and self.document.reader is not None:
            self.tool.press(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Go on with it."""
        if self._pan_from is not None:
            self._origin += event.position() - self._pan_from
            self._pan_from = event.position()
            self._fitted = False
            self._space_panned = True
            self._keep_in_sight()
            self.update()
        elif self.tool is not None and self.document.reader is not None:
            self.tool.move(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """End it."""
        if self._pan_from is not None:
            self._pan_from = None
            self.unsetCursor()
        elif self.tool is not None and self.document.reader is not None:
            self.tool.release(event)

    def leaveEvent(self, _event: QEvent) -> None:
        """Nothing is under the mouse any more."""
        if self.hovered is not None or self.hovered_other is not None:
            self.hovered = self.hovered_other = None
            self.update()
