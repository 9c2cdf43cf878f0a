"""How sure a model is of how many landmarks, with a line between enough and too little."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from limner_app import theme
from limner_engine.types import Floats

BINS = 50
_EDGE = 8
_FOOT = 18


class ConfidenceBars(QWidget):
    """Bars over 0 to 1: filled from the line on, hollow below it. Drag the line.

    Signals:
        dragged(float): The line was taken to another confidence.
    """

    dragged = Signal(float)

    def __init__(self) -> None:
        super().__init__()
        self._counts = np.zeros(BINS, np.int64)
        self._line = 0.0
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setCursor(Qt.CursorShape.SplitHCursor)
        self.setAccessibleName(self.tr("How many landmarks have which confidence"))

    def sizeHint(self) -> QSize:
        """As wide as there is room."""
        return QSize(400, 96 + _FOOT)

    def show_values(self, confidence: Floats) -> None:
        """Count other values.

        Args:
            confidence: ``(N,)`` 0..1; NaN does not count.
        """
        known = confidence[np.isfinite(confidence)]
        self._counts, _ = np.histogram(np.clip(known, 0, 1), BINS, (0.0, 1.0))
        self.update()

    def set_line(self, confidence: float) -> None:
        """Draw the line elsewhere."""
        self._line = confidence
        self.update()

    def _x(self, confidence: float) -> float:
        return _EDGE + confidence * (self.width() - 2 * _EDGE)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint it."""
        painter = QPainter(self)
        bottom = self.height() - _FOOT
        painter.setPen(QPen(theme.colour("line"), 1))
        painter.drawLine(QPointF(self._x(0), bottom), QPointF(self._x(1), bottom))
        most = int(self._counts.max())
        for i, count in enumerate(self._counts.tolist()):
            if not count:
                continue
            # Of a few among thousands something must be seen, so heights grow as the root.
            height = max(2.0, (count / most) ** 0.5 * (bottom - 8))
            left, right = self._x(i / BINS), self._x((i + 1) / BINS)
            bar = QRectF(left + 0.5, bottom - height, right - left - 1.5, height)
            if (i + 0.5) / BINS >= self._line:
                painter.fillRect(bar, theme.colour("accent", 200))
            else:
                painter.setPen(QPen(theme.colour("warning"), 1))
                painter.setBrush(theme.colour("warning", 40))
                painter.drawRect(bar.adjusted(0.5, 0.5, -0.5, -0.5))
        painter.setPen(theme.colour("faint"))
        for place in (0.0, 0.5, 1.0):
            words = QRectF(self._x(place) - 20, bottom + 3, 40, _FOOT - 3)
            painter.drawText(words, Qt.AlignmentFlag.AlignCenter, f"{place:g}")
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        x = self._x(self._line)
        ink = QColor("#ffffff") if theme.is_dark() else theme.colour("text")
        painter.setPen(QPen(ink, 2))
        painter.drawLine(QPointF(x, 4), QPointF(x, bottom))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(ink)
        painter.drawEllipse(QPointF(x, 6), 4.5, 4.5)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take the line here."""
        self.mouseMoveEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Carry the line along."""
        if event.buttons() & Qt.MouseButton.LeftButton:
            share = (event.position().x() - _EDGE) / max(1, self.width() - 2 * _EDGE)
            self.dragged.emit(min(1.0, max(0.0, share)))

    def changeEvent(self, event: QEvent) -> None:
        """Follow the look."""
        if event.type() == QEvent.Type.PaletteChange:
            self.update()
        super().changeEvent(event)
