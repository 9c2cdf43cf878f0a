"""A button that lets a person choose another frame of the video."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSpinBox,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from limner_app import theme
from limner_app.panel_parts import indent_number


class FrameChoice(QToolButton):
    """Opens a small panel with a frame number.

    Signals:
        chosen: The frame that was chosen.
        cleared: The frame's own is wanted back.
    """

    chosen = Signal(int)
    cleared = Signal()

    def __init__(
        self, text: str, icon: str, question: str, own: str, parent: QWidget | None = None
    ) -> None:
        """Make the button.

        Args:
            text: What stands on it.
            icon: Its icon's name.
            question: What the panel says above the number.
            own: What the button says that goes back to the frame's own.
            parent: Qt's owner.
        """
        super().__init__(parent)
        self.setText(text)
        self.setIcon(theme.icon(icon))
        self.setToolTip(question)
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self._panel = QFrame(self, Qt.WindowType.Popup)
        self._panel.setProperty("role", "card")
        self.number = QSpinBox()
        self.number.setMinimumWidth(96)
        indent_number(self.number)
        self.number.setFont(theme.tabular(self.font()))
        self.number.setAccessibleName(self.tr("Frame number"))
        self.use = QPushButton(self.tr("Use"))
        self.use.setProperty("primary", True)
        self.use.setDefault(True)
        self.own = QPushButton(own)
        self.own.setProperty("quiet", True)
        label = QLabel(question)
        label.setProperty("role", "dim")
        row = QHBoxLayout()
        row.setSpacing(theme.GAP)
        row.addWidget(QLabel(self.tr("Frame")))
        row.addWidget(self.number, 1)
        row.addWidget(self.use)
        column = QVBoxLayout(self._panel)
        column.setContentsMargins(theme.MARGIN, theme.MARGIN, theme.MARGIN, theme.GAP)
        column.setSpacing(theme.GAP)
        column.addWidget(label)
        column.addLayout(row)
        column.addWidget(self.own, 0, Qt.AlignmentFlag.AlignLeft)
        self.clicked.connect(self.ask)
        self.use.clicked.connect(self._choose)
        self.own.clicked.connect(self._clear)
        self.number.lineEdit().returnPressed.connect(self._choose)

    def set_range(self, frame_count: int) -> None:
        """How many frames there are."""
        self.number.setRange(0, max(0, frame_count - 1))
        self.setEnabled(frame_count > 0)

    def ask(self) -> None:
        """Open the panel under the button, ready to type a number."""
        self._panel.adjustSize()
        self._panel.move(self.mapToGlobal(QPoint(0, self.height() + theme.GRID)))
        self._panel.show()
        self.number.setFocus()
        self.number.selectAll()

    def _choose(self) -> None:
        self._panel.hide()
        self.chosen.emit(self.number.value())

    def _clear(self) -> None:
        self._panel.hide()
        self.cleared.emit()
