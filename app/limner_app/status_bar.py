"""The line at the bottom: a hint, and long work with its progress, time left and cancel."""

from __future__ import annotations

import time
from collections.abc import Callable

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QStatusBar,
    QToolButton,
    QWidget,
)

from limner_app import theme


def left_text(seconds: float) -> str:
    """A time left in words that do not jump: ``about 2 min left``."""
    if seconds < 1.5:
        return "about 1 s left"
    if seconds < 55:
        step = 5 if seconds > 12 else 1
        return f"about {round(seconds / step) * step} s left"
    return f"about {max(1, round(seconds / 60))} min left"


class StatusBar(QStatusBar):
    """Says what just happened on the left, what goes on on the right."""

    def __init__(self) -> None:
        super().__init__()
        self.setSizeGripEnabled(False)
        self.hint = QLabel()
        self.hint.setProperty("role", "dim")
        self.hint.setContentsMargins(theme.GAP, 0, 0, 0)
        self.addWidget(self.hint, 1)
        self._work = QWidget()
        row = QHBoxLayout(self._work)
        row.setContentsMargins(0, 0, theme.GAP, 0)
        row.setSpacing(theme.GAP)
        self.label = QLabel()
        self.bar = QProgressBar()
        self.bar.setRange(0, 1000)
        self.bar.setTextVisible(False)
        self.bar.setFixedWidth(160)
        self.left = QLabel()
        self.left.setFont(theme.tabular(self.left.font()))
        self.left.setProperty("role", "dim")
        self.cancel_button = QToolButton()
        self.cancel_button.setIcon(theme.icon("x-circle"))
        self.cancel_button.setIconSize(QSize(theme.ICON_PX, theme.ICON_PX))
        self.cancel_button.setToolTip(self.tr("Cancel  (Esc)"))
        self.cancel_button.clicked.connect(self._cancelled)
        row.addWidget(self.label)
        row.addWidget(self.bar, 0, Qt.AlignmentFlag.AlignVCenter)
        row.addWidget(self.left)
        row.addWidget(self.cancel_button)
        self.addPermanentWidget(self._work)
        self._work.hide()
        self._cancel: Callable[[], object] | None = None
        self._began = 0.0
        self.setMinimumHeight(theme.ROW_PX)

    def say(self, text: str, ms: int = 4000) -> None:
        """Show a short hint for a while."""
        self.showMessage(text, ms)

    def set_hint(self, text: str) -> None:
        """What is said while nothing else is."""
        self.hint.setText(text)

    def begin(self, text: str, cancel: Callable[[], object] | None = None) -> None:
        """Long work starts.

        Args:
            text: What is done.
            cancel: Ends it early; None where it cannot be.
        """
        self.label.setText(text)
        self.bar.setRange(0, 0)
        self.left.setText("")
        self._cancel, self._began = cancel, time.monotonic()
        self.cancel_button.setVisible(cancel is not None)
        self._work.show()

    def progress(self, share: float) -> None:
        """How much is done, 0..1."""
        self.bar.setRange(0, 1000)
        self.bar.setValue(round(1000 * share))
        spent = time.monotonic() - self._began
        if share > 0.02 and spent > 1.0:
            self.left.setText(left_text(spent * (1 - share) / share))

    def end(self) -> None:
        """The work is over."""
        self._cancel = None
        self._work.hide()

    @property
    def working(self) -> bool:
        """Whether work goes on that can be cancelled."""
        return self._cancel is not None

    def _cancelled(self) -> None:
        if self._cancel is not None:
            self._cancel()
