"""The newest preview of a run, read off the window's thread."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from limner_app import theme
from limner_app.views.reading import Reading

_SHEET_ROWS = 4
_SHEET_GAP_PX = 4
"""Between two tiles of the sheet that a run draws."""


class PreviewPicture(QWidget):
    """Source, target, redrawn and landmarks, a row each."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(200, 120)
        self.setAccessibleName(self.tr("Preview of the run"))
        self._image = QImage()
        self._reading = Reading(self)
        self._reading.done.connect(self._take)

    @property
    def empty(self) -> bool:
        """Whether there is nothing to see."""
        return self._image.isNull()

    def load(self, path: Path | None) -> None:
        """Show a file soon, the old picture staying until it is read; None shows nothing."""
        if path is None:
            self._reading.drop()
            self._take(QImage())
        else:
            # A file that is gone meanwhile gives an empty picture.
            self._reading.start(lambda: QImage(str(path)))

    def _take(self, image: QImage) -> None:
        self._image = image
        self.update()

    def sizeHint(self) -> QSize:
        """Room for a few rows."""
        return QSize(360, 320)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """The picture as large as it fits, with a caption beside each row."""
        painter = QPainter(self)
        if self._image.isNull():
            painter.setPen(theme.colour("dim"))
            painter.drawText(
                QRectF(self.rect()).adjusted(16, 16, -16, -16),
                Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap,
                self.tr(
                    "Here source, target, redrawn picture and landmarks sharpen as it learns."
                ),
            )
            return
        captions = (
            self.tr("source"),
            self.tr("target"),
            self.tr("redrawn"),
            self.tr("landmarks"),
        )
        beside = max(painter.fontMetrics().horizontalAdvance(text) for text in captions)
        beside += theme.GAP
        room = QRectF(self.rect()).adjusted(theme.MARGIN + beside, 0, -theme.MARGIN, -theme.GAP)
        # Whole pairs only: columns that find no room are left out, not squeezed.
        source = QRectF(self._image.rect())
        pair = (source.height() + _SHEET_GAP_PX) / _SHEET_ROWS
        scale = room.height() / source.height()
        columns = max(1, int((room.width() / scale + _SHEET_GAP_PX) // pair))
        source.setWidth(min(source.width(), columns * pair - _SHEET_GAP_PX))
        scale = min(scale, room.width() / source.width())
        place = QRectF(room.left(), room.top(), source.width() * scale, source.height() * scale)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawImage(place, self._image, source)
        painter.setPen(theme.colour("dim"))
        for row, caption in enumerate(captions):
            box = QRectF(
                theme.MARGIN, place.top() + row * pair * scale, beside - theme.GAP, pair * scale
            )
            painter.drawText(
                box, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, caption
            )
