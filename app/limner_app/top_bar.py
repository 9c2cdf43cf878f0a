"""The strip under the menus: project, the switch of places, model and engine."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QSize, Qt
from PySide6.QtWidgets import (
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QMenu,
    QPushButton,
    QSizePolicy,
    QToolButton,
    QWidget,
)

from limner_app import theme
from limner_app.action_set import ActionSet
from limner_app.document import Document
from limner_app.model_titles import KnownModel, no_network, prior_words
from limner_app.panel_parts import IconLabel
from limner_app.places import PLACES
from limner_app.settings import recent_projects

_STATE_INK = {
    "off": "faint",
    "starting": "warning",
    "ready": "good",
    "restarting": "warning",
    "failed": "loss",
}


class TopBar(QWidget):
    """What is open, where one is, and what finds the landmarks.

    Args:
        document: The open project.
        actions: Places and the menus' entries.
        models: The models that can be chosen.
        open_project: Called with a recent project that was chosen.
    """

    def __init__(
        self,
        document: Document,
        actions: ActionSet,
        models: Callable[[], list[KnownModel]],
        open_project: Callable[[Path], object],
    ) -> None:
        super().__init__()
        self.document, self._actions = document, actions
        self._models, self._open_project = models, open_project
        self.setProperty("role", "bar")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        grid = QGridLayout(self)
        grid.setContentsMargins(theme.GAP, 0, theme.GAP, 0)
        grid.setColumnStretch(0, 1)
        grid.setColumnStretch(2, 1)
        self.project = self._menu_button("folder-simple", self._fill_project)
        self.project.setToolTip(self.tr("The open project and recent ones"))
        grid.addWidget(self.project, 0, 0, Qt.AlignmentFlag.AlignLeft)
        middle = QHBoxLayout()
        middle.setSpacing(0)
        self.switch: dict[str, QPushButton] = {}
        for place in PLACES:
            button = QPushButton(QCoreApplication.translate("places", place.text))
            button.setCheckable(True)
            button.setAutoExclusive(True)
            button.setProperty("place", True)
            button.setToolTip(actions[place.id].toolTip())
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            button.clicked.connect(actions[place.id].trigger)
            self.switch[place.id] = button
            middle.addWidget(button)
        grid.addLayout(middle, 0, 1)
        right = QHBoxLayout()
        right.setSpacing(theme.GAP)
        self.model = self._menu_button("cube", self._fill_models)
        self.engine = QLabel()
        self.engine.setProperty("role", "dim")
        self.engine.setFont(theme.tabular(self.engine.font()))
        self.dot = IconLabel("circle-fill", "faint", 8)
        self.learning = QToolButton()
        self.learning.setIcon(theme.icon("graduation-cap", "accent"))
        self.learning.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.learning.setFont(theme.tabular(self.learning.font()))
        self.learning.setToolTip(self.tr("A model is learning in the background; click to see it"))
        self.learning.clicked.connect(actions["learn"].trigger)
        self.learning.hide()
        right.addWidget(self.learning)
        right.addWidget(self.model)
        right.addWidget(self.dot)
        right.addWidget(self.engine)
        grid.addLayout(right, 0, 2, Qt.AlignmentFlag.AlignRight)
        document.project_changed.connect(self.refresh)
        document.models_changed.connect(self.refresh)
        self.set_engine("off", "", float("nan"))
        self.refresh()

    def _menu_button(self, icon: str, fill: Callable[[QMenu], None]) -> QToolButton:
        button = QToolButton()
        button.setIcon(theme.icon(icon, "dim"))
        button.setIconSize(QSize(theme.ICON_PX, theme.ICON_PX))
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Preferred)
        menu = QMenu(button)

        def refill() -> None:
            menu.clear()
            fill(menu)

        menu.aboutToShow.connect(refill)
        button.setMenu(menu)
        return button

    def refresh(self) -> None:
        """Name the project and the model."""
        project, title = self.document.project, self.document.model_title
        there = project is not None
        self.setVisible(there)
        self.project.setText(f"{project.path.stem} ▾" if project is not None else "")
        name = title or self.tr("No model")
        words = self.tr("The model that finds the landmarks")
        if self.document.imported:
            words = "\n".join(no_network(title))
        info = self.document.model_info
        prior = "" if info is None else prior_words(info)
        if prior:
            words = f"{words}\n{prior}"
        if self.document.warp_model is not None:
            warps = self.tr("Frames are warped by {title}")
            words = f"{words}\n{warps.format(title=self.document.warp_model.info.name)}"
        self.model.setToolTip(words)
        metrics = self.model.fontMetrics()
        self.model.setText(metrics.elidedText(name, Qt.TextElideMode.ElideMiddle, 180) + " ▾")

    def show_place(self, place_id: str) -> None:
        """Mark the place that is on screen."""
        self.switch[place_id].setChecked(True)

    def set_learning(self, active: bool, share: float) -> None:
        """Whether a run goes on in the background, and how much of it is done, 0..1."""
        self.learning.setVisible(active)
        self.learning.setText(self.tr("learning {n} %").format(n=round(100 * share)))

    def set_engine(self, kind: str, label: str, last_ms: float, words: str = "") -> None:
        """How the engine is.

        Args:
            kind: As in `limner_app.engine_client.EngineState`.
            label: Where and how the model runs.
            last_ms: Time of the last answer; NaN before.
            words: A sentence for the tool tip.
        """
        self.dot.set_icon("circle-fill", _STATE_INK[kind])
        parts = [label] if label else []
        if last_ms == last_ms and label:
            parts.append(f"{last_ms:.0f} ms")
        texts = {
            "off": self.tr("engine off"),
            "starting": self.tr("engine starting"),
            "restarting": self.tr("engine restarting"),
            "failed": self.tr("engine failed"),
        }
        self.engine.setText(texts.get(kind) or " · ".join(parts) or self.tr("engine ready"))
        self.engine.setToolTip(words)
        self.dot.setToolTip(words)

    def _fill_project(self, menu: QMenu) -> None:
        here = self.document.project
        others = [p for p in recent_projects() if here is None or p != here.path.resolve()]
        for path in others:
            entry = menu.addAction(path.stem, partial(self._open_project, path))
            entry.setToolTip(str(path))
        if others:
            menu.addSeparator()
        for name in ("new_project", "open_project", "backup"):
            menu.addAction(self._actions[name])

    def _fill_models(self, menu: QMenu) -> None:
        used = {self.document.model_path, self.document.warp_model_path}
        for model in self._models():
            words = f"{model.title}  ·  {model.kind}"
            entry = menu.addAction(words, partial(self.document.set_model, model.path))
            entry.setCheckable(True)
            entry.setChecked(model.path in used)
        if not menu.isEmpty():
            menu.addSeparator()
        imported = self.document.imported_predictions()
        for title, number in imported:
            entry = menu.addAction(title, partial(self.document.set_imported, number))
            entry.setCheckable(True)
            entry.setChecked(number == self.document.model_id)
        if imported:
            menu.addSeparator()
        for name in ("add_model", "learn"):
            menu.addAction(self._actions[name])
