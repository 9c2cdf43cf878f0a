"""Playing, stepping, and where in the video one is."""

from __future__ import annotations

import time

from PySide6.QtCore import QObject, Qt, QTimer, Signal
from PySide6.QtGui import QIntValidator
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QLineEdit, QWidget

from limner_app import theme
from limner_app.action_set import ActionSet
from limner_app.document import Document
from limner_app.panel_parts import tool_button
from limner_app.views.legend import Legend

SPEEDS = (0.1, 0.25, 0.5, 1.0, 2.0, 4.0)
_TICK_MS = 8


def clock_text(seconds: float) -> str:
    """A time as people read it: ``1:02.480``, with hours where there are some."""
    thousandths = round(max(0.0, seconds) * 1000)
    minutes, rest = divmod(thousandths, 60_000)
    hours, minutes = divmod(minutes, 60)
    tail = f"{rest // 1000:02d}.{rest % 1000:03d}"
    return f"{hours}:{minutes:02d}:{tail}" if hours else f"{minutes}:{tail}"


class Player(QObject):
    """Keeps the video's own speed by its timestamps; frames that come too late are dropped.

    Signals:
        playing_changed(bool): Started or stopped.
    """

    playing_changed = Signal(bool)

    def __init__(self, document: Document, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.document = document
        self.speed = 1.0
        self._began = self._from_s = 0.0
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(_TICK_MS)
        self._timer.timeout.connect(self._tick)
        document.video_changed.connect(self.stop)

    @property
    def playing(self) -> bool:
        """Whether frames follow one another now."""
        return self._timer.isActive()

    def toggle(self) -> None:
        """Play, or stop; from the start again at the end."""
        if self.playing:
            self.stop()
        elif self.document.reader is not None:
            if self.document.wanted_index >= self.document.frame_count - 1:
                self.document.show(0)
            self._anchor()
            self.document.set_playing(True)
            self._timer.start()
            self.playing_changed.emit(True)

    def stop(self) -> None:
        """Stop at the frame on screen."""
        if self.playing:
            self._timer.stop()
            self.document.set_playing(False)
            self.playing_changed.emit(False)

    def set_speed(self, speed: float) -> None:
        """Play so many times as fast as the video's own speed."""
        self.speed = speed
        self._anchor()

    def _anchor(self) -> None:
        reader = self.document.reader
        if reader is not None:
            self._from_s = float(reader.time_s(self.document.wanted_index))
            self._began = time.perf_counter()

    def _tick(self) -> None:
        reader = self.document.reader
        if reader is None:
            self.stop()
            return
        now_s = self._from_s + (time.perf_counter() - self._began) * self.speed
        frame = reader.frame_at_time(now_s)
        if frame != self.document.wanted_index:
            # A new wish before the last one is met would starve a slow decoder for ever.
            if self.document.frame_index == self.document.wanted_index:
                self.document.show(frame)
        elif frame >= self.document.frame_count - 1:
            self.stop()


class Transport(QWidget):
    """The row of buttons over the timeline.

    Args:
        document: What is played.
        player: Plays it.
        actions: Give the buttons.
    """

    def __init__(self, document: Document, player: Player, actions: ActionSet) -> None:
        super().__init__()
        self.document, self.player, self._actions = document, player, actions
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.GAP, 2, theme.MARGIN, 0)
        row.setSpacing(2)
        for name in ("first_frame", "previous_frame", "play", "next_frame", "last_frame"):
            row.addWidget(tool_button(actions[name]))
        row.addSpacing(theme.GAP)
        self.frame = QLineEdit()
        self.frame.setFont(theme.tabular(self.frame.font()))
        self.frame.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.frame.setFixedWidth(self.frame.fontMetrics().horizontalAdvance("0000000") + 16)
        self.frame.setToolTip(self.tr("Frame on screen; type a number to go there"))
        self.frame.setAccessibleName(self.tr("Frame number"))
        self.frame.returnPressed.connect(self._go)
        self.count = QLabel()
        self.time = QLabel()
        for label in (self.count, self.time):
            label.setFont(theme.tabular(label.font()))
            label.setProperty("role", "dim")
        self.time.setMinimumWidth(self.time.fontMetrics().horizontalAdvance("0:00:00.000") + 8)
        row.addWidget(self.frame)
        row.addSpacing(theme.GRID)
        row.addWidget(self.count)
        row.addSpacing(theme.MARGIN)
        row.addWidget(self.time)
        self.speeds = QComboBox()
        self.speeds.setToolTip(self.tr("Speed of playing"))
        self.speeds.setAccessibleName(self.tr("Speed of playing"))
        for speed in SPEEDS:
            self.speeds.addItem(f"{speed:g}×", speed)
        self.speeds.setCurrentIndex(SPEEDS.index(1.0))
        self.speeds.currentIndexChanged.connect(lambda i: player.set_speed(SPEEDS[i]))
        row.addWidget(self.speeds)
        row.addStretch(1)
        self.legend = Legend()
        row.addWidget(self.legend)
        row.addStretch(1)
        for name in ("previous_marked", "next_marked", "accept"):
            row.addWidget(tool_button(actions[name]))
        document.frame_changed.connect(self._show_frame)
        document.video_changed.connect(self._show_video)
        player.playing_changed.connect(self._show_playing)
        self._show_video()

    def _show_video(self) -> None:
        count = self.document.frame_count
        self.frame.setValidator(QIntValidator(0, max(0, count - 1), self.frame))
        self.count.setText(f"/ {count}" if count else "")
        self.setEnabled(bool(count))
        self._show_frame(self.document.frame_index)

    def _show_frame(self, frame_index: int) -> None:
        there = bool(self.document.frame_count)
        if not (self.frame.hasFocus() and self.frame.isModified()):
            self.frame.setText(str(frame_index) if there else "")
        self.time.setText(clock_text(self.document.time_s) if there else "")

    def _show_playing(self, playing: bool) -> None:
        play = self._actions["play"]
        play.setIcon(theme.icon("pause" if playing else "play"))
        play.setText(self.tr("Pause") if playing else self.tr("Play"))

    def _go(self) -> None:
        self.frame.setModified(False)
        self.document.show(int(self.frame.text()))
        self.frame.clearFocus()
