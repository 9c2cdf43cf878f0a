"""The few parts that all panels are made of: headings and words for empty places."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QAction, QFont, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from limner_app import theme

_NUMBER_INDENT_PX = 5


def heading(text: str) -> QLabel:
    """A small grey heading in small capitals."""
    label = QLabel(text)
    label.setProperty("role", "heading")
    font = label.font()
    font.setCapitalization(QFont.Capitalization.AllUppercase)
    font.setPointSizeF(font.pointSizeF() * 0.85)
    font.setLetterSpacing(QFont.SpacingType.PercentageSpacing, 106)
    font.setWeight(QFont.Weight.DemiBold)
    label.setFont(font)
    return label


def heading_row(text: str, *beside: QWidget) -> QWidget:
    """A heading with what belongs beside it on the right, of one height wherever it stands."""
    row = QWidget()
    row.setFixedHeight(theme.ROW_PX + theme.GRID)
    across = QHBoxLayout(row)
    across.setContentsMargins(theme.MARGIN, theme.GRID, theme.GAP, 0)
    across.setSpacing(theme.GRID)
    across.addWidget(heading(text))
    across.addSpacing(theme.GRID)
    across.addStretch(1)
    for widget in beside:
        across.addWidget(widget)
    return row


def indent_number(box: QAbstractSpinBox) -> None:
    """Let the figures of a box begin where the text of other controls does.

    The sheet cannot: Qt leaves the line in such a box without its padding.
    """
    box.lineEdit().setTextMargins(_NUMBER_INDENT_PX, 0, 0, 0)


def dim(text: str) -> QLabel:
    """A grey line of explanation that wraps."""
    label = QLabel(text)
    label.setProperty("role", "dim")
    label.setWordWrap(True)
    return label


def tool_button(action: QAction) -> QToolButton:
    """A small button for an action, its icon alone."""
    button = QToolButton()
    button.setDefaultAction(action)
    button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonIconOnly)
    button.setIconSize(QSize(theme.ICON_PX, theme.ICON_PX))
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    return button


class IconLabel(QWidget):
    """An icon that stands by itself; it follows the look and the screen's pixels.

    Args:
        name: Name in the Phosphor set.
        ink: A field of `limner_app.theme.Colours`.
        size: Side, pixels.
    """

    def __init__(self, name: str, ink: str, size: int) -> None:
        super().__init__()
        self._name, self._ink = name, ink
        self.setFixedSize(size, size)

    def set_icon(self, name: str, ink: str) -> None:
        """Show another one."""
        self._name, self._ink = name, ink
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint it."""
        theme.icon(self._name, self._ink).paint(QPainter(self), self.rect())


class EmptyPlace(QWidget):
    """Says what a place will hold, and offers the way to fill it.

    Args:
        icon: Name in the Phosphor set.
        text: What will be here.
        button: Text of the way to fill it; empty for none.
    """

    def __init__(self, icon: str, text: str, button: str = "") -> None:
        super().__init__()
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.MARGIN * 2, theme.MARGIN, theme.MARGIN * 2, theme.MARGIN)
        column.setSpacing(theme.GAP)
        column.addStretch(2)
        self._picture = IconLabel(icon, "faint", 28)
        self.text = QLabel(text)
        self.text.setProperty("role", "empty")
        self.text.setWordWrap(True)
        self.text.setAlignment(Qt.AlignmentFlag.AlignCenter)
        column.addWidget(self._picture, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addWidget(self.text)
        self.button: QPushButton | None = None
        if button:
            self.button = QPushButton(button)
            column.addWidget(self.button, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addStretch(3)
