"""The poses that can be learned with: the project's priors, a file, or drawn ones."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QPoint, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QFileDialog,
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QMenu,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from limner_app import theme
from limner_app.settings import settings
from limner_engine.priors.reading import READABLE
from limner_engine.project import StoredPrior

_ID = Qt.ItemDataRole.UserRole
_FOLDER = "prior/folder"
_ROWS = 3


class _Rows(QListWidget):
    """The list itself.

    Signals:
        removal_wished: Delete was pressed.
    """

    removal_wished = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Delete takes a prior out of the project."""
        if event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.removal_wished.emit()
        else:
            super().keyPressEvent(event)


class PriorList(QWidget):
    """The list with the ways to get more.

    Signals:
        chosen: A prior of the project, by its number.
        files_chosen: Files to read, a list of `Path`.
        draw_wished: Poses shall be drawn by hand.
        save_wished: What is chosen shall be written to a file.
        rename_wished: A prior of the project, by its number, or what was read, by None, shall get
            a name.
        remove_wished: A prior of the project shall go, by its number.
    """

    chosen = Signal(int)
    files_chosen = Signal(object)
    draw_wished = Signal()
    save_wished = Signal(object)
    rename_wished = Signal(object, str)
    remove_wished = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self.list = _Rows()
        self.list.setAccessibleName(self.tr("Priors"))
        self.list.setIconSize(QSize(theme.ICON_PX, theme.ICON_PX))
        self.list.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.read = QPushButton(self.tr("Read files…"))
        self.read.setToolTip(
            self.tr(
                "Landmark tables, COCO, .pts, NumPy arrays, BVH and motion capture, projects and "
                "priors; they can be dropped here as well"
            )
        )
        self.draw = QPushButton(self.tr("Draw poses…"))
        self.save = QPushButton(self.tr("Save…"))
        self.save.setToolTip(self.tr("Write what is chosen, as it is placed, to a prior's file"))
        row = QHBoxLayout()
        row.setSpacing(theme.GRID)
        for button in (self.read, self.draw, self.save):
            button.setAutoDefault(False)
            row.addWidget(button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.GAP)
        column.addWidget(self.list)
        column.addLayout(row)
        self.list.itemClicked.connect(self._pressed)
        self.list.itemActivated.connect(self._pressed)
        self.list.currentRowChanged.connect(self._moved)
        self.list.itemChanged.connect(self._renamed)
        self.list.removal_wished.connect(self._remove)
        self.list.customContextMenuRequested.connect(self._menu)
        self.read.clicked.connect(lambda: self.ask())
        self.draw.clicked.connect(self.draw_wished)
        self.save.clicked.connect(lambda: self.ask_where())
        self._name = ""

    def load(self, stored: Sequence[StoredPrior], file: str, chosen: int | None) -> None:
        """List what there is.

        Args:
            stored: The project's priors.
            file: What was read or drawn and is not in the project yet; empty for nothing.
            chosen: The project's number of the one that is chosen; None for what was read.
        """
        self.list.blockSignals(True)
        self.list.clear()
        current = -1
        if file:
            item = QListWidgetItem(theme.icon("file", "dim"), file, self.list)
            item.setToolTip(
                self.tr("{name}, kept in the project when learning starts").format(name=file)
            )
            item.setSizeHint(QSize(0, theme.ROW_PX))
            item.setFlags(item.flags() | Qt.ItemFlag.ItemIsEditable)
            current = 0 if chosen is None else -1
        for one in stored:
            item = QListWidgetItem(theme.icon("person-simple", "dim"), one.name, self.list)
            item.setData(_ID, one.id)
            item.setFlags(item.flags() | Qt.ItemFlag.ItemIsEditable)
            item.setToolTip(
                self.tr("{name}: {n} poses of {k} landmarks, kept in the project").format(
                    name=one.name, n=f"{one.pose_count:,}", k=len(one.skeleton.names)
                )
            )
            item.setSizeHint(QSize(0, theme.ROW_PX))
            if one.id == chosen:
                current = self.list.count() - 1
        self.list.setCurrentRow(current)
        self.list.blockSignals(False)
        self.list.setFixedHeight(_ROWS * theme.ROW_PX + theme.GRID)

    def ask(self) -> None:
        """Ask for files."""
        endings = " ".join(f"*{ending}" for ending in READABLE)
        names, _ = QFileDialog.getOpenFileNames(
            self,
            self.tr("Read poses"),
            str(settings().value(_FOLDER, "")),
            self.tr("Poses ({endings});;All files (*)").format(endings=endings),
        )
        if names:
            settings().setValue(_FOLDER, str(Path(names[0]).parent))
            self.files_chosen.emit([Path(name) for name in names])

    def ask_where(self) -> None:
        """Ask where the prior shall be written."""
        from limner_engine.priors.prior import PRIOR_SUFFIX

        start = Path(str(settings().value(_FOLDER, ""))) / f"{self._name or 'poses'}{PRIOR_SUFFIX}"
        name, _ = QFileDialog.getSaveFileName(
            self,
            self.tr("Save the prior"),
            str(start),
            self.tr("Pose priors (*{ending})").format(ending=PRIOR_SUFFIX),
        )
        if name:
            path = Path(name)
            if not name.endswith(PRIOR_SUFFIX):
                path = path.with_name(path.name.removesuffix(".npz") + PRIOR_SUFFIX)
            settings().setValue(_FOLDER, str(path.parent))
            self.save_wished.emit(path)

    def set_savable(self, name: str) -> None:
        """A prior of this name can be saved; empty for none."""
        self._name = name
        self.save.setEnabled(bool(name))

    def _pressed(self, item: QListWidgetItem) -> None:
        number = item.data(_ID)
        if number is not None:
            self.chosen.emit(int(number))

    def _moved(self, row: int) -> None:
        if row >= 0:
            self._pressed(self.list.item(row))

    def _renamed(self, item: QListWidgetItem) -> None:
        self.rename_wished.emit(item.data(_ID), item.text())

    def _current(self) -> int | None:
        row = self.list.currentRow()
        number = self.list.item(row).data(_ID) if row >= 0 else None
        return None if number is None else int(number)

    def _remove(self) -> None:
        number = self._current()
        if number is not None:
            self.remove_wished.emit(number)

    def _menu(self, at: QPoint) -> None:
        if self._current() is None:
            return
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        item = self.list.item(self.list.currentRow())
        menu.addAction(self.tr("Rename"), lambda: self.list.editItem(item))
        menu.addAction(self.tr("Save…"), self.ask_where)
        menu.addAction(self.tr("Remove from the project"), self._remove)
        menu.popup(self.list.viewport().mapToGlobal(at))
