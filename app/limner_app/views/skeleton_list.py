"""The landmarks of a skeleton as a list: names, pairs, and how often each is annotated."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import (
    QAbstractItemModel,
    QItemSelectionModel,
    QModelIndex,
    QPersistentModelIndex,
    QPointF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QKeyEvent, QPainter, QPen
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QHeaderView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTreeView,
    QWidget,
)

from limner_app import theme
from limner_app.views.skeleton_edits import SkeletonEdits
from limner_app.views.skeleton_rows import COUNT, NAME, PAIR, SkeletonModel
from limner_engine.types import Skeleton

_Index = QModelIndex | QPersistentModelIndex
_ROW_PX = 24
_PAIR_PX = 128
_FITTED = "padding: 0 3px; min-height: 0; border-radius: 0;"


class _CellDelegate(QStyledItemDelegate):
    """Rows as high as in the panel of landmarks, and editors no higher than they."""

    def __init__(self, model: SkeletonModel, parent: QWidget) -> None:
        super().__init__(parent)
        self._model = model

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        """Of the panel's height."""
        return super().sizeHint(option, index).expandedTo(QSize(0, _ROW_PX))


class _DotDelegate(_CellDelegate):
    """Paints the landmark's colour before its name."""

    def createEditor(
        self, parent: QWidget, option: QStyleOptionViewItem, index: _Index
    ) -> QWidget:
        """A line that fits into the row."""
        made = super().createEditor(parent, option, index)
        made.setStyleSheet(_FITTED)
        return made

    def initStyleOption(self, option: QStyleOptionViewItem, index: _Index) -> None:  # noqa: N802
        super().initStyleOption(option, index)
        option.rect.adjust(20, 0, 0, 0)

    def updateEditorGeometry(  # noqa: N802
        self, editor: QWidget, option: QStyleOptionViewItem, _index: _Index
    ) -> None:
        """The dot stays in sight while its name is written."""
        editor.setGeometry(option.rect.adjusted(22, 1, 0, -1))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        """The dot, then the name."""
        area = option.rect
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(area, theme.colour("selection"))
        super().paint(painter, option, index)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        pale = QPen(theme.colour("text", 80), 1.0)
        painter.setPen(Qt.PenStyle.NoPen if theme.is_dark() else pale)
        painter.setBrush(theme.landmark_colour(index.row(), self._model.skeleton))
        painter.drawEllipse(QPointF(area.left() + 13, area.center().y() + 0.5), 4.5, 4.5)
        painter.restore()


class _PairDelegate(_CellDelegate):
    """Offers the landmarks that are in no pair yet."""

    def createEditor(
        self, parent: QWidget, _option: QStyleOptionViewItem, index: _Index
    ) -> QWidget:
        """A box to choose from."""
        box = QComboBox(parent)
        box.setStyleSheet(_FITTED)
        box.addItem("–", None)
        now = self._model.partner(index.row())
        for number, name in enumerate(self._model.skeleton.names):
            free = self._model.partner(number) is None or number == now
            if free and number != index.row():
                box.addItem(name, number)
        box.activated.connect(lambda: self._done(box))
        return box

    def _done(self, box: QComboBox) -> None:
        self.commitData.emit(box)
        self.closeEditor.emit(box)

    def setEditorData(self, editor: QWidget, index: _Index) -> None:
        """Begin with the partner there is."""
        assert isinstance(editor, QComboBox)
        editor.setCurrentIndex(max(0, editor.findData(self._model.partner(index.row()))))

    def setModelData(self, editor: QWidget, model: QAbstractItemModel, index: _Index) -> None:
        """Take what was chosen."""
        assert isinstance(editor, QComboBox)
        model.setData(index, editor.currentData())


class SkeletonList(QTreeView):
    """The list itself; a tree without branches, because that shows where a row will drop.

    Args:
        edits: Where edited cells go.

    Attributes:
        remove_wished: Delete was pressed; the rows.
        move_wished: Rows that shall go before another.
    """

    remove_wished = Signal(list)
    move_wished = Signal(list, int)

    def __init__(self, edits: SkeletonEdits) -> None:
        super().__init__()
        self.rows = SkeletonModel(edits)
        self.setModel(self.rows)
        self.setItemDelegateForColumn(NAME, _DotDelegate(self.rows, self))
        self.setItemDelegateForColumn(PAIR, _PairDelegate(self.rows, self))
        self.setRootIsDecorated(False)
        self.setIndentation(0)
        self.setUniformRowHeights(True)
        self.setFont(theme.tabular(self.font()))
        self.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        triggers = QAbstractItemView.EditTrigger
        self.setEditTriggers(triggers.DoubleClicked | triggers.EditKeyPressed)
        self.setDragDropMode(QAbstractItemView.DragDropMode.InternalMove)
        self.setDragDropOverwriteMode(False)
        self.setDropIndicatorShown(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName(self.tr("Landmarks of the skeleton"))
        header = self.header()
        header.setStretchLastSection(False)
        header.setSectionsMovable(False)
        header.setSectionsClickable(False)
        header.setSectionResizeMode(NAME, QHeaderView.ResizeMode.Stretch)
        header.setSectionResizeMode(PAIR, QHeaderView.ResizeMode.Fixed)
        header.resizeSection(PAIR, _PAIR_PX)
        header.setSectionResizeMode(COUNT, QHeaderView.ResizeMode.ResizeToContents)
        self.rows.move_wished.connect(self.move_wished)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Delete removes, Alt with an arrow moves the selected rows."""
        key, alt = event.key(), event.modifiers() == Qt.KeyboardModifier.AltModifier
        if key == Qt.Key.Key_Delete and self.chosen():
            self.remove_wished.emit(self.chosen())
        elif alt and key in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            self._shift(-1 if key == Qt.Key.Key_Up else 1)
        else:
            super().keyPressEvent(event)

    def chosen(self) -> list[int]:
        """The selected rows, ascending."""
        return sorted(index.row() for index in self.selectionModel().selectedRows())

    def choose(self, row: int | None) -> None:
        """Select one row alone, or none."""
        if row is None:
            self.selectionModel().clear()
        elif row not in self.chosen():
            self.setCurrentIndex(self.rows.index(row, NAME))

    def choose_all(self, rows: Sequence[int]) -> None:
        """Select rows, the last of them current."""
        flags = QItemSelectionModel.SelectionFlag
        for number, row in enumerate(rows):
            how = flags.Select if number else flags.ClearAndSelect
            self.selectionModel().setCurrentIndex(self.rows.index(row, NAME), how | flags.Rows)

    def edit_name(self, row: int) -> None:
        """Open the editor of a name."""
        self.setFocus()
        self.setCurrentIndex(self.rows.index(row, NAME))
        self.edit(self.rows.index(row, NAME))

    def _shift(self, step: int) -> None:
        rows = self.chosen()
        if not rows:
            return
        to = rows[0] - 1 if step < 0 else rows[-1] + 2
        if 0 <= to <= self.rows.rowCount():
            self.move_wished.emit(rows, to)

    def load(self, skeleton: Skeleton, counts: NDArray[np.int64]) -> None:
        """Show a skeleton with the number of annotations of each landmark."""
        self.rows.load(skeleton, counts.tolist())
