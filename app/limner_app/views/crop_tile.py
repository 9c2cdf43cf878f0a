"""A frame with its crop drawn, and beside it what the network sees."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QImage,
    QMouseEvent,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPen,
    QPolygonF,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from limner_app import theme
from limner_app.views.edit_canvas import to_qimage
from limner_engine.coordinates import crop_to_frame, cut
from limner_engine.types import Crop, Image

HEIGHT_PX = 112
WIDEST_SHARE = 1.78
"""Widest frame that is given its full height, width over height."""
NETWORK_PX = 128
"""Side of what is shown as the network's view, as most networks have it."""
_RADIUS_PX = 4.0
_UP_SHARE = 0.16


@dataclass(frozen=True, slots=True, eq=False)
class CropView:
    """One sample of a video, ready to be painted.

    Attributes:
        frame: The frame, small.
        corners: ``(4, 2)`` corners of the crop in shares of the frame's width and height, from
            the top left clockwise as the crop sees it; None where no crop is known.
        seen: The crop as the network sees it; None likewise.
        turned: Whether the crop has an angle, so that its upper side is worth a mark.
    """

    frame: QImage
    corners: np.ndarray[tuple[int, ...], np.dtype[np.float64]] | None
    seen: QImage | None
    turned: bool


def crop_view(frame: Image, crop: Crop | None, height_px: int) -> CropView:
    """Make a sample ready; takes milliseconds, so best on another thread.

    Args:
        frame: ``(H, W, 3)`` uint8.
        crop: Its crop, if it is known.
        height_px: Height of the small frame.
    """
    height, width = frame.shape[:2]
    size = max(1, round(width * height_px / height)), height_px
    how = cv2.INTER_AREA if height_px < height else cv2.INTER_LINEAR
    small = to_qimage(np.asarray(cv2.resize(frame, size, interpolation=how), np.uint8))
    if crop is None:
        return CropView(small, None, None, False)
    square = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]], np.float32)
    # The middle of the first pixel is 0 in the video, and half a pixel from the edge.
    corners = (crop_to_frame(square, crop).astype(np.float64) + 0.5) / (width, height)
    return CropView(small, corners, to_qimage(cut(frame, crop, NETWORK_PX)), crop.angle_rad != 0)


class CropTile(QWidget):
    """Shows one `CropView`; a press asks for its frame.

    Signals:
        pressed: With the mouse, or with Space or Return.

    Args:
        name: For those who cannot see it.
    """

    pressed = Signal()

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._view: CropView | None = None
        self._caption = ""
        self._share = 4 / 3
        self._old = False
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(name)
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    @property
    def view(self) -> CropView | None:
        """What is shown."""
        return self._view

    def set_frame_share(self, share: float) -> None:
        """How wide the frames of the video are, width over height."""
        self._share = min(share, WIDEST_SHARE)
        self.updateGeometry()

    def set_view(self, view: CropView | None, caption: str) -> None:
        """Show a sample, or nothing."""
        self._view, self._caption, self._old = view, caption, False
        self.setToolTip(self.tr("Go to frame {n}").format(n=caption) if view else "")
        self.update()

    def set_old(self) -> None:
        """The crop that is shown holds no longer; another one is on its way."""
        self._old = True
        self.update()

    def sizeHint(self) -> QSize:
        """The frame, the network's view and, below, a line."""
        across = round(HEIGHT_PX * self._share) + theme.GRID + HEIGHT_PX
        return QSize(across, HEIGHT_PX + self.fontMetrics().height() + theme.GRID)

    def minimumSizeHint(self) -> QSize:
        """The same: smaller ones could not be told apart."""
        return self.sizeHint()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Tell of it."""
        if event.button() == Qt.MouseButton.LeftButton and self._view is not None:
            self.pressed.emit()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Frame and crop on the left, the network's view on the right, the frame's number."""
        wide = HEIGHT_PX * self._share
        left = QRectF(0, 0, wide, HEIGHT_PX)
        right = QRectF(wide + theme.GRID, 0, HEIGHT_PX, HEIGHT_PX)
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            for ground in (left, right):
                shape = QPainterPath()
                shape.addRoundedRect(ground, _RADIUS_PX, _RADIUS_PX)
                painter.fillPath(shape, theme.colour("canvas"))
                if self._view is None:
                    continue
                painter.save()
                painter.setClipPath(shape)
                painter.setOpacity(0.4 if self._old else 1.0)
                if ground is left:
                    self._paint_frame(painter, ground, self._view)
                elif self._view.seen is not None:
                    painter.drawImage(ground, self._view.seen)
                painter.restore()
            painter.setFont(theme.tabular(self.font()))
            painter.setPen(theme.colour("dim"))
            row = QRectF(0, HEIGHT_PX, right.right(), self.height() - HEIGHT_PX)
            painter.drawText(
                row, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignBottom, self._caption
            )

    def _paint_frame(self, painter: QPainter, ground: QRectF, view: CropView) -> None:
        share = view.frame.width() / view.frame.height()
        height = min(ground.height(), ground.width() / share)
        place = QRectF(0, 0, height * share, height)
        place.moveCenter(ground.center())
        painter.drawImage(place, view.frame)
        if view.corners is None:
            return
        points = [
            QPointF(place.x() + x * place.width(), place.y() + y * place.height())
            for x, y in view.corners.tolist()
        ]
        outline = QPainterPath()
        outline.addPolygon(QPolygonF([*points, points[0]]))
        around = QPainterPath()
        around.addRect(place)
        painter.fillPath(around.subtracted(outline), QColor(0, 0, 0, 110))
        painter.setPen(QPen(QColor(0, 0, 0, 140), 3.0))
        painter.drawPath(outline)
        painter.setPen(QPen(theme.colour("accent"), 1.4))
        painter.drawPath(outline)
        if view.turned:
            self._mark_up(painter, points)

    @staticmethod
    def _mark_up(painter: QPainter, points: list[QPointF]) -> None:
        """A small arrow head inside the side that is the upper one to the network."""
        middle = (points[0] + points[1]) / 2
        along, inward = (points[1] - points[0]) / 2, (points[3] - points[0])
        base = middle + inward * _UP_SHARE
        arrow = QPolygonF([middle, base + along * _UP_SHARE, base - along * _UP_SHARE])
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.colour("accent"))
        painter.drawPolygon(arrow)
        painter.setBrush(Qt.BrushStyle.NoBrush)
