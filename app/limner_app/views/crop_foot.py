"""The foot of the dialog about crops: what goes on at the left, buttons at the right."""

from __future__ import annotations

import time

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QPushButton, QWidget

from limner_app import theme
from limner_app.status_bar import left_text


class CropFoot(QWidget):
    """Progress, Close or Cancel, and the two ways to apply.

    Args:
        videos: How many videos the project has that are there.
    """

    def __init__(self, videos: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.busy = False
        self._began_s = 0.0
        self._ready = self._findable = False
        self._videos = videos
        self.words = QLabel()
        self.words.setProperty("role", "dim")
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setRange(0, 1000)
        self.bar.setFixedWidth(160)
        self.left = QLabel()
        self.left.setProperty("role", "dim")
        self.left.setFont(theme.tabular(self.left.font()))
        self.close_button = QPushButton()
        self.apply_all = QPushButton(self.tr("Apply to &all {n} videos").format(n=videos))
        self.apply_all.setVisible(videos > 1)
        self.apply = QPushButton(self.tr("Apply"))
        self.apply.setProperty("primary", True)
        self.apply.setDefault(True)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.GAP)
        row.addWidget(self.words)
        row.addWidget(self.bar, 0, Qt.AlignmentFlag.AlignVCenter)
        row.addWidget(self.left)
        row.addStretch(1)
        row.addWidget(self.close_button)
        row.addWidget(self.apply_all)
        row.addWidget(self.apply)
        self.setMinimumHeight(theme.ROW_PX)
        self.end()

    def begin(self, words: str) -> None:
        """Something goes on that takes a while."""
        if not self.busy:
            self._began_s = time.monotonic()
            self.bar.setRange(0, 0)
            self.left.setText("")
        self.busy = True
        self.words.setText(words)
        self._refresh()

    def advance(self, share: float) -> None:
        """Its share done, 0 to 1."""
        self.bar.setRange(0, 1000)
        self.bar.setValue(round(1000 * share))
        spent = time.monotonic() - self._began_s
        if share > 0.02 and spent > 1.0:
            self.left.setText(left_text(spent * (1 - share) / share))

    def end(self) -> None:
        """It is over."""
        self.busy = False
        self.words.setText("")
        self.left.setText("")
        self._refresh()

    def set_ready(self, ready: bool, findable: bool) -> None:
        """Whether there are crops to apply, and whether other videos can get the like."""
        self._ready, self._findable = ready, findable
        self._refresh()

    def _refresh(self) -> None:
        self.bar.setVisible(self.busy)
        self.close_button.setText(self.tr("Cancel") if self.busy else self.tr("Close"))
        self.apply.setEnabled(self._ready and not self.busy)
        self.apply_all.setEnabled(self._ready and self._findable and not self.busy)
