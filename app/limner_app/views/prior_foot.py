"""The foot of the flow about pose priors: what goes on or is missing, Back and Next."""

from __future__ import annotations

import time

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QPushButton, QSizePolicy, QWidget

from limner_app import theme
from limner_app.status_bar import left_text

_BAR_PX = 140


class PriorFoot(QWidget):
    """Words and progress at the left, buttons at the right.

    Signals:
        cancelled: The work in progress shall end.
    """

    cancelled = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.busy = False
        self._began_s = 0.0
        self.words = QLabel()
        self.words.setProperty("role", "dim")
        self.words.setWordWrap(True)
        self.words.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setFixedWidth(_BAR_PX)
        self.left = QLabel()
        self.left.setProperty("role", "dim")
        self.left.setFont(theme.tabular(self.left.font()))
        self.stop = QPushButton(self.tr("Cancel"))
        self.back = QPushButton(self.tr("&Back"))
        self.next = QPushButton()
        self.next.setProperty("primary", True)
        self.next.setDefault(True)
        for button in (self.stop, self.back):
            button.setAutoDefault(False)
        self.stop.clicked.connect(self.cancelled)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.GAP)
        row.addWidget(self.bar, 0, Qt.AlignmentFlag.AlignVCenter)
        row.addWidget(self.left)
        row.addWidget(self.words, 1)
        row.addWidget(self.stop)
        row.addSpacing(theme.MARGIN)
        row.addWidget(self.back)
        row.addWidget(self.next)
        self.setMinimumHeight(theme.ROW_PX + theme.GAP)
        self._lack = ""
        self.end()

    def begin(self, words: str) -> None:
        """Something goes on that takes a while."""
        self.busy = True
        self._began_s = time.monotonic()
        self._shown(words)
        self.bar.setRange(0, 0)
        self.left.setText("")

    def advance(self, share: float) -> None:
        """Its share done, 0 to 1."""
        if not self.busy:
            return
        self.bar.setRange(0, 1000)
        self.bar.setValue(round(1000 * share))
        spent = time.monotonic() - self._began_s
        if share > 0.02 and spent > 1.0:
            self.left.setText(left_text(spent * (1 - share) / share))

    def end(self) -> None:
        """It is over."""
        self.busy = False
        self.left.setText("")
        self._shown(self._lack)

    def show_lack(self, words: str) -> None:
        """What is missing before the next step."""
        self._lack = words
        self.next.setEnabled(not words)
        if not self.busy:
            self._shown(words)

    def _shown(self, words: str) -> None:
        self.words.setText(words)
        for part in (self.bar, self.left, self.stop):
            part.setVisible(self.busy)
