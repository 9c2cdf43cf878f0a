"""Frames that are worth labelling next: a picture, which frame, and why."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QFont, QImage, QPainter
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from limner_app import theme
from limner_app.label_queue import LabelQueue, Suggestion
from limner_app.panel_parts import dim, heading

_ROW_PX = 48
_PICTURE = QSize(40, 40)
_ENTRY = Qt.ItemDataRole.UserRole
_THUMBNAIL = Qt.ItemDataRole.UserRole + 1
_Index = QModelIndex | QPersistentModelIndex


class _RowDelegate(QStyledItemDelegate):
    """A picture on the left, beside it the frame over the reason."""

    def sizeHint(self, _option: QStyleOptionViewItem, _index: _Index) -> QSize:
        """All rows are of one height."""
        return QSize(0, _ROW_PX)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        """Paint a row."""
        entry: Suggestion = index.data(_ENTRY)
        picture: QImage | None = index.data(_THUMBNAIL)
        area: QRect = option.rect
        painter.save()
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(area, theme.colour("selection"))
        elif option.state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(area, theme.colour("hover"))
        frame = QRect(area.left() + theme.GRID, area.top() + 4, *_PICTURE.toTuple())
        painter.fillRect(frame, theme.colour("canvas"))
        if picture is not None:
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            painter.drawImage(frame, picture)
        left = frame.right() + 1 + theme.GAP
        upper = QRect(left, area.top() + 5, area.right() - left - theme.GRID, 19)
        lower = upper.translated(0, 19)
        font = theme.tabular(QFont(option.font))
        side = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        elide = Qt.TextElideMode.ElideRight
        for place, text, ink in (
            (upper, self._title(entry), "text"),
            (lower, entry.reasons[0], "dim"),
        ):
            painter.setFont(font)
            painter.setPen(theme.colour(ink))
            words = painter.fontMetrics().elidedText(text, elide, place.width())
            painter.drawText(place, side, words)
            font.setPointSizeF(font.pointSizeF() * 0.92)
        painter.restore()

    def _title(self, entry: Suggestion) -> str:
        if not entry.video:
            return self.tr("Frame {n}").format(n=entry.frame)
        return self.tr("Frame {n} · {video}").format(n=entry.frame, video=entry.video)


class LabelList(QWidget):
    """The list; a click goes to a frame.

    Args:
        queue: What is listed.
    """

    def __init__(self, queue: LabelQueue) -> None:
        super().__init__()
        self._queue = queue
        self.count = QLabel()
        self.count.setProperty("role", "dim")
        self.count.setFont(theme.tabular(self.count.font()))
        self.words = dim("")
        self.list = QListWidget()
        self.list.setItemDelegate(_RowDelegate(self.list))
        self.list.setMouseTracking(True)
        self.list.setUniformItemSizes(True)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setVerticalScrollMode(QListWidget.ScrollMode.ScrollPerPixel)
        self.list.setAccessibleName(self.tr("Frames to label"))
        self.list.itemClicked.connect(self._chosen)
        self.list.itemActivated.connect(self._chosen)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.GRID)
        head = QHBoxLayout()
        head.setContentsMargins(theme.GAP, 0, theme.GAP, 0)
        head.addWidget(heading(self.tr("To label")))
        head.addStretch(1)
        head.addWidget(self.count)
        column.addLayout(head)
        self.words.setContentsMargins(theme.GAP, 0, theme.GAP, 0)
        self.words.setAlignment(Qt.AlignmentFlag.AlignTop)
        column.addWidget(self.words, 1)
        column.addWidget(self.list, 1)
        queue.changed.connect(self.reload)
        queue.pictured.connect(self._pictured)
        queue.document.frame_changed.connect(self._mark)
        self.reload()

    def reload(self) -> None:
        """List the frames anew."""
        entries = self._queue.entries
        self.list.clear()
        for entry in entries:
            item = QListWidgetItem(self.list)
            item.setData(_ENTRY, entry)
            item.setData(_THUMBNAIL, self._queue.picture(entry))
            name = f"{entry.video}\n" if entry.video else ""
            item.setToolTip(
                f"{name}"
                + self.tr("Frame {n}: {why}").format(n=entry.frame, why=", ".join(entry.reasons))
            )
        self.words.setText(
            self.tr("No frame is left that would teach much.")
            if self._queue.looked
            else self.tr(
                "Frames that teach the most will be suggested here, once a model has gone "
                "through the video."
            )
        )
        self.words.setVisible(not entries)
        self.list.setVisible(bool(entries))
        self.count.setText(self._count_words(len(entries)))
        self._mark()

    def _count_words(self, coming: int) -> str:
        done = self._queue.labelled
        if not done:
            return self.tr("next {n}").format(n=coming) if coming else ""
        if not coming:
            return self.tr("{n} labelled").format(n=done)
        return self.tr("{n} labelled · next {k}").format(n=done, k=coming)

    def _pictured(self, entry: Suggestion) -> None:
        for row in range(self.list.count()):
            item = self.list.item(row)
            if item.data(_ENTRY) == entry:
                item.setData(_THUMBNAIL, self._queue.picture(entry))

    def _mark(self) -> None:
        """Mark the frame on screen, where it is in the list."""
        self.list.clearSelection()
        for row, entry in enumerate(self._queue.entries):
            if self._queue.is_here(entry) and row < self.list.count():
                self.list.setCurrentRow(row)
                return
        self.list.setCurrentRow(-1)

    def _chosen(self, item: QListWidgetItem) -> None:
        self._queue.go(item.data(_ENTRY))
