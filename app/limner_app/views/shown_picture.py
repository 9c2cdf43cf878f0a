"""One frame on screen: converted and scaled once, however often what lies over it is painted."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QImage, QPainter, QPixmap

from limner_engine.types import Image

_PIXELS_FROM = 3.0
"""Above so many screen pixels a video pixel, seeing the pixels themselves helps to aim."""


def _pixmap(image: Image) -> QPixmap:
    pixels = np.ascontiguousarray(image)
    height, width = pixels.shape[:2]
    shown = QImage(pixels.data, width, height, 3 * width, QImage.Format.Format_RGB888)
    return QPixmap.fromImage(shown)


class ShownPicture:
    """A frame and its newest scaled picture.

    Attributes:
        made: How often a scaled picture was made.
    """

    def __init__(self) -> None:
        self.image: Image | None = None
        self.made = 0
        self._whole: QPixmap | None = None
        self._scaled: QPixmap | None = None
        self._key: tuple[object, ...] = ()

    def set_image(self, image: Image | None) -> None:
        """Show another frame, ``(H, W, 3)`` uint8, or none."""
        self.image, self._whole, self._scaled = image, None, None

    def paint(self, painter: QPainter, area: QRectF, bounds: QRectF, ratio: float) -> None:
        """Paint the frame.

        Args:
            painter: Paints in pixels of the widget.
            area: Where the whole frame lies, pixels of the widget.
            bounds: The widget; what lies outside is not made.
            ratio: Pixels of the screen for each of the widget.
        """
        if self.image is None or area.isEmpty():
            return
        key = (area.getRect(), bounds.getRect(), ratio)
        if self._scaled is None or key != self._key:
            self._key, self.made = key, self.made + 1
            shrunk = area.width() * ratio < self.image.shape[1]
            self._at = area.topLeft() if shrunk else area.intersected(bounds).topLeft()
            self._scaled = (
                self._shrunk(area, ratio) if shrunk else self._grown(area, bounds, ratio)
            )
        painter.drawPixmap(self._at, self._scaled)

    _at = QPointF()

    def _shrunk(self, area: QRectF, ratio: float) -> QPixmap:
        """The whole frame; averaging areas keeps thin lines that sampling would lose."""
        import cv2

        assert self.image is not None
        size = (max(1, round(area.width() * ratio)), max(1, round(area.height() * ratio)))
        small = cv2.resize(self.image, size, interpolation=cv2.INTER_AREA)
        made = _pixmap(small.astype(np.uint8, copy=False))
        made.setDevicePixelRatio(ratio)
        return made

    def _grown(self, area: QRectF, bounds: QRectF, ratio: float) -> QPixmap:
        """The part in sight."""
        assert self.image is not None
        if self._whole is None:
            self._whole = _pixmap(self.image)
        seen = area.intersected(bounds)
        made = QPixmap((seen.size() * ratio).toSize().expandedTo(QSize(1, 1)))
        made.fill(Qt.GlobalColor.transparent)
        made.setDevicePixelRatio(ratio)
        with QPainter(made) as painter:
            smooth = area.width() * ratio < _PIXELS_FROM * self.image.shape[1]
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, smooth)
            painter.drawPixmap(
                area.translated(-seen.topLeft()), self._whole, QRectF(self._whole.rect())
            )
        return made
