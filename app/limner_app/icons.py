"""Icons of the Phosphor set, drawn from its font in the colour of the text."""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Callable
from functools import cache
from pathlib import Path

from PySide6.QtCore import QPoint, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontDatabase, QIcon, QIconEngine, QPainter, QPixmap


@cache
def _font() -> tuple[str, dict[str, str]]:
    """Family of the set's font and its characters by name."""
    # Finding QtAwesome's folder without importing it, and loading one font of its eleven,
    # spares the start 0.2 s.
    spec = importlib.util.find_spec("qtawesome")
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError("qtawesome, which holds the icons, is not installed")
    folder = Path(spec.origin).parent / "fonts"
    (font,) = folder.glob("phosphor-[0-9]*.ttf")
    (charmap,) = folder.glob("phosphor-charmap-*.json")
    number = QFontDatabase.addApplicationFontFromData(font.read_bytes())
    family = QFontDatabase.applicationFontFamilies(number)[0]
    points = json.loads(charmap.read_text("utf-8"))
    return family, {name: chr(int(code, 16)) for name, code in points.items()}


class _GlyphEngine(QIconEngine):
    """Paints one character of the font, asking for its colour each time.

    So it follows the look without being made anew.
    """

    def __init__(
        self, name: str, colour: Callable[[], QColor], disabled: Callable[[], QColor]
    ) -> None:
        super().__init__()
        self._name, self._colour, self._disabled = name, colour, disabled

    def paint(self, painter: QPainter, rect: QRect, mode: QIcon.Mode, _state: QIcon.State) -> None:
        family, characters = _font()
        font = QFont(family)
        font.setPixelSize(max(1, round(min(rect.width(), rect.height()))))
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.TextAntialiasing)
        painter.setFont(font)
        off = mode == QIcon.Mode.Disabled
        painter.setPen(self._disabled() if off else self._colour())
        painter.drawText(QRectF(rect), Qt.AlignmentFlag.AlignCenter, characters[self._name])
        painter.restore()

    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        made = QPixmap(size)
        made.fill(Qt.GlobalColor.transparent)
        painter = QPainter(made)
        self.paint(painter, QRect(QPoint(0, 0), size), mode, state)
        painter.end()
        return made


def glyph_icon(name: str, colour: Callable[[], QColor], disabled: Callable[[], QColor]) -> QIcon:
    """An icon by its name in the Phosphor set.

    Args:
        name: Such as ``"play"``; ``KeyError`` when painted if the set has none of this name.
        colour: Asked for at each painting.
        disabled: The same for icons of things that cannot be done now.
    """
    return QIcon(_GlyphEngine(name, colour, disabled))
