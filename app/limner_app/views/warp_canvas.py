"""Source, target and what the warp makes of them, linked by one crosshair."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFont,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from limner_app import theme
from limner_app.views import warp_layout
from limner_app.views.warp_marks import (
    paint_arrows,
    paint_crosshair,
    paint_places,
    paint_ramp,
    paint_wheel,
)
from limner_app.views.warp_pictures import WarpPictures, target_of

Place = tuple[float, float]
"""``(x, y)`` in a crop, 0..1 from its top left."""

_STEPS = {
    Qt.Key.Key_Left: (-1.0, 0.0),
    Qt.Key.Key_Right: (1.0, 0.0),
    Qt.Key.Key_Up: (0.0, -1.0),
    Qt.Key.Key_Down: (0.0, 1.0),
}
_STEP = 1 / 128
"""How far a key moves the crosshair, in sides of the crop."""


class WarpCanvas(QWidget):
    """Paints six pictures and turns mouse and keys into a place of the target.

    Attributes:
        place: The place of the target that is looked at; None for none.
        held: Whether it stays when the mouse goes.
        arrows: Whether the flow is drawn as arrows.
        heat_shown: Whether the source shows where the place may come from.
        full_px: Displacement at which the flow's colours are full, pixels of the video.

    Signals:
        pointed: Another place of the target is looked at; or none.
    """

    pointed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(320, 200)
        self.setCursor(Qt.CursorShape.CrossCursor)
        self.setAccessibleName(self.tr("Source, target and warp"))
        self.place: Place | None = None
        self.held = False
        self.arrows, self.heat_shown = False, True
        self.full_px = 0.0
        self._frames: dict[str, QImage | None] = {"source": None, "target": None}
        self._words = {"source": "", "target": ""}
        self._warp: WarpPictures | None = None
        self._heat: QImage | None = None
        self._likely: list[tuple[float, float, float]] = []

    def set_frame(self, name: str, picture: QImage | None, words: str) -> None:
        """Show a frame.

        Args:
            name: ``source`` or ``target``.
            picture: What the network sees of it; None while that is not known.
            words: Which frame it is.
        """
        self._frames[name], self._words[name] = picture, words
        self.update()

    def set_warp(self, warp: WarpPictures | None) -> None:
        """Show another warp, or none."""
        self._warp = warp
        self.update()

    def set_likely(
        self, heat: QImage | None, likely: Sequence[tuple[float, float, float]]
    ) -> None:
        """Show where the place that is looked at may come from.

        Args:
            heat: A distribution over the source; None for none.
            likely: ``(x, y, share)``, 0..1 each, the likeliest first.
        """
        self._heat, self._likely = heat, list(likely)
        self.update()

    @property
    def likely(self) -> list[tuple[float, float, float]]:
        """The places that are marked in the source, the likeliest first."""
        return list(self._likely)

    def let_go(self) -> None:
        """Look at no place any more."""
        self._look_at(None, held=False)

    def sizeHint(self) -> QSize:
        """Room for all of them."""
        return QSize(1000, 480)

    # --- geometry ----------------------------------------------------------------------------

    def panes(self) -> dict[str, QRectF]:
        """Where the pictures stand, pixels of the widget."""
        edge = float(theme.MARGIN)
        return warp_layout.panes(QRectF(self.rect()).adjusted(edge, 0, -edge, -edge))

    def position_of(self, name: str, place: Place) -> QPointF:
        """Where a place of a picture stands, pixels of the widget."""
        pane = self.panes()[name]
        return pane.topLeft() + QPointF(place[0] * pane.width(), place[1] * pane.height())

    def _place_at(self, position: QPointF) -> Place | None:
        """The place of the target under the mouse; in the source the one that comes from there."""
        found = warp_layout.at(self.panes(), position)
        if found is None or self._frames["target"] is None:
            return None
        name, place = found
        if name != "source":
            return place
        return None if self._warp is None else target_of(self._warp.moved, place)

    # --- mouse and keys ----------------------------------------------------------------------

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """The crosshair follows, unless it is held."""
        if not self.held or event.buttons() & Qt.MouseButton.LeftButton:
            self._look_at(self._place_at(event.position()), held=self.held)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Hold the crosshair here; a press on the held one, or beside the pictures, lets it go."""
        if event.button() != Qt.MouseButton.LeftButton:
            return
        place = self._place_at(event.position())
        if place is None or (self.held and self._near(place, event.position())):
            self._look_at(place, held=False)
        else:
            self._look_at(place, held=True)

    def leaveEvent(self, event: QEvent) -> None:
        """Without the mouse only a held place is looked at."""
        if not self.held:
            self._look_at(None, held=False)
        super().leaveEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Alt and an arrow move the crosshair, by more with Shift; Backspace lets it go."""
        step, keys = _STEPS.get(Qt.Key(event.key())), event.modifiers()
        if step is not None and keys & Qt.KeyboardModifier.AltModifier:
            far = _STEP * (10 if keys & Qt.KeyboardModifier.ShiftModifier else 1)
            x, y = self.place or (0.5, 0.5)
            moved = x + step[0] * far, y + step[1] * far
            self._look_at((_within(moved[0]), _within(moved[1])), held=True)
        elif event.key() in (Qt.Key.Key_Backspace, Qt.Key.Key_Escape) and self.place is not None:
            self.let_go()
        else:
            super().keyPressEvent(event)

    def _near(self, place: Place, position: QPointF) -> bool:
        assert self.place is not None
        found = warp_layout.at(self.panes(), position)
        if found is None or found[0] == "source":
            return False
        apart = self.position_of(found[0], self.place) - self.position_of(found[0], place)
        return abs(apart.x()) + abs(apart.y()) < 8

    def _look_at(self, place: Place | None, *, held: bool) -> None:
        held = held and place is not None
        if (place, held) == (self.place, self.held):
            return
        another = place != self.place
        self.place, self.held = place, held
        if place is None:
            self._heat, self._likely = None, []
        self.update()
        if another:
            self.pointed.emit()

    # --- painting ----------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        """All pictures, then what is drawn over them."""
        with QPainter(self) as painter:
            painter.fillRect(event.rect(), theme.colour("canvas"))
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            for name, place in self.panes().items():
                self._paint_words(painter, name, place)
                self._paint_picture(painter, name, place)
                if name != "source" and self.place is not None:
                    paint_crosshair(painter, place, self.place, held=self.held)

    def _paint_picture(self, painter: QPainter, name: str, place: QRectF) -> None:
        picture = self._picture(name)
        if picture is None:
            painter.fillRect(place, theme.colour("panel"))
            if self._warp is not None and name == "confidence":
                self._paint_note(painter, place, self.tr("This model has none."))
            return
        # Cells of a coarse level are seen as what they are, except where they are a picture.
        smooth = name in ("source", "target", "redrawn") or (name == "flow" and self.arrows)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, smooth)
        painter.drawImage(place, picture)
        if name == "source" and self.place is not None:
            self._paint_likely(painter, place)
        elif name == "flow" and self._warp is not None:
            if self.arrows:
                painter.fillRect(place, QColor(0, 0, 0, 120))
                paint_arrows(painter, place, self._warp.moved, self._warp.strength)
            else:
                paint_wheel(painter, place)

    def _picture(self, name: str) -> QImage | None:
        if name in self._frames:
            return self._frames[name]
        if self._warp is None:
            return None
        if name == "flow" and self.arrows:
            return self._frames["target"]
        found: QImage | None = getattr(self._warp, name)
        return found

    def _paint_likely(self, painter: QPainter, place: QRectF) -> None:
        if self.heat_shown and self._heat is not None:
            painter.fillRect(place, QColor(0, 0, 0, 90))
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            painter.drawImage(place, self._heat)
        if self._likely:
            paint_crosshair(painter, place, self._likely[0][:2], held=False)
            paint_places(painter, place, self._likely)

    def _paint_words(self, painter: QPainter, name: str, place: QRectF) -> None:
        """What a picture is, which frame it is of, and what its colours mean."""
        plain, named = QFont(self.font()), QFont(self.font())
        for font in (plain, named):
            font.setPointSizeF(font.pointSizeF() * 0.85)
        named.setCapitalization(QFont.Capitalization.AllUppercase)
        named.setLetterSpacing(QFont.SpacingType.AbsoluteSpacing, 0.6)
        painter.setPen(theme.colour("dim"))
        above = warp_layout.LABEL_PX
        row = QRectF(place.left(), place.top() - above, place.width(), above)
        painter.setFont(named)
        painter.drawText(row, Qt.AlignmentFlag.AlignVCenter, self._title(name))
        row.setLeft(row.left() + painter.fontMetrics().horizontalAdvance(self._title(name)))
        row.setLeft(row.left() + theme.GAP)
        painter.setFont(theme.tabular(plain))
        ends = {
            "difference": (self.tr("same"), self.tr("other")),
            "confidence": (self.tr("unsure"), self.tr("sure")),
        }.get(name)
        if ends is not None and self._warp is not None and self._picture(name) is not None:
            paint_ramp(painter, row, name, ends)
        words = self._words.get(name, "")
        if name == "flow" and self._warp is not None and not self.arrows:
            words = self.tr("full at {0:.0f} px").format(self.full_px)
        shown = painter.fontMetrics().elidedText(
            words, Qt.TextElideMode.ElideMiddle, int(row.width())
        )
        painter.drawText(row, Qt.AlignmentFlag.AlignVCenter, shown)
        painter.setFont(self.font())

    def _paint_note(self, painter: QPainter, place: QRectF, text: str) -> None:
        painter.setPen(theme.colour("dim"))
        painter.drawText(
            place.adjusted(8, 8, -8, -8),
            Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap,
            text,
        )

    def _title(self, name: str) -> str:
        return {
            "source": self.tr("Source"),
            "target": self.tr("Target"),
            "redrawn": self.tr("Redrawn"),
            "difference": self.tr("Difference"),
            "flow": self.tr("Comes from") if self.arrows else self.tr("Flow"),
            "confidence": self.tr("Confidence"),
        }[name]


def _within(share: float) -> float:
    return min(1.0, max(0.0, share))
