"""One row for each named landmark: its labels, which layer finds it, and how well."""

from __future__ import annotations

import math
from typing import Any

from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QPersistentModelIndex,
    QPointF,
    QSize,
    Qt,
)
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from limner_app import theme
from limner_app.naming import Namer
from limner_app.naming_figures import FIRST, SECOND, NamingFigures
from limner_app.views.landmark_marks import draw_mark
from limner_engine.types import Skeleton

NAME, LABELS, LAYER, ERROR, SEEN = range(5)
_ROW_PX = 24
_LEAST_ROWS = 5
"""So many are in sight however little room there is."""
_PAD_PX = 16
_Index = QModelIndex | QPersistentModelIndex


class NamingModel(QAbstractTableModel):
    """Name, labels, layer, expected error and visible share of each landmark."""

    def __init__(self, namer: Namer) -> None:
        super().__init__()
        self._namer = namer
        self.skeleton = Skeleton(())
        self._figures = NamingFigures()

    def show_figures(self, figures: NamingFigures, skeleton: Skeleton) -> None:
        """Another model, or other labels."""
        self.beginResetModel()
        self._figures, self.skeleton = figures, skeleton
        self.endResetModel()

    def rowCount(self, parent: _Index | None = None) -> int:
        """One row a landmark."""
        return 0 if parent is not None and parent.isValid() else len(self.skeleton.names)

    def columnCount(self, parent: _Index | None = None) -> int:
        """Five columns."""
        return 0 if parent is not None and parent.isValid() else 5

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """Names of the columns."""
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return (
                self.tr("Name"),
                self.tr("Labels"),
                self.tr("Layer"),
                self.tr("± px"),
                self.tr("Seen"),
            )[section]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _alignment(section)
        if role == Qt.ItemDataRole.ToolTipRole:
            return (
                "",
                self.tr("Frames in which a person has placed it"),
                self.tr(
                    "quick: a linear map, at once after every label. trained: a network that "
                    "learns in the background. Of the two, the one that finds held-back labels "
                    "better."
                ),
                self.tr("Expected error, px of the video, measured on held-back labels"),
                self.tr("Share of the labels in which it is to be seen"),
            )[section]
        return None

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """What a cell shows."""
        if not index.isValid():
            return None
        row, column = index.row(), index.column()
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _alignment(column)
        if role == Qt.ItemDataRole.DisplayRole:
            return self._text(row, column)
        if role == Qt.ItemDataRole.ToolTipRole and column == NAME:
            return self.skeleton.names[row]
        if role == Qt.ItemDataRole.ForegroundRole:
            return self._ink(row, column)
        return None

    def _text(self, row: int, column: int) -> str:
        if column == NAME:
            return self.skeleton.names[row]
        if column == LABELS:
            return str(self._namer.placed_count(row))
        if column == LAYER:
            words = {FIRST: self.tr("quick"), SECOND: self.tr("trained")}
            return words.get(self._figures.layer_of(row), "–")
        if column == ERROR:
            px = self._figures.error_of(row)
            return f"{px:.1f}" if math.isfinite(px) else "–"
        share = self._namer.seen_share(row)
        return f"{100 * share:.0f} %" if math.isfinite(share) else "–"

    def _ink(self, row: int, column: int) -> QColor | None:
        if column == LABELS and not self._namer.placed_count(row):
            return theme.colour("warning")
        if column == LAYER or self._text(row, column) == "–":
            return theme.colour("dim")
        return None


def _alignment(column: int) -> Qt.AlignmentFlag:
    right = column in (LABELS, ERROR, SEEN)
    side = Qt.AlignmentFlag.AlignRight if right else Qt.AlignmentFlag.AlignLeft
    return side | Qt.AlignmentFlag.AlignVCenter


class _NameDelegate(QStyledItemDelegate):
    """Paints a disc in the landmark's colour before its name."""

    def __init__(self, model: NamingModel, parent: QWidget) -> None:
        super().__init__(parent)
        self._model = model

    def initStyleOption(self, option: QStyleOptionViewItem, index: _Index) -> None:  # noqa: N802
        super().initStyleOption(option, index)
        option.rect.adjust(20, 0, 0, 0)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        """The disc, then the name."""
        area = option.rect
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(area, theme.colour("selection"))
        super().paint(painter, option, index)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        at = QPointF(area.left() + 13, area.center().y() + 0.5)
        halo = QColor(0, 0, 0, 170 if theme.is_dark() else 90)
        colour = theme.landmark_colour(index.row(), self._model.skeleton)
        draw_mark(painter, at, colour, "model", True, 0.8, halo)
        painter.restore()


class NamingTable(QTableView):
    """As high as its rows where there is room for them; else they scroll.

    Args:
        namer: Whose landmarks.
    """

    def __init__(self, namer: Namer) -> None:
        super().__init__()
        self._namer = namer
        self.rows = NamingModel(namer)
        self.setModel(self.rows)
        self.setItemDelegateForColumn(NAME, _NameDelegate(self.rows, self))
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setShowGrid(False)
        self.setTabKeyNavigation(False)
        self.setWordWrap(False)
        self.setFont(theme.tabular(self.font()))
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(_ROW_PX)
        self.setAccessibleName(self.tr("Named landmarks"))
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        header.setSectionResizeMode(NAME, QHeaderView.ResizeMode.Stretch)
        header.setMinimumSectionSize(36)
        header.ensurePolished()
        self.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        # Narrow ones: the room belongs to the names.
        for column, widest in ((LABELS, "0000"), (ERROR, "000.0"), (SEEN, "100 %")):
            header.resizeSection(column, self._width(column, [widest]))
        words = [self.tr("quick"), self.tr("trained")]
        header.resizeSection(LAYER, self._width(LAYER, words))
        self.clicked.connect(lambda index: namer.document.select(index.row()))
        namer.document.selection_changed.connect(self._show_selection)

    def sizeHint(self) -> QSize:
        """As high as it must be; a layout gives it what is left over."""
        return QSize(super().sizeHint().width(), self.minimumHeight())

    def _height(self, rows: int) -> int:
        return self.horizontalHeader().sizeHint().height() + rows * _ROW_PX + 2

    def _width(self, column: int, texts: list[str]) -> int:
        metrics = self.fontMetrics()
        widest = max(metrics.horizontalAdvance(text) for text in texts)
        return max(widest + _PAD_PX, self.horizontalHeader().sectionSizeHint(column))

    def show_figures(self, figures: NamingFigures, skeleton: Skeleton) -> None:
        """Show another model, or other labels."""
        self.rows.show_figures(figures, skeleton)
        # Where every landmark is always to be seen, the column tells nothing; names need its room.
        shares = [self._namer.seen_share(row) for row in range(self.rows.rowCount())]
        self.setColumnHidden(SEEN, not any(share < 1.0 for share in shares))
        rows = max(1, self.rows.rowCount())
        self.setMinimumHeight(self._height(min(_LEAST_ROWS, rows)))
        self.setMaximumHeight(self._height(rows))
        selected = self._namer.document.selected
        self._show_selection(-1 if selected is None else selected)

    def _show_selection(self, landmark: int) -> None:
        if 0 <= landmark < self.rows.rowCount():
            self.selectRow(landmark)
        else:
            self.clearSelection()
