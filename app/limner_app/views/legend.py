"""What the marks of the timeline mean, drawn as they are drawn there."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from limner_app import theme
from limner_app.views.timeline_marks import draw_hatch, draw_triangle

_MARK_PX = 10
_GAP_PX = 5
_BETWEEN_PX = 16


class Legend(QWidget):
    """Small marks with a word each; left out from the right where there is no room."""

    def __init__(self) -> None:
        super().__init__()
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self._words = (
            ("annotated", self.tr("annotated")),
            ("accepted", self.tr("accepted")),
            ("suggested", self.tr("to label")),
            ("sure", self.tr("sure")),
            ("unsure", self.tr("unsure")),
            ("rejected", self.tr("rejected")),
            ("unknown", self.tr("not detected")),
        )

    def _width(self, words: str) -> int:
        return _MARK_PX + _GAP_PX + self.fontMetrics().horizontalAdvance(words) + _BETWEEN_PX

    def sizeHint(self) -> QSize:
        """Room for all of them."""
        width = sum(self._width(words) for _, words in self._words)
        return QSize(width, self.fontMetrics().height() + 4)

    def minimumSizeHint(self) -> QSize:
        """It can do without any room."""
        return QSize(1, self.fontMetrics().height() + 4)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint it."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        x, middle = 0.0, self.height() / 2
        for kind, words in self._words:
            if x + self._width(words) > self.width() + _BETWEEN_PX:
                return
            painter.setPen(Qt.PenStyle.NoPen)
            self._mark(painter, kind, x, middle)
            painter.setPen(theme.colour("dim"))
            place = QRectF(x + _MARK_PX + _GAP_PX, 0, self._width(words), self.height())
            painter.drawText(place, Qt.AlignmentFlag.AlignVCenter, words)
            x += self._width(words)

    def _mark(self, painter: QPainter, kind: str, x: float, middle: float) -> None:
        if kind in ("annotated", "accepted", "suggested"):
            painter.setBrush(theme.colour("warning" if kind == "suggested" else "text"))
            draw_triangle(
                painter, x + 5, middle - 4, up=kind != "suggested", hollow=kind == "accepted"
            )
            return
        if kind == "rejected":
            draw_hatch(painter, QRectF(x, middle - 5, _MARK_PX, 10))
            return
        ink, height = {"sure": ("accent", 10), "unsure": ("warning", 5), "unknown": ("faint", 2)}[
            kind
        ]
        painter.fillRect(QRectF(x, middle + 5 - height, _MARK_PX, height), theme.colour(ink))

    def changeEvent(self, event: QEvent) -> None:
        """Follow the look."""
        if event.type() == QEvent.Type.PaletteChange:
            self.update()
        super().changeEvent(event)
