"""The list of keys, made from the table of actions."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QSize, Qt
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import (
    QDialog,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from limner_app import theme
from limner_app.action_spec import action_text
from limner_app.actions import ACTIONS
from limner_app.panel_parts import heading

MOUSE = (
    ("Place the next missing landmark", "Click"),
    ("Move a landmark", "Drag"),
    ("Hide or show a landmark", "Right-click"),
    ("Zoom at the cursor", "Wheel"),
    ("Pan", "Middle-drag or Space-drag"),
    ("Select a range of frames", "Shift-drag on the timeline"),
)
_COLUMNS = (("File", "Edit", "Model"), ("View", "Label", "Help"), ("Go", "Picture", "Mouse"))
_SCREEN_SHARE = 0.94


class ShortcutList(QDialog):
    """All keys by menu; any of Esc, F1 and ? closes it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Keyboard shortcuts"))
        inner = QWidget()
        across = QHBoxLayout(inner)
        across.setContentsMargins(24, 20, 24, 20)
        across.setSpacing(32)
        for names in _COLUMNS:
            column = QVBoxLayout()
            column.setSpacing(theme.MARGIN)
            for name in names:
                column.addLayout(self._group(name))
            column.addStretch(1)
            across.addLayout(column)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setWidget(inner)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        for part in (scroll.viewport(), inner):
            part.setAutoFillBackground(False)
        outer = QHBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(scroll)
        # As large as it likes to be, but never larger than the screen.
        room = self.screen().availableSize() * _SCREEN_SHARE
        wished = inner.sizeHint() + QSize(theme.MARGIN, 2)
        self.resize(wished.boundedTo(room))

    def rows(self, group: str) -> list[tuple[str, str]]:
        """What is listed under a heading: text and keys."""
        if group == "Mouse":
            tr = QCoreApplication.translate
            return [(tr("shortcuts", what), tr("shortcuts", how)) for what, how in MOUSE]
        native = QKeySequence.SequenceFormat.NativeText
        return [
            (
                action_text(spec).rstrip("…"),
                " · ".join(QKeySequence(key).toString(native) for key in spec.keys),
            )
            for spec in ACTIONS
            if spec.menu.split("/")[0] == group
        ]

    def _group(self, name: str) -> QGridLayout:
        grid = QGridLayout()
        grid.setHorizontalSpacing(20)
        grid.setVerticalSpacing(2)
        title = heading(QCoreApplication.translate("menus", name))
        grid.addWidget(title, 0, 0, 1, 2)
        for row, (text, keys) in enumerate(self.rows(name), 1):
            grid.addWidget(QLabel(text), row, 0)
            shown = QLabel(keys)
            shown.setProperty("role", "dim")
            shown.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            grid.addWidget(shown, row, 1)
        grid.setColumnStretch(0, 1)
        return grid

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Handle the keys that mean something here."""
        if event.key() in (Qt.Key.Key_F1, Qt.Key.Key_Question, Qt.Key.Key_Escape):
            self.close()
        else:
            super().keyPressEvent(event)
