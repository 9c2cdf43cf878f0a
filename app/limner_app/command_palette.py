"""Search over all actions: type a few letters, press Enter."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QPoint, Qt
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QVBoxLayout,
    QWidget,
)

from limner_app import theme
from limner_app.action_set import ActionSet
from limner_app.action_spec import ActionSpec, action_text
from limner_app.actions import ACTIONS
from limner_app.panel_parts import IconLabel, dim

_WIDTH = 480
_ROWS = 9


def match_score(typed: str, text: str) -> int | None:
    """How well typed letters fit a text; lower is better, None where they do not.

    The letters must come in order; runs at the start of words fit best.
    """
    typed, low = typed.lower().replace(" ", ""), text.lower()
    at, score, last = 0, 0, -1
    for letter in typed:
        found = low.find(letter, at)
        if found < 0:
            return None
        starts_word = found == 0 or low[found - 1] == " "
        follows = found == last + 1 and last >= 0
        score += 0 if follows or starts_word else 3 + found - at + (20 if last < 0 else 0)
        last, at = found, found + 1
    return score * 100 + len(low)


class CommandPalette(QFrame):
    """A box over the window with a line to type in and the actions that fit.

    Args:
        actions: What is searched.
        window: Over which it floats.
    """

    def __init__(self, actions: ActionSet, window: QWidget) -> None:
        super().__init__(window)
        self._actions, self._window = actions, window
        self.setProperty("role", "float")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.GAP, theme.GAP, theme.GAP, theme.GAP)
        column.setSpacing(theme.GRID)
        self.line = QLineEdit()
        self.line.setPlaceholderText(self.tr("What do you want to do?"))
        self.line.addAction(
            theme.icon("magnifying-glass", "dim"), QLineEdit.ActionPosition.LeadingPosition
        )
        self.line.textChanged.connect(self._fill)
        self.line.installEventFilter(self)
        self.list = QListWidget()
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.itemClicked.connect(lambda _item: self._run())
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.none = dim(self.tr("No action is called that."))
        self.none.setContentsMargins(theme.GAP, theme.GRID, theme.GAP, theme.GRID)
        column.addWidget(self.line)
        column.addWidget(self.list)
        column.addWidget(self.none)
        self.hide()

    def open(self) -> None:
        """Show it, empty, under the top of the window."""
        self.line.clear()
        self._fill("")
        window = self._window
        self.resize(min(_WIDTH, window.width() - 40), self.height())
        self.move(QPoint((window.width() - self.width()) // 2, 72))
        self.show()
        self.raise_()
        self.line.setFocus()

    def _fill(self, typed: str) -> None:
        fits: list[tuple[bool, int, int, ActionSpec]] = []
        for spec in ACTIONS:
            score = match_score(typed, action_text(spec))
            if score is not None and spec.id != "search":
                # Without letters the table's own order is the better one.
                off = not self._actions[spec.id].isEnabled()
                fits.append((off, score if typed else 0, len(fits), spec))
        self.list.clear()
        for off, _, _, spec in sorted(fits, key=lambda fit: fit[:3]):
            item = QListWidgetItem(self.list)
            item.setData(Qt.ItemDataRole.UserRole, spec.id)
            if off:
                item.setFlags(Qt.ItemFlag.NoItemFlags)
            row = QWidget()
            across = QHBoxLayout(row)
            across.setContentsMargins(theme.GAP, 0, theme.GAP, 0)
            picture = IconLabel(spec.icon, "faint" if off else "text", theme.ICON_PX)
            name = QLabel(action_text(spec).rstrip("…"))
            name.setEnabled(not off)
            keys = QLabel(
                QKeySequence(spec.keys[0]).toString(QKeySequence.SequenceFormat.NativeText)
            )
            keys.setProperty("role", "dim")
            across.addWidget(picture)
            across.addWidget(name, 1)
            across.addWidget(keys)
            hint = row.sizeHint()
            hint.setHeight(theme.ROW_PX)
            item.setSizeHint(hint)
            self.list.setItemWidget(item, row)
        self.list.setCurrentRow(0)
        # As many rows as there are; an empty half of a box would look like something missing.
        self.none.setVisible(not fits)
        self.list.setVisible(bool(fits))
        self.list.setFixedHeight(min(_ROWS, len(fits)) * theme.ROW_PX + theme.GRID)
        self.resize(self.width(), self.sizeHint().height())

    def _run(self) -> None:
        item = self.list.currentItem()
        self.hide()
        self._window.setFocus()
        if item is not None:
            action = self._actions[item.data(Qt.ItemDataRole.UserRole)]
            if action.isEnabled():
                action.trigger()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Watch the keys and the focus of what it is put on."""
        if event.type() == QEvent.Type.FocusOut:
            self.hide()
        elif isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            key = event.key()
            if key in (Qt.Key.Key_Down, Qt.Key.Key_Up):
                step = 1 if key == Qt.Key.Key_Down else -1
                row = (self.list.currentRow() + step) % max(1, self.list.count())
                self.list.setCurrentRow(row)
                return True
            if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self._run()
                return True
            if key == Qt.Key.Key_Escape:
                self.hide()
                return True
        elif isinstance(event, QKeyEvent) and event.type() == QEvent.Type.ShortcutOverride:
            event.accept()  # what is typed here is not meant for the window
        return super().eventFilter(watched, event)
