"""Three small drawings of how good named landmarks are."""

from __future__ import annotations

import math

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QHelpEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from limner_app import theme
from limner_app.naming_figures import SECOND, NamingFigures
from limner_engine.types import Skeleton

_TICK_PT = 7.5
_DOT_PX = 3.5
_FAR = 2.0


def rounded_up(value: float) -> float:
    """The next number above that reads well on an axis: 1, 2 or 5 times a power of ten.

    Args:
        value: Above 0.
    """
    power = 10.0 ** math.floor(math.log10(value))
    return next(step * power for step in (1, 2, 5, 10) if step * power >= value * (1 - 1e-9))


class Drawing(QWidget):
    """A small plot with a line on the left and one below, painted by hand.

    Attributes:
        figures: What is drawn.
        skeleton: Whose landmarks.
    """

    height_px = 108

    def __init__(self) -> None:
        super().__init__()
        self.figures = NamingFigures()
        self.skeleton = Skeleton(())
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setMouseTracking(True)

    def show_figures(self, figures: NamingFigures, skeleton: Skeleton) -> None:
        """Draw other figures."""
        self.figures, self.skeleton = figures, skeleton
        self.update()

    def sizeHint(self) -> QSize:
        """As wide as there is room."""
        return QSize(120, self.height_px)

    def area(self) -> QRectF:
        """Where the data stands."""
        left = self._metrics_width("000") + 6
        return QRectF(left, 6, self.width() - left - 8, self.height() - 24)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint it."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        font = theme.tabular(self.font())
        font.setPointSizeF(_TICK_PT)
        painter.setFont(font)
        area = self.area()
        painter.setPen(QPen(theme.colour("line"), 1))
        painter.drawLine(area.bottomLeft(), area.bottomRight())
        painter.drawLine(area.topLeft(), area.bottomLeft())
        self.draw(painter, area)

    def draw(self, painter: QPainter, area: QRectF) -> None:
        """Draw the data."""
        raise NotImplementedError

    def words_left(self, painter: QPainter, y: float, text: str) -> None:
        """A figure on the left of the upright line."""
        painter.setPen(theme.colour("dim"))
        place = QRectF(0, y - 8, self.area().left() - 4, 16)
        painter.drawText(place, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, text)

    def words_below(self, painter: QPainter, x: float, text: str) -> None:
        """A figure under the line below, kept inside."""
        painter.setPen(theme.colour("dim"))
        width = painter.fontMetrics().horizontalAdvance(text) + 2
        left = min(max(0.0, x - width / 2), self.width() - width)
        painter.drawText(
            QRectF(left, self.area().bottom() + 2, width, 16), Qt.AlignmentFlag.AlignCenter, text
        )

    def event(self, event: QEvent) -> bool:
        """Tell what is under the mouse."""
        if isinstance(event, QHelpEvent):
            text = self.told_at(QPointF(event.pos()))
            if text:
                QToolTip.showText(event.globalPos(), text, self)
            else:
                QToolTip.hideText()
            return True
        return super().event(event)

    def told_at(self, at: QPointF) -> str:
        """What is under a place of the mouse; empty for nothing."""
        del at
        return ""

    def changeEvent(self, event: QEvent) -> None:
        """Follow the look."""
        if event.type() == QEvent.Type.PaletteChange:
            self.update()
        super().changeEvent(event)

    def _metrics_width(self, text: str) -> int:
        return self.fontMetrics().horizontalAdvance(text)


class CalibrationDrawing(Drawing):
    """Stated confidence against what was observed; on the diagonal both are the same."""

    def draw(self, painter: QPainter, area: QRectF) -> None:
        """The diagonal, then a dot for each group of held-back points, larger for more."""
        painter.setPen(QPen(theme.colour("faint"), 1, Qt.PenStyle.DashLine))
        painter.drawLine(area.bottomLeft(), area.topRight())
        for share in (0.0, 1.0):
            self.words_left(painter, area.bottom() - share * area.height(), f"{share:.0f}")
        self.words_below(painter, area.left(), "0")
        self.words_below(painter, area.right(), "1")
        self.words_below(painter, area.center().x(), self.tr("stated"))
        painter.drawText(
            area.adjusted(4, -4, 0, 0),
            Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop,
            self.tr("observed"),
        )
        places = [at for at, _ in self._places(area)]
        painter.setPen(QPen(theme.colour("accent"), 1.6))
        painter.drawPolyline(QPolygonF(places))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.colour("accent"))
        for at, radius in self._places(area):
            painter.drawEllipse(at, radius, radius)

    def _places(self, area: QRectF) -> list[tuple[QPointF, float]]:
        shown = self.figures
        most = max(shown.weights, default=1.0) or 1.0
        found = []
        for i, (stated, observed) in enumerate(zip(shown.stated, shown.observed, strict=False)):
            if math.isfinite(stated) and math.isfinite(observed):
                weight = shown.weights[i] if i < len(shown.weights) else most
                at = QPointF(
                    area.left() + stated * area.width(), area.bottom() - observed * area.height()
                )
                found.append((at, 2.0 + 2.5 * math.sqrt(weight / most)))
        return found

    def told_at(self, at: QPointF) -> str:
        """What a dot stands for."""
        del at
        return self.tr(
            "The share of held-back points that lay within {radius:.0f} px, for each confidence "
            "that was stated. On the dashed line the two are the same."
        ).format(radius=self.figures.radius_px if math.isfinite(self.figures.radius_px) else 0)


class LearningDrawing(Drawing):
    """Held-back error over the number of labels, and what more labels would bring."""

    def draw(self, painter: QPainter, area: QRectF) -> None:
        """The measured part as a line, the expected part dashed, from 0 px on."""
        known = [
            (n, px)
            for n, px in zip(self.figures.labels, self.figures.label_px, strict=False)
            if math.isfinite(px)
        ]
        if not known:
            return
        last, expected = known[-1], self.figures.more_px
        ahead = (last[0] + self.figures.more, expected)
        most = ahead[0] if math.isfinite(expected) else last[0]
        top = rounded_up(max(px for _, px in known))
        first = known[0][0]
        span = max(1.0, most - first)

        def at(point: tuple[float, float]) -> QPointF:
            x = area.left() + 6 + (point[0] - first) / span * (area.width() - 12)
            return QPointF(x, area.bottom() - point[1] / top * area.height())

        self.words_left(painter, area.top() + 2, f"{top:g}")
        self.words_left(painter, area.bottom() - 2, "0")
        self.words_below(painter, at(known[0]).x(), f"{first:.0f}")
        if at(last).x() - at(known[0]).x() > 24:
            self.words_below(painter, at(last).x(), f"{last[0]:.0f}")
        painter.setPen(QPen(theme.colour("accent"), 1.8))
        painter.drawPolyline(QPolygonF([at(point) for point in known]))
        if math.isfinite(expected):
            if at(ahead).x() - at(last).x() > 24:
                self.words_below(painter, at(ahead).x(), f"{ahead[0]:.0f}")
            painter.setPen(QPen(theme.colour("accent"), 1.8, Qt.PenStyle.DotLine))
            painter.drawLine(at(last), at(ahead))
            painter.setPen(QPen(theme.colour("accent"), 1.5))
            painter.setBrush(theme.colour("panel"))
            painter.drawEllipse(at(ahead), _DOT_PX, _DOT_PX)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.colour("accent"))
        for point in known:
            painter.drawEllipse(at(point), _DOT_PX - 0.5, _DOT_PX - 0.5)

    def told_at(self, at: QPointF) -> str:
        """What the axes are."""
        del at
        return self.tr("Held-back error in px of the video, over the number of labelled frames")


class ErrorDrawing(Drawing):
    """Held-back error of each landmark: a ring for the quick layer, a dot for the trained one."""

    height_px = 92

    def draw(self, painter: QPainter, area: QRectF) -> None:
        """A column for each landmark, in its colour; the layer that is used is drawn full."""
        shown, names = self.figures, self.skeleton.names
        top = self._top()
        if not top or not names:
            return
        self.words_left(painter, area.top() + 2, f"{top:g}")
        self.words_left(painter, area.bottom() - 2, "0")
        self._explain(painter, area)
        colours = theme.landmark_colours(self.skeleton)
        radius = max(1.5, min(_DOT_PX, area.width() / max(1, len(names)) / 2.4))
        for i in range(len(names)):
            x = self._x(area, i)
            second = shown.layer_of(i) == SECOND
            for values_px, filled, used in (
                (shown.first_px, False, not second),
                (shown.second_px, True, second),
            ):
                px = values_px[i] if i < len(values_px) else math.nan
                if not math.isfinite(px):
                    continue
                at = QPointF(x, area.bottom() - min(1.0, px / top) * area.height())
                painter.setOpacity(1.0 if used else 0.4)
                if used:
                    painter.setPen(QPen(colours[i], 1, Qt.PenStyle.SolidLine))
                    painter.drawLine(QPointF(x, area.bottom()), at)
                # Some colours are nearly those of the ground.
                painter.setPen(QPen(theme.colour("faint"), 2.5))
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.drawEllipse(at, radius, radius)
                painter.setPen(QPen(colours[i], 1.5))
                painter.setBrush(colours[i] if filled else theme.colour("panel"))
                painter.drawEllipse(at, radius, radius)
        painter.setOpacity(1.0)

    def _top(self) -> float:
        """Where the axis ends; 0 where nothing is known.

        A layer that has hardly learned yet would leave no height for the one that is used; what
        lies far above that one is drawn at the upper edge.
        """
        shown = self.figures
        used = max((v for v in shown.error_px if math.isfinite(v)), default=0.0)
        values = [v for v in (*shown.first_px, *shown.second_px, used) if math.isfinite(v)]
        most = max(values)
        return rounded_up(min(most, _FAR * used) if used else most) if most else 0.0

    def _explain(self, painter: QPainter, area: QRectF) -> None:
        """What a ring and a dot are, under the line."""
        y, ink = area.bottom() + 11, theme.colour("dim")
        words = (self.tr("quick"), self.tr("trained"))
        widths = [painter.fontMetrics().horizontalAdvance(word) for word in words]
        x = area.center().x() - (sum(widths) + 44) / 2
        for word, width, filled in zip(words, widths, (False, True), strict=True):
            painter.setPen(QPen(ink, 1.3))
            painter.setBrush(ink if filled else Qt.BrushStyle.NoBrush)
            painter.drawEllipse(QPointF(x + 5, y), 2.8, 2.8)
            painter.drawText(QPointF(x + 13, y + 4), word)
            x += width + 30

    def _x(self, area: QRectF, landmark: int) -> float:
        count = max(1, len(self.skeleton.names))
        return area.left() + (landmark + 0.5) / count * area.width()

    def told_at(self, at: QPointF) -> str:
        """The landmark under the mouse, with its errors."""
        area, names, shown = self.area(), self.skeleton.names, self.figures
        place = math.floor((at.x() - area.left()) / max(1.0, area.width()) * len(names))
        if not 0 <= place < len(names):
            return ""
        lines = [names[place]]
        for words, values in (
            (self.tr("quick: {px:.1f} px"), shown.first_px),
            (self.tr("trained: {px:.1f} px"), shown.second_px),
        ):
            if place < len(values) and math.isfinite(values[place]):
                lines.append(words.format(px=values[place]))
        return "\n".join(lines)
