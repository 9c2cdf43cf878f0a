"""The newest preview of a run, read off the window's thread."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from limner_app import theme
from limner_app.views.reading import Reading
from limner_training.method_knobs import WARPS

_TILE_PX, _GAP_PX = 128, 4
"""Side of the tiles of the sheet that a run draws, and what is between two of them."""


class PreviewPicture(QWidget):
    """What a run draws, named: for each pair of pictures what it is made of and what came of it.

    A sheet has a row for each kind of picture and a column for each pair. Where poses are drawn on
    the way, the pictures of a pair stand side by side instead.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(200, 120)
        self.setAccessibleName(self.tr("Preview of the run"))
        self._image = QImage()
        self._method = ""
        self._reading = Reading(self)
        self._reading.done.connect(self._take)

    @property
    def empty(self) -> bool:
        """Whether there is nothing to see."""
        return self._image.isNull()

    @property
    def captions(self) -> tuple[str, ...]:
        """What the kinds of pictures are, as they follow on each other in the sheet."""
        if self._method == "keypointgan":
            return (
                self.tr("source"),
                self.tr("target"),
                self.tr("pose picture"),
                self.tr("clean pose"),
                self.tr("redrawn"),
                self.tr("landmarks"),
            )
        first = self.tr("source"), self.tr("target"), self.tr("redrawn")
        if self._method not in WARPS:
            return *first, self.tr("landmarks")
        # Only a network that learned how far to trust itself has a row of it.
        rows = (self._image.height() + _GAP_PX) // (_TILE_PX + _GAP_PX)
        return (*first, self.tr("flow"), self.tr("confidence"))[: max(4, rows)]

    def load(self, path: Path | None, method: str = "") -> None:
        """Show a file soon, the old picture staying until it is read; None shows nothing.

        Args:
            path: The sheet.
            method: The system of its run, which says what is in it.
        """
        if path is None:
            self._reading.drop()
            self._take((QImage(), method))
        else:
            # A file that is gone meanwhile gives an empty picture.
            self._reading.start(lambda: (QImage(str(path)), method))

    def _take(self, sheet: tuple[QImage, str]) -> None:
        self._image, self._method = sheet
        self.update()

    def sizeHint(self) -> QSize:
        """Room for a few rows."""
        return QSize(360, 320)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """The pictures as large as they fit, each kind with its caption."""
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            if self._image.isNull():
                painter.setPen(theme.colour("dim"))
                painter.drawText(
                    QRectF(self.rect()).adjusted(16, 16, -16, -16),
                    Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap,
                    self.tr("Here source, target and redrawn picture sharpen as it learns."),
                )
            elif self._method == "keypointgan":
                self._paint_across(painter)
            else:
                self._paint_down(painter)

    def _paint_down(self, painter: QPainter) -> None:
        """A column for each pair, captions beside the rows."""
        captions = self.captions
        beside = max(painter.fontMetrics().horizontalAdvance(text) for text in captions)
        beside += theme.GAP
        room = QRectF(self.rect()).adjusted(theme.MARGIN + beside, 0, -theme.MARGIN, -theme.GAP)
        # Whole pairs only: columns that find no room are left out, not squeezed.
        source = QRectF(self._image.rect())
        pair = (source.height() + _GAP_PX) / len(captions)
        scale = room.height() / source.height()
        columns = max(1, int((room.width() / scale + _GAP_PX) // pair))
        source.setWidth(min(source.width(), columns * pair - _GAP_PX))
        scale = min(scale, room.width() / source.width())
        place = QRectF(room.left(), room.top(), source.width() * scale, source.height() * scale)
        painter.drawImage(place, self._image, source)
        painter.setPen(theme.colour("dim"))
        for row, caption in enumerate(captions):
            box = QRectF(
                theme.MARGIN, place.top() + row * pair * scale, beside - theme.GAP, pair * scale
            )
            painter.drawText(
                box, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, caption
            )

    def _paint_across(self, painter: QPainter) -> None:
        """A row for each pair, captions above the columns."""
        captions, metrics = self.captions, painter.fontMetrics()
        pitch = _TILE_PX + _GAP_PX
        pairs = max(1, (self._image.width() + _GAP_PX) // pitch)
        width = self.width() - 2 * theme.MARGIN
        side = (width + _GAP_PX) / len(captions) - _GAP_PX
        # Where they are narrow, captions of two words stand on two lines.
        wide = max(metrics.horizontalAdvance(text) for text in captions)
        above = metrics.height() * (1 if wide <= side else 2) + theme.GRID
        room = QRectF(self.rect()).adjusted(theme.MARGIN, above, -theme.MARGIN, -theme.GAP)
        # As large as the width allows, but at least one pair is seen whole.
        side = max(8.0, min(side, room.height()))
        rows = min(pairs, int((room.height() + _GAP_PX) // (side + _GAP_PX)))
        painter.setPen(theme.colour("dim"))
        for column, caption in enumerate(captions):
            left = room.left() + column * (side + _GAP_PX)
            box = QRectF(left - _GAP_PX / 2, 0, side + _GAP_PX, above - theme.GRID / 2)
            where = Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignBottom
            painter.drawText(box, where | Qt.TextFlag.TextWordWrap, caption)
            for row in range(rows):
                place = QRectF(left, room.top() + row * (side + _GAP_PX), side, side)
                tile = QRectF(row * pitch, column * pitch, _TILE_PX, _TILE_PX)
                painter.drawImage(place, self._image, tile)
