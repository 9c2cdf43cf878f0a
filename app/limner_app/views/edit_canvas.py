"""Before and after, side by side or under a divider; landmarks can be dragged on either."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QPoint, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QContextMenuEvent,
    QFont,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPixmap,
    QResizeEvent,
    QTransform,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from limner_app import theme
from limner_app.views.edit_marks import Marks, paint_marks
from limner_app.views.redrawer import Patch
from limner_engine.types import Floats, Image, Skeleton

if TYPE_CHECKING:
    from limner_app.views.pose_inset import PoseInset

_NUDGES = {
    Qt.Key.Key_Left: (-1.0, 0.0),
    Qt.Key.Key_Right: (1.0, 0.0),
    Qt.Key.Key_Up: (0.0, -1.0),
    Qt.Key.Key_Down: (0.0, 1.0),
}
_REACH_PX = 14.0
_LABEL_PX = 24
_DIVIDER_REACH_PX = 6.0


def to_qimage(image: Image) -> QImage:
    """A Qt picture with a copy of the pixels of ``(H, W, 3)`` uint8."""
    pixels = np.ascontiguousarray(image)
    height, width = pixels.shape[:2]
    return QImage(
        pixels.data, width, height, 3 * width, QImage.Format.Format_RGB888
    ).convertToFormat(QImage.Format.Format_RGB32)


class EditCanvas(QWidget):
    """Paints both pictures and turns the mouse into positions in pixels of the video.

    Signals:
        drag_started: Landmark.
        drag_moved: Landmark, x, y in pixels of the video. The dot has moved already.
        drag_finished: Landmark.
        reset_requested: Landmark, by a double click.
        menu_requested: Landmark or -1, and the position on the screen.
        selected: Landmark that was pressed.
        nudged: How far the selected landmark should move, pixels of the video.
    """

    drag_started = Signal(int)
    drag_moved = Signal(int, float, float)
    drag_finished = Signal(int)
    reset_requested = Signal(int)
    menu_requested = Signal(int, QPoint)
    selected = Signal(int)
    nudged = Signal(float, float)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(240, 160)
        self.setAccessibleName(self.tr("Before and after"))
        self.skeleton = Skeleton(())
        self.chosen: int | None = None
        self._frame: QImage | None = None
        self._patch: QImage | None = None
        self._patch_at = QPointF()
        self._found: Floats = np.zeros((0, 2), np.float32)
        self._points: Floats = np.zeros((0, 2), np.float32)
        self._moved: frozenset[int] = frozenset()
        self._view: QRectF | None = None
        self._divided = False
        self._split = 0.5
        self._pulling = False
        self._dragged: int | None = None
        self._grip = QPointF()
        self._hover: int | None = None
        self._backdrop: QPixmap | None = None
        self.inset: PoseInset | None = None

    @property
    def dragging(self) -> bool:
        """Whether a landmark is held by the mouse."""
        return self._dragged is not None

    @property
    def points(self) -> Floats:
        """``(K, 2)`` where the dots are, pixels of the video."""
        return self._points

    def place_of(self, landmark: int, after: bool) -> QPointF:
        """Where a dot stands in one of the pictures, pixels of the widget."""
        return self.transform(after).map(QPointF(*self._points[landmark].tolist()))

    @property
    def divided(self) -> bool:
        """Whether one picture lies over the other with a divider."""
        return self._divided

    def set_divided(self, divided: bool) -> None:
        """Lay the pictures over one another, or side by side."""
        self._divided, self._backdrop = divided, None
        self.update()

    def set_frame(self, frame: Image | None) -> None:
        """The picture as it was; what was drawn anew goes away."""
        self._frame = None if frame is None else to_qimage(frame)
        self._patch, self._backdrop = None, None
        self.update()

    def set_patch(self, patch: Patch | None) -> None:
        """The part that was drawn anew; None where the picture is as it was."""
        self._patch = None if patch is None else to_qimage(patch.image)
        if patch is not None:
            self._patch_at = QPointF(patch.x - 0.5, patch.y - 0.5)
        self.update()

    def set_points(self, found: Floats, points: Floats, moved: frozenset[int]) -> None:
        """Where landmarks were found and where they should be, ``(K, 2)`` pixels of the video."""
        self._found, self._points, self._moved = found, points, moved
        if self._dragged is not None and self._dragged >= len(points):
            self._dragged = None
        self.update()

    def set_view(self, rect: QRectF | None) -> None:
        """The part of the frame to show, pixels of the video; None for all of it."""
        if rect != self._view:
            self._view, self._backdrop = rect, None
            self.update()

    def sizeHint(self) -> QSize:
        """Room for two pictures."""
        return QSize(900, 480)

    # --- geometry ----------------------------------------------------------------------------

    def pane(self, after: bool) -> QRectF:
        """Where a picture may stand, in pixels of the widget."""
        inner = QRectF(self.rect()).adjusted(theme.MARGIN, _LABEL_PX, -theme.MARGIN, -theme.MARGIN)
        if not self._divided:
            width = (inner.width() - theme.MARGIN) / 2
            left = inner.left() + (width + theme.MARGIN if after else 0.0)
            inner = QRectF(left, inner.top(), width, inner.height())
        return inner

    def shown(self) -> QRectF:
        """The part of the frame that is shown, outer edges in pixels of the video."""
        assert self._frame is not None
        whole = QRectF(-0.5, -0.5, self._frame.width(), self._frame.height())
        return whole if self._view is None else self._view.intersected(whole)

    def picture(self, after: bool) -> QRectF:
        """Where a picture stands, in pixels of the widget."""
        pane, shown = self.pane(after), self.shown()
        scale = min(pane.width() / shown.width(), pane.height() / shown.height())
        width, height = shown.width() * scale, shown.height() * scale
        middle = pane.center()
        if not self._divided:
            # Pictures that are taller than wide lean together, so the eye has a short way.
            edge = pane.left() if after else pane.right() - width
            return QRectF(edge, middle.y() - height / 2, width, height)
        return QRectF(middle.x() - width / 2, middle.y() - height / 2, width, height)

    def transform(self, after: bool) -> QTransform:
        """From pixels of the video to pixels of the widget."""
        place, shown = self.picture(after), self.shown()
        scale = place.width() / shown.width()
        return QTransform(
            scale,
            0,
            0,
            scale,
            place.left() - shown.left() * scale,
            place.top() - shown.top() * scale,
        )

    def _side_at(self, position: QPointF) -> bool:
        return not self._divided and position.x() > self.pane(True).left() - theme.MARGIN / 2

    def _landmark_at(self, position: QPointF) -> int | None:
        if self._frame is None or not len(self._points):
            return None
        place = self.transform(self._side_at(position))
        best, nearest = None, _REACH_PX
        for landmark, (x, y) in enumerate(self._points.tolist()):
            if x == x:
                apart = place.map(QPointF(x, y)) - position
                distance = float(np.hypot(apart.x(), apart.y()))
                if distance < nearest:
                    best, nearest = landmark, distance
        return best

    def _divider_x(self) -> float:
        place = self.picture(True)
        return place.left() + self._split * place.width()

    def _at_divider(self, position: QPointF) -> bool:
        return (
            self._divided
            and self._frame is not None
            and abs(position.x() - self._divider_x()) < _DIVIDER_REACH_PX
        )

    # --- mouse -------------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take hold of a landmark or of the divider."""
        if event.button() != Qt.MouseButton.LeftButton:
            return
        position = event.position()
        landmark = self._landmark_at(position)
        if landmark is not None:
            place = self.transform(self._side_at(position))
            x, y = self._points[landmark].tolist()
            self._dragged, self._after = landmark, self._side_at(position)
            self._grip = place.map(QPointF(x, y)) - position
            self.chosen = landmark
            self.setCursor(Qt.CursorShape.ClosedHandCursor)
            self.selected.emit(landmark)
            self.drag_started.emit(landmark)
            self.update()
        elif self._at_divider(position):
            self._pulling = True

    _after = True

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """The dot follows at once, within the frame."""
        position = event.position()
        if self._pulling:
            place = self.picture(True)
            share = (position.x() - place.left()) / place.width()
            self._split = min(1.0, max(0.0, share))
            self.update()
        elif self._dragged is not None and self._frame is not None:
            to_video, _ok = self.transform(self._after).inverted()
            point = to_video.map(position + self._grip)
            x = min(max(point.x(), 0.0), self._frame.width() - 1.0)
            y = min(max(point.y(), 0.0), self._frame.height() - 1.0)
            self._points[self._dragged] = (x, y)
            self._moved |= {self._dragged}
            self.update()
            self.drag_moved.emit(self._dragged, x, y)
        else:
            hover = self._landmark_at(position)
            if hover is not None:
                self.setCursor(Qt.CursorShape.OpenHandCursor)
            elif self._at_divider(position):
                self.setCursor(Qt.CursorShape.SplitHCursor)
            else:
                self.unsetCursor()
            if hover != self._hover:
                self._hover = hover
                self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Let go."""
        if event.button() != Qt.MouseButton.LeftButton:
            return
        self._pulling = False
        if self._dragged is not None:
            landmark, self._dragged = self._dragged, None
            self.setCursor(Qt.CursorShape.OpenHandCursor)
            self.drag_finished.emit(landmark)
            self.update()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """A double click puts a landmark back."""
        landmark = self._landmark_at(event.position())
        if landmark is not None:
            self.reset_requested.emit(landmark)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Ask for a menu about what is under the mouse."""
        landmark = self._landmark_at(QPointF(event.pos()))
        self.menu_requested.emit(-1 if landmark is None else landmark, event.globalPos())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Alt and an arrow move the selected landmark; Backspace puts it back."""
        step, held = _NUDGES.get(Qt.Key(event.key())), event.modifiers()
        if step is not None and held & Qt.KeyboardModifier.AltModifier:
            far = 10.0 if held & Qt.KeyboardModifier.ShiftModifier else 1.0
            self.nudged.emit(step[0] * far, step[1] * far)
        elif event.key() == Qt.Key.Key_Backspace and self.chosen is not None:
            self.reset_requested.emit(self.chosen)
        else:
            super().keyPressEvent(event)

    # --- painting ----------------------------------------------------------------------------

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The scaled picture has to be made anew."""
        self._backdrop = None
        super().resizeEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Both pictures, then lines and dots over them."""
        with QPainter(self) as painter:
            painter.fillRect(event.rect(), theme.colour("canvas"))
            if self._frame is not None:
                painter.setRenderHint(QPainter.RenderHint.Antialiasing)
                painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
                self._paint_pictures(painter)
                self._paint_labels(painter)
                if self.inset is not None:
                    self.inset.paint(painter, self.pane(True), self.picture(True), self._points)

    def _paint_pictures(self, painter: QPainter) -> None:
        if self._divided:
            self._paint_divided(painter)
            return
        for after in (False, True):
            self._paint_picture(painter, after)
            self._paint_dots(painter, after)

    def _scaled(self) -> QPixmap:
        """The frame as shown, scaled once and not at each move of the mouse."""
        place = self.picture(False)
        if self._backdrop is None:
            assert self._frame is not None
            ratio = self.devicePixelRatioF()
            made = QPixmap((place.size() * ratio).toSize().expandedTo(QSize(1, 1)))
            made.setDevicePixelRatio(ratio)
            painter = QPainter(made)
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            shift = QTransform.fromTranslate(-place.left(), -place.top())
            painter.setTransform(self.transform(False) * shift)
            painter.drawImage(QPointF(-0.5, -0.5), self._frame)
            painter.end()
            self._backdrop = made
        return self._backdrop

    def _paint_picture(self, painter: QPainter, after: bool) -> None:
        place = self.picture(after)
        painter.drawPixmap(place.topLeft(), self._scaled())
        if after and self._patch is not None:
            painter.save()
            painter.setClipRect(place, Qt.ClipOperation.IntersectClip)
            painter.setTransform(self.transform(True))
            painter.drawImage(self._patch_at, self._patch)
            painter.restore()

    def _paint_divided(self, painter: QPainter) -> None:
        place, x = self.picture(True), self._divider_x()
        self._paint_picture(painter, False)
        painter.save()
        painter.setClipRect(QRectF(x, place.top(), place.right() - x, place.height()))
        self._paint_picture(painter, True)
        painter.restore()
        painter.setPen(QPen(QColor(255, 255, 255, 210), 1.5))
        painter.drawLine(QPointF(x, place.top()), QPointF(x, place.bottom()))
        painter.setBrush(QColor(255, 255, 255, 230))
        painter.setPen(QPen(QColor(0, 0, 0, 90), 1))
        painter.drawRoundedRect(QRectF(x - 3, place.center().y() - 14, 6, 28), 3, 3)
        self._paint_dots(painter, True)

    def _paint_dots(self, painter: QPainter, after: bool) -> None:
        marks = Marks(self._found, self._points, self._moved, self.skeleton)
        near = self._hover if self._dragged is None else self._dragged
        paint_marks(painter, self.transform(after), marks, self.chosen, near, self.width())

    def _paint_labels(self, painter: QPainter) -> None:
        font = QFont(self.font())
        font.setCapitalization(QFont.Capitalization.AllUppercase)
        font.setPointSizeF(font.pointSizeF() * 0.85)
        font.setLetterSpacing(QFont.SpacingType.AbsoluteSpacing, 0.6)
        painter.setFont(font)
        painter.setPen(theme.colour("dim"))
        for after, text in ((False, self.tr("Before")), (True, self.tr("After"))):
            place = self.picture(after)
            align = Qt.AlignmentFlag.AlignBottom | (
                Qt.AlignmentFlag.AlignRight
                if after and self._divided
                else Qt.AlignmentFlag.AlignLeft
            )
            row = QRectF(place.left(), place.top() - _LABEL_PX, place.width(), _LABEL_PX - 4)
            painter.drawText(row, align, text)
