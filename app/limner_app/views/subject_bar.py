"""Whose landmarks are worked on: a small switch, there as soon as there are several subjects."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF, QSize, Qt
from PySide6.QtGui import QIcon, QPainter, QPixmap
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QMenu, QToolButton, QWidget

from limner_app import theme
from limner_app.action_set import ActionSet
from limner_app.document import Document

_DOT_PX = 10


def subject_icon(subject: int, ratio: float) -> QIcon:
    """A dot of the subject's colour.

    Args:
        subject: The project's number of it.
        ratio: Pixels of the screen for each of Qt's.
    """
    side = theme.ICON_PX
    picture = QPixmap(QSize(side, side) * ratio)
    picture.setDevicePixelRatio(ratio)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.subject_colour(subject))
    painter.drawEllipse(QPointF(side / 2, side / 2), _DOT_PX / 2, _DOT_PX / 2)
    painter.end()
    return QIcon(picture)


class SubjectBar(QWidget):
    """The subjects by name and colour, and a menu that adds, renames and removes them.

    Args:
        document: The open project.
        actions: Fill the menu.
    """

    def __init__(self, document: Document, actions: ActionSet) -> None:
        super().__init__()
        self.document = document
        self.choice = QComboBox()
        self.choice.setAccessibleName(self.tr("Subject"))
        self.choice.setSizeAdjustPolicy(
            QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
        )
        keys = [
            actions[name].shortcut().toString() for name in ("previous_subject", "next_subject")
        ]
        self.choice.setToolTip(
            self.tr("Whose landmarks these are  ({keys})").format(keys=", ".join(keys))
        )
        self.choice.activated.connect(self._chosen)
        self.menu = QMenu(self)
        for name in ("add_subject", "rename_subject", "remove_subject"):
            self.menu.addAction(actions[name])
        more = QToolButton()
        more.setIcon(theme.icon("dots-three", "dim"))
        more.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        more.setToolTip(self.tr("Add, rename or remove subjects"))
        more.setAccessibleName(more.toolTip())
        more.setMenu(self.menu)
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.MARGIN, theme.GRID, theme.GAP, theme.GRID)
        row.setSpacing(theme.GRID)
        row.addWidget(self.choice, 1)
        row.addWidget(more)
        for signal in (
            document.subjects_changed,
            document.project_changed,
            document.history_changed,
        ):
            signal.connect(self.reload)
        self.reload()

    def reload(self) -> None:
        """Show the subjects as they are now."""
        subjects = self.document.subjects()
        self.setVisible(len(subjects) > 1)
        self.choice.clear()
        for one in subjects:
            icon = subject_icon(one.id, self.devicePixelRatioF())
            self.choice.addItem(icon, one.name, one.id)
        self.choice.setCurrentIndex(self.choice.findData(self.document.subject))

    def _chosen(self, row: int) -> None:
        self.document.set_subject(self.choice.itemData(row))

    def changeEvent(self, event: QEvent) -> None:
        """Follow the look."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self.reload()
