"""From which frame to which."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QSpinBox, QWidget

from limner_app import theme
from limner_app.panel_parts import indent_number


class RangeChoice(QWidget):
    """Two frame numbers, both within the range, with the ways to set both at once.

    Signals:
        changed: Another range is chosen.
    """

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._selected: tuple[int, int] | None = None
        self.first, self.last = QSpinBox(), QSpinBox()
        for box, name in (
            (self.first, self.tr("First frame")),
            (self.last, self.tr("Last frame")),
        ):
            box.setMinimumWidth(88)
            box.setFont(theme.tabular(box.font()))
            box.setAccessibleName(name)
            box.setToolTip(name)
            indent_number(box)
            box.valueChanged.connect(self._changed)
        self.count = QLabel()
        self.count.setProperty("role", "dim")
        self.count.setFont(theme.tabular(self.count.font()))
        self.all = QPushButton(self.tr("Whole video"))
        self.all.setProperty("quiet", True)
        self.all.clicked.connect(self.choose_all)
        self.mine = QPushButton(self.tr("Selected range"))
        self.mine.setToolTip(self.tr("The range that is selected on the timeline"))
        self.mine.setProperty("quiet", True)
        self.mine.clicked.connect(self._choose_selected)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.GAP)
        row.addWidget(self.first)
        row.addWidget(QLabel(self.tr("to")))
        row.addWidget(self.last)
        row.addWidget(self.count)
        row.addStretch(1)
        row.addWidget(self.mine)
        row.addWidget(self.all)
        self.mine.hide()

    @property
    def range(self) -> tuple[int, int]:
        """The first frame and the one behind the last."""
        return self.first.value(), self.last.value() + 1

    def set_video(self, frame_count: int, selected: tuple[int, int] | None) -> None:
        """Another video: all of it, or what is selected of it, is chosen.

        Args:
            frame_count: Its frames.
            selected: The range that is selected on the timeline (first, behind the last).
        """
        self._selected = selected
        self.mine.setVisible(selected is not None)
        for box in (self.first, self.last):
            box.blockSignals(True)
            box.setRange(0, max(0, frame_count - 1))
            box.blockSignals(False)
        start, stop = selected or (0, frame_count)
        self._set(start, stop - 1)

    def choose_all(self) -> None:
        """The whole video."""
        self._set(0, self.last.maximum())

    def _choose_selected(self) -> None:
        if self._selected is not None:
            self._set(self._selected[0], self._selected[1] - 1)

    def _set(self, first: int, last: int) -> None:
        for box, value in ((self.first, first), (self.last, last)):
            box.blockSignals(True)
            box.setValue(value)
            box.blockSignals(False)
        self._changed()

    def _changed(self) -> None:
        # Whichever was changed pushes the other along.
        pushed, to = (
            (self.first, self.last.value())
            if self.sender() is self.last
            else (self.last, self.first.value())
        )
        if self.first.value() > self.last.value():
            pushed.blockSignals(True)
            pushed.setValue(to)
            pushed.blockSignals(False)
        count = self.last.value() - self.first.value() + 1
        self.count.setText(
            self.tr("1 frame") if count == 1 else self.tr("{n} frames").format(n=count)
        )
        self.changed.emit()
