"""The panels around the picture: where they stand, when they show, and their remembered layout."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from PySide6.QtCore import QByteArray, QSize, Qt, Signal
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import (
    QDockWidget,
    QHBoxLayout,
    QLabel,
    QMainWindow,
    QTabWidget,
    QToolButton,
    QWidget,
)

from limner_app import theme
from limner_app.action_set import ActionSet
from limner_app.panel_parts import heading
from limner_app.settings import settings

_AREAS = {
    "videos": Qt.DockWidgetArea.LeftDockWidgetArea,
    "landmarks": Qt.DockWidgetArea.RightDockWidgetArea,
    "names": Qt.DockWidgetArea.RightDockWidgetArea,
    "timeline": Qt.DockWidgetArea.BottomDockWidgetArea,
    "trajectories": Qt.DockWidgetArea.BottomDockWidgetArea,
}
_HIDDEN_AT_FIRST = {"trajectories"}
_LAYOUT_VERSION = 2


class _Title(QWidget):
    """Heading of a panel, a note on the right and a cross that hides it."""

    def __init__(self, text: str, dock: QDockWidget) -> None:
        super().__init__(dock)
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.MARGIN, 6, 6, 2)
        row.setSpacing(theme.GRID)
        self.heading = heading(text)
        row.addWidget(self.heading)
        row.addStretch(1)
        self.note = QLabel()
        self.note.setProperty("role", "dim")
        self.note.setFont(theme.tabular(self.note.font()))
        row.addWidget(self.note)
        close = QToolButton()
        close.setIcon(theme.icon("x", "faint"))
        close.setIconSize(QSize(12, 12))
        close.setToolTip(self.tr("Hide this panel; the View menu brings it back"))
        close.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        close.clicked.connect(dock.close)
        row.addWidget(close)


class _Dock(QDockWidget):
    """A panel that tells when its own cross was clicked."""

    closed = Signal()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Only a person closes a panel; the program hides it."""
        super().closeEvent(event)
        self.closed.emit()


class Panels:
    """Docks by name. One is seen when it is wished for, and the place on screen has it.

    Args:
        window: Which they surround.
        contents: Widget and heading of each, by the names in this module.
        actions: ``panel_<name>`` switches one.
    """

    def __init__(
        self,
        window: QMainWindow,
        contents: Mapping[str, tuple[QWidget, str]],
        actions: ActionSet,
    ) -> None:
        self._window, self._actions = window, actions
        self._of_place: frozenset[str] = frozenset()
        self.docks: dict[str, QDockWidget] = {}
        self.titles: dict[str, _Title] = {}
        self.wished: dict[str, bool] = {}
        window.setTabPosition(Qt.DockWidgetArea.RightDockWidgetArea, QTabWidget.TabPosition.North)
        for area in (Qt.Corner.BottomLeftCorner, Qt.Corner.BottomRightCorner):
            window.setCorner(area, Qt.DockWidgetArea.BottomDockWidgetArea)
        for name, (content, text) in contents.items():
            dock = _Dock(text, window)
            dock.setObjectName(f"panel_{name}")
            content.setProperty("role", "panel")
            content.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
            dock.setWidget(content)
            if name == "timeline":
                # The strip explains itself; a heading would only take its height away.
                dock.setTitleBarWidget(QWidget(dock))
                dock.setFeatures(QDockWidget.DockWidgetFeature.DockWidgetClosable)
            else:
                title = _Title(text, dock)
                title.setProperty("role", "panel")
                title.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
                dock.setTitleBarWidget(title)
                self.titles[name] = title
                dock.setFeatures(
                    QDockWidget.DockWidgetFeature.DockWidgetClosable
                    | QDockWidget.DockWidgetFeature.DockWidgetMovable
                )
            dock.visibilityChanged.connect(lambda _seen: self._mind_tabs())
            dock.dockLocationChanged.connect(lambda _area: self._mind_tabs())
            dock.closed.connect(partial(self._closed_by_person, name))
            self.docks[name] = dock
            self.wished[name] = name not in _HIDDEN_AT_FIRST
        self.arrange()

    def arrange(self) -> None:
        """Put all panels where they stand at first."""
        for name, dock in self.docks.items():
            self._window.addDockWidget(_AREAS[name], dock)
            self.wished[name] = name not in _HIDDEN_AT_FIRST
        self._window.tabifyDockWidget(self.docks["landmarks"], self.docks["names"])
        self.docks["landmarks"].raise_()
        sides = [self.docks["videos"], self.docks["landmarks"]]
        self._window.resizeDocks(sides, [204, 356], Qt.Orientation.Horizontal)
        below = [self.docks["timeline"], self.docks["trajectories"]]
        self._window.splitDockWidget(below[0], below[1], Qt.Orientation.Vertical)
        self._window.resizeDocks(below, [104, 190], Qt.Orientation.Vertical)
        self.refresh()

    def wish(self, name: str, shown: bool) -> None:
        """Show or hide one panel."""
        self.wished[name] = shown
        self.refresh()

    def set_place(self, panels: frozenset[str]) -> None:
        """Another place, or none, is shown: these are the panels it has."""
        self._of_place = panels
        self.refresh()

    def refresh(self) -> None:
        """Show what should be seen, and set the switches."""
        for name, dock in self.docks.items():
            dock.setVisible(self.wished[name] and name in self._of_place)
            self._actions[f"panel_{name}"].setChecked(self.wished[name])

    def _mind_tabs(self) -> None:
        """Where panels share a place their tabs name them, and headings would do so again."""
        for name, title in self.titles.items():
            others = self._window.tabifiedDockWidgets(self.docks[name])
            title.heading.setVisible(not any(dock.isVisibleTo(self._window) for dock in others))

    def _closed_by_person(self, name: str) -> None:
        self.wished[name] = False
        self._actions[f"panel_{name}"].setChecked(False)

    def save(self) -> None:
        """Remember where everything stands."""
        kept = settings()
        kept.setValue("layout/geometry", self._window.saveGeometry())
        if self._of_place:
            kept.setValue("layout/state", self._window.saveState(_LAYOUT_VERSION))
        for name, wished in self.wished.items():
            kept.setValue(f"layout/{name}", "shown" if wished else "hidden")

    def restore(self) -> bool:
        """Put everything back as it was remembered; False if nothing is."""
        kept = settings()
        geometry, state = kept.value("layout/geometry"), kept.value("layout/state")
        for name in self.wished:
            known = kept.value(f"layout/{name}")
            if known is not None:
                self.wished[name] = known == "shown"
        if isinstance(state, QByteArray):
            self._window.restoreState(state, _LAYOUT_VERSION)
        self.refresh()
        return isinstance(geometry, QByteArray) and self._window.restoreGeometry(geometry)
