"""What the table of landmarks says of each, and how it can be edited there."""

from __future__ import annotations

from typing import Any

import numpy as np
from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtGui import QColor

from limner_app import theme
from limner_app.document import Document
from limner_engine.project.origins import Accepted

NAME, X, Y, CONFIDENCE, WHOSE = range(5)
_Index = QModelIndex | QPersistentModelIndex


class LandmarkModel(QAbstractTableModel):
    """Name, x, y, confidence and whose, for each landmark; name, x and y can be edited."""

    def __init__(self, document: Document) -> None:
        super().__init__()
        self.document = document
        self._rows = 0
        self.skeleton = document.skeleton
        document.skeleton_changed.connect(self.reload)
        document.video_changed.connect(self.reload)
        document.project_changed.connect(self.reload)
        document.frame_changed.connect(self._refresh)
        document.annotations_changed.connect(self._refresh)
        document.predictions_changed.connect(self._refresh)
        self.reload()

    def reload(self) -> None:
        """Another number of rows, or other names."""
        self.beginResetModel()
        # The project is asked once a change, not for each cell that is painted.
        self.skeleton = self.document.skeleton
        self._rows = len(self.skeleton.names)
        self.endResetModel()

    def _refresh(self) -> None:
        if self._rows:
            self.dataChanged.emit(self.index(0, 0), self.index(self._rows - 1, WHOSE))

    def rowCount(self, parent: _Index | None = None) -> int:
        """One row a landmark."""
        return 0 if parent is not None and parent.isValid() else self._rows

    def columnCount(self, parent: _Index | None = None) -> int:
        """Five columns."""
        return 0 if parent is not None and parent.isValid() else 5

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """Names of the columns."""
        if orientation == Qt.Orientation.Horizontal:
            if role == Qt.ItemDataRole.DisplayRole:
                return (
                    self.tr("Name"),
                    "x",
                    "y",
                    self.tr("Conf."),
                    "",
                )[section]
            if role == Qt.ItemDataRole.TextAlignmentRole:
                return _alignment(section)
            if role == Qt.ItemDataRole.ToolTipRole and section == CONFIDENCE:
                return self.tr("Confidence of the model, 0 to 1")
            if role == Qt.ItemDataRole.ToolTipRole and section == WHOSE:
                return self.tr("Whose: a person's or a model's")
        return None

    def flags(self, index: _Index) -> Qt.ItemFlag:
        """Name, x and y can be edited."""
        flags = super().flags(index)
        if index.column() in (NAME, X, Y):
            flags |= Qt.ItemFlag.ItemIsEditable
        return flags

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """What a cell shows."""
        if not index.isValid():
            return None
        row, column = index.row(), index.column()
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _alignment(column)
        known = self.document.landmarks()
        if row >= len(known):
            return None
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.EditRole):
            return self._text(row, column)
        if role == Qt.ItemDataRole.ForegroundRole:
            return self._ink(row, column)
        if role == Qt.ItemDataRole.ToolTipRole:
            return self._whose(row) if column == WHOSE else self._text(row, column)
        return None

    def _text(self, row: int, column: int) -> str:
        known = self.document.landmarks()
        if column == NAME:
            return self.skeleton.names[row]
        if known.unseen[row]:
            words = {CONFIDENCE: f"{float(known.confidence[row]):.2f}", WHOSE: self.tr("hidden")}
            return words.get(column, "–")
        if row in known.rejected:
            return "–" if column != WHOSE else self.tr("rejected")
        if known.origin[row] is None:
            return "–" if column != WHOSE else ""
        if column in (X, Y):
            value = float(known.points[row, column - X])
            return f"{value:.1f}" if np.isfinite(value) else "–"
        if column == CONFIDENCE:
            told = known.accepted.get(row)
            sure = float(known.confidence[row]) if told is None else told.confidence
            from_model = known.origin[row] == "model" or told is not None
            return f"{sure:.2f}" if from_model and np.isfinite(sure) else ""
        if not known.visible[row]:
            return self.tr("hidden")
        return known.author[row] or ""

    def _whose(self, row: int) -> str:
        known = self.document.landmarks()
        author = known.author[row] or ""
        if row in known.rejected:
            return self.tr("Rejected; what the model found is left out")
        if row in known.accepted:
            return self._accepted(author, known.accepted[row])
        if known.unseen[row]:
            return self.tr("Hidden, as {name} finds").format(name=author)
        if not known.visible[row]:
            return self.tr("Hidden by {name}").format(name=author)
        return author

    def whose_icon(self, row: int) -> str:
        """Name of the icon that says whose a landmark is; empty where it is nobody's."""
        known = self.document.landmarks()
        if row in known.rejected:
            return "prohibit"
        if known.unseen[row] or not known.visible[row]:
            return "eye-slash"
        if row in known.accepted:
            return "check-circle"
        return {"person": "user", "model": "cube"}.get(known.origin[row] or "", "")

    def _accepted(self, author: str, told: Accepted) -> str:
        words = self.tr("{name} accepted it from {model}")
        if np.isfinite(told.confidence):
            words = self.tr("{name} accepted it from {model}, which gave it {sure:.2f}")
        return words.format(name=author, model=told.model, sure=told.confidence)

    def _ink(self, row: int, column: int) -> QColor | None:
        known = self.document.landmarks()
        if known.origin[row] is None or not known.visible[row]:
            return theme.colour("faint")
        if column == CONFIDENCE and row in known.accepted:
            return theme.colour("dim")
        if column == CONFIDENCE and float(known.confidence[row]) < theme.LOW_CONFIDENCE:
            return theme.colour("warning")
        return theme.colour("dim") if column == WHOSE else None

    def setData(self, index: _Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        """Write an edited cell into the document."""
        if role != Qt.ItemDataRole.EditRole:
            return False
        row, column, text = index.row(), index.column(), str(value).strip()
        if column == NAME:
            if not text:
                return False
            self.document.rename(row, text)
            return True
        try:
            number = float(text.replace(",", "."))
        except ValueError:
            return False
        place = self.document.landmarks().points[row].copy()
        other = place[Y - column]
        if not np.isfinite(other) or not np.isfinite(number):
            return False
        place[column - X] = number
        self.document.move(row, float(place[0]), float(place[1]))
        return True


def _alignment(column: int) -> Qt.AlignmentFlag:
    side = (
        Qt.AlignmentFlag.AlignRight if column in (X, Y, CONFIDENCE) else Qt.AlignmentFlag.AlignLeft
    )
    return side | Qt.AlignmentFlag.AlignVCenter
