"""The table of actions made into Qt's actions and menus."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PySide6.QtCore import QCoreApplication, QObject
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMenu, QMenuBar, QWidget

from limner_app import theme
from limner_app.action_spec import action_text
from limner_app.actions import ACTIONS, MENUS


class ActionSet(QObject):
    """The table made into Qt's actions.

    Args:
        window: Whose keys they are.
        handlers: What each does, by id; checkable ones get the new state.
        conditions: Answers which conditions hold now.

    Raises:
        KeyError: a row has no handler.
    """

    def __init__(
        self,
        window: QWidget,
        handlers: Mapping[str, Callable[..., object]],
        conditions: Callable[[], set[str]],
    ) -> None:
        super().__init__(window)
        self._conditions = conditions
        self.by_id: dict[str, QAction] = {}
        for spec in ACTIONS:
            made = QAction(action_text(spec), window)
            if spec.icon:
                made.setIcon(theme.icon(spec.icon))
            made.setIconVisibleInMenu(not spec.checkable)
            made.setShortcuts([QKeySequence(key) for key in spec.keys])
            made.setCheckable(spec.checkable)
            if spec.checkable:
                made.triggered.connect(handlers[spec.id])
            else:
                made.triggered.connect(lambda _=False, run=handlers[spec.id]: run())
            shown = QKeySequence(spec.keys[0]).toString(QKeySequence.SequenceFormat.NativeText)
            made.setToolTip(f"{action_text(spec).rstrip('…')}  ({shown})")
            self.by_id[spec.id] = made
            window.addAction(made)
        self.refresh()

    def __getitem__(self, action_id: str) -> QAction:
        return self.by_id[action_id]

    def refresh(self) -> None:
        """Enable what can be done now."""
        holds = self._conditions() | {"always"}
        for spec in ACTIONS:
            self.by_id[spec.id].setEnabled(spec.enabled_when in holds)

    def fill(self, bar: QMenuBar) -> dict[str, QMenu]:
        """Make the menus; they are returned by their untranslated path."""
        menus: dict[str, QMenu] = {}
        for name in MENUS:
            menus[name] = bar.addMenu(QCoreApplication.translate("menus", name))
        for spec in ACTIONS:
            head, _, inner = spec.menu.partition("/")
            if inner and spec.menu not in menus:
                menus[head].addSeparator()
                menus[spec.menu] = menus[head].addMenu(QCoreApplication.translate("menus", inner))
            elif spec.new_group and menus[spec.menu].actions():
                menus[spec.menu].addSeparator()
            menus[spec.menu].addAction(self.by_id[spec.id])
        return menus
