"""The whole video on one strip: thumbnails, confidence, marks and the place on screen."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QImage,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPixmap,
)
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from limner_app import theme
from limner_app.document import Document
from limner_app.marks import column_minimum
from limner_app.views.timeline_marks import (
    HALF_PX,
    draw_hatch,
    draw_stretch,
    draw_triangle,
    stretches,
)

_EDGE = theme.MARGIN
_THUMBS = 34
_BAND = 14
_MARKS = 12
_FOOT = 4
_PARTLY = 5
"""How much of the band is hatched where some landmarks of a frame were rejected."""


class Timeline(QWidget):
    """Click or drag to scrub, Shift-drag to select a range of frames.

    All marks are painted from arrays into one picture, which is kept until something changes.

    Signals:
        range_changed: Another range is selected, or none.

    Attributes:
        selection: The selected range (first, behind the last), or None.
    """

    range_changed = Signal()

    def __init__(self, document: Document, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.document = document
        self.selection: tuple[int, int] | None = None
        self._anchor: int | None = None
        self._ground: QPixmap | None = None
        self._thumbs: dict[int, QImage] = {}
        self._suggested = np.zeros(0, np.int64)
        self.setFixedHeight(_THUMBS + _BAND + _MARKS + _FOOT + 4)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setMouseTracking(True)
        self.setAccessibleName(self.tr("Timeline"))
        document.frame_changed.connect(self.update)
        document.video_changed.connect(self._new_video)
        for signal in (
            document.annotations_changed,
            document.predictions_changed,
            document.models_changed,
            document.skeleton_changed,
        ):
            signal.connect(self.forget)

    def forget(self) -> None:
        """Paint the marks anew."""
        self._ground = None
        self.update()

    def suggest(self, frames: np.ndarray) -> None:
        """Mark the frames of this video that are worth labelling.

        Args:
            frames: ``(n,)`` int64, ascending.
        """
        self._suggested = frames
        self.forget()

    def set_thumbnail(self, frame_index: int, image: QImage) -> None:
        """A small picture of a frame has been made."""
        self._thumbs[frame_index] = image
        self.forget()

    def thumbnail_frames(self) -> list[int]:
        """Frames in the middle of each place for a thumbnail at this width."""
        reader = self.document.reader
        if reader is None:
            return []
        width = max(12, round((_THUMBS - 2) * reader.width / reader.height))
        places = max(1, (self.width() - 2 * _EDGE) // (width + 1))
        count = reader.frame_count
        return [min(count - 1, int((i + 0.5) * count / places)) for i in range(places)]

    def select(self, chosen: tuple[int, int] | None) -> None:
        """Select a range of frames (first, behind the last), or none."""
        if chosen != self.selection:
            self.selection = chosen
            self.range_changed.emit()
            self.update()

    # --- where things are ----------------------------------------------------------------

    def frame_at(self, x: float) -> int:
        """The frame under a horizontal position of this widget."""
        count = max(1, self.document.frame_count)
        inner = max(1, self.width() - 2 * _EDGE)
        return min(count - 1, max(0, int((x - _EDGE) / inner * count)))

    def x_of(self, frame_index: float) -> float:
        """Horizontal position of the middle of a frame."""
        count = max(1, self.document.frame_count)
        return _EDGE + (frame_index + 0.5) / count * (self.width() - 2 * _EDGE)

    # --- painting ------------------------------------------------------------------------

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint it."""
        painter = QPainter(self)
        if not self.document.frame_count:
            painter.setPen(theme.colour("dim"))
            painter.drawText(
                self.rect(),
                Qt.AlignmentFlag.AlignCenter,
                self.tr("The video will be laid out here"),
            )
            return
        ratio = self.devicePixelRatioF()
        if self._ground is None or self._ground.size() != self.size() * ratio:
            self._ground = QPixmap(self.size() * ratio)
            self._ground.setDevicePixelRatio(ratio)
            self._ground.fill(Qt.GlobalColor.transparent)
            self._paint_ground(QPainter(self._ground))
        painter.drawPixmap(0, 0, self._ground)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self.selection is not None:
            self._paint_selection(painter, *self.selection)
        x = self.x_of(self.document.wanted_index)
        halo = QColor(0, 0, 0, 130) if theme.is_dark() else QColor(255, 255, 255, 200)
        painter.setPen(QPen(halo, 4))
        painter.drawLine(QPointF(x, 3), QPointF(x, self.height() - _FOOT))
        painter.setPen(QPen(QColor("#ffffff") if theme.is_dark() else theme.colour("text"), 2))
        painter.drawLine(QPointF(x, 2), QPointF(x, self.height() - _FOOT))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.colour("accent"))
        painter.drawEllipse(QPointF(x, 4), 4.5, 4.5)

    def _paint_selection(self, painter: QPainter, start: int, stop: int) -> None:
        left, right = self.x_of(start - 0.5), self.x_of(stop - 0.5)
        area = QRectF(left, 1, max(2.0, right - left), self.height() - _FOOT)
        painter.fillRect(area, theme.colour("accent", 50))
        painter.setPen(QPen(theme.colour("accent"), 1.5))
        painter.drawLine(area.topLeft(), area.bottomLeft())
        painter.drawLine(area.topRight(), area.bottomRight())

    def _paint_ground(self, painter: QPainter) -> None:
        inner = QRect(_EDGE, 2, self.width() - 2 * _EDGE, _THUMBS)
        painter.fillRect(inner, theme.colour("canvas"))
        frames = self.thumbnail_frames()
        for i, frame in enumerate(frames):
            left = inner.left() + i * inner.width() / len(frames)
            right = inner.left() + (i + 1) * inner.width() / len(frames)
            near = min(self._thumbs, key=lambda f: abs(f - frame), default=None)
            if near is not None and abs(near - frame) <= self.document.frame_count / len(frames):
                place = QRectF(left, inner.top() + 1, right - left - 1, _THUMBS - 2)
                painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
                painter.drawImage(place, self._thumbs[near])
        confidence = self.document.confidence_summary()
        self._paint_band(painter, confidence)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        marks = self.document.frame_marks()
        emptied = marks.emptied
        self._paint_rejected(painter, np.setdiff1d(marks.rejected, emptied), _PARTLY)
        self._paint_rejected(painter, emptied, _BAND)
        base = 2 + _THUMBS + _BAND + 2
        self._paint_accepted(painter, marks.accepted, base)
        painter.setBrush(theme.colour("text"))
        self._paint_triangles(painter, marks.labelled, base, up=True)
        painter.setBrush(theme.colour("warning"))
        self._paint_triangles(painter, self._suggested, base, up=False)
        painter.end()

    def _paint_band(self, painter: QPainter, confidence: np.ndarray) -> None:
        """One column a screen pixel: high where sure, amber where not, low where unknown."""
        columns = max(1, self.width() - 2 * _EDGE)
        lowest = column_minimum(confidence, columns)
        rows = np.arange(_BAND)[:, None]
        known = np.isfinite(lowest)
        height = np.where(known, 3 + np.nan_to_num(lowest) * (_BAND - 4), 2)[None, :]
        filled = rows >= _BAND - height
        low = known & (np.nan_to_num(lowest, nan=1.0) < theme.LOW_CONFIDENCE)
        pixels = np.zeros((_BAND, columns, 4), np.uint8)
        for mask, name, alpha in (
            (known & ~low, "accent", 170),
            (low, "warning", 230),
            (~known, "line", 255),
        ):
            made = theme.colour(name)
            value = (made.red(), made.green(), made.blue(), alpha)
            pixels[filled & mask[None, :]] = value
        image = QImage(pixels.data, columns, _BAND, 4 * columns, QImage.Format.Format_RGBA8888)
        painter.drawImage(QPointF(_EDGE, 2 + _THUMBS + 1), image)

    def _columns(self, frames: np.ndarray) -> np.ndarray:
        """Where frames stand, each pixel once, however many frames fall on it."""
        inner = self.width() - 2 * _EDGE
        at = _EDGE + (frames + 0.5) / max(1, self.document.frame_count) * inner
        return np.unique(np.rint(at).astype(np.int64))

    def _paint_triangles(self, painter: QPainter, frames: np.ndarray, top: int, up: bool) -> None:
        for x in self._columns(frames).tolist():
            draw_triangle(painter, x, top, up=up, hollow=False)

    def _paint_accepted(self, painter: QPainter, frames: np.ndarray, top: int) -> None:
        for first, last in stretches(self._columns(frames), 2 * HALF_PX):
            if last - first < HALF_PX:
                draw_triangle(painter, (first + last) / 2, top, up=True, hollow=True)
            else:
                draw_stretch(painter, first, last, top)
        painter.setPen(Qt.PenStyle.NoPen)

    def _paint_rejected(self, painter: QPainter, frames: np.ndarray, height: int) -> None:
        wide = (self.width() - 2 * _EDGE) / max(1, self.document.frame_count)
        for first, last in stretches(self._columns(frames), max(1.0, wide + 1)):
            half = max(1.5, wide / 2)
            left, top = first - half, 2 + _THUMBS + 1
            draw_hatch(painter, QRectF(left, top, last + half - left, height))

    # --- mouse ---------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin what the button means here."""
        if event.button() != Qt.MouseButton.LeftButton or not self.document.frame_count:
            return
        frame = self.frame_at(event.position().x())
        if event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            self._anchor = frame
        else:
            self.select(None)
            self.document.show(frame)
            self.update()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Go on with it."""
        if not self.document.frame_count:
            return
        frame = self.frame_at(event.position().x())
        if self._anchor is not None:
            first, last = sorted((self._anchor, frame))
            self.select((first, last + 1))
        elif event.buttons() & Qt.MouseButton.LeftButton:
            self.document.show(frame)
            self.update()
        else:
            self._tell(event, frame)

    def mouseReleaseEvent(self, _event: QMouseEvent) -> None:
        """End it."""
        self._anchor = None

    def _tell(self, event: QMouseEvent, frame: int) -> None:
        reader = self.document.reader
        if reader is None:
            return
        sure = float(self.document.confidence_summary()[frame])
        words = self.tr("Frame {frame} at {time:.3f} s").format(
            frame=frame, time=float(reader.time_s(frame))
        )
        decided = self._decided(frame)
        if np.isfinite(sure):
            words += "\n" + self.tr("Lowest confidence {sure:.2f}").format(sure=sure)
        elif not decided:
            words += "\n" + (
                self.tr("Nothing was imported for it")
                if self.document.imported
                else self.tr("Not detected yet")
            )
        words = "\n".join([words, *decided])
        QToolTip.showText(event.globalPosition().toPoint(), words, self)

    def _decided(self, frame: int) -> list[str]:
        """What persons decided of a frame, in words."""
        marks = self.document.frame_marks()
        told = []
        if frame in marks.labelled:
            told.append(self.tr("Annotated"))
        if frame in marks.accepted:
            told.append(self.tr("Predictions accepted"))
        if frame in marks.emptied:
            told.append(self.tr("Predictions rejected"))
        elif frame in marks.rejected:
            told.append(self.tr("Some predictions rejected"))
        if frame in self._suggested:
            told.append(self.tr("Worth labelling"))
        return told

    def _new_video(self) -> None:
        self._thumbs.clear()
        self.selection = self._anchor = None
        self.range_changed.emit()
        self.forget()

    def changeEvent(self, event: QEvent) -> None:
        """Follow the look."""
        if event.type() == QEvent.Type.PaletteChange:
            self.forget()
        super().changeEvent(event)
