"""The rows of the list of a skeleton's landmarks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import (
    QAbstractTableModel,
    QByteArray,
    QMimeData,
    QModelIndex,
    QPersistentModelIndex,
    Qt,
    Signal,
)

from limner_app import theme
from limner_app.views.skeleton_edits import SkeletonEdits
from limner_engine.errors import LimnerError
from limner_engine.types import Skeleton

NAME, PAIR, COUNT = range(3)
_MIME = "application/x-limner-landmarks"
_Index = QModelIndex | QPersistentModelIndex


class SkeletonModel(QAbstractTableModel):
    """Name, partner and number of annotations of each landmark.

    Args:
        edits: Where edited cells go.

    Attributes:
        refused: Told of a name that cannot be taken.
        move_wished: Rows that were dropped, and before which one.
    """

    refused = Signal(str)
    move_wished = Signal(list, int)

    def __init__(self, edits: SkeletonEdits) -> None:
        super().__init__()
        self._edits = edits
        self.skeleton = Skeleton(())
        self._counts: Sequence[int] = ()

    def load(self, skeleton: Skeleton, counts: Sequence[int]) -> None:
        """Show a skeleton; rows stay where their number does, so that a selection can."""
        if len(skeleton.names) == len(self.skeleton.names):
            self.skeleton, self._counts = skeleton, counts
            if counts:
                self.dataChanged.emit(self.index(0, 0), self.index(len(counts) - 1, COUNT))
            return
        self.beginResetModel()
        self.skeleton, self._counts = skeleton, counts
        self.endResetModel()

    def partner(self, row: int) -> int | None:
        """The landmark that is paired with one."""
        for left, right in self.skeleton.symmetries:
            if row in (left, right):
                return right if row == left else left
        return None

    def rowCount(self, parent: _Index | None = None) -> int:
        """One row a landmark."""
        return 0 if parent is not None and parent.isValid() else len(self.skeleton.names)

    def columnCount(self, parent: _Index | None = None) -> int:
        """Three columns."""
        return 0 if parent is not None and parent.isValid() else 3

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """Names of the columns."""
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return (self.tr("Name"), self.tr("Pair"), self.tr("Labels"))[section]
        if role == Qt.ItemDataRole.ToolTipRole:
            return (
                self.tr("Double-click or F2 to rename; drag rows to reorder"),
                self.tr("The same landmark on the other side: left and right of a pair"),
                self.tr("How often people have placed or hidden it, in all videos"),
            )[section]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _alignment(section)
        return None

    def flags(self, index: _Index) -> Qt.ItemFlag:
        """Name and pair can be edited; rows can be dragged between rows."""
        if not index.isValid():
            return Qt.ItemFlag.ItemIsDropEnabled
        flags = super().flags(index) | Qt.ItemFlag.ItemIsDragEnabled
        return flags | Qt.ItemFlag.ItemIsEditable if index.column() != COUNT else flags

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """What a cell shows."""
        row, column = index.row(), index.column()
        if not index.isValid() or row >= len(self.skeleton.names):
            return None
        names, partner = self.skeleton.names, self.partner(row)
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.EditRole):
            if column == NAME:
                return names[row]
            if column == PAIR:
                return "–" if partner is None else names[partner]
            return str(self._counts[row]) if self._counts[row] else "–"
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _alignment(column)
        if role == Qt.ItemDataRole.ForegroundRole and column != NAME:
            empty = partner is None if column == PAIR else not self._counts[row]
            return theme.colour("faint" if empty else "dim")
        if role == Qt.ItemDataRole.ToolTipRole:
            return self._tip(row, column, partner)
        return None

    def _tip(self, row: int, column: int, partner: int | None) -> str:
        names = self.skeleton.names
        if column == PAIR and partner is not None:
            left = (row, partner) in self.skeleton.symmetries
            words = self.tr("{a} is left, {b} is right")
            a, b = (row, partner) if left else (partner, row)
            return words.format(a=names[a], b=names[b])
        if column == PAIR:
            return self.tr("Double-click to choose the same landmark on the other side")
        return names[row] if column == NAME else ""

    def setData(self, index: _Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        """Write an edited cell into the project."""
        row = index.row()
        if role != Qt.ItemDataRole.EditRole:
            return False
        try:
            if index.column() == NAME:
                self._edits.rename(row, str(value))
            elif value is None and self.partner(row) is not None:
                self._edits.part(row)
            elif value is not None and int(value) != self.partner(row):
                self._edits.pair(row, int(value), as_named=True)
        except LimnerError as error:
            self.refused.emit(str(error))
            return False
        return True

    # --- dragging ------------------------------------------------------------------------

    def supportedDropActions(self) -> Qt.DropAction:  # noqa: N802
        """Rows are moved."""
        return Qt.DropAction.MoveAction

    def mimeTypes(self) -> list[str]:  # noqa: N802
        """Rows of this list alone."""
        return [_MIME]

    def mimeData(self, indexes: Sequence[QModelIndex]) -> QMimeData:  # noqa: N802
        """The numbers of the rows that are dragged."""
        rows = sorted({index.row() for index in indexes})
        made = QMimeData()
        made.setData(_MIME, QByteArray(" ".join(map(str, rows)).encode()))
        return made

    def dropMimeData(  # noqa: N802
        self, data: QMimeData, _action: Qt.DropAction, row: int, _column: int, parent: _Index
    ) -> bool:
        """Ask for the move; the rows follow when the project has changed."""
        if not data.hasFormat(_MIME):
            return False
        to = row if row >= 0 else (parent.row() if parent.isValid() else self.rowCount())
        rows = [int(word) for word in bytes(data.data(_MIME).data()).split()]
        self.move_wished.emit(rows, to)
        return False  # nothing for the view to take away


def _alignment(column: int) -> Qt.AlignmentFlag:
    side = Qt.AlignmentFlag.AlignRight if column == COUNT else Qt.AlignmentFlag.AlignLeft
    return side | Qt.AlignmentFlag.AlignVCenter
