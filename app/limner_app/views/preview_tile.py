"""Small pictures of what will come, each with a few words below."""

from __future__ import annotations

import math

import numpy as np
from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QImage, QMouseEvent, QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from limner_app import theme
from limner_app.views.edit_canvas import to_qimage
from limner_app.views.redrawer import apply_patch, crop_bounds, patch_of
from limner_engine.types import Crop, Image

MARGIN_SHARE = 0.12
"""What is shown around the crop, as a share of its side."""
_RADIUS_PX = 4.0


def tile_picture(frame: Image, crop: Crop, side_px: int, redrawn: Image | None = None) -> Image:
    """The neighbourhood of a crop, small.

    Args:
        frame: ``(H, W, 3)`` uint8.
        crop: What the network sees of it.
        side_px: The longer side of the result at most.
        redrawn: ``(N, N, 3)`` uint8, laid over the frame at ``crop``.

    Returns:
        ``(h, w, 3)`` uint8; the whole frame where the crop lies outside it.
    """
    import cv2

    height, width = frame.shape[:2]
    if redrawn is not None:
        frame = apply_patch(frame, patch_of(frame, redrawn, crop))
    grown = Crop(
        crop.centre_x_px, crop.centre_y_px, crop.side_px * (1 + 2 * MARGIN_SHARE), crop.angle_rad
    )
    left, top, right, bottom = crop_bounds(grown, width, height)
    if left >= right or top >= bottom:
        left, top, right, bottom = 0, 0, width, height
    part = np.ascontiguousarray(frame[top:bottom, left:right])
    scale = side_px / max(part.shape[:2])
    if scale >= 1:
        return part
    size = max(1, round(part.shape[1] * scale)), max(1, round(part.shape[0] * scale))
    return np.asarray(cv2.resize(part, size, interpolation=cv2.INTER_AREA), np.uint8)


class PreviewTile(QWidget):
    """A picture on a quiet ground, with a caption.

    Signals:
        pressed: The mouse was pressed on it.

    Args:
        side_px: Width of the ground, and its height.
        name: For those who cannot see it.
    """

    pressed = Signal()

    def __init__(self, side_px: int, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._side = side_px
        self._image: QImage | None = None
        self._old = False
        self._words = self._caption = ""
        self._chosen = False
        self.captioned = True
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(name)

    @property
    def empty(self) -> bool:
        """Whether there is no picture."""
        return self._image is None

    @property
    def image(self) -> QImage | None:
        """The picture."""
        return self._image

    def set_picture(self, picture: Image | None) -> None:
        """Show a picture, ``(h, w, 3)`` uint8, or none."""
        self._image = None if picture is None else to_qimage(picture)
        self._words, self._old = "", False
        self.update()

    def set_old(self) -> None:
        """What is shown holds no longer; another picture is on its way."""
        self._old = True
        self.update()

    def set_words(self, words: str) -> None:
        """Say something in the place of the picture."""
        self._image, self._words, self._old = None, words, False
        self.setToolTip(words)
        self.update()

    def set_caption(self, caption: str) -> None:
        """What stands below."""
        self._caption = caption
        self.update()

    def set_chosen(self, chosen: bool) -> None:
        """Whether this one is meant when only one can be."""
        self._chosen = chosen
        self.update()

    def sizeHint(self) -> QSize:
        """The ground and, below it, a line."""
        below = self.fontMetrics().height() + theme.GRID if self.captioned else 0
        return QSize(self._side, self._side + below)

    def minimumSizeHint(self) -> QSize:
        """It may be narrower."""
        return QSize(48, self.sizeHint().height())

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Tell of it."""
        if event.button() == Qt.MouseButton.LeftButton:
            self.pressed.emit()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """The ground, the picture as large as it fits, the caption."""
        ground = QRectF(0, 0, self.width(), self._side)
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            shape = QPainterPath()
            shape.addRoundedRect(ground, _RADIUS_PX, _RADIUS_PX)
            painter.fillPath(shape, theme.colour("canvas"))
            if self._image is not None:
                painter.save()
                painter.setClipPath(shape)
                painter.setOpacity(0.45 if self._old else 1.0)
                painter.drawImage(self._place(ground, self._image), self._image)
                painter.restore()
            elif self._words:
                painter.setPen(theme.colour("dim"))
                inner = ground.adjusted(theme.GAP, theme.GAP, -theme.GAP, -theme.GAP)
                flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
                painter.drawText(inner, flags, self._words)
            if self._chosen:
                painter.setPen(QPen(theme.colour("accent"), 2))
                painter.drawRoundedRect(ground.adjusted(1, 1, -1, -1), _RADIUS_PX, _RADIUS_PX)
            if self.captioned:
                painter.setFont(theme.tabular(self.font()))
                painter.setPen(theme.colour("text" if self._chosen else "dim"))
                row = QRectF(0, ground.bottom(), self.width(), self.height() - ground.bottom())
                painter.drawText(row, Qt.AlignmentFlag.AlignCenter, self._caption)

    @staticmethod
    def _place(ground: QRectF, image: QImage) -> QRectF:
        """Where a picture stands: filling the ground where it nearly does, else whole."""
        across, down = ground.width() / image.width(), ground.height() / image.height()
        # Crops are nearly square, and so are tiles: thin bars beside them would only be noise.
        alike = abs(math.log(across / down)) < math.log(1.35)
        scale = max(across, down) if alike else min(across, down)
        width, height = image.width() * scale, image.height() * scale
        middle = ground.center()
        return QRectF(middle.x() - width / 2, middle.y() - height / 2, width, height)
