"""Poses of a prior as the network draws them, beside what it will see of the videos."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QImage, QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from limner_app import theme
from limner_app.views.edit_canvas import to_qimage
from limner_engine.priors.picture import skeleton_picture
from limner_engine.types import Floats, Image, Skeleton

COLUMNS, ROWS = 3, 5
SHOWN = COLUMNS * ROWS
SIDE_PX = 96
"""Side of the skeleton pictures; they are drawn larger or smaller as there is room."""
_RADIUS_PX = 4.0
_BETWEEN_PX = 24
_FEW = 24
"""Up to so many landmarks there is room for their dots."""

Box = tuple[float, float, float, float]
"""Left, top, right and bottom, -1..1 of the crop."""


class PriorGallery(QWidget):
    """Two blocks of tiles of one size, each under its heading."""

    def __init__(self) -> None:
        super().__init__()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(460, 320)
        self.setAccessibleName(self.tr("Poses of the prior beside crops of the videos"))
        self._poses: list[QImage] = []
        self._dots: Floats = np.zeros((0, 0, 2), np.float32)
        self._skeleton = Skeleton(())
        self._crops: list[QImage] = []
        self._box: Box | None = None
        self._empty = ""

    @property
    def pose_count(self) -> int:
        """How many skeletons are shown."""
        return len(self._poses)

    @property
    def crop_count(self) -> int:
        """How many crops are shown."""
        return len(self._crops)

    def sizeHint(self) -> QSize:
        """Room for tiles that can be told apart."""
        return QSize(640, 440)

    def set_poses(self, poses: Floats, skeleton: Skeleton, empty: str = "") -> None:
        """Show poses.

        Args:
            poses: ``(N, K, 2)`` in -1..1 of the crop; at most `SHOWN` are seen.
            skeleton: Of them.
            empty: What is said in their place where there are none.
        """
        self._dots, self._skeleton = poses[:SHOWN], skeleton
        self._poses = [_grey(skeleton_picture(pose, skeleton, SIDE_PX)) for pose in self._dots]
        self._empty = empty
        self.update()

    def set_crops(self, crops: Sequence[Image]) -> None:
        """Show crops, ``(S, S, 3)`` each; at most `SHOWN`."""
        self._crops = [to_qimage(crop) for crop in crops[:SHOWN]]
        self.update()

    def set_box(self, box: Box | None) -> None:
        """Frame where bodies or faces typically are in the crops; None where nobody knows."""
        self._box = box
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint both blocks."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        head = painter.fontMetrics().height() + theme.GAP
        half = (self.width() - _BETWEEN_PX) / 2
        side = min(
            (half - (COLUMNS - 1) * theme.GRID) / COLUMNS,
            (self.height() - head - (ROWS - 1) * theme.GRID) / ROWS,
        )
        wide = COLUMNS * side + (COLUMNS - 1) * theme.GRID
        for number, (title, pictures, empty) in enumerate(
            (
                (self.tr("Poses of the prior"), self._poses, self._empty),
                (self.tr("Crops of your videos"), self._crops, ""),
            )
        ):
            left = number * (wide + _BETWEEN_PX)
            painter.setPen(theme.colour("dim"))
            painter.drawText(QRectF(left, 0, wide, head), Qt.AlignmentFlag.AlignLeft, title)
            for place in range(SHOWN):
                row, column = divmod(place, COLUMNS)
                x = left + column * (side + theme.GRID)
                y = head + row * (side + theme.GRID)
                tile = QRectF(x, y, side, side)
                self._paint_tile(painter, tile, pictures[place] if place < len(pictures) else None)
                if number == 0 and place < len(pictures) and len(self._skeleton.names) <= _FEW:
                    self._paint_dots(painter, tile, self._dots[place])
            if empty and not pictures:
                high = ROWS * (side + theme.GRID)
                painter.setPen(theme.colour("dim"))
                painter.drawText(
                    QRectF(left + 12, head, wide - 24, high),
                    Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap,
                    empty,
                )

    def _paint_tile(self, painter: QPainter, tile: QRectF, picture: QImage | None) -> None:
        shape = QPainterPath()
        shape.addRoundedRect(tile, _RADIUS_PX, _RADIUS_PX)
        painter.fillPath(shape, theme.colour("canvas"))
        if picture is None:
            return
        painter.save()
        painter.setClipPath(shape)
        painter.drawImage(tile, picture)
        if self._box is not None:
            left, top, right, bottom = self._box
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(theme.colour("accent"), 1.2, Qt.PenStyle.DashLine))
            painter.drawRect(
                QRectF(
                    tile.left() + (left + 1) / 2 * tile.width(),
                    tile.top() + (top + 1) / 2 * tile.height(),
                    (right - left) / 2 * tile.width(),
                    (bottom - top) / 2 * tile.height(),
                )
            )
        painter.restore()

    def _paint_dots(self, painter: QPainter, tile: QRectF, pose: Floats) -> None:
        """Landmarks in their colours, so that left and right are told apart."""
        painter.save()
        painter.setClipRect(tile)
        painter.setPen(Qt.PenStyle.NoPen)
        radius = tile.width() / 36
        for number, (x, y) in enumerate(pose.tolist()):
            painter.setBrush(theme.landmark_colour(number, self._skeleton))
            painter.drawEllipse(
                QPointF(
                    tile.left() + (x + 1) / 2 * tile.width(),
                    tile.top() + (y + 1) / 2 * tile.height(),
                ),
                radius,
                radius,
            )
        painter.restore()


def _grey(picture: Floats) -> QImage:
    shade = np.ascontiguousarray(np.clip(picture * 255, 0, 255).astype(np.uint8))
    return to_qimage(np.repeat(shade[:, :, None], 3, axis=2))
