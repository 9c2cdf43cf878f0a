"""A row of controls above pictures, which leaves its words out where there is no room for them."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QToolButton, QWidget

from limner_app import theme


class ToolRow(QWidget):
    """Makes its buttons alike and keeps itself narrow enough.

    Attributes:
        row: Where controls are put.
        wordy: Buttons that have words beside their icon where there is room.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.wordy: tuple[QToolButton, ...] = ()
        self.row = QHBoxLayout(self)
        self.row.setContentsMargins(theme.MARGIN, theme.GRID, theme.MARGIN, theme.GRID)
        self.row.setSpacing(theme.GRID)

    def minimumSizeHint(self) -> QSize:
        """Narrow windows see the icons alone, so the words ask for no room."""
        return QSize(self._width(icons=True), super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave out the words where there is no room for them."""
        style = Qt.ToolButtonStyle.ToolButtonTextBesideIcon
        if self.width() < self._width(icons=False):
            style = Qt.ToolButtonStyle.ToolButtonIconOnly
        for button in self.wordy:
            if button.toolButtonStyle() != style:
                button.setToolButtonStyle(style)
        super().resizeEvent(event)

    def button(
        self, icon: str, tip: str, words: str = "", *, checkable: bool = False
    ) -> QToolButton:
        """A button of the row.

        Args:
            icon: Its name.
            tip: What it does, for those who point at it and for screen readers.
            words: What stands beside the icon; empty for the icon alone.
            checkable: Whether it stays down.
        """
        made = QToolButton()
        made.setIcon(theme.icon(icon))
        made.setToolTip(tip)
        made.setAccessibleName(tip)
        made.setCheckable(checkable)
        if words:
            made.setText(words)
            made.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        return made

    @staticmethod
    def line() -> QFrame:
        """A thin line between groups."""
        made = QFrame()
        made.setFixedSize(1, 16)
        made.setStyleSheet("background: palette(mid)")
        return made

    def _width(self, *, icons: bool) -> int:
        """How wide all of it is, with icons alone or with the words beside them."""
        words = 0
        for button in self.wordy:
            shown = button.toolButtonStyle() != Qt.ToolButtonStyle.ToolButtonIconOnly
            if shown == icons:
                metrics = button.fontMetrics()
                words += metrics.horizontalAdvance(button.text()) + 2 * theme.GRID
        return self.row.minimumSize().width() + (-words if icons else words)
