"""What is seen before a project is open: three ways in, and what was open lately."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QAction, QKeyEvent, QMouseEvent, QPixmap
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from limner_app import theme
from limner_app.action_set import ActionSet
from limner_app.panel_parts import IconLabel, dim, heading
from limner_app.settings import picture_of, recent_projects

_CARD = QSize(216, 132)
_PICTURE = QSize(144, 81)
_RECENT_SHOWN = 4


class Choice(QFrame):
    """One of the big choices: a picture, what it does and a line that explains.

    Args:
        action: What a click or Enter does.
        picture: Name of an icon.
        text: What it does.
        more: One sentence more.
    """

    def __init__(self, action: QAction, picture: str, text: str, more: str) -> None:
        super().__init__()
        self._action = action
        self.setProperty("choice", True)
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFixedWidth(_CARD.width())
        self.setMinimumHeight(_CARD.height())
        self.setToolTip(action.toolTip())
        self.setAccessibleName(text)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 14)
        column.setSpacing(theme.GRID)
        icon = IconLabel(picture, "accent", 28)
        name = QLabel(text)
        name.setStyleSheet("font-weight: 600;")
        name.setWordWrap(True)
        column.addWidget(icon)
        column.addSpacing(theme.GRID)
        column.addWidget(name)
        column.addWidget(dim(more))
        column.addStretch(1)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """End it."""
        if event.button() == Qt.MouseButton.LeftButton and self.rect().contains(
            event.position().toPoint()
        ):
            self._action.trigger()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Handle the keys that mean something here."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self._action.trigger()
        else:
            super().keyPressEvent(event)


def _covering(picture: QPixmap, ratio: float) -> QPixmap:
    """The middle of a picture, as large as fills a card; so cards of all videos line up."""
    room = (_PICTURE.toSizeF() * ratio).toSize()
    filled = picture.scaled(
        room,
        Qt.AspectRatioMode.KeepAspectRatioByExpanding,
        Qt.TransformationMode.SmoothTransformation,
    )
    at = QPoint((filled.width() - room.width()) // 2, (filled.height() - room.height()) // 2)
    made = filled.copy(QRect(at, room))
    made.setDevicePixelRatio(ratio)
    return made


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
        title.setStyleSheet("font-size: 26pt; font-weight: 600;")
        column.addWidget(title)
        column.addWidget(dim(self.tr("Landmarks from your own videos, without labels.")))
        column.addSpacing(theme.MARGIN)
        row = QHBoxLayout()
        row.setSpacing(theme.MARGIN)
        self.choices: dict[str, Choice] = {}
        for name, picture, text, more in (
            (
                "open_sample",
                "sparkle",
                self.tr("Try the sample"),
                self.tr("A short clip with its landmarks, to look around"),
            ),
            (
                "open_videos",
                "film-strip",
                self.tr("New project from videos"),
                self.tr("Faces get landmarks at once; anything else can be learned"),
            ),
            (
                "open_project",
                "folder-open",
                self.tr("Open a project"),
                self.tr("Go on where you left off"),
            ),
        ):
            card = Choice(actions[name], picture, text, more)
            self.choices[name] = card
            row.addWidget(card, 1)
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
        button.setText(
            button.fontMetrics().elidedText(
                path.stem, Qt.TextElideMode.ElideMiddle, _PICTURE.width()
            )
        )
        button.setToolTip(str(path))
        button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        picture = QPixmap(str(picture_of(path)))
        if picture.isNull():
            button.setIcon(theme.icon("film-strip", "faint"))
            button.setIconSize(QSize(32, _PICTURE.height()))
        else:
            button.setIcon(_covering(picture, self.devicePixelRatioF()))
            button.setIconSize(_PICTURE)
        button.setMinimumWidth(_PICTURE.width())
        button.setStyleSheet("padding: 4px 0;")
        button.clicked.connect(lambda: self.project_chosen.emit(path))
        return button
