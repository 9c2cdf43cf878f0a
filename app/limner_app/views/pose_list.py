"""The poses of a prior as small drawings, in the order in which they were made."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from PySide6.QtCore import (
    QAbstractListModel,
    QItemSelection,
    QItemSelectionModel,
    QModelIndex,
    QPersistentModelIndex,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QPainter, QPainterPath, QPen
from PySide6.QtWidgets import (
    QAbstractItemView,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from limner_app import theme
from limner_app.views.pose_drawing import PoseDrawing, places_in
from limner_engine.priors.pose_edits import Pose
from limner_engine.types import Skeleton

_Index = QModelIndex | QPersistentModelIndex
THUMB_PX = 84
_PAD_PX = 4
_NO_PARENT = QModelIndex()


class PoseRows(QAbstractListModel):
    """One row for each pose."""

    def __init__(self) -> None:
        super().__init__()
        self.poses: tuple[Pose, ...] = ()

    def load(self, poses: Sequence[Pose]) -> None:
        """Show other poses; rows that stay keep their selection."""
        before, self.poses = self.poses, tuple(poses)
        if len(before) == len(self.poses):
            both = enumerate(zip(before, self.poses, strict=True))
            other = [row for row, (old, new) in both if old is not new]
            if other:
                self.dataChanged.emit(self.index(other[0]), self.index(other[-1]))
        else:
            self.beginResetModel()
            self.endResetModel()

    def rowCount(self, parent: _Index = _NO_PARENT) -> int:
        """How many poses there are."""
        return 0 if parent.isValid() else len(self.poses)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """The number of a pose; for those who cannot see it with a word."""
        if not index.isValid():
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return str(index.row() + 1)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return self.tr("Pose {n}").format(n=index.row() + 1)
        return None


class _Thumbnail(QStyledItemDelegate):
    """Draws a pose in its crop, with its number in the corner."""

    def __init__(self, rows: PoseRows, skeleton: Skeleton, parent: QWidget) -> None:
        super().__init__(parent)
        self._rows, self._drawing = rows, PoseDrawing(skeleton)

    def sizeHint(self, _option: QStyleOptionViewItem, _index: _Index) -> QSize:
        """All are alike."""
        return QSize(THUMB_PX, THUMB_PX)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        """Paint one."""
        state = option.state
        rect: QRectF = QRectF(option.rect)
        ground = rect.adjusted(_PAD_PX, _PAD_PX, -_PAD_PX, -_PAD_PX)
        selected = bool(state & QStyle.StateFlag.State_Selected)
        over = bool(state & QStyle.StateFlag.State_MouseOver)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        shape = QPainterPath()
        shape.addRoundedRect(ground, 4, 4)
        ink = theme.colour("selection" if selected else "hover" if over else "canvas")
        painter.fillPath(shape, ink)
        painter.save()
        painter.setClipPath(shape)
        places = places_in(self._rows.poses[index.row()], ground)
        self._drawing.lines(painter, places, 1.6)
        if not self._drawing.has_lines:
            self._drawing.dots(painter, places, 2.0)
        painter.restore()
        painter.setPen(theme.colour("text" if selected else "dim"))
        painter.setFont(theme.tabular(option.font))
        corner = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop
        painter.drawText(ground.adjusted(4, 2, 0, 0), corner, str(index.row() + 1))
        if index == self._current():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(theme.colour("accent"), 2.0))
            painter.drawRoundedRect(ground.adjusted(1, 1, -1, -1), 4, 4)
        painter.restore()

    def _current(self) -> QModelIndex:
        view = self.parent()
        assert isinstance(view, QAbstractItemView)
        return view.currentIndex()


class PoseList(QListView):
    """A grid of small drawings; one is current, several can be selected.

    Signals:
        current_changed: Another pose is current; its number.
        selection_changed: Others are selected.

    Args:
        skeleton: Of the poses.
    """

    current_changed = Signal(int)
    selection_changed = Signal()

    def __init__(self, skeleton: Skeleton) -> None:
        super().__init__()
        self.rows = PoseRows()
        self.setModel(self.rows)
        self.setItemDelegate(_Thumbnail(self.rows, skeleton, self))
        self.setViewMode(QListView.ViewMode.IconMode)
        self.setMovement(QListView.Movement.Static)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setUniformItemSizes(True)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setMouseTracking(True)
        self.setAccessibleName(self.tr("Poses"))
        self._loading = False
        self.selectionModel().currentChanged.connect(self._current_changed)
        self.selectionModel().selectionChanged.connect(self._selection_changed)

    def load(self, poses: Sequence[Pose], current: int, selected: Sequence[int] = ()) -> None:
        """Show poses.

        Args:
            poses: All of them.
            current: The one that is drawn on.
            selected: Those that are selected; where none is given the current one, or what was
                selected if it has the current one in it and the number of poses is the same.
        """
        self._loading = True
        same = len(poses) == len(self.rows.poses) and current in self.selected()
        self.rows.load(poses)
        flags = QItemSelectionModel.SelectionFlag
        model = self.selectionModel()
        if selected or not same:
            made = QItemSelection()
            rows = list(selected or (current,))
            breaks = [i for i in range(1, len(rows)) if rows[i] != rows[i - 1] + 1]
            for start, stop in itertools.pairwise([0, *breaks, len(rows)]):
                made.select(self.rows.index(rows[start]), self.rows.index(rows[stop - 1]))
            model.select(made, flags.ClearAndSelect)
        model.setCurrentIndex(self.rows.index(current), flags.NoUpdate)
        self._loading = False
        self.scrollTo(self.rows.index(current))
        self.viewport().update()
        self.selection_changed.emit()

    def selected(self) -> list[int]:
        """Numbers of the selected poses, ascending."""
        return sorted(index.row() for index in self.selectionModel().selectedIndexes())

    def _current_changed(self, now: QModelIndex) -> None:
        if not self._loading and now.isValid():
            self.viewport().update()
            self.current_changed.emit(now.row())

    def _selection_changed(self) -> None:
        if not self._loading:
            self.selection_changed.emit()
