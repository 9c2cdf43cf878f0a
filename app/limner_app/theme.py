"""One look: colours light and dark, spacing, fonts, icons and the colours of landmarks."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields
from functools import cache

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QFont, QIcon, QPalette
from PySide6.QtWidgets import QApplication

from limner_app.icons import glyph_icon
from limner_app.style_sheet import style_sheet
from limner_engine.palette import OKABE_ITO
from limner_engine.types import Skeleton

GRID = 4
"""Everything stands on multiples of this, pixels."""
GAP = 8
"""Between two controls, pixels."""
MARGIN = 12
"""Around the contents of a panel, pixels."""
ICON_PX = 16
ROW_PX = 28
"""Height of a row of controls, pixels."""
LOW_CONFIDENCE = 0.5
"""Below this a prediction is called low in marks and lists."""


@dataclass(frozen=True, slots=True)
class Colours:
    """The named colours of one look, each as ``#rrggbb``."""

    window: str
    panel: str
    field: str
    hover: str
    line: str
    text: str
    dim: str
    faint: str
    accent: str
    accent_text: str
    selection: str
    warning: str
    warning_ground: str
    loss: str
    loss_ground: str
    good: str
    canvas: str


DARK = Colours(
    window="#1e1f22",
    panel="#26272b",
    field="#1e1f22",
    hover="#323439",
    line="#3a3c41",
    text="#e0e0e0",
    dim="#a2a5ab",
    faint="#7c7f86",
    accent="#4e8cff",
    accent_text="#ffffff",
    selection="#2c4470",
    warning="#e8b04a",
    warning_ground="#3a3324",
    loss="#ff7a70",
    loss_ground="#402a2a",
    good="#5cc48d",
    canvas="#17181a",
)
LIGHT = Colours(
    window="#ededf0",
    panel="#f9f9fa",
    field="#ffffff",
    hover="#e6e7eb",
    line="#d3d4d9",
    text="#1f2023",
    dim="#5a5d64",
    faint="#777a82",
    accent="#2766e0",
    accent_text="#ffffff",
    selection="#cfdffb",
    warning="#8a5a00",
    warning_ground="#fdf1d8",
    loss="#b3261e",
    loss_ground="#fbe3e1",
    good="#1f7a4d",
    canvas="#dcdde1",
)

_current: Colours = DARK


def colours() -> Colours:
    """The colours of the look that is on."""
    return _current


def colour(name: str, alpha: int = 255) -> QColor:
    """A named colour of the look that is on.

    Args:
        name: A field of `Colours`.
        alpha: Opacity, 0..255.
    """
    made = QColor(getattr(_current, name))
    made.setAlpha(alpha)
    return made


def is_dark() -> bool:
    """Whether the dark look is on."""
    return _current is DARK


def palette_of(look: Colours) -> QPalette:
    """Qt's palette for a look."""
    made = QPalette()
    roles = {
        QPalette.ColorRole.Window: look.panel,
        QPalette.ColorRole.WindowText: look.text,
        QPalette.ColorRole.Base: look.field,
        QPalette.ColorRole.AlternateBase: look.panel,
        QPalette.ColorRole.Text: look.text,
        QPalette.ColorRole.Button: look.panel,
        QPalette.ColorRole.ButtonText: look.text,
        QPalette.ColorRole.BrightText: look.loss,
        QPalette.ColorRole.ToolTipBase: look.hover,
        QPalette.ColorRole.ToolTipText: look.text,
        QPalette.ColorRole.PlaceholderText: look.faint,
        QPalette.ColorRole.Highlight: look.selection,
        QPalette.ColorRole.HighlightedText: look.text,
        QPalette.ColorRole.Link: look.accent,
        QPalette.ColorRole.Accent: look.accent,
        QPalette.ColorRole.Light: look.hover,
        QPalette.ColorRole.Midlight: look.line,
        QPalette.ColorRole.Mid: look.line,
        QPalette.ColorRole.Dark: look.line,
        QPalette.ColorRole.Shadow: look.window,
    }
    for role, name in roles.items():
        made.setColor(role, QColor(name))
    for role in (
        QPalette.ColorRole.WindowText,
        QPalette.ColorRole.Text,
        QPalette.ColorRole.ButtonText,
    ):
        made.setColor(QPalette.ColorGroup.Disabled, role, QColor(look.faint))
    return made


def apply(app: QApplication, mode: str = "system") -> None:
    """Give the whole program its look.

    Args:
        app: The program.
        mode: ``"light"``, ``"dark"`` or ``"system"``, which follows the desktop.
    """
    global _current
    if mode == "system":
        light = app.styleHints().colorScheme() == Qt.ColorScheme.Light
        _current = LIGHT if light else DARK
    else:
        _current = LIGHT if mode == "light" else DARK
    if app.style().name().lower() != "fusion":
        app.setStyle("Fusion")
    font = QFont(app.font())
    font.setPointSizeF(min(10.0, max(9.0, font.pointSizeF())))
    app.setFont(font)
    app.setPalette(palette_of(_current))
    named = {item.name: getattr(_current, item.name) for item in fields(_current)}
    app.setStyleSheet(style_sheet(named, "dark" if is_dark() else "light"))


def tabular(font: QFont) -> QFont:
    """The same font with figures of one width, so that running numbers do not wobble."""
    made = QFont(font)
    made.setFeature(QFont.Tag("tnum"), 1)
    return made


@cache
def icon(name: str, colour_name: str = "text") -> QIcon:
    """An icon of the Phosphor set, drawn in a colour of the look that is on when it is painted.

    Args:
        name: Name in the set, such as ``"play"``.
        colour_name: A field of `Colours`; disabled icons are always ``faint``.
    """
    return glyph_icon(name, lambda: colour(colour_name), lambda: colour("faint", 150))


# --- landmarks -------------------------------------------------------------------------------

_FEW = 24


def _oklch(lightness: float, chroma: float, hue_turns: float) -> QColor:
    """A colour of the OKLCH space, with its chroma lowered until a screen can show it."""
    a, b = math.cos(2 * math.pi * hue_turns), math.sin(2 * math.pi * hue_turns)
    while True:
        l_, m_, s_ = (
            (lightness + chroma * (ka * a + kb * b)) ** 3
            for ka, kb in (
                (0.3963377774, 0.2158037573),
                (-0.1055613458, -0.0638541728),
                (-0.0894841775, -1.2914855480),
            )
        )
        linear = (
            4.0767416621 * l_ - 3.3077115913 * m_ + 0.2309699292 * s_,
            -1.2684380046 * l_ + 2.6097574011 * m_ - 0.3413193965 * s_,
            -0.0041960863 * l_ - 0.7034186147 * m_ + 1.7076147010 * s_,
        )
        if chroma < 0.01 or all(-0.002 <= value <= 1.002 for value in linear):
            break
        chroma *= 0.92
    shown = (
        12.92 * v if v <= 0.0031308 else 1.055 * v ** (1 / 2.4) - 0.055
        for v in (min(1.0, max(0.0, value)) for value in linear)
    )
    red, green, blue = shown
    return QColor.fromRgbF(red, green, blue)


def _nth_colour(rank: int, few: bool = True) -> QColor:
    """The colour of the landmark or pair of a rank.

    Args:
        rank: From 0.
        few: Whether Okabe and Ito's set comes first; among many it would stand out from the rest.
    """
    if few and rank < len(OKABE_ITO):
        return QColor(*OKABE_ITO[rank])
    # The golden section puts each new hue far from its neighbours in the list.
    return _oklch((0.80, 0.66, 0.73)[rank % 3], 0.16, (0.11 + rank * 0.6180339887) % 1.0)


@cache
def landmark_colours(skeleton: Skeleton) -> tuple[QColor, ...]:
    """One colour for each landmark of a skeleton.

    Okabe and Ito's set comes first; more hues are evenly spaced in a perceptual space. The two
    sides of a pair share a hue and differ in lightness.
    """
    count = len(skeleton.names)
    partner = {right: left for left, right in skeleton.symmetries}
    heads = [i for i in range(count) if i not in partner]
    base: dict[int, QColor] = {}
    for rank, landmark in enumerate(heads):
        base[landmark] = _nth_colour(rank, few=count <= _FEW)
    made = []
    for landmark in range(count):
        if landmark in base:
            made.append(base[landmark])
        else:
            left = base.get(partner[landmark], QColor(*OKABE_ITO[0]))
            made.append(left.darker(165) if left.lightnessF() > 0.45 else left.lighter(150))
    return tuple(made)


def landmark_colour(landmark: int, skeleton: Skeleton) -> QColor:
    """The colour of one landmark; see `landmark_colours`."""
    known = landmark_colours(skeleton)
    return known[landmark] if landmark < len(known) else _nth_colour(landmark)


def subject_colour(subject: int) -> QColor:
    """The colour of a subject; of its marks where another one is worked on.

    Args:
        subject: The project's number of it.
    """
    return _nth_colour(subject)
