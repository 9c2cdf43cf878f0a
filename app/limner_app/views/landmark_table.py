"""The landmarks of the frame on screen, one a row."""

from __future__ import annotations

from PySide6.QtCore import (
    QItemSelectionModel,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QPointF,
    QRect,
    Qt,
)
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QMenu,
    QStackedLayout,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from limner_app import theme
from limner_app.action_set import ActionSet
from limner_app.document import Document
from limner_app.panel_parts import EmptyPlace
from limner_app.views.landmark_marks import draw_mark, is_low, kind_of
from limner_app.views.landmark_model import CONFIDENCE, NAME, WHOSE, LandmarkModel, X, Y
from limner_app.views.subject_bar import SubjectBar

_NAME_PX = 64
_WHOSE_ICON_PX = 14
_Index = QModelIndex | QPersistentModelIndex


class _MarkDelegate(QStyledItemDelegate):
    """Paints the same mark before a name as over the picture."""

    def __init__(self, model: LandmarkModel, parent: QWidget) -> None:
        super().__init__(parent)
        self._model = model

    def initStyleOption(self, option: QStyleOptionViewItem, index: _Index) -> None:  # noqa: N802
        super().initStyleOption(option, index)
        option.rect.adjust(20, 0, 0, 0)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        """The mark, then the name."""
        area = option.rect
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(area, theme.colour("selection"))
        super().paint(painter, option, index)
        known, row = self._model.document.landmarks(), index.row()
        if row < len(known):
            painter.save()
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            colour = theme.landmark_colour(row, self._model.skeleton)
            at = QPointF(area.left() + 13, area.center().y() + 0.5)
            if known.origin[row] is None and not known.unseen[row]:
                painter.setOpacity(0.4)
            origin = kind_of(known, row)
            visible = bool(known.visible[row]) and not known.unseen[row]
            # On a light ground a dark halo would drown a thin ring.
            low = is_low(origin, float(known.confidence[row]))
            plain = origin in ("model", "accepted") and not low
            halo = QColor(0, 0, 0, 170 if theme.is_dark() else (90 if plain else 0))
            draw_mark(painter, at, colour, origin, visible, 0.8, halo, low)
            painter.restore()


class _WhoseDelegate(QStyledItemDelegate):
    """An icon for whose a landmark is; who exactly stands in the tool tip."""

    def __init__(self, model: LandmarkModel, parent: QWidget) -> None:
        super().__init__(parent)
        self._model = model

    def initStyleOption(self, option: QStyleOptionViewItem, index: _Index) -> None:  # noqa: N802
        super().initStyleOption(option, index)
        option.text = ""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        """The icon in the middle of the cell."""
        super().paint(painter, option, index)
        known, row = self._model.document.landmarks(), index.row()
        if row < len(known) and self._model.whose_icon(row):
            name = self._model.whose_icon(row)
            icon = theme.icon(name, "dim")
            area = QRect(0, 0, _WHOSE_ICON_PX, _WHOSE_ICON_PX)
            area.moveCenter(option.rect.center())
            icon.paint(painter, area)


class LandmarkTable(QWidget):
    """The table with a line under it that counts, and words where there is nothing yet.

    Args:
        document: Whose landmarks.
        actions: For the menu of a row.
    """

    def __init__(self, document: Document, actions: ActionSet) -> None:
        super().__init__()
        self.document, self._actions = document, actions
        self.model = LandmarkModel(document)
        self.table = QTableView()
        self.table.setModel(self.model)
        self.table.setItemDelegateForColumn(NAME, _MarkDelegate(self.model, self.table))
        self.table.setItemDelegateForColumn(WHOSE, _WhoseDelegate(self.model, self.table))
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.table.setEditTriggers(QAbstractItemView.EditTrigger.DoubleClicked)
        self.table.setShowGrid(False)
        self.table.setTabKeyNavigation(False)  # arrows go through it, Tab goes on
        self.table.setFont(theme.tabular(self.table.font()))
        self.table.setWordWrap(False)
        self.table.verticalHeader().hide()
        self.table.verticalHeader().setDefaultSectionSize(24)
        self.table.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.table.customContextMenuRequested.connect(self._menu)
        self.table.setAccessibleName(self.tr("Landmarks"))
        self._set_widths()
        selection = self.table.selectionModel()
        selection.currentRowChanged.connect(self._row_chosen)
        document.selection_changed.connect(self._show_selection)
        self.count = QLabel()
        self.count.setProperty("role", "dim")
        self.count.setWordWrap(True)
        self.empty = EmptyPlace(
            "crosshair",
            self.tr(
                "The landmarks of the frame will be listed here. Detect them with a model, "
                "or choose a skeleton and click in the picture to place them."
            ),
            self.tr("Learn from this video"),
        )
        if self.empty.button is not None:
            self.empty.button.clicked.connect(actions["learn"].trigger)
        full = QWidget()
        column = QVBoxLayout(full)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        inset = QHBoxLayout()
        inset.setContentsMargins(theme.GRID, 0, theme.GRID, 0)
        inset.addWidget(self.table)
        column.addLayout(inset, 1)
        foot = QHBoxLayout()
        foot.setContentsMargins(theme.MARGIN, theme.GRID, theme.MARGIN, theme.GAP)
        foot.addWidget(self.count)
        column.addLayout(foot)
        rows = QVBoxLayout(self)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(0)
        rows.addWidget(SubjectBar(document, actions))
        self._stack = QStackedLayout()
        rows.addLayout(self._stack, 1)
        self._stack.addWidget(full)
        self._stack.addWidget(self.empty)
        for signal in (
            document.annotations_changed,
            document.predictions_changed,
            document.skeleton_changed,
            document.video_changed,
        ):
            signal.connect(self._count_frames)
        document.frame_changed.connect(self._count)
        self._count_frames()

    def _set_widths(self) -> None:
        header = self.table.horizontalHeader()
        header.setHighlightSections(False)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        header.setSectionResizeMode(NAME, QHeaderView.ResizeMode.Stretch)
        figures = self.table.fontMetrics().horizontalAdvance("0000.0") + 8
        header.resizeSection(X, figures)
        header.resizeSection(Y, figures)
        header.ensurePolished()
        header.resizeSection(CONFIDENCE, max(figures - 2, header.sectionSizeHint(CONFIDENCE)))
        header.resizeSection(WHOSE, _WHOSE_ICON_PX + 14)
        # Names never get less room than a short word, however narrow the panel is drawn.
        others = 2 * figures + header.sectionSize(CONFIDENCE) + header.sectionSize(WHOSE)
        self.setMinimumWidth(others + 2 * theme.GRID + 20 + _NAME_PX)

    def _count_frames(self) -> None:
        self._marks = self.document.frame_marks()
        self._count()

    def _count(self) -> None:
        known = self.document.landmarks()
        self._stack.setCurrentIndex(0 if len(known) else 1)
        people = sum(origin == "person" for origin in known.origin) - len(known.accepted)
        marks = self._marks
        frames = self.tr("{n} frames annotated").format(n=len(marks.labelled))
        if len(marks.labelled) == 1:
            frames = self.tr("1 frame annotated")
        words = self.tr("{n} of {k} yours here · {frames}")
        if len(marks.accepted):
            words = self.tr("{n} of {k} yours · {frames} · {accepted} accepted")
        words = words.format(n=people, k=len(known), frames=frames, accepted=len(marks.accepted))
        self.count.setText(words)

    def _row_chosen(self, current: QModelIndex) -> None:
        if current.isValid():
            self.document.select(current.row())

    def _show_selection(self, landmark: int) -> None:
        selection = self.table.selectionModel()
        if landmark < 0:
            selection.clear()
        elif self.table.currentIndex().row() != landmark or not selection.hasSelection():
            index = self.model.index(landmark, NAME)
            flags = QItemSelectionModel.SelectionFlag
            selection.setCurrentIndex(index, flags.ClearAndSelect | flags.Rows)

    def rename_selected(self) -> None:
        """Open the editor of the selected landmark's name."""
        if self.document.selected is not None:
            self.table.setFocus()
            self.table.edit(self.model.index(self.document.selected, NAME))

    def _menu(self, at: QPoint) -> None:
        menu = QMenu(self)
        for name in ("rename", "hide", "delete", "copy_previous"):
            menu.addAction(self._actions[name])
        menu.addSeparator()
        for name in ("accept_landmark", "reject_landmark", "accept", "reject"):
            menu.addAction(self._actions[name])
        menu.popup(self.table.viewport().mapToGlobal(at))
