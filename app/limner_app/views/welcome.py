"""What is seen before a project is open: three ways in, and what was open lately."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QAction, QFont, QPixmap
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QToolButton, QVBoxLayout, QWidget

from limner_app import theme
from limner_app.actions import ActionSet
from limner_app.panel_parts import dim, heading
from limner_app.settings import picture_of, recent_projects

_CARD = QSize(196, 116)
_PICTURE = QSize(144, 81)
_RECENT_SHOWN = 4


class Welcome(QWidget):
    """Three big choices; recent projects with a picture each.

    Signals:
        project_chosen(Path): A recent project was clicked.

    Args:
        actions: The three choices are rows of its table.
    """

    project_chosen = Signal(object)

    def __init__(self, actions: ActionSet) -> None:
        super().__init__()
        self.setObjectName("ground")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        outer = QHBoxLayout(self)
        outer.addStretch(1)
        column = QVBoxLayout()
        column.setSpacing(theme.GAP)
        outer.addLayout(column)
        outer.addStretch(1)
        column.addStretch(2)
        title = QLabel("Limner")
        font = QFont(title.font())
        font.setPointSizeF(26)
        font.setWeight(QFont.Weight.DemiBold)
        title.setFont(font)
        title.setStyleSheet("font-size: 26pt; font-weight: 600;")
        column.addWidget(title)
        column.addWidget(
            dim(self.tr("Landmarks from your own videos, without labels: see them, correct them, "
            "redraw with them, go on learning."))
        )
        column.addSpacing(theme.MARGIN)
        row = QHBoxLayout()
        row.setSpacing(theme.MARGIN)
        self.choices: dict[str, QToolButton] = {}
        for name, picture, text in (
            ("open_sample", "sparkle", self.tr("Try the sample")),
            ("open_videos", "film-strip", self.tr("New project from videos")),
            ("open_project", "folder-open", self.tr("Open a project")),
        ):
            card = self._card(actions[name], picture, text)
            self.choices[name] = card
            row.addWidget(card)
        column.addLayout(row)
        column.addSpacing(theme.GRID)
        column.addWidget(dim(self.tr("Or drop videos or a project anywhere in this window.")))
        column.addSpacing(theme.MARGIN * 2)
        self._recent_head = heading(self.tr("Recent projects"))
        column.addWidget(self._recent_head)
        self._recent = QGridLayout()
        self._recent.setSpacing(theme.MARGIN)
        column.addLayout(self._recent)
        column.addStretch(3)
        self.reload()

    def _card(self, action: QAction, picture: str, text: str) -> QToolButton:
        card = QToolButton()
        card.setText(text)
        card.setIcon(theme.icon(picture, "accent"))
        card.setIconSize(QSize(32, 32))
        card.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextUnderIcon)
        card.setProperty("card", True)
        card.setMinimumSize(_CARD)
        card.setToolTip(action.toolTip())
        card.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        card.clicked.connect(action.trigger)
        return card

    def reload(self) -> None:
        """List the recent projects anew."""
        while self._recent.count():
            entry = self._recent.takeAt(0)
            old = entry.widget() if entry is not None else None
            if old is not None:
                old.deleteLater()
        recent = recent_projects()[:_RECENT_SHOWN]
        self._recent_head.setVisible(bool(recent))
        for i, path in enumerate(recent):
            self._recent.addWidget(self._project(path), 0, i)
        self._recent.setColumnStretch(_RECENT_SHOWN, 1)

    def _project(self, path: Path) -> QToolButton:
        button = QToolButton()
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextUnderIcon)
        button.setText(button.fontMetrics().elidedText(
            path.stem, Qt.TextElideMode.ElideMiddle, _PICTURE.width()
        ))
        button.setToolTip(str(path))
        button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        picture = QPixmap(str(picture_of(path)))
        if picture.isNull():
            button.setIcon(theme.icon("film-strip", "faint"))
            button.setIconSize(QSize(32, _PICTURE.height()))
        else:
            button.setIcon(picture)
            button.setIconSize(_PICTURE)
        button.setMinimumWidth(_PICTURE.width() + 8)
        button.clicked.connect(lambda: self.project_chosen.emit(path))
        return button
