"""The pose that an edited picture is redrawn from, small beside it."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QObject, QRectF, Qt
from PySide6.QtGui import QImage, QPainter, QPen
from PySide6.QtWidgets import QToolButton, QWidget

from limner_app import theme
from limner_app.document import Document
from limner_app.model_titles import draws_poses
from limner_app.settings import settings
from limner_app.views.edit_canvas import to_qimage
from limner_engine.coordinates import frame_to_crop
from limner_engine.types import Floats

_SETTING = "edit/pose"
_PIXELS = 64
_SIDES_PX = (96.0, 168.0)
_SHARE = 0.26
"""Of the picture's shorter side, where the inset has to lie upon it."""


class PoseInset(QObject):
    """Draws the clean pose picture of the landmarks, for models that redraw from one.

    Args:
        document: Its model says whether there is one, its crop where it lies.
        owner: The widget on which it is painted.
        button: Shows it, or not, which is remembered; there only where the model draws poses.
    """

    def __init__(self, document: Document, owner: QWidget, button: QToolButton) -> None:
        super().__init__(owner)
        self._document, self._owner, self._button = document, owner, button
        self._drawn: tuple[bytes, QImage] | None = None
        button.setChecked(str(settings().value(_SETTING, "1")) == "1")
        button.toggled.connect(self._show)
        document.models_changed.connect(self._model_changed)
        self._model_changed()

    def _show(self, on: bool) -> None:
        settings().setValue(_SETTING, "1" if on else "0")
        self._owner.update()

    def _model_changed(self) -> None:
        info = self._document.model_info
        self._button.setVisible(info is not None and draws_poses(info))

    def place(self, pane: QRectF, picture: QRectF) -> QRectF | None:
        """Where it stands: beside the picture where there is room, else in its corner.

        Args:
            pane: Where the picture may stand, pixels of the widget.
            picture: Where it stands.

        Returns:
            None where it would hide too much of the picture.
        """
        least, most = _SIDES_PX
        beside = pane.right() - picture.right() - theme.GAP
        if beside >= least:
            side = min(beside, most)
            return QRectF(picture.right() + theme.GAP, picture.bottom() - side, side, side)
        side = min(_SHARE * min(picture.width(), picture.height()), most)
        if side < 0.6 * least:
            return None
        return QRectF(picture.left() + theme.GAP, picture.bottom() - theme.GAP - side, side, side)

    def paint(self, painter: QPainter, pane: QRectF, picture: QRectF, points_px: Floats) -> None:
        """Paint it, where it is wanted, known and has room.

        Args:
            painter: Paints in pixels of the widget.
            pane: See `place`.
            picture: See `place`.
            points_px: ``(K, 2)`` pixels of the video.
        """
        info, box = self._document.model_info, self.place(pane, picture)
        if not self._button.isChecked() or info is None or not draws_poses(info) or box is None:
            return
        if len(points_px) != len(info.skeleton.names) or not np.isfinite(points_px).all():
            return
        norm = frame_to_crop(points_px, self._document.crop())
        key = norm.tobytes()
        if self._drawn is None or self._drawn[0] != key:
            # Drawing poses brings OpenCV along, which the window starts without.
            from limner_engine.inference.pose_picture import pose_picture

            pixels = pose_picture(norm, info.skeleton, _PIXELS)
            self._drawn = (key, to_qimage(pixels))
        painter.drawImage(box, self._drawn[1])
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(theme.colour("line"), 1))
        painter.drawRect(box)
