"""A bar above the picture that says what is wrong, with the mend as a button; never a box."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QToolButton, QVBoxLayout

from limner_app import theme
from limner_app.panel_parts import IconLabel

_ICONS = {
    "info": ("info", "accent"),
    "warning": ("warning", "warning"),
    "error": ("warning-circle", "loss"),
}


class ErrorBar(QFrame):
    """One message at a time; a newer one takes its place, but a hint waits for the others.

    Attributes:
        level: ``info``, ``warning`` or ``error`` of what is shown.
    """

    def __init__(self) -> None:
        super().__init__()
        self.level = ""
        self.setObjectName("errorBar")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.MARGIN, 6, theme.GAP, 6)
        column.setSpacing(theme.GRID)
        row = QHBoxLayout()
        row.setSpacing(theme.GAP)
        column.addLayout(row)
        self._icon = IconLabel("info", "accent", 18)
        self.text = QLabel()
        self.text.setWordWrap(True)
        self.text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        row.addWidget(self._icon, 0)
        row.addWidget(self.text, 1)
        self.button = QPushButton()
        self.details_button = QPushButton(self.tr("Details"))
        self.details_button.setProperty("quiet", True)
        self.details_button.clicked.connect(self._toggle_details)
        self.close_button = QToolButton()
        self.close_button.setIcon(theme.icon("x", "dim"))
        self.close_button.setIconSize(QSize(theme.ICON_PX, theme.ICON_PX))
        self.close_button.setToolTip(self.tr("Close this message"))
        self.close_button.clicked.connect(self._next)
        row.addWidget(self.details_button)
        row.addWidget(self.button)
        row.addWidget(self.close_button)
        self.details = QLabel()
        self.details.setProperty("role", "dim")
        self.details.setWordWrap(True)
        self.details.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        column.addWidget(self.details)
        self._mend: Callable[[], object] | None = None
        self._waiting: Callable[[], object] | None = None
        self.button.clicked.connect(self._do_mend)
        self.hide()

    def tell(
        self,
        level: str,
        text: str,
        mend: str = "",
        button: str = "",
        action: Callable[[], object] | None = None,
        details: str = "",
        again: Callable[[], object] | None = None,
    ) -> None:
        """Show a message; a hint only where nothing worse stands.

        Args:
            level: ``info``, ``warning`` or ``error``.
            text: What is so, one sentence.
            mend: What to do about it, one sentence.
            button: Text of the button that does it; empty for none.
            action: What the button does.
            details: For those who want to report it; one click away.
            again: Called once what is worse has been closed, to see whether the hint still holds;
                without it the hint is dropped.
        """
        if self.level in ("warning", "error") and level == "info":
            self._waiting = again
            return
        self._waiting = None
        self.level = level
        icon, ink = _ICONS[level]
        self._icon.set_icon(icon, ink)
        self.text.setText(f"{text} {mend}".strip())
        self.button.setText(button)
        self.button.setVisible(bool(button))
        self.button.setProperty("primary", level == "info")
        self.button.style().polish(self.button)
        self._mend = action
        self.details.setText(details)
        self.details.hide()
        self.details_button.setVisible(bool(details))
        self._dress()
        self.show()

    def clear(self) -> None:
        """Take the message away, and the hint that waits behind it."""
        self.level = ""
        self._waiting = None
        self.hide()

    def _next(self) -> None:
        """The person has read the message; a hint that waited comes now."""
        waiting = self._waiting
        self.clear()
        if waiting is not None:
            waiting()

    def changeEvent(self, event: QEvent) -> None:
        """Follow the look."""
        if event.type() == QEvent.Type.PaletteChange and self.level:
            self._dress()
        super().changeEvent(event)

    def _dress(self) -> None:
        grounds = {"info": "hover", "warning": "warning_ground", "error": "loss_ground"}
        ground = theme.colour(grounds[self.level]).name()
        line = theme.colour("line").name()
        sheet = f"QFrame#errorBar {{ background: {ground}; border-bottom: 1px solid {line}; }}"
        if sheet != self.styleSheet():  # setting one tells of a changed palette again
            self.setStyleSheet(sheet)

    def _toggle_details(self) -> None:
        self.details.setVisible(self.details.isHidden())

    def _do_mend(self) -> None:
        mend = self._mend
        self.clear()
        if mend is not None:
            mend()
