"""A skeleton drawn as dots and lines: click two dots to join them, drag one to lay it out."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from limner_app import theme
from limner_app.frame_landmarks import FrameLandmarks
from limner_app.views.landmark_marks import draw_edges
from limner_app.views.shown_picture import ShownPicture
from limner_app.views.skeleton_labels import WIDEST_PX, draw_labels
from limner_app.views.skeleton_layout import Places
from limner_app.views.skeleton_pairs import side_of
from limner_engine.types import Image, Skeleton

_MARGIN_PX = 44
_LEAST_PX = 160.0
_REACH_PX = 14
_DRAG_PX = 5
_FEW = 24
"""Up to so many landmarks all names are written."""
_ROOM = 0.35
"""Around the landmarks of a frame, as a share of their size."""
_ARROWS = {
    Qt.Key.Key_Left: (-1.0, 0.0),
    Qt.Key.Key_Right: (1.0, 0.0),
    Qt.Key.Key_Up: (0.0, -1.0),
    Qt.Key.Key_Down: (0.0, 1.0),
}


_BY_KEY = {Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason}


class SkeletonCanvas(QWidget):
    """Draws, and says what a person wants; it changes nothing but the layout itself.

    Attributes:
        pairing: Whether two clicks make left and right of a pair, instead of an edge.
        over_frame: Whether the landmarks lie where they are in the frame on screen.
        start: The dot that was clicked first.
        layout_kept: A dot was dragged; where all of them are now.
        two_chosen: Two dots, in the order in which they were clicked.
        chosen: One dot, or -1 for none.
        start_changed: Another dot, or none, waits for its second.
    """

    layout_kept = Signal(object)
    two_chosen = Signal(int, int)
    chosen = Signal(int)
    start_changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMinimumSize(320, 320)
        self.setAccessibleName(self.tr("Drawing of the skeleton"))
        self.pairing = self.over_frame = False
        self.start: int | None = None
        self.selected: int | None = None
        self.hovered: int | None = None
        self._skeleton = Skeleton(())
        self._layout: Places = np.zeros((0, 2))
        self._still = self._layout  # as before a drag, so that the rest stays where it is
        self._known: FrameLandmarks | None = None
        self._picture = ShownPicture()
        self._pointer = QPointF()
        self._pressed: tuple[int, QPointF] | None = None
        self._dragging = self._by_key = False

    def sizeHint(self) -> QSize:
        """Room for a face of 68 points."""
        return QSize(520, 460)

    def load(self, skeleton: Skeleton, layout: Places) -> None:
        """Draw another skeleton, ``(K, 2)`` places in a square from 0 to 1."""
        if skeleton.names != self._skeleton.names:
            self._let_go()
            self._pressed, self._dragging, self.hovered = None, False, None
        self._skeleton, self._layout, self._still = skeleton, layout, layout
        self.update()

    def set_frame(self, image: Image | None, known: FrameLandmarks | None) -> None:
        """The frame on screen and its landmarks."""
        if image is not self._picture.image:
            self._picture.set_image(image)
        self._known = known
        self.update()

    def set_pairing(self, on: bool) -> None:
        """Two clicks make a pair, or an edge."""
        self.pairing = on
        self._let_go()
        self.update()

    def set_over_frame(self, on: bool) -> None:
        """Lay the landmarks over the frame on screen, or out as in the drawing."""
        self.over_frame = on
        self._let_go()
        self.update()

    def select(self, landmark: int | None) -> None:
        """Ring one landmark."""
        self.selected = landmark
        self.update()

    # --- where things are ----------------------------------------------------------------

    def places(self) -> list[QPointF | None]:
        """Where each landmark is, pixels of the widget; None where the frame has none."""
        if self.over_frame:
            area = self._frame_area()
            known, image = self._known, self._picture.image
            if known is None or image is None or len(known) != len(self._skeleton.names):
                return [None] * len(self._skeleton.names)
            scale = area.width() / image.shape[1]
            return [
                QPointF(area.left() + (x + 0.5) * scale, area.top() + (y + 0.5) * scale)
                if np.isfinite(x) and np.isfinite(y)
                else None
                for x, y in known.points.tolist()
            ]
        side, corner = self._square()
        return [corner + QPointF(x * side, y * side) for x, y in self._layout.tolist()]

    def _square(self) -> tuple[float, QPointF]:
        """Side and corner of the drawing."""
        side = min(self.width(), self.height()) - 2.0 * _MARGIN_PX
        if len(self._skeleton.names) <= _FEW:
            # Names of the outermost stand outside, and shall be read whole.
            metrics = self.fontMetrics()
            for name, x in zip(self._skeleton.names, self._still[:, 0].tolist(), strict=True):
                out = abs(x - 0.5)
                wide = min(WIDEST_PX, metrics.horizontalAdvance(name))
                room = self.width() / 2 - wide - _MARGIN_PX / 2
                side = min(side, room / out) if out > 0.1 else side
        side = max(_LEAST_PX, side)
        return side, QPointF((self.width() - side) / 2, (self.height() - side) / 2)

    def _frame_area(self) -> QRectF:
        """Where the whole frame lies, so that its landmarks fill the widget."""
        image = self._picture.image
        if image is None:
            return QRectF()
        height, width = image.shape[:2]
        left, top, wide, high = 0.0, 0.0, float(width), float(height)
        points = None if self._known is None else self._known.points
        there = None if points is None else points[np.isfinite(points).all(axis=1)]
        if there is not None and len(there) > 1:
            low, high_ = there.min(axis=0), there.max(axis=0)
            room = float((high_ - low).max()) * _ROOM + 8.0
            left, top = (low - room).tolist()
            wide, high = (high_ - low + 2 * room).tolist()
        scale = min(self.width() / wide, self.height() / high)
        x = self.width() / 2 - (left + wide / 2) * scale
        y = self.height() / 2 - (top + high / 2) * scale
        return QRectF(x, y, width * scale, height * scale)

    def _at(self, at: QPointF) -> int | None:
        """The dot under the mouse."""
        near = [
            (float(np.hypot(place.x() - at.x(), place.y() - at.y())), i)
            for i, place in enumerate(self.places())
            if place is not None
        ]
        gap, landmark = min(near, default=(_REACH_PX + 1.0, 0))
        return landmark if gap <= _REACH_PX else None

    # --- painting ------------------------------------------------------------------------

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint it."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), theme.colour("canvas"))
        if self.over_frame:
            bounds = QRectF(self.rect())
            self._picture.paint(painter, self._frame_area(), bounds, self.devicePixelRatioF())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        places = self.places()
        self._paint_lines(painter, places)
        self._paint_dots(painter, places)
        if self.hasFocus() and self._by_key:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(theme.colour("accent"), 1))
            painter.drawRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5))

    def _paint_lines(self, painter: QPainter, places: Sequence[QPointF | None]) -> None:
        if self.over_frame:
            draw_edges(painter, places, self._skeleton.edges)
        else:
            painter.setOpacity(0.35 if self.pairing else 1.0)
            painter.setPen(QPen(theme.colour("dim"), 1.6))
            _lines(painter, places, self._skeleton.edges)
            painter.setOpacity(1.0)
        if self.pairing:
            many = len(places) > _FEW
            ink = theme.colour("accent", 130 if many else 255)
            painter.setPen(QPen(ink, 1.0 if many else 1.6, Qt.PenStyle.DashLine))
            _lines(painter, places, self._skeleton.symmetries)
        begin = None if self.start is None else places[self.start]
        if begin is not None:
            aim = None if self.hovered in (None, self.start) else places[self.hovered or 0]
            style = Qt.PenStyle.DashLine if self.pairing else Qt.PenStyle.SolidLine
            painter.setPen(QPen(theme.colour("accent"), 2.0, style))
            painter.drawLine(begin, aim if aim is not None else self._pointer)

    def _paint_dots(self, painter: QPainter, places: Sequence[QPointF | None]) -> None:
        few = len(places) <= _FEW
        radius = 6.0 if few else 4.0
        # Pale ones would be lost on a light ground.
        light = not theme.is_dark() and not self.over_frame
        rim = QPen(theme.colour("text", 110), 1.0) if light else QPen(theme.colour("canvas"), 1.5)
        for i, at in enumerate(places):
            if at is None:
                continue
            grown = radius * (1.3 if i in (self.hovered, self.start) else 1.0)
            painter.setPen(rim)
            painter.setBrush(theme.landmark_colour(i, self._skeleton))
            painter.drawEllipse(at, grown, grown)
            if i in (self.selected, self.start):
                painter.setBrush(Qt.BrushStyle.NoBrush)
                ink = theme.colour("accent" if i == self.start else "text")
                painter.setPen(QPen(ink, 1.6))
                painter.drawEllipse(at, radius + 4.5, radius + 4.5)
        shown = {self.hovered, self.selected, self.start}
        words = {
            i: self._word(i)
            for i, at in enumerate(places)
            if at is not None and (few or i in shown)
        }
        edges = self._skeleton.symmetries if self.pairing else self._skeleton.edges
        draw_labels(
            painter,
            places,
            words,
            bounds=QRectF(self.rect()),
            edges=edges,
            strong=shown,
            over_picture=self.over_frame,
        )

    def _word(self, landmark: int) -> str:
        """Its name; the side in its pair, too, while pairs are made."""
        name = self._skeleton.names[landmark]
        if self.pairing and not side_of(name)[0]:
            for left, right in self._skeleton.symmetries:
                if landmark == left:
                    return self.tr("{name} · left").format(name=name)
                if landmark == right:
                    return self.tr("{name} · right").format(name=name)
        return name

    # --- mouse and keys ------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A dot may be clicked or dragged."""
        if event.button() != Qt.MouseButton.LeftButton:
            self._let_go()
            return
        landmark = self._at(event.position())
        self._pressed = None if landmark is None else (landmark, event.position())
        if landmark is None:
            self._let_go()
            self.chosen.emit(-1)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Drag a dot of the drawing, or show what is under the mouse."""
        self._pointer = event.position()
        if self._pressed is not None and not self.over_frame:
            landmark, begin = self._pressed
            if (self._pointer - begin).manhattanLength() > _DRAG_PX:
                self._dragging = True
            if self._dragging:
                side, corner = self._square()
                at = (self._pointer - corner) / side
                self._layout = self._layout.copy()
                self._layout[landmark] = np.clip((at.x(), at.y()), -0.05, 1.05)
                self.setCursor(Qt.CursorShape.ClosedHandCursor)
        else:
            self.hovered = self._at(self._pointer)
            pointing = self.hovered is not None
            self.setCursor(
                Qt.CursorShape.PointingHandCursor if pointing else Qt.CursorShape.ArrowCursor
            )
        self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """A click picks, a drag is kept."""
        pressed, self._pressed = self._pressed, None
        if event.button() != Qt.MouseButton.LeftButton or pressed is None:
            return
        if self._dragging:
            self._dragging = False
            self.layout_kept.emit(self._layout)
        elif self._at(event.position()) == pressed[0]:
            self.pick(pressed[0])

    def pick(self, landmark: int) -> None:
        """Take one dot as the first, or as the second of two."""
        if self.start is None:
            self.start = landmark
            self.chosen.emit(landmark)
        elif self.start == landmark:
            self.start = None
        else:
            first, self.start = self.start, None
            self.two_chosen.emit(first, landmark)
        self.start_changed.emit()
        self.update()

    def _let_go(self) -> bool:
        if self.start is None:
            return False
        self.start = None
        self.start_changed.emit()
        self.update()
        return True

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows go from dot to dot, Space or Return picks, Esc lets go."""
        key = Qt.Key(event.key())
        if key in _ARROWS and event.modifiers() == Qt.KeyboardModifier.NoModifier:
            self._go(*_ARROWS[key])
        elif key in (Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter):
            if self.selected is not None and self.places()[self.selected] is not None:
                self.pick(self.selected)
        elif key != Qt.Key.Key_Escape or not self._let_go():
            super().keyPressEvent(event)

    def _go(self, across: float, down: float) -> None:
        """Select the nearest dot in a direction, the first one if none is selected."""
        places = self.places()
        here = None if self.selected is None else places[self.selected]
        best: tuple[float, int] | None = None
        for i, at in enumerate(places):
            if at is None or i == self.selected:
                continue
            if here is None:
                best = (0.0, i)
                break
            along = (at.x() - here.x()) * across + (at.y() - here.y()) * down
            aside = abs((at.x() - here.x()) * down) + abs((at.y() - here.y()) * across)
            # What lies far aside is not in this direction.
            if along > 1.0 and aside <= 2.5 * along and (best is None or along + aside < best[0]):
                best = (along + aside, i)
        if best is not None:
            landmark = best[1]
            self._pointer = places[landmark] or self._pointer
            self.hovered = landmark if self.start is not None else None
            self.chosen.emit(landmark)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Whoever comes by the keyboard is shown where it works now."""
        self._by_key = event.reason() in _BY_KEY
        super().focusInEvent(event)

    def leaveEvent(self, _event: QEvent) -> None:
        """Nothing is under the mouse any more."""
        self.hovered = None
        self.update()


def _lines(
    painter: QPainter, places: Sequence[QPointF | None], pairs: Sequence[tuple[int, int]]
) -> None:
    for first, second in pairs:
        a, b = places[first], places[second]
        if a is not None and b is not None:
            painter.drawLine(a, b)
